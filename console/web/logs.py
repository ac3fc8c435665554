"""
One JSON object a line on standard error: time, level, event, and what the event says of itself.

Whatever is logged while a request is answered carries its id, which the answer carries too (`x-request-id`); what is
logged about a stage carries its run's id. No line holds a name, an address, a query or what was crawled.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the request that is being answered; the door sets it, pages in other threads inherit it."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Writes records with their `extra` fields; a traceback becomes the kind of error alone."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        data: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "from": record.name,
        }
        if (request := REQUEST.get()) is not None:
            data["request"] = request
        data.update({name: value for name, value in vars(record).items() if name not in _OWN})
        if record.exc_info and record.exc_info[0] is not None:
            # Its message may hold what was crawled, or who asked.
            data["error"] = record.exc_info[0].__name__
        return json.dumps(data, ensure_ascii=False, default=str)


def log_to(stream: TextIO | None = None) -> None:
    """Send every log line of this process there."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
