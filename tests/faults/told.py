"""How a proof says what it came to."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any


def told(found: Any, clean: bool, *, as_json: bool) -> str:  # Any: a dataclass of figures
    """The figures, and whether every promise held."""
    if as_json:
        return json.dumps({**asdict(found), "clean": clean}) + "\n"
    return f"{found}\n{'every promise held' if clean else 'A PROMISE WAS BROKEN'}\n"


def silence(done: int, total: int | None, what: str) -> None:
    """The progress of a proof that nobody watches."""
    del done, total, what
