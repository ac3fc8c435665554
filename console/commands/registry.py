"""`marque rights|products|references|works|sellers import | template | list | show`: what is protected."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands.options import AsJson

KINDS = {
    "rights": "Marks, copyrights, designs and patents, with their holders and mandates",
    "products": "What holders make: names, numbers, colours, sizes, prices",
    "references": "Photos, logos and stills to compare with (a folder with references.csv)",
    "works": "Films, series, music, books",
    "sellers": "Accounts that may sell, or are left alone",
}

Source = Annotated[Path, typer.Argument(help="CSV, XLSX or JSON file; for references a folder with references.csv")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing")]


def register(app: typer.Typer) -> None:
    """Add one group of verbs a kind of record."""
    for kind, about in KINDS.items():
        group = typer.Typer(name=kind, help=about, no_args_is_help=True)
        _add_verbs(group, kind)
        if kind == "rights":
            group.command("recheck")(recheck)
        if kind == "references":
            group.command("check")(check)
            group.command("approve")(approve)
        app.add_typer(group)


def recheck(context: typer.Context, source: Source, dry_run: DryRun = False, json: AsJson = False) -> None:
    """What registers say today, by office and number, hundreds at once; exit 1 if a row is refused."""
    _take_in("recheck", context, source, dry_run, json)


def _take_in(kind: str, context: typer.Context, source: Path, dry_run: bool, json: bool) -> None:
    from console.output import emit
    from console.previewing import take_in
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        report, ahead = take_in(
            workspace,
            kind,
            source,
            scope=EVERYTHING,
            dry_run=dry_run,
            by="command line",
            clock=utc_now,
            ids=new_id,
        )
    told = {**codec.to_json(report), "gate": list(ahead.sentences)}
    emit(told, json, lambda: _say_report(report, ahead.sentences))
    if report.refusals:
        raise typer.Exit(1)


def _add_verbs(group: typer.Typer, kind: str) -> None:
    @group.command("import")
    def import_(context: typer.Context, source: Source, dry_run: DryRun = False, json: AsJson = False) -> None:
        """Import a file; a bad row is refused with row, column and fix, good rows are kept; exit 1 if any is."""
        _take_in(kind, context, source, dry_run, json)

    @group.command("template")
    def template_(context: typer.Context, json: AsJson = False) -> None:
        """Print a CSV with every column and one example row."""
        import sys

        from console.output import emit
        from registry.templates import template

        del context
        text = template(kind)
        emit({"kind": kind, "csv": text}, json, lambda: print(text, end="", file=sys.stdout))  # noqa: T201 -- the output itself

    @group.command("list")
    def list_(context: typer.Context, json: AsJson = False) -> None:
        """List what is registered."""
        from console.output import emit, table
        from console.registered import list_registered
        from console.workspace import open_workspace

        with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
            heads, rows, data = list_registered(connection, kind)
        emit(data, json, lambda: table(heads, rows, title=f"{len(rows)} {kind}"))

    @group.command("show")
    def show(context: typer.Context, ref: str, json: AsJson = False) -> None:
        """Show one record whole, by the holder's own name for it or by id."""
        from console.output import emit, table
        from console.registered import show_registered
        from console.workspace import open_workspace

        with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
            data = show_registered(connection, kind, ref)
        emit(data, json, lambda: table(("field", "value"), [(k, _plain(v)) for k, v in data.items()]))


def check(
    context: typer.Context,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw the pictures that are stopped")] = False,
    by: Annotated[str, typer.Option("--by", help="Who withdraws them")] = "command line",
    json: AsJson = False,
) -> None:
    """Which references and marks are fit to identify anyone; with a dry run; exit 1 if not all are."""
    from console.gating import check_references, withdraw_stopped
    from console.output import emit, line, progress, table
    from console.pipeline import freeze_registry
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace, progress("checking", json) as show:
        found = check_references(workspace, freeze_registry(workspace), lambda done, total: show(done, total, ""))
        gone = (
            withdraw_stopped(workspace, found, by=by, today=utc_now().date(), clock=utc_now, ids=new_id)
            if withdraw
            else []
        )
    stopped = [each for each in found if not each.judgement.is_fit]

    def say() -> None:
        rows = [
            (each.ref, each.kind, " ".join(reason.because for reason in each.judgement.faults) or "fit",
             each.judgement.dry_run)
            for each in found
        ]  # fmt: skip
        table(("reference", "kind", "verdict", "dry run"), rows, title=f"{len(stopped)} of {len(found)} stopped")
        if gone:
            line(f"withdrawn: {', '.join(gone)}; `marque references approve` puts one back on two people's word")

    emit({"checked": codec.to_json(found), "withdrawn": gone}, json, say)
    if stopped:
        raise typer.Exit(1)


def approve(
    context: typer.Context,
    ref: Annotated[str, typer.Argument(help="The holder's own name for the reference")],
    by: Annotated[str, typer.Option("--by", help="Who asks for it")],
    second: Annotated[str, typer.Option("--second", help="Who approves it: another person")],
    json: AsJson = False,
) -> None:
    """Put a withdrawn reference back on the word of two people."""
    from console.gating import let_through
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        let_through(workspace, ref, handed_in_by=by, approved_by=second, clock=utc_now, ids=new_id)
    emit({"reference": ref, "by": by, "second": second}, json, lambda: line(f"{ref} is live again"))


def _plain(value: Any) -> str:  # Any: JSON values of any shape
    if isinstance(value, list):
        return "\n".join(_plain(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {_plain(v)}" for k, v in value.items())
    return "" if value is None else str(value)


def _say_report(
    report: Any, gate: tuple[str, ...]
) -> None:  # Any: an ImportReport; its module loads with the verb alone
    from console.output import line, table

    done = "would be " if report.dry_run else ""
    line(
        f"{report.kind}: {report.rows} rows; {report.added} {done}added, {report.changed} {done}changed, "
        f"{report.unchanged} unchanged, {report.refused} refused"
    )
    for note in report.notes:
        line(f"note: {note}")
    for said in gate:
        line(f"gate: {said}")
    if gate and report.kind == "references":
        line(
            f"what the gate stops {'would come' if report.dry_run else 'came'} in withdrawn; "
            "`marque references approve` puts it back on the word of two people"
        )
    if report.refusals:
        table(
            ("row", "column", "value", "problem", "fix"),
            [(r.row, r.column, r.value, r.problem, r.fix) for r in report.refusals],
            title="refused",
        )
