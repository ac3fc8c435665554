"""How commands speak: data on stdout, everything else on stderr; progress only where a person watches."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Progress = Callable[[int, int | None, str], None]
"""Called with how much is done, how much there is (None: unknown), and what is being done."""


def emit(data: Any, as_json: bool, say: Callable[[], None]) -> None:  # Any: JSON values of any shape
    """Print the data as JSON, or let `say` print it for a person."""
    if as_json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()
    else:
        say()


def emit_line(data: Any) -> None:  # Any: JSON values of any shape
    """Print one answer of several as one line of JSON."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def line(text: str = "") -> None:
    """One line for a person."""
    from rich import print as rich_print
    from rich.markup import escape

    rich_print(escape(text))


def warn(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(text + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None) -> None:
    """A table for a person; crawled text in it is printed as it is, never as markup."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=escape(title) if title else None, box=box.SIMPLE_HEAD, title_justify="left")
    for number, head in enumerate(heads):
        drawn.add_column(escape(head), overflow="fold", no_wrap=number == 0)
    for row in rows:
        drawn.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    Console().print(drawn)


def _silence(done: int, total: int | None, what: str) -> None:
    del done, total, what


@contextmanager
def progress(title: str, as_json: bool) -> Iterator[Progress]:
    """A progress bar on a terminal; silence elsewhere."""
    if as_json or not sys.stderr.isatty():
        yield _silence
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def show(done: int, total: int | None, what: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{title}: {what}" if what else title)

        yield show
