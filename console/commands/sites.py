"""`marque site show`: who runs a domain, as far as servers, registries and captured pages tell."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="site", help="Domains: owners, hosts, mirrors", no_args_is_help=True)
    group.command("show")(show)
    app.add_typer(group)


def show(
    context: typer.Context,
    domain: Annotated[str, typer.Argument(help="A domain, an address, or any page of it")],
    refresh: Annotated[bool, typer.Option("--refresh", help="Look again; earlier looks stay")] = False,
    json: AsJson = False,
) -> None:
    """
    Who runs a domain: DNS, registry, network, certificates, accounts, mirrors, where misuse is reported.

    The first call looks, later ones show the latest look until --refresh. Each fact names its source and its date.
    """
    from console.output import emit
    from console.workspace import open_workspace
    from crawler.site_look import look, looks_at
    from crawler.sites import changes, first_said
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        looks = looks_at(workspace.settings, domain)
        if refresh or not looks:
            look(workspace.settings, domain)
            looks = looks_at(workspace.settings, domain)
    site = looks[-1]
    since = first_said(looks)
    changed = changes(looks[-2], site) if len(looks) > 1 else []
    facts = []
    for fact in site.facts:
        known = since[(fact.kind, fact.value, fact.of)].isoformat()
        facts.append({**codec.to_json(fact), "known_since": known})
    data = {
        **codec.to_json(site),
        "facts": facts,
        "looks": [each.looked_at.isoformat() for each in looks],
        "changed": [codec.to_json(each) for each in changed],
    }
    emit(data, json, lambda: _say(data))


def _say(data: dict[str, Any]) -> None:
    from console.output import line, table

    heads = ("what", "of", "value", "source", "known since")
    rows = [
        (
            fact["kind"].replace("_", " ") + (f", {fact['strength']}" if fact["strength"] else ""),
            fact["of"],
            fact["value"] + (f" ({fact['note']})" if fact["note"] else ""),
            fact["source"] + ("" if fact["basis"] in ("stated", "inferred") else f" [{fact['basis']}]"),
            fact["known_since"][:10],
        )
        for fact in data["facts"]
    ]
    table(heads, rows, title=f"{data['domain']}, looked at {data['looked_at']}, {len(data['looks'])} looks kept")
    for each in data["changed"]:
        sign = "new" if each["is_new"] else "gone"
        line(f"{sign} since the look before: {each['kind'].replace('_', ' ')} {each['value']} of {each['of']}")
    for gap in data["gaps"]:
        line(f"- not known: {gap['what']}: {gap['why']}")
