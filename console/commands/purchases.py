"""`marque purchases`: goods bought to be examined, step by step, with every file and every hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson, By

Files = Annotated[list[Path] | None, typer.Option("--file", help="A photo, a receipt, a report; may be repeated")]
Note = Annotated[str, typer.Option("--note", help="What was seen, in words")]
At = Annotated[str | None, typer.Option("--at", help="When, as 2026-11-22T10:00 (UTC); default: now")]


def register(app: typer.Typer) -> None:
    """Add this group to the command line."""
    group = typer.Typer(name="purchases", help="Test purchases and custody of goods", no_args_is_help=True)
    group.command("order")(order)
    group.command("add")(add)
    group.command("list")(list_all)
    app.add_typer(group)


def order(
    context: typer.Context,
    case: Annotated[int, typer.Argument(help="The case's number")],
    by: By,
    note: Note = "",
    at: At = None,
    file: Files = None,
    json: AsJson = False,
) -> None:
    """Begin a purchase for a case: what was ordered, with the confirmation as a file. Gives its number."""
    _enter(context, "ordered", json, case=case, by=by, note=note, at=at, files=file)


def add(
    context: typer.Context,
    purchase: Annotated[int, typer.Argument(help="The purchase's number")],
    step: Annotated[
        str, typer.Argument(help="received, opened, photographed, examined, sealed, handed_over, destroyed")
    ],
    by: By,
    note: Note = "",
    to: Annotated[str | None, typer.Option("--to", help="Who has the goods from then on (handed_over)")] = None,
    at: At = None,
    file: Files = None,
    json: AsJson = False,
) -> None:
    """Enter the next step of a purchase; steps are never changed, a mistake is told by another."""
    _enter(context, step, json, purchase=purchase, by=by, note=note, to=to, at=at, files=file)


def list_all(
    context: typer.Context,
    case: Annotated[int | None, typer.Argument(help="A case's number; default: all")] = None,
    json: AsJson = False,
) -> None:
    """Every step of every purchase, with digests of its files."""
    from console.output import emit, line
    from console.purchasing import list_purchases
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        found = list_purchases(workspace, case)
    lines = [
        f"{e.purchase} {e.at:%Y-%m-%d %H:%M} {e.step.value} by {e.by}{f' to {e.to}' if e.to else ''}: {e.note}"
        + "".join(f"\n    {file.name} {file.sha256}" for file in e.files)
        for e in found
    ]
    emit([codec.to_json(each) for each in found], json, lambda: line("\n".join(lines) or "no purchase"))


def _enter(
    context: typer.Context,
    step: str,
    json: bool,
    *,
    by: str,
    note: str,
    at: str | None,
    files: list[Path] | None,
    case: int | None = None,
    purchase: int | None = None,
    to: str | None = None,
) -> None:
    from console.output import emit, line
    from console.purchasing import enter_step
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.purchases import PurchaseStep

    try:
        what = PurchaseStep(step)
        moment = None if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with open_workspace(context.obj) as workspace:
        event = enter_step(
            workspace, what, case=case, purchase=purchase, by=by, at=moment, to=to, note=note, files=files or ()
        )
    emit(codec.to_json(event), json, lambda: line(f"purchase {event.purchase}: {event.step.value}"))
