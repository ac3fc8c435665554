"""`marque platforms list | check | new`: what is watched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.options import AsJson

if TYPE_CHECKING:
    from crawler.extract.pages import Page


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    platforms = typer.Typer(
        name="platforms", help="Marketplaces and streaming sites under watch", no_args_is_help=True
    )
    platforms.command("list")(list_platforms)
    platforms.command("check")(check_platform)
    platforms.command("new")(new_platform)
    app.add_typer(platforms)


def list_platforms(context: typer.Context, json: AsJson = False) -> None:
    """Per platform: how it is reached, read, notified, and last healthy; supported only where all four are shown."""
    from console.output import emit, table, warn
    from console.reach import reach_in_words, reach_of
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = reach_of(workspace)
        broken = workspace.declarations.broken

    def say() -> None:
        heads = ("platform", "reached by", "read by", "notified by", "last healthy run", "supported")
        rows = [
            (p["name"], *reach_in_words(p), "yes" if p["supported"] else f"no: {', '.join(p['missing'])}")
            for p in data
        ]
        table(heads, rows, title=f"{len(data)} platforms")

    emit(data, json, say)
    for file, error in broken.items():
        warn(f"{file}: {error}")


def check_platform(
    context: typer.Context,
    name: str,
    real_pages: Annotated[
        Path | None, typer.Option("--pages", help="A folder that holds pages left out of the repository")
    ] = None,
    json: AsJson = False,
) -> None:
    """Prove one platform: its file read strictly, its rules tried, every saved page held against what it must say."""
    from console.output import emit, line, table
    from console.proving import examine_platform

    data = examine_platform(context.obj, name, real_pages)

    def say() -> None:
        for case in data["cases"]:
            rows = [
                (
                    h["field"],
                    "ok" if h["right"] else "WRONG",
                    h["found"],
                    "" if h["right"] else h["expected"],
                    h["rule"],
                )
                for h in case["held"]
            ]
            title = f"{case['name']}: {case['url']}" + ("" if case["checked_by_hand"] else " (not checked by hand)")
            table(("field", "", "read", "expected", "by"), rows, title=title)
        for remark in data["remarks"]:
            line(f"- {remark}")
        for problem in data["problems"]:
            line(f"! {problem}")
        line(
            f"{name}: {data['held']} of {data['expectations']} expectations hold on {len(data['cases'])} saved pages"
        )

    emit(data, json, say)
    if not data["ok"]:
        raise typer.Exit(1)


def new_platform(context: typer.Context, name: str, url: str, json: AsJson = False) -> None:
    """
    Visit a site and write its draft: the family, rules from what was seen, and saved cases to check by hand.

    The visit keeps to robots.txt, the polite rate and the egress guard. A second call changes nothing.
    """
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.scout import ask_politely, scout

    with open_workspace(context.obj) as workspace:
        settings = workspace.settings

    def ask(address: str) -> Page:
        if not json:
            line(f"asking {address}")
        return ask_politely(settings, address)

    found = scout(settings, name, url, ask)
    data = {
        "path": str(found.path),
        "existed": found.existed,
        "family": found.family,
        "cases": list(found.cases),
        "visits": list(found.visits),
        "open_questions": list(found.open_questions),
    }

    def say() -> None:
        if found.existed:
            line(f"{found.path} is there already; nothing was asked or changed")
            return
        line(f"wrote {found.path}: family {found.family}, {len(found.cases)} saved cases")
        for question in found.open_questions:
            line(f"- {question}")
        line(f"next: `marque platforms check {name}`")

    emit(data, json, say)
