"""`marque profiles list | check | verify`: what each recipient asks, who says so, and who has compared it."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="profiles", help="Recipients and legal regimes", no_args_is_help=True)
    group.command("list")(list_profiles)
    group.command("check")(check_profile)
    group.command("verify")(verify)
    app.add_typer(group)


def list_profiles(context: typer.Context, json: AsJson = False) -> None:
    """Profiles with regime, how many of their demands were read at their origin, and who has verified them."""
    from config.declarations import load_declarations
    from config.profile import Basis
    from config.verifying import copy_of
    from console.output import emit, table, warn
    from store.records.ids import utc_now

    declarations = load_declarations(context.obj)
    today = utc_now().date()
    data = []
    for name, profile in sorted(declarations.profiles.items()):
        rest = [s for demand in profile.demands if demand not in profile.official for s in profile.sources_of(demand)]
        data.append(
            {
                "name": name,
                "regime": profile.regime,
                "version": profile.version,
                "channel": profile.channel,
                "draft": profile.is_draft(today),
                "verified_by": profile.verified.by if profile.verified else None,
                "verified_on": profile.verified.on.isoformat() if profile.verified else None,
                "outdated": copy_of(context.obj, name).outdated(),
                "required_elements": len(profile.required),
                "demands": len(profile.demands),
                "official": len(profile.official),
                "official_share": round(len(profile.official) / len(profile.demands), 3),
                "not_official": {
                    basis.value: sorted({s.element for s in rest if s.basis is basis})
                    for basis in (Basis.THIRD_PARTY, Basis.MEMORY)
                },
            }
        )

    def say() -> None:
        rows = [
            (
                d["name"],
                d["regime"],
                d["version"],
                "draft" if d["draft"] else f"verified {d['verified_on']} by {d['verified_by']}",
                f"{d['official']} of {d['demands']}",
                f"{d['official_share']:.0%}",
                d["outdated"],
            )
            for d in data
        ]
        heads = ("profile", "regime", "version", "state", "official", "share", "copy")
        table(heads, rows, title=f"{len(data)} profiles; official: read in the legislator's or platform's own text")

    emit(data, json, say)
    for file, error in declarations.broken.items():
        if file.startswith("profiles/"):
            warn(f"{file}: {error}")


def check_profile(context: typer.Context, name: str, json: AsJson = False) -> None:
    """Read one profile strictly and show each demand with its source and how it was read."""
    from config.verifying import copy_of
    from console.output import emit, line, table

    found = copy_of(context.obj, name)
    profile = found.read()
    outdated = found.outdated()
    data = {
        "name": name,
        "file": str(found.file),
        "outdated": outdated,
        "demands": len(profile.demands),
        "official": len(profile.official),
        "sources": [
            {
                "element": s.element,
                "rule": s.rule,
                "source": s.citation or s.url,
                "url": s.url,
                "edition": s.edition,
                "basis": s.basis.value,
            }
            for s in profile.sources
        ],
    }

    def say() -> None:
        rows = [(s.element, s.rule, s.citation or s.url, s.edition, s.basis.value) for s in profile.sources]
        table(("element", "rule", "source", "edition", "basis"), rows, title=f"{name}: {found.file}")
        for statement in profile.statements:
            line(f"{statement.code} ({statement.lang}): {statement.text}")
        line(f"{len(profile.official)} of {len(profile.demands)} demands were read at their origin")
        if outdated:
            line(f"! {outdated}")

    emit(data, json, say)


def verify(
    context: typer.Context,
    name: str,
    by: Annotated[str, typer.Option("--by", help="Who compared every demand with its source, by name")],
    json: AsJson = False,
) -> None:
    """
    Say by name that the profile agrees with its sources: notices under it may leave for 180 days.

    Read `marque profiles check NAME` before, source by source; the word stands in the audit trail.
    """
    from config.profile import VERIFIED_FOR_DAYS
    from config.verifying import copy_of, verify_profile
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.db.audit import AuditTrail, act_of
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    person = " ".join(by.split())
    if len(person) < 3:
        raise typer.BadParameter("name the person who compared the profile with its sources", param_hint="--by")
    now = utc_now()
    with open_workspace(context.obj) as workspace, workspace.database.write() as connection:
        # The act and the file stand together: what refuses the one undoes the other.
        digest = copy_of(workspace.settings, name).shipped_sha256 or ""
        act = act_of(
            person,
            "verify_profile",
            "profile",
            name,
            clock=lambda: now,
            ids=new_id,
            detail={"shipped_sha256": digest},
        )
        AuditTrail(connection, EVERYTHING).add(act)
        found = verify_profile(workspace.settings, name, by=person, today=now.date())
        profile = found.read()
    rest = [demand for demand in profile.demands if demand not in profile.official]
    data = {"name": name, "by": person, "on": now.date().isoformat(), "file": str(found.file), "not_official": rest}

    def say() -> None:
        line(f"{found.file}: verified by {person} on {now.date()}, for {VERIFIED_FOR_DAYS} days")
        if rest:
            line(f"on {person}'s word alone, because they were not read at their origin: {', '.join(rest)}")

    emit(data, json, say)
