"""Asks time authorities (RFC 3161) as everything else is asked: at a checked, pinned address, within bounds."""

from __future__ import annotations

from functools import partial

from console.workspace import Workspace
from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.exchange import exchange
from store.evidence.timestamp import Ask

WHOLE_S = 10.0  # chosen: an authority answers in well under a second; the worker asks again later
# A token with its whole chain has about 6 kB; what is longer is no token.
RESPONSE_BYTES = 256 << 10


def asker(workspace: Workspace) -> Ask:
    """Asks from a workspace: at the public internet, this machine, or a host that its policy names."""
    return partial(ask_over_http, inner=workspace.declarations.policy.network.inner_hosts)


def ask_over_http(url: str, query: bytes, *, inner: tuple[str, ...] = ()) -> bytes:
    """POST a query (RFC 3161, 3.4). Follows no redirect. Raises `OSError` for no answer in time, or none of 200."""
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        reply = exchange(
            "POST", url, headers=headers, body=query, loopback=True, read_s=WHOLE_S, most_bytes=RESPONSE_BYTES + 1,
            connect_s=WHOLE_S, whole_s=WHOLE_S, inner=inner,
        )  # fmt: skip
    except (Refused, NoConnection, NoAnswer) as error:
        raise OSError(error.why) from error
    if reply.status != 200:
        raise OSError(f"it answered {reply.status}")
    if len(reply.body) > RESPONSE_BYTES:
        raise OSError(f"the answer is longer than {RESPONSE_BYTES} bytes")
    return reply.body
