"""`marque tips list | add | accept | dismiss | look`: addresses that somebody says to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson, By
from store.records.tips import TipState

Id = Annotated[str, typer.Argument(help="Its id, as `marque tips list` shows it")]


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(name="tips", help="Addresses that somebody says to look at", no_args_is_help=True)
    group.command("list")(list_all)
    group.command("add")(add)
    group.command("accept")(accept)
    group.command("dismiss")(dismiss)
    group.command("look")(look)
    app.add_typer(group)


def list_all(
    context: typer.Context,
    state: Annotated[TipState | None, typer.Option("--state", help="Only those that stand so")] = None,
    json: AsJson = False,
) -> None:
    """Tips and what became of each, the newest first."""
    from console.output import emit, table
    from console.tipping import list_tips
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        found = list_tips(workspace, EVERYTHING, state=state)
    heads = ("tip", "state", "by", "address", "what became of it")
    rows = [(tip.id, tip.state.value, tip.by, tip.url, tip.because or "") for tip in found]
    emit([codec.to_json(tip) for tip in found], json, lambda: table(heads, rows))


def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The address")],
    by: By,
    note: Annotated[str | None, typer.Option("--note", help="What a person should know; kept sealed")] = None,
    json: AsJson = False,
) -> None:
    """Bring a tip; the same address again, while it waits, changes nothing."""
    from console.output import emit, line
    from console.tipping import enter_tip
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        tip = enter_tip(workspace, url, note, scope=EVERYTHING, by=by, via="cli", clock=utc_now, ids=new_id)
    emit(
        codec.to_json(tip), json, lambda: line(f"{tip.id} waits; `marque tips accept {tip.id}` lets it be looked at")
    )


def accept(context: typer.Context, tip: Id, by: By, json: AsJson = False) -> None:
    """Let the worker look at a tip."""
    from console.output import emit, line
    from console.tipping import accept_tip
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        found = accept_tip(workspace, tip, scope=EVERYTHING, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(found), json, lambda: line(f"{found.url} is {found.state.value}; the worker looks at it"))


def dismiss(
    context: typer.Context,
    tip: Id,
    by: By,
    because: Annotated[str, typer.Option("--because", help="Why; whoever brought it may read it")],
    json: AsJson = False,
) -> None:
    """Leave a tip alone."""
    from console.output import emit, line
    from console.tipping import dismiss_tip
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        found = dismiss_tip(workspace, tip, because, scope=EVERYTHING, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(found), json, lambda: line(f"{found.url} is left alone"))


def look(context: typer.Context, by: By, json: AsJson = False) -> None:
    """Look at every accepted tip now, as the worker does; exit 1 where one could not be looked at."""
    from console.output import emit, line
    from console.tipping import look_at_tips
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        found = look_at_tips(workspace, by=by, clock=utc_now, ids=new_id)
    emit(
        [codec.to_json(tip) for tip in found],
        json,
        lambda: line("\n".join(f"{tip.url}: {tip.because}" for tip in found) or "no tip waits"),
    )
    raise typer.Exit(1 if any(tip.state is TipState.FAILED for tip in found) else 0)
