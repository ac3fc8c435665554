"""
What a page refuses.

DeskError
├── BadAddress     the desk would listen where nobody may sign in safely
├── Refused        the request is understood and not done; the message says why, to the person
│   ├── Missing        there is nothing of that name in the reader's sight
│   ├── Unreadable     what was sent can't be read
│   ├── Unprocessable  it reads well and can't stand
│   └── WeakPassword   a password that is easily guessed
"""

from __future__ import annotations


class DeskError(Exception):
    """The desk cannot go on."""


class BadAddress(DeskError):
    """Plain http beyond this machine."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"{origin} would send passwords in the clear; put a TLS proxy before the desk and name its https "
            "address with --origin, or stay on 127.0.0.1"
        )
        self.origin = origin


class Refused(DeskError):
    """Not done. `status` is the HTTP answer."""

    status = 409


class Missing(Refused):
    """Nothing there, or nothing the reader may see: the answer is the same."""

    status = 404


class Unreadable(Refused):
    """What was sent can't be read."""

    status = 400


class Unprocessable(Refused):
    """What was sent reads well and can't stand."""

    status = 422


class WeakPassword(Refused):
    """A password nobody should use."""

    status = 400
