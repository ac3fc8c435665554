"""A mailbox on a mail server, as a declaration writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

MAILBOX = re.compile(r"[A-Za-z0-9 ._+/-]{1,100}")  # names of other letters travel in an encoding of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAddress:
    """Which mailbox, where, and whose."""

    url: str
    host: str
    port: int
    is_tls: bool
    user: str
    mailbox: str


def read_imap(name: str, value: str) -> ImapAddress:
    """Read `imaps://user@host:port/MAILBOX`; `imap`, in the clear, on this machine alone. Raises `ValueError`."""
    shape = f"{name} is imaps://USER@HOST/MAILBOX, without password (imap only on this machine)"
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(shape)
    parts = urlsplit(value)
    host, is_tls = parts.hostname or "", parts.scheme == "imaps"
    is_here = host in ("localhost", "::1") or host.startswith("127.")
    if parts.scheme not in ("imaps", "imap") or not host or not (is_tls or is_here) or parts.port == 0:
        raise ValueError(shape)
    if not parts.username or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(shape)
    user, mailbox = unquote(parts.username), unquote(parts.path.strip("/")) or "INBOX"
    if not user.isprintable() or not user.isascii() or MAILBOX.fullmatch(mailbox) is None:
        raise ValueError(f"{name}: user and mailbox are plain ASCII, the mailbox of letters, digits and ._+/-")
    port = parts.port or (993 if is_tls else 143)
    return ImapAddress(url=value, host=host, port=port, is_tls=is_tls, user=user, mailbox=mailbox)


def check_imap(name: str, value: str, key_env: str | None) -> None:
    """Raise `ValueError` unless the address and the variable that holds the password make an account."""
    read_imap(name, value)
    if key_env is None:
        raise ValueError("by = 'imap' needs key_env, the variable that holds the password")
