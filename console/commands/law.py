"""`marque law list | check`: under which provision a claim may be made, and where it may not."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console.commands.options import AsJson
from store.records.findings import InfringementClass


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="law", help="Provisions under which a claim is made", no_args_is_help=True)
    group.command("list")(list_rows)
    group.command("check")(check)
    app.add_typer(group)


def list_rows(context: typer.Context, json: AsJson = False) -> None:
    """Every row of the legal table, in the order in which it is tried, with its source and how that was read."""
    from config.declarations import load_law
    from console.output import emit, table

    rows = [row.model_dump(mode="json") for row in load_law(context.obj).provisions]
    heads = ("region", "right", "claim", "provision", "basis")
    shown = [
        (row["region"], ", ".join(row["kinds"]), ", ".join(row["claims"]), row["citation"], row["basis"])
        for row in rows
    ]
    official = sum(row["basis"] == "official" for row in rows)
    title = f"{len(rows)} rows; {official} read in the legislator's own text; what has no row is not claimed"
    emit(rows, json, lambda: table(heads, shown, title=title))


def check(
    context: typer.Context,
    right: Annotated[str, typer.Argument(help="The holder's own name of a right, as in the rights sheet")],
    platform: Annotated[str, typer.Option("--platform", help="Where the offer stands")],
    claim: Annotated[InfringementClass, typer.Option("--class", help="What would be claimed")],
    json: AsJson = False,
) -> None:
    """The provision for one right on one platform, or why there is none; exit 1 where there is none."""
    from console.errors import NotFound
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.legal import find_basis
    from store.db import tables
    from store.db.rights import Rights
    from store.records.findings import GROUNDS_OF_CLASS
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        declarations = workspace.declarations
        where = declarations.platform(platform)
        if where.notify.profile is None:
            raise NotFound("profile", platform, "name one under [notify] in the platform's file")
        profile = declarations.profile(where.notify.profile)
        with workspace.database.read() as connection:
            found = Rights(connection, EVERYTHING).find(tables.right.c.right_ref == right)
    if not found:
        raise NotFound("right", right, "`marque rights list` shows all")
    data: list[dict[str, Any]] = []  # Any: JSON values
    for each in found:
        basis = find_basis(declarations.law, each, tuple(where.countries), profile, claim)
        row = basis.provision
        data.append(
            {
                "right": each.right_ref,
                "platform": platform,
                "profile": profile.name,
                "claim": claim.value,
                "supported": row is not None,
                "because": basis.unsupported,
                "country": basis.country,
                "citation": row.citation if row else None,
                "basis": row.basis.value if row else None,
                "said": str(basis),
                "grounds": sorted(ground.value for ground in GROUNDS_OF_CLASS.get(claim, ())),
            }
        )

    def say() -> None:
        for each in data:
            line(f"{each['right']} on {platform}: {each['said'] or 'refused: ' + str(each['because'])}")
            if each["supported"]:
                line(f"  needs one ground of: {', '.join(each['grounds'])}")

    emit(data, json, say)
    if not all(each["supported"] for each in data):
        raise typer.Exit(1)
