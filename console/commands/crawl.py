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


def plan(
    context: typer.Context,
    platforms: Annotated[list[str] | None, typer.Argument(help="Platforms by name; none with --review")] = None,
    review: Annotated[
        str | None, typer.Option("--review", help="A crawl's id: what was expected and what came")
    ] = None,
    json: AsJson = False,
) -> None:
    """
    What a crawl would fetch: queries, pages, hours at the polite rate, what is cut, and what each query is to bring.

    With --review the same of a crawl that was made, from what was known before it, beside what it brought.
    """
    from console.output import emit, line, table
    from console.pipeline import forecast_platform, plan_platforms
    from console.workspace import open_workspace
    from store.records import codec

    if not platforms and review is None:
        raise typer.BadParameter("name a platform, or --review a crawl")
    if review is not None:
        _review(context, review, json)
        return
    with open_workspace(context.obj) as workspace:
        plans = plan_platforms(workspace, platforms or [])
        forecasts = {each.platform: forecast_platform(workspace, each) for each in plans}

    def say() -> None:
        heads = ("platform", "queries", "result pages", "fetches", "hours at the polite rate")
        table(heads, [(p.platform, len(p.queries), p.result_pages, p.fetches, f"{p.hours:.2f}") for p in plans])
        for each in plans:
            for cut in each.cut:
                line(f"{each.platform}: {cut}")
            rows = [
                (f.query, f.pages, f"{f.opened:.0f}", f"{f.found:.1f}", f"{f.low:.1f} to {f.high:.1f}", _basis(f))
                for f in forecasts[each.platform]
            ]
            table(_FORECAST, rows, title=f"{each.platform}: what each query is to bring, the best first")

    data = [
        {**codec.to_json(each), "forecast": [codec.to_json(one) for one in forecasts[each.platform]]}
        for each in plans
    ]
    emit(data, json, say)


_FORECAST = ("query", "result pages", "pages opened", "findings", "95 %", "from")


def _basis(forecast: Any) -> str:  # Any: a Forecast, whose module is loaded when it is needed
    return "its own crawls" if forecast.is_known else "other queries, or a guess"


def _review(context: typer.Context, run: str, json: bool) -> None:
    """A crawl's forecast beside what it brought."""
    from console.output import emit, line, table
    from console.pipeline import review_plan
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        rows = review_plan(workspace, run)
    within = sum(each.low <= was.found <= each.high for each, was in rows)

    def say() -> None:
        cells = [
            (
                f.query,
                f.pages,
                f"{f.opened:.0f}",
                was.opened,
                f"{f.found:.1f}",
                f"{f.low:.1f} to {f.high:.1f}",
                was.found,
            )
            for f, was in rows
        ]
        table(("query", "result pages", "opened: expected", "was", "findings: expected", "95 %", "were"), cells)
        line(f"{within} of {len(rows)} queries brought as many findings as the interval says")

    data = [{"expected": codec.to_json(each), "was": codec.to_json(was)} for each, was in rows]
    emit({"run": run, "queries": data, "within": within}, json, say)


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
    source: Annotated[
        str, typer.Argument(help="The address of one page, a saved page, or a recording: .har, .warc.gz, .wacz")
    ],
    browser: Annotated[
        bool, typer.Option("--browser", help="Open the address in a browser, and take screenshots")
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who brings a recording, for the audit trail")] = None,
    json: AsJson = False,
) -> None:
    """
    Take one tip: fetch one page politely, or keep a saved file, as a capture, and read it; exit 1 without one.

    A recording of one's own browser gives a capture for each answer; headers that carry a session are left out.
    """
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.archives import is_archive
    from crawler.intake import capture_tip
    from store.records import codec

    if is_archive(Path(source)) and not source.startswith(("http://", "https://")):
        _take_recording(context, Path(source), by, json)
        return

    with open_workspace(context.obj) as workspace:
        tip = capture_tip(workspace.settings, source, in_browser=browser)

    def say() -> None:
        line(f"{source}: {tip.why}")
        for each in tip.captures:
            line(f"  capture {each.id} of {each.url_final}, SHA-256 {each.body_sha256}")
        line("next: `marque match`" if tip.observation else "it does not read as a listing; the capture is kept")

    emit(codec.to_json(tip), json, say)
    if not tip.captures:
        raise typer.Exit(1)


