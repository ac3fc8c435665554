"""Passwords (Argon2id), one-time codes (TOTP) and one-time links: pure functions and one hasher."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
import threading
from datetime import datetime

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from console.web.errors import WeakPassword
from console.web.words import gettext as _

PASSWORD_MIN = 12  # NIST SP 800-63B-4 asks 8 beside a second factor; chosen longer, as cases are sensitive
PASSWORD_MAX = 256  # a longer one only costs time to hash
TOTP_PERIOD_S = 30  # RFC 6238's default, the only one every authenticator app knows
TOTP_DRIFT = 1  # half minutes early or late: RFC 6238, section 5.2
ISSUER = "Marque"


class Passwords:
    """
    Hashes and checks passwords, two at a time.

    Each takes 64 MiB and three passes (RFC 9106, second recommended option): strangers who try many at once wait
    instead of filling the memory.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(2)
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """What is stored. Raises `WeakPassword`."""
        if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
            raise WeakPassword(
                _("The password needs %(least)s to %(most)s characters.")
                % {"least": PASSWORD_MIN, "most": PASSWORD_MAX}
            )
        if len(set(password)) < 5:  # chosen: "aaaaaaaaaaaa" and "121212121212" are long and worthless
            raise WeakPassword(_("The password repeats too few characters."))
        with self._turn:
            return self._hasher.hash(password)

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether this is the password; takes as long where there is no account."""
        with self._turn:
            try:
                self._hasher.verify(stored or self._nobody, password[:PASSWORD_MAX])
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None


def new_totp_secret() -> str:
    """A fresh secret for one-time codes, base32, 160 bits."""
    return pyotp.random_base32()


def is_totp_secret(text: str) -> bool:
    """Whether this is a secret we could have given: 32 base32 digits."""
    return len(text) == 32 and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def totp_step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute this code belongs to, at most one early or late; None where it fits none."""
    totp = pyotp.TOTP(secret, interval=TOTP_PERIOD_S)
    code = "".join(code.split())
    present = int(now.timestamp()) // TOTP_PERIOD_S
    for step in range(present - TOTP_DRIFT, present + TOTP_DRIFT + 1):
        if secrets.compare_digest(totp.at(step * TOTP_PERIOD_S).encode(), code.encode()):
            return step
    return None


def totp_uri(secret: str, name: str) -> str:
    """What an authenticator app reads."""
    return pyotp.TOTP(secret, interval=TOTP_PERIOD_S).provisioning_uri(name=name, issuer_name=ISSUER)


def totp_picture(secret: str, name: str) -> str:
    """The same as a QR code: a `data:` PNG, which the page's rules let in and which carries no style of its own."""
    out = io.BytesIO()
    segno.make(totp_uri(secret, name), error="m").save(out, kind="png", scale=5, border=3)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def new_token() -> str:
    """256 random bits for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
