"""`marque match` and `marque findings list | show`: which listings are ours, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson
from store.records.findings import Band


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("match")(match)
    group = typer.Typer(name="findings", help="Listings identified with a right, with reasons", no_args_is_help=True)
    group.command("list")(list_findings)
    group.command("show")(show)
    app.add_typer(group)


def match(
    context: typer.Context,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only bring changes of the registry to what was compared before")
    ] = False,
    json: AsJson = False,
) -> None:
    """Compare every listing not yet compared under the present registry and policy."""
    from console.output import emit, line, progress
    from console.pipeline import bring_changes, match_listings
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace, progress("matching", json) as show_progress:
        run = (bring_changes if changed else match_listings)(workspace, show_progress)
    emit(codec.to_json(run), json, lambda: line("match: " + ", ".join(f"{k} {v}" for k, v in run.counts.items())))


def list_findings(
    context: typer.Context,
    band: Annotated[Band | None, typer.Option("--band", help="Only this band; default: review and notice")] = None,
    json: AsJson = False,
) -> None:
    """List findings, those for a notice first."""
    from console.casework import list_findings as read
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        data = read(connection, [band] if band else [Band.NOTICE, Band.REVIEW])
    heads = ("finding", "band", "right", "platform", "title", "identity", "grounds", "why")
    rows = [
        (
            f["short_id"],
            f["band"],
            f["right"],
            f["platform"],
            f["title"],
            f"{f['identity_probability']:.2f}",
            ", ".join(g["code"] for g in f["grounds"]),
            f["because"],
        )
        for f in data
    ]
    emit(data, json, lambda: table(heads, rows, title=f"{len(rows)} findings"))


def show(context: typer.Context, finding: str, json: AsJson = False) -> None:
    """Why this listing: signs for and against, grounds, the captures that carry them, decisions."""
    from console.casework import finding_id, say_finding, show_finding
    from console.output import emit
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        with workspace.database.read() as connection:
            chosen = finding_id(connection, finding)
        data = show_finding(workspace, chosen)
    emit(data, json, lambda: say_finding(data))
