"""`marque budget show | release`: how platforms took our notices, and what may still leave."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson, By


def register(app: typer.Typer) -> None:
    """Add this group to the command line."""
    group = typer.Typer(name="budget", help="Accuracy at each platform, and what may leave", no_args_is_help=True)
    group.command("show")(show)
    group.command("release")(release)
    app.add_typer(group)


def show(context: typer.Context, json: AsJson = False) -> None:
    """Upheld, refused and reversed by platform and sender; exit 1 where sending has stopped."""
    from console.budgets import budget_list, held_back
    from console.output import emit, table, warn
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import utc_now

    with open_workspace(context.obj) as workspace:
        rows = budget_list(workspace, now=utc_now())
        held = held_back(workspace, now=utc_now())
    heads = ("platform", "sender", "claim", "budget", "upheld", "refused", "reversed", "lower bound", "floor", "left")
    lines = [
        (
            r["platform"],
            r["name"],
            r["claim"] or "all",
            r["budget"],
            r["upheld"],
            r["refused"],
            r["reversed"],
            f"{r['low']:.1%}",
            f"{r['floor']:.0%}",
            r["headroom"],
        )
        for r in rows
    ]
    emit({"records": rows, "held": [codec.to_json(each) for each in held]}, json, lambda: table(heads, lines))
    for each in held:
        warn(f"notice {each.notice} stays here, {each.code}: {each.because}; {each.way}")
    if any(r["budget"] == "stopped" for r in rows):
        raise typer.Exit(1)


def release(
    context: typer.Context,
    platform: str,
    by: By,
    because: Annotated[str, typer.Option("--because", help="What was found, and why it may go on")],
    account: Annotated[
        str | None, typer.Option("--account", help="Whose record; default: the policy's agent")
    ] = None,
    json: AsJson = False,
) -> None:
    """Ask that 25 items leave today although the record is used up; it holds once a second person says the same."""
    from console.errors import NotFound
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.budget.gate import release as enter
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        who = account or workspace.declarations.policy.sender.agent
        if who is None:
            raise NotFound("account", "", "`marque budget show --json` names each record's account; give --account")
        done = enter(workspace.database, platform, who, by=by, because=because, clock=utc_now, ids=new_id)
    words = (
        f"released for today by {done.by} and {done.second_by}" if done.second_by else "a second person has to agree"
    )
    emit(codec.to_json(done), json, lambda: line(f"{platform}: {words}"))
