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


WORD_SHOWN = 14
"""Letters of a word that a column keeps together; longer ones, such as digests, may be folded (chosen)."""


def _too_narrow(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether a terminal of `width` letters would tear words apart to fit every column."""
    needed = 0
    for number, head in enumerate(heads):
        cells = [head, *(row[number] for row in rows)]
        if number == 0:
            needed += max(map(len, cells))
        else:
            needed += max(min(len(word), WORD_SHOWN) for cell in cells for word in cell.split() or [""])
    return needed + 2 * len(heads) > width


def _as_records(heads: Sequence[str], rows: Sequence[Sequence[str]], title: str | None) -> None:
    """One row below the other, each cell on a line under its head: for terminals too narrow for the columns."""
    if title:
        line(title)
    for row in rows:
        line()
        line(row[0])
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if cell:
                line(f"  {head}: {cell}")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None) -> None:
    """
    A table for a person; crawled text in it is printed as it is, never as markup.

    A terminal too narrow for the columns shows the rows below each other instead of tearing words apart.
    """
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    console = Console()
    if _too_narrow(heads, cells, console.width):
        _as_records(heads, cells, title)
        return
    drawn = Table(title=escape(title) if title else None, box=box.SIMPLE_HEAD, title_justify="left")
    for number, head in enumerate(heads):
        drawn.add_column(escape(head), overflow="fold", no_wrap=number == 0)
    for row in cells:
        drawn.add_row(*(escape(cell) for cell in row))
    console.print(drawn)


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