def _take_recording(context: typer.Context, source: Path, by: str | None, json: bool) -> None:
    from console.output import emit, line, table
    from console.workspace import open_workspace
    from crawler.archive_intake import take_archive
    from store.records import codec

    if by is None:
        raise typer.BadParameter("name who recorded it: --by NAME")
    with open_workspace(context.obj) as workspace:
        taken = take_archive(workspace.settings, source, by=by)

    def say() -> None:
        line(f"{source}, SHA-256 {taken.sha256}")
        line(f"{len(taken.captures)} answers kept, {len(taken.observations)} listings")
        line(f"{taken.left_out} headers that carry a session were left out; the file itself is not kept, keep it")
        if taken.skipped:
            table(("place", "address", "why"), [(s.place, s.url, s.why) for s in taken.skipped], title="not taken")

    emit(codec.to_json(taken), json, say)
    if not taken.captures:
        raise typer.Exit(1)


def import_listings(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="CSV or XLSX of listings that a platform exported")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="TOML file that says which column holds what, and how")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing")] = False,
    json: AsJson = False,
) -> None:
    """Import a platform's listing export; bad rows are refused with row, column and fix; exit 1 if any is."""
    from config.export import load_export
    from console.output import emit, line, table
    from console.workspace import open_workspace
    from crawler.intake import import_listings as take_export
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        layout = load_export(mapping) if mapping is not None else None
        report = take_export(workspace.settings, source, layout=layout, dry_run=dry_run)

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
    source: Annotated[
        str, typer.Argument(help="A saved page, a folder with index.csv (columns file, url), or an address to fetch")
    ],
    url: Annotated[str | None, typer.Option("--url", help="The address the page was saved from")] = None,
    json: AsJson = False,
) -> None:
    """
    Read pages as the pipeline would: each value with its rule and place. Exit 1 when a page could not be read.

    Nothing is kept of saved pages. An address is fetched as a tip is, by the rules of manners, egress and robots.txt,
    and stays as a capture. With --json one line a page.
    """
    from console.output import emit_line, progress
    from console.reading import read_each, saved_pages

    failed = 0
    if source.startswith(("http://", "https://")):
        answers = iter([_fetched(context.obj, source, url)])
        total = 1
    else:
        pages = saved_pages(Path(source), url)
        answers, total = read_each(context.obj, pages), len(pages)
    with progress("read", not json or total < 2) as show_progress:  # pages printed for a person show how far it is
        for done, page in enumerate(answers, 1):
            show_progress(done, total, page["file"])
            failed += page.pop("failed", False)
            emit_line(page) if json else _say_page(page)
    if failed:
        raise typer.Exit(1)


def _fetched(settings: Any, address: str, url: str | None) -> dict[str, Any]:
    """What a page says that is fetched now; its answer says why when it was not."""
    from console.reading import read_captured, unread
    from console.workspace import open_workspace
    from crawler.intake import capture_tip

    with open_workspace(settings) as workspace:
        tip = capture_tip(workspace.settings, address)
        if tip.page is None:
            return unread(address, tip.why)
        return read_captured(workspace.settings, tip.page, workspace.vault.get(tip.page.body_sha256), url)


def _say_page(page: dict[str, Any]) -> None:
    """One page for a person who writes rules."""
    from console.output import line, table

    line(f"{page['file']}: {page['kind']}" + (f", {page['refusal']}" if page["refusal"] else ""))
    for part in ("listing", "stream"):
        rows = [(name, _shown(seen), seen["rule"], seen["where"]) for name, seen in page[part].items()]
        if rows:
            table(("field", "value", "rule", "where"), rows)
    if page["cards"]:
        heads = ("card", "title", "price", "address", "marks")
        table(heads, [(number, *_card_cells(card)) for number, card in enumerate(page["cards"], 1)])
    if page["next_page"]:
        line(f"  next page: {page['next_page']}")
    for hop in page["hops"]:
        line(f"  {hop['role']}: {hop['url']}")
    if page["total"]:
        line(f"  in all: {page['total']['value']} ({page['total']['raw']!r})")
    for said in page["conflicts"]:
        beside = f"{said['other_rule']} says {said['other']!r}"
        line(f"  - {said['field']}: {said['chosen_rule']} says {said['chosen']!r}, {beside}")
    for note in page["notes"]:
        if note != page["refusal"]:
            line(f"  - {note}")


def _card_cells(card: dict[str, Any]) -> tuple[str, str, str, str]:
    marks = [name for name in ("sponsored",) if name in card]
    marks += [f"{name} {_shown(card[name])}" for name in ("seller_name", "condition", "location") if name in card]
    title, price, url = (_shown(card[name]) if name in card else "" for name in ("title", "price", "url"))
    return title, price, url, ", ".join(marks)


def _shown(seen: dict[str, Any]) -> str:
    value = seen["value"]
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values())
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 100 else text[:97] + "..."
