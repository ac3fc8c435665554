"""
One POST to an address that somebody else named: https to the public internet, and nowhere inside.

Of the answer only the status is read, and when to come again, within a time that no dripping receiver lengthens.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from console.errors import Unanswerable
from crawler.egress import check_target
from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.exchange import exchange
from crawler.manners import is_loopback_host

CONNECT_S = 5.0
WHOLE_S = 20.0  # standard-webhooks/spec, "Request timeouts": 15 to 30 s
URL_CHARS = 2000
LONGEST_WAIT_S = 86_400.0  # a Retry-After beyond a day is asked again each day


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an attempt came to."""

    status: int | None  # None: there was no answer
    because: str
    wait_s: float | None = None  # as Retry-After asks, in seconds

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the message."""
        return self.status is not None and 200 <= self.status < 300


def check_endpoint(url: str, *, loopback: bool, inner: Collection[str] = ()) -> None:
    """
    Raise `Unanswerable` unless a webhook may be told there.

    `loopback` opens this machine, for exercises; `inner` are the hosts of one's own network that may be told.
    """
    if len(url) > URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
        raise Unanswerable(f"a webhook's address is up to {URL_CHARS} ASCII characters, without blanks")
    try:
        parts = urlsplit(url)
        is_here = loopback and is_loopback_host(url)
        check_target(url, loopback=is_here, inner=inner)
    except (Refused, ValueError) as error:
        raise Unanswerable(f"{url} may not be told: {error}") from error
    if parts.scheme != "https" and not is_here:
        raise Unanswerable(f"{url} may not be told: messages travel by https alone")
    if parts.fragment:
        raise Unanswerable(f"{url} may not be told: leave out what follows the #")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    loopback: bool,
    connect_s: float = CONNECT_S,
    whole_s: float = WHOLE_S,
    inner: Collection[str] = (),
) -> Answer:
    """Send it once. Whatever goes wrong is an answer without a status."""
    try:
        check_endpoint(url, loopback=loopback, inner=inner)
        reply = exchange(
            "POST", url, headers=headers, body=body, loopback=loopback, read_s=whole_s, most_bytes=0,
            connect_s=connect_s, whole_s=whole_s, inner=inner,
        )  # fmt: skip
    except Unanswerable as error:
        return Answer(status=None, because=str(error)[:300])
    except (Refused, NoConnection, NoAnswer) as error:
        return Answer(status=None, because=error.why[:300])
    said = {2: "taken", 3: "moved elsewhere, which is not followed"}.get(reply.status // 100, "refused")
    return Answer(
        status=reply.status, because=f"{reply.status}: {said}", wait_s=_seconds(reply.headers.get("retry-after"))
    )


def _seconds(told: str | None) -> float | None:
    text = (told or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return min(float(text), LONGEST_WAIT_S)
