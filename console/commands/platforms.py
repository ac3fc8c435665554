"""`marque platforms list | check | new` and `marque profiles list | check`: what is watched, and whom to notify."""

from __future__ import annotations

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    platforms = typer.Typer(
        name="platforms", help="Marketplaces and streaming sites under watch", no_args_is_help=True
    )
    platforms.command("list")(list_platforms)
    platforms.command("check")(check_platform)
    platforms.command("new")(new_platform)
    profiles = typer.Typer(name="profiles", help="Recipients and legal regimes", no_args_is_help=True)
    profiles.command("list")(list_profiles)
    profiles.command("check")(check_profile)
    app.add_typer(platforms)
    app.add_typer(profiles)


def list_platforms(context: typer.Context, json: AsJson = False) -> None:
    """Per platform: how it is reached, read, notified, and last healthy; supported only where all four are shown."""
    from console.output import emit, table, warn
    from console.reach import reach_of
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = reach_of(workspace)
        broken = workspace.declarations.broken

    def say() -> None:
        heads = (
            "platform",
            "kind",
            "countries",
            "reached by",
            "read by",
            "notified by",
            "last healthy run",
            "supported",
        )
        rows = [
            (
                p["name"],
                p["kind"],
                " ".join(p["countries"]),
                p["reached_by"],
                p["read_by"],
                p["notified_by"] or "-",
                p["last_healthy_run"] or "never",
                "yes" if p["supported"] else "no",
            )
            for p in data
        ]
        table(heads, rows, title=f"{len(data)} platforms")

    emit(data, json, say)
    for file, error in broken.items():
        warn(f"{file}: {error}")


def check_platform(context: typer.Context, name: str, json: AsJson = False) -> None:
    """Read one platform file strictly; exit 1 with file, key and fix where it is wrong."""
    from config.declarations import load_declarations
    from console.output import emit, line
    from crawler.extract.check import broken_rules

    declarations = load_declarations(context.obj)
    platform = declarations.platform(name)
    problems = [str(broken) for broken in broken_rules(platform)]
    if platform.notify.profile is not None:
        declarations.profile(platform.notify.profile)
    if platform.reach.by == "crawl" and platform.reach.robots_read_on is None:
        problems.append("reach.robots_read_on is not set: read robots.txt and the terms, then say when")
    if not (platform.look.search or platform.look.category or platform.look.start):
        problems.append("look has neither search nor category nor start: nothing would be fetched")
    data = {"name": name, "ok": not problems, "problems": problems}
    emit(data, json, lambda: line(f"{name}: " + ("; ".join(problems) if problems else "well formed")))
    if problems:
        raise typer.Exit(1)


def new_platform(context: typer.Context, name: str, url: str, json: AsJson = False) -> None:
    """Write a draft platform file into the workspace, read by the generic family until rules are added."""
    from console.output import emit, line
    from console.reach import draft_platform

    path = draft_platform(context.obj, name, url)
    data = {"path": str(path)}

    def say() -> None:
        line(f"wrote {path}")
        line("next: read the site's robots.txt and terms, fill in [look], then `marque platforms check " + name + "`")

    emit(data, json, say)


def list_profiles(context: typer.Context, json: AsJson = False) -> None:
    """Profiles with regime, version, and whether a named person has verified them."""
    from config.declarations import load_declarations
    from console.output import emit, table
    from store.records.ids import utc_now

    declarations = load_declarations(context.obj)
    today = utc_now().date()
    data = [
        {
            "name": name,
            "regime": profile.regime,
            "version": profile.version,
            "draft": profile.is_draft(today),
            "elements": len(profile.required),
        }
        for name, profile in sorted(declarations.profiles.items())
    ]
    rows = [
        (d["name"], d["regime"], d["version"], "draft" if d["draft"] else "verified", d["elements"]) for d in data
    ]
    emit(data, json, lambda: table(("profile", "regime", "version", "state", "required elements"), rows))


def check_profile(context: typer.Context, name: str, json: AsJson = False) -> None:
    """Read one profile strictly and show each element with its source and how it was read."""
    from config.declarations import load_declarations
    from console.output import emit, table

    profile = load_declarations(context.obj).profile(name)
    data = [
        {"element": s.element, "rule": s.rule, "source": s.citation or s.url, "basis": s.basis.value}
        for s in profile.sources
    ]
    rows = [(d["element"], d["rule"], d["source"], d["basis"]) for d in data]
    emit(data, json, lambda: table(("element", "rule", "source", "basis"), rows, title=name))
