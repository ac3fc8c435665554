"""
Signed links: whoever holds one may see one batch and answer its items, without an account, until it ends.

A link names its batch, itself and its end, and a MAC over the three under a key of the workspace: no part of it can
be changed. What it opens once, and whether it was taken back, stands in the ledger.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime

MAC_BYTES = 24  # 192 bits, 32 letters of base64
_FORM = re.compile(r"([0-9]{1,9})\.([0-9a-f]{32})\.([0-9]{1,11})\.([A-Za-z0-9_-]{32})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClaim:
    """What a link says of itself, once its MAC was found to be ours."""

    batch: int  # number
    link: str  # BatchLink id
    expires_at: datetime


def write_link(key: bytes, *, batch: int, link: str, expires_at: datetime) -> str:
    """The token of a link: batch number, link id, end in seconds, MAC. `key` is the workspace's answer key."""
    body = f"{batch}.{link.replace('-', '')}.{int(expires_at.timestamp())}"
    return f"{body}.{_mac(key, body)}"


def read_link(key: bytes, token: str) -> LinkClaim | None:
    """What the token claims, where it is exactly as we wrote it; None for any other."""
    found = _FORM.fullmatch(token)
    if found is None:
        return None
    body = token.rpartition(".")[0]
    if not hmac.compare_digest(_mac(key, body).encode(), found[4].encode()):
        return None
    hexed = found[2]
    return LinkClaim(
        batch=int(found[1]),
        link="-".join((hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:])),
        expires_at=datetime.fromtimestamp(int(found[3]), UTC),
    )


def _mac(key: bytes, body: str) -> str:
    # A key of its own: no code of an answer can ever be a link.
    own = hmac.new(key, b"marque batch link 1", hashlib.sha256).digest()
    digest = hmac.new(own, body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode()
