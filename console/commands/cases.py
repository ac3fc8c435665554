"""`marque cases build | list | show | decide | undo | determine`: what people decide."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson, By
from store.records.cases import RejectReason, Verdict
from store.records.findings import GroundCode, InfringementClass


def register(app: typer.Typer) -> None:
    """Add this group to the command line."""
    group = typer.Typer(name="cases", help="Findings that people decide on together", no_args_is_help=True)
    for name, verb in (
        ("build", build),
        ("list", list_cases),
        ("show", show),
        ("decide", decide),
        ("undo", undo),
        ("determine", determine),
    ):
        group.command(name)(verb)
    app.add_typer(group)


def build(context: typer.Context, json: AsJson = False) -> None:
    """Put findings for review or notice into cases by right, account and platform; again, it changes nothing."""
    from cases.run import build_cases
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        run = build_cases(workspace.database, workspace.declarations, clock=utc_now, ids=new_id)
    emit(codec.to_json(run), json, lambda: line("cases: " + ", ".join(f"{k} {v}" for k, v in run.counts.items())))


def list_cases(context: typer.Context, json: AsJson = False) -> None:
    """List cases, the most urgent first."""
    from console.casework import list_cases as read
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        data = read(connection)
    heads = ("case", "state", "right", "platform", "seller", "findings", "priority")
    rows = [
        (c["number"], c["state"], c["right"], c["platform"], c["seller"], len(c["findings"]), f"{c['priority']:.2f}")
        for c in data
    ]
    emit(data, json, lambda: table(heads, rows, title=f"{len(rows)} cases"))


def show(context: typer.Context, number: int, json: AsJson = False) -> None:
    """Show one case: its findings with reasons for and against, and every decision."""
    from console.casework import say_case, show_case
    from console.output import emit
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = show_case(workspace, number)
    emit(data, json, lambda: say_case(data))


Which = Annotated[
    list[str] | None, typer.Option("--finding", help="Only these findings (short id); default: the whole case")
]


def decide(
    context: typer.Context,
    number: int,
    by: By,
    verdict: Annotated[Verdict, typer.Option("--verdict", help="What you decide")],
    reason: Annotated[RejectReason | None, typer.Option("--reason", help="Why, when rejecting")] = None,
    note: Annotated[str | None, typer.Option("--note", help="Free words")] = None,
    finding: Which = None,
    json: AsJson = False,
) -> None:
    """Enter one verdict on a case's findings; the ledger keeps every entry."""
    from cases.decisions import decide as enter
    from console.casework import findings_of
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        with workspace.database.read() as connection:
            chosen = findings_of(connection, number, finding or [])
        made = enter(workspace.database, chosen, verdict, by=by, clock=utc_now, ids=new_id, reason=reason, note=note)
    data = [codec.to_json(decision) for decision in made]
    emit(data, json, lambda: line(f"case {number}: {len(made)} finding(s) {verdict.value} by {by}"))


def undo(context: typer.Context, decision: str, by: By, json: AsJson = False) -> None:
    """Take back one decision by a further entry."""
    from cases.decisions import undo as enter
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        entry = enter(workspace.database, decision, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(entry), json, lambda: line(f"decision {decision} taken back by {by}"))


def determine(
    context: typer.Context,
    finding: str,
    by: By,
    statement: Annotated[str, typer.Option("--statement", help="The expert's words")],
    genuine: Annotated[bool, typer.Option("--genuine/--infringing", help="The expert's answer")],
    infringement_class: Annotated[InfringementClass | None, typer.Option("--class", help="When infringing")] = None,
    ground: Annotated[list[GroundCode] | None, typer.Option("--ground", help="What the expert bases it on")] = None,
    json: AsJson = False,
) -> None:
    """Enter what the holder's named expert says of one finding."""
    from cases.determinations import determine as enter
    from console.casework import finding_id
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        with workspace.database.read() as connection:
            chosen = finding_id(connection, finding)
        word = enter(
            workspace.database,
            chosen,
            is_infringing=not genuine,
            statement=statement,
            by=by,
            clock=utc_now,
            ids=new_id,
            infringement_class=infringement_class,
            grounds=tuple(ground or ()),
        )
    emit(codec.to_json(word), json, lambda: line(f"{by}: {'genuine' if genuine else 'infringing'}"))
