"""`marque deadlines list | refresh | step | due | calendar`: clocks of notices and what comes next."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson, By

Which = Annotated[str, typer.Argument(help="Id of the clock, or the end of it as the list shows it")]
Because = Annotated[str, typer.Option("--because", help="What was sent or read, and its reference")]


def register(app: typer.Typer) -> None:
    """Add this group to the command line."""
    group = typer.Typer(name="deadlines", help="Clocks of notices, and what comes next", no_args_is_help=True)
    group.command("list")(list_deadlines)
    group.command("refresh")(refresh)
    group.command("step")(step)
    group.command("due")(due)
    group.command("calendar")(calendar)
    app.add_typer(group)


def list_deadlines(
    context: typer.Context,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what ran out")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what was met, missed and ended, or void")] = False,
    json: AsJson = False,
) -> None:
    """What runs, by whom and until when, with the next act; exit 1 when a time of ours ran out."""
    from console.clocks import clock_lines
    from console.clocks import refresh as keep
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.records.deadlines import Holder
    from store.records.ids import short_id, utc_now

    with open_workspace(context.obj) as workspace:
        keep(workspace)
        with workspace.database.read() as connection:
            lines = clock_lines(connection, workspace.declarations.profiles, now=utc_now(), ended=everything)
    shown = [line for line in lines if line.overdue] if overdue else lines
    rows = [
        (
            short_id(line.deadline.id),
            line.number,
            line.platform,
            line.deadline.kind,
            line.deadline.holder.value,
            f"{line.deadline.due_at:%Y-%m-%d %H:%M}",
            "OVER" if line.overdue else line.deadline.state.value,
            f"{line.next.act} {line.next.on:%Y-%m-%d}" if line.next else "",
            line.deadline.basis,
        )
        for line in shown
    ]
    heads = ("clock", "notice", "platform", "kind", "whose", "due (UTC)", "state", "next", "basis")
    emit([line.cells for line in shown], json, lambda: table(heads, rows))
    if any(line.overdue and line.deadline.holder is Holder.SENDER for line in shown):
        raise typer.Exit(1)


def refresh(context: typer.Context, json: AsJson = False) -> None:
    """Begin and end clocks by what happened since; again, it changes nothing."""
    from console.clocks import refresh as keep
    from console.output import emit, line, warn
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        kept = keep(workspace)
    words = f"{kept.begun} begun, {kept.ended} ended, {kept.missed} ran out, {kept.moved} counted anew"
    emit(codec.to_json(kept), json, lambda: line(words))
    for profile in kept.undeclared:
        warn(f"profile {profile} is not declared: the clocks of its notices stand still")


def step(context: typer.Context, clock: Which, by: By, because: Because, json: AsJson = False) -> None:
    """Say that you took the next step of the ladder; what it begins runs from now."""
    from console.clocks import clock_id
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.clocks.keeping import take_step
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        taken = take_step(
            workspace.database,
            workspace.declarations,
            clock_id(workspace, clock),
            by=by,
            because=because,
            clock=utc_now,
            ids=new_id,
        )
    emit(codec.to_json(taken), json, lambda: line(f"{taken.kind}: step {taken.steps} taken by {by}"))


def due(
    context: typer.Context,
    clock: Which,
    at: Annotated[
        datetime, typer.Argument(help="The recipient's own date, in UTC", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"])
    ],
    by: By,
    because: Because,
    json: AsJson = False,
) -> None:
    """Enter the recipient's own date, which outweighs any count."""
    from datetime import UTC

    from console.clocks import clock_id
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.clocks.keeping import set_due
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        id = clock_id(workspace, clock)
        at = at.replace(tzinfo=UTC)
        new = set_due(workspace.database, id, due_at=at, by=by, because=because, clock=utc_now, ids=new_id)
    emit(codec.to_json(new), json, lambda: line(f"{new.kind} is due {new.due_at:%Y-%m-%d %H:%M} UTC"))


def calendar(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the feed is written, like clocks.ics", dir_okay=False)],
    events: Annotated[bool, typer.Option("--events", help="Events with alarms instead of tasks")] = False,
    json: AsJson = False,
) -> None:
    """Write what runs as an iCalendar feed; the desk offers the same at an address to subscribe to."""
    from config.instrument_form import load_forms
    from console.clocks import calendar_of
    from console.clocks import refresh as keep
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records.ids import utc_now

    with open_workspace(context.obj) as workspace:
        keep(workspace)
        with workspace.database.read() as connection:
            profiles = workspace.declarations.profiles
            forms = load_forms(context.obj.instruments)
            data = calendar_of(connection, profiles, forms, now=utc_now(), shape="event" if events else "todo")
    partial = file.with_name(f".{file.name}.partial")
    partial.write_bytes(data)
    partial.replace(file)
    count = data.count(b"BEGIN:VEVENT" if events else b"BEGIN:VTODO")
    emit({"file": str(file), "entries": count, "bytes": len(data)}, json, lambda: line(f"{count} clock(s) in {file}"))
