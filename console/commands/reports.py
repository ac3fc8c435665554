"""`marque reports platforms | holders | trusted-flagger | customs`: what became of what was asked, and for whom."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.options import AsJson

if TYPE_CHECKING:
    from config.settings import Settings
    from store.records.notices import Notice
    from store.records.outcomes import Outcome

Since = Annotated[str | None, typer.Option("--since", help="First day of signature, YYYY-MM-DD")]
Until = Annotated[str | None, typer.Option("--until", help="Last day of signature, YYYY-MM-DD")]
Operation = Annotated[
    str | None, typer.Option("--compartment", help="Only the cases of one operation, by its compartment")
]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="reports", help="What became of what was asked", no_args_is_help=True)
    group.command("platforms")(platforms)
    group.command("holders")(holders)
    group.command("trusted-flagger")(trusted_flagger)
    group.command("customs")(customs)
    app.add_typer(group)


def _read(
    settings: Settings, compartment: str | None
) -> tuple[list[Notice], dict[str, list[Outcome]], dict[str, str]]:
    """Notices in sight, the answers to each, and holders' names by id."""
    from console.workspace import open_workspace
    from store.db.notices import Notices
    from store.db.outcomes import Outcomes
    from store.db.parties import Parties
    from store.records.scope import Scope

    scope = Scope(holder=None, compartment=compartment)
    with open_workspace(settings) as workspace, workspace.database.read() as connection:
        notices = Notices(connection, scope).find()
        answers: dict[str, list[Outcome]] = {}
        for outcome in sorted(Outcomes(connection, scope).find(), key=lambda each: (each.received_at, each.id)):
            answers.setdefault(outcome.notice, []).append(outcome)
        names = {party.id: party.legal_name for party in Parties(connection, scope).find()}
    return notices, answers, names


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write YYYY-MM-DD", param_hint=option) from error


def _within(notice: Notice, since: date | None, until: date | None) -> bool:
    day = notice.signed_at.date() if notice.signed_at else None
    return day is not None and (since is None or since <= day) and (until is None or day <= until)


def platforms(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    compartment: Operation = None,
    json: AsJson = False,
) -> None:
    """What every platform did, item by item, with the share taken down and its interval."""
    _tally(context, "platform", since, until, compartment, json)


def holders(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    compartment: Operation = None,
    json: AsJson = False,
) -> None:
    """What was asked and achieved for every holder."""
    _tally(context, "holder", since, until, compartment, json)


def _tally(
    context: typer.Context, by: str, since: str | None, until: str | None, compartment: str | None, json: bool
) -> None:
    from console.output import emit, table
    from reports.tally import tally
    from store.records import codec

    first, last = _day(since, "--since"), _day(until, "--until")
    notices, answers, names = _read(context.obj, compartment)
    mine = [notice for notice in notices if _within(notice, first, last)]
    lines = tally(mine, answers, lambda n: n.platform if by == "platform" else names.get(n.holder, n.holder))
    heads = (
        by,
        "notices",
        "items",
        "taken down",
        "share",
        "kept",
        "countered",
        "back",
        "form",
        "open",
        "silent",
        "days",
    )
    rows = [
        (
            each.of,
            each.notices,
            each.items,
            each.taken_down,
            "" if each.share is None else f"{each.share:.0%} ({each.low:.0%} to {each.high:.0%})",
            each.rejected,
            each.counter_noticed,
            each.reinstated,
            each.failed,
            each.pending,
            each.silent,
            each.median_days,
        )
        for each in lines
    ]
    title = "share: taken down of what was answered in substance, 95 %; days: median from signature"
    emit([codec.to_json(each) for each in lines], json, lambda: table(heads, rows, title=title))


def trusted_flagger(
    context: typer.Context,
    year: Annotated[int, typer.Argument(help="The calendar year")],
    procedures: Annotated[
        str | None, typer.Option("--procedures", help="How independence from providers is kept, in words")
    ] = None,
    json: AsJson = False,
) -> None:
    """The yearly report of Article 22(3) DSA: counts by host, type and action; nothing of any person."""
    from console.output import emit, line, table
    from reports.tally import yearly_report
    from store.records import codec

    notices, answers, _ = _read(context.obj, None)
    report = yearly_report(notices, answers, year)
    data: dict[str, Any] = {  # Any: JSON values
        **codec.to_json(report),
        "procedures": procedures,
        "source": "Regulation (EU) 2022/2065, Article 22(3)",
    }

    def say() -> None:
        line(f"Report for {year} under Article 22(3) of Regulation (EU) 2022/2065: {report.notices} notices")
        for title, rows in (
            ("by provider of hosting services", report.by_host),
            ("by type of allegedly illegal content", report.by_content),
            ("by action taken by the provider", report.by_action),
        ):
            table((title, "notices"), rows)
        line(f"Procedures that keep independence: {procedures or 'MISSING: --procedures WORDS'}")

    emit(data, json, say)
    if procedures is None:
        raise typer.Exit(1)


def customs(
    context: typer.Context,
    right: Annotated[str, typer.Argument(help="The holder's own name of the right")],
    json: AsJson = False,
) -> None:
    """The sheet for a customs application of one right: every part of Article 6(3), known or missing."""
    from console.errors import NotFound
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.customs import SOURCE, customs_sheet
    from store.db import tables
    from store.db.parties import Parties
    from store.db.products import Products
    from store.db.references import References
    from store.db.rights import Rights
    from store.db.seller_rules import SellerRules
    from store.records import codec
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = Rights(connection, EVERYTHING).first(tables.right.c.right_ref == right)
        holder = Parties(connection, EVERYTHING).get(found.holder) if found else None
        if found is None or holder is None:
            raise NotFound("right", right, "`marque rights list` shows all")
        products = [
            each
            for each in Products(connection, EVERYTHING).find(tables.product.c.holder == holder.id)
            if found.id in each.rights
        ]
        ids = {product.id for product in products}
        references = [
            each
            for each in References(connection, EVERYTHING).find(tables.reference.c.withdrawn_on.is_(None))
            if each.right == found.id or each.product in ids
        ]
        rules = SellerRules(connection, EVERYTHING).find(tables.seller_rule.c.holder == holder.id)
    parts = customs_sheet(found, holder, products, references, rules)

    def say() -> None:
        line(f"Application for action by customs: {found.right_ref} ({SOURCE})")
        for part in parts:
            line()
            line(f"({part.letter}) {part.asks}" + ("" if part.basis == "official" else " [wording from memory]"))
            for known in part.known or ("MISSING: the applicant writes this",):
                line(f"    {known}")

    emit([codec.to_json(part) for part in parts], json, say)
