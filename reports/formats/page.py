"""One page that opens anywhere, offline: no script, no link to follow, every crawled word escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

if TYPE_CHECKING:
    from reports.views import BatchView

FORMS = Path(__file__).parents[1] / "forms"


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
    return environment.get_template(name)


def write_page(batch: BatchView) -> bytes:
    """The batch as one HTML file with its pictures inside."""
    return _template("batch.html").render(batch=batch).encode("utf-8")
