"""
How much a host may say before its body: Twisted takes in headers without an end, 60 MB of them cost 335 MiB.

Nothing public sets such a limit, so every parser of answers in the process counts its lines. An answer over the
limit is a lost connection, as one that breaks HTTP in any other way is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scrapy.core.downloader.handlers.http11  # noqa: F401 -- Scrapy's own parsers have to be there to be found
from twisted.web import _newclient

HEAD_BYTES = 256 * 1024  # what Chromium takes; real answers stay under 20 KiB
_COUNTED = "marque_head_bytes"


class HeadTooLarge(Exception):
    """Status line and headers are longer than is taken in; Twisted tells it as a failed response."""


def bound_heads() -> None:
    """Have this process's HTTP client take in no more of a head than the limit, whichever parser it uses."""
    kinds: list[type] = [_newclient.HTTPParser]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        own = vars(kind).get("lineReceived")
        if own is not None and not hasattr(own, _COUNTED):
            setattr(kind, "lineReceived", _counting(own))  # noqa: B010 -- an attribute that the type forbids to assign


def _counting(receive: Callable[[Any, bytes], None]) -> Callable[[Any, bytes], None]:  # Any: a parser without types
    def line_received(parser: Any, line: bytes) -> None:  # Any: as above
        taken = getattr(parser, _COUNTED, 0) + len(line) + 2
        if taken > HEAD_BYTES:
            raise HeadTooLarge(f"more than {HEAD_BYTES} bytes before the body")
        setattr(parser, _COUNTED, taken)
        receive(parser, line)

    setattr(line_received, _COUNTED, True)
    return line_received
