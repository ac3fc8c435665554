"""One page that opens anywhere, offline: no script, no link to follow, every crawled word escaped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

if TYPE_CHECKING:
    from reports.views import BatchView

FORMS = Path(__file__).parents[1] / "forms"


_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{4}([0-9a-f]{8})\b")
_DIGEST = re.compile(r"\b([0-9a-f]{16})[0-9a-f]{48}\b")


def shorten_ids(text: str) -> str:
    """Ids by their last eight digits and digests by their first sixteen; batch.json holds them whole."""
    return _DIGEST.sub(r"\1…", _UUID.sub(r"\1", text))


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(FORMS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["short"] = shorten_ids
    return environment.get_template(name)


def write_page(batch: BatchView) -> bytes:
    """The batch as one HTML file with its pictures inside."""
    return _template("batch.html").render(batch=batch).encode("utf-8")
