"""`marque crawl plan | run`, `marque capture`, `marque listings import`, `marque read`: the ways in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands.options import AsJson

Names = Annotated[list[str], typer.Argument(help="Platforms by name")]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="crawl", help="Look at platforms, politely", no_args_is_help=True)
    group.command("plan")(plan)
    group.command("run")(run)
    app.add_typer(group)
    app.command("capture")(capture)
    listings = typer.Typer(name="listings", help="Listings from elsewhere", no_args_is_help=True)
    listings.command("import")(import_listings)
    app.add_typer(listings)
    app.command("read")(read)


def plan(context: typer.Context, platforms: Names, json: AsJson = False) -> None:
    """What a crawl would fetch: queries, pages, hours at the polite rate, what is cut."""
    from console.output import emit, line, table
    from console.pipeline import plan_platforms
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        plans = plan_platforms(workspace, platforms)

    def say() -> None:
        heads = ("platform", "queries", "result pages", "fetches", "hours at the polite rate")
        table(heads, [(p.platform, len(p.queries), p.result_pages, p.fetches, f"{p.hours:.2f}") for p in plans])
        for each in plans:
            for cut in each.cut:
                line(f"{each.platform}: {cut}")

    emit([codec.to_json(each) for each in plans], json, say)


def run(
    context: typer.Context,
    platforms: Annotated[list[str] | None, typer.Argument(help="Platforms by name; none with --replay")] = None,
    replay: Annotated[
        str | None, typer.Option("--replay", help="A folder of saved pages with index.csv, or an earlier run's id")
    ] = None,
    json: AsJson = False,
) -> None:
    """
    Crawl platforms; an unfinished crawl goes on where it stopped. Exit 1 unless every run is complete.

    With --replay nothing is asked of the network: pages come from a folder or from an earlier run's captures.
    """
    from console.output import emit, progress
    from console.pipeline import crawl_platforms, replay_pages
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.runs import RunState

    if not platforms and replay is None:
        raise typer.BadParameter("name a platform, or --replay a folder or run")
    with open_workspace(context.obj) as workspace, progress("crawl", json) as show_progress:
        if replay is None:
            runs = crawl_platforms(workspace, platforms or [], show_progress)
        else:
            runs = replay_pages(workspace, replay, platforms or [], show_progress)
    emit([codec.to_json(each) for each in runs], json, lambda: say_runs(runs))
    if any(each.state is not RunState.COMPLETE for each in runs):
        raise typer.Exit(1)


def say_runs(runs: list[Any]) -> None:
    """Print runs as they ended."""
    from console.output import line, table

    rows = [
        (r.id, r.platform or "several", r.state.value, ", ".join(f"{k} {v}" for k, v in r.counts.items()))
        for r in runs
    ]
    table(("run", "platform", "state", "counts"), rows)
    for each in runs:
        for alarm in each.alarms:
            line(f"! {each.platform or 'several'}: {alarm}")


def capture(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The address of one page, or a saved file")],
    json: AsJson = False,
) -> None:
    """Take one tip: fetch one page politely, or keep a saved file, as a capture, and read it; exit 1 without one."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.intake import capture_tip
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        tip = capture_tip(workspace.settings, source)

    def say() -> None:
        line(f"{source}: {tip.why}")
        for each in tip.captures:
            line(f"  capture {each.id} of {each.url_final}, SHA-256 {each.body_sha256}")
        line("next: `marque match`" if tip.observation else "it does not read as a listing; the capture is kept")

    emit(codec.to_json(tip), json, say)
    if not tip.captures:
        raise typer.Exit(1)


def import_listings(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="CSV of listings that a platform exported")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing")] = False,
    json: AsJson = False,
) -> None:
    """Import a platform's listing export; bad rows are refused with row, column and fix; exit 1 if any is."""
    from console.output import emit, line, table
    from console.workspace import open_workspace
    from crawler.intake import import_listings as take_export
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        report = take_export(workspace.settings, source, dry_run=dry_run)

    def say() -> None:
        line(f"listings: {report.rows} rows, {report.observations} kept, {len(report.refusals)} refused")
        if report.refusals:
            heads = ("line", "column", "value", "fix")
            table(heads, [(r.line, r.column, r.value, r.fix) for r in report.refusals], title="refused")

    emit(codec.to_json(report), json, say)
    if report.refusals:
        raise typer.Exit(1)


def read(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A saved page, or a folder with index.csv (columns file, url)")],
    url: Annotated[str | None, typer.Option("--url", help="The address the page was saved from")] = None,
    json: AsJson = False,
) -> None:
    """Read saved pages as the pipeline would, and show each value with its rule; nothing is kept."""
    from console.output import emit, line, table
    from console.reading import read_saved

    data = read_saved(context.obj, source, url)

    def say() -> None:
        for page in data:
            line(f"{page['file']}: {page['kind']}, {page['refusal'] or ''}")
            rows = [(name, _shown(seen), seen["rule"]) for name, seen in page["listing"].items()]
            if rows:
                table(("field", "value", "rule"), rows)
            if page["cards"]:
                line(f"  {len(page['cards'])} cards; next page: {page['next_page'] or '-'}")

    emit(data, json, say)


def _shown(seen: dict[str, Any]) -> str:
    value = seen["value"]
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return text if len(text) <= 100 else text[:97] + "..."
