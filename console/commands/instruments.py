"""`marque instruments ...` and `marque takedown-holds ...`: what is sent beside notices, and what stops them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.options import AsJson, By
from store.records.instruments import HoldKind

if TYPE_CHECKING:
    from config.instrument_form import Keeps
    from console.workspace import Workspace
    from store.records.instruments import Instrument

Number = Annotated[int, typer.Argument(help="Its number, as `marque instruments list` shows it")]


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    group = typer.Typer(
        name="instruments", help="Orders, requests to preserve, referrals: drafted here", no_args_is_help=True
    )
    group.command("forms")(forms)
    group.command("draft")(draft)
    group.command("list")(list_instruments)
    group.command("show")(show)
    group.command("approve")(approve)
    group.command("issue")(issue)
    group.command("renew")(renew)
    group.command("follow")(follow)
    group.command("withdraw")(withdraw)
    app.add_typer(group)
    holds = typer.Typer(name="takedown-holds", help="Units' words that nothing be sent for now", no_args_is_help=True)
    holds.command("place")(place)
    holds.command("lift")(lift)
    holds.command("list")(list_holds)
    app.add_typer(holds)


def forms(context: typer.Context, name: Annotated[str | None, typer.Argument()] = None, json: AsJson = False) -> None:
    """The forms that can be drafted; with a name, each element of one, who demands it and what fills it."""
    from config.instrument_form import load_forms, pick_form
    from console.output import emit, line, table

    known = load_forms(context.obj.instruments)
    if name is not None:
        form = pick_form(known, name)
        rows = [
            (e.code, e.label, "yes" if e.required else "no", e.fill.value, e.citation or "", e.basis.value)
            for e in form.elements
        ]
        heads = ("element", "says", "required", "filled from", "demanded by", "basis")

        def say() -> None:
            table(heads, rows, title=f"{form.title}; to {form.addressee}")
            line("words of your own: --set ELEMENT=WORDS")

        emit(form.model_dump(mode="json"), json, say)
        return
    data = [
        {
            "name": form.name,
            "title": form.title,
            "issuer": form.issuer,
            "preserves": form.preserves,
            "elements": len(form.elements),
            "official": sum(element.basis.value == "official" for element in form.elements),
        }
        for form in known.values()
    ]
    listed = [(d["name"], d["title"], d["issuer"], f"{d['official']} of {d['elements']}") for d in data]
    emit(data, json, lambda: table(("form", "what it is", "issued by", "elements read officially"), listed))


def draft(
    context: typer.Context,
    form: Annotated[str, typer.Argument(help="Name of the form; `marque instruments forms` shows all")],
    case: Annotated[int, typer.Option("--case", help="Number of the case it is about")],
    by: By,
    domain: Annotated[str | None, typer.Option("--domain", help="The site, for forms about one")] = None,
    words: Annotated[list[str] | None, typer.Option("--set", help="ELEMENT=WORDS; repeat for more")] = None,
    json: AsJson = False,
) -> None:
    """Draft one from a case's confirmed findings; what nobody has said stands in it as missing; exit 1 then."""
    from config.instrument_form import load_forms, pick_form
    from console.errors import NotFound
    from console.workspace import open_workspace
    from reports.instruments.run import draft_instrument
    from store.db.cases import Cases
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    given: dict[str, str] = {}
    for each in words or ():
        code, mark, said = each.partition("=")
        if not mark:
            raise typer.BadParameter(f"{each!r} is not ELEMENT=WORDS", param_hint="--set")
        given[code.strip()] = said
    chosen = pick_form(load_forms(context.obj.instruments), form)
    with open_workspace(context.obj) as workspace:
        with workspace.database.read() as connection:
            found = Cases(connection, EVERYTHING).numbered(case)
        if found is None:
            raise NotFound("case", str(case), "`marque cases list` shows all")
        made = draft_instrument(
            workspace.database,
            workspace.vault,
            workspace.declarations,
            chosen,
            found,
            domain=domain,
            given=given,
            by=by,
            clock=utc_now,
            ids=new_id,
        )
        file = _write(workspace.settings.out, made)
    _say(made, file, json)
    if made.missing:
        raise typer.Exit(1)


def _write(out: Path, made: Instrument) -> Path:
    """The text as a file for a person to sign and send."""
    folder = out / "instruments"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{made.number:04d}-{made.form}.txt"
    file.write_text(made.text, encoding="utf-8")
    return file


def _data(made: Instrument) -> dict[str, Any]:  # Any: JSON values
    from store.records import codec

    return {**codec.to_json(made), "missing": [section.code for section in made.missing]}


def _say(made: Instrument, file: Path | None, json: bool) -> None:
    from console.output import emit, line

    def say() -> None:
        line(made.text)
        line(f"SHA-256 of the text: {made.text_sha256}")
        if file is not None:
            line(f"written to {file}")
        for section in made.missing:
            line(f"! {section.code}: {section.label}; --set {section.code}=WORDS")

    emit({**_data(made), "file": str(file) if file else None}, json, say)


def list_instruments(context: typer.Context, json: AsJson = False) -> None:
    """What was drafted and issued."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.db.instruments import Instruments
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = sorted(Instruments(connection, EVERYTHING).find(), key=lambda each: each.number)
    rows = [
        (
            each.number,
            each.form,
            each.state.value,
            len(each.missing),
            each.drafted_by,
            each.approved_by,
            each.issued_by,
            each.reference,
            f"{each.keeps_until:%Y-%m-%d}" if each.keeps_until and each.runs else None,
        )
        for each in found
    ]
    heads = (
        "number", "form", "state", "missing", "drafted by", "approved by", "issued by", "file number", "kept until",
    )  # fmt: skip
    emit([_data(each) for each in found], json, lambda: table(heads, rows))


def show(context: typer.Context, number: Number, json: AsJson = False) -> None:
    """The whole text of one, as it was drafted."""
    from console.errors import NotFound
    from console.workspace import open_workspace
    from store.db.instruments import Instruments
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = Instruments(connection, EVERYTHING).numbered(number)
    if found is None:
        raise NotFound("instrument", str(number), "`marque instruments list` shows all")
    _say(found, None, json)


def issue(
    context: typer.Context,
    number: Number,
    by: By,
    reference: Annotated[str, typer.Option("--reference", help="The file number it went out under")],
    json: AsJson = False,
) -> None:
    """Enter that a person signed what was approved and sent it outside; whoever drafted it does not."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import issue_instrument
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        keeps = _keeps(workspace, context, number)
        issued = issue_instrument(
            workspace.database, number, keeps=keeps, by=by, reference=reference, clock=utc_now, ids=new_id
        )
    until = f"; what it asks for is kept until {issued.keeps_until:%Y-%m-%d}" if issued.keeps_until else ""
    emit(_data(issued), json, lambda: line(f"instrument {number} issued by {by} as {issued.reference}{until}"))


def _keeps(workspace: Workspace, context: typer.Context, number: int) -> Keeps | None:
    """How long the form of that instrument keeps data; None also where there is no such instrument."""
    from config.instrument_form import load_forms, pick_form
    from store.db.instruments import Instruments
    from store.records.scope import EVERYTHING

    with workspace.database.read() as connection:
        found = Instruments(connection, EVERYTHING).numbered(number)
    return pick_form(load_forms(context.obj.instruments), found.form).keeps if found else None


def approve(
    context: typer.Context,
    number: Number,
    by: By,
    seen: Annotated[str, typer.Option("--seen", help="SHA-256 of the text you read, as `instruments show` says it")],
    json: AsJson = False,
) -> None:
    """Stand behind the whole text; whoever drafted it does not."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import approve_instrument
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        made = approve_instrument(workspace.database, number, by=by, seen=seen, clock=utc_now, ids=new_id)
    emit(_data(made), json, lambda: line(f"instrument {number} approved by {by}"))


def renew(
    context: typer.Context,
    number: Number,
    by: By,
    reference: Annotated[str, typer.Option("--reference", help="The file number of the renewed request")],
    json: AsJson = False,
) -> None:
    """Enter that a request to preserve was renewed; as often as its form knows."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import renew_instrument
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        keeps = _keeps(workspace, context, number)
        made = renew_instrument(
            workspace.database, number, keeps=keeps, by=by, reference=reference, clock=utc_now, ids=new_id
        )
    emit(_data(made), json, lambda: line(f"instrument {number} renewed, until {made.keeps_until:%Y-%m-%d}"))


def follow(
    context: typer.Context,
    number: Number,
    by: By,
    reference: Annotated[str, typer.Option("--reference", help="The file number of what followed")],
    json: AsJson = False,
) -> None:
    """Enter the order or request that followed a request to preserve; its clock ends."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import follow_instrument
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        made = follow_instrument(workspace.database, number, by=by, reference=reference, clock=utc_now, ids=new_id)
    emit(_data(made), json, lambda: line(f"instrument {number} is followed by {made.followed_by}"))


def withdraw(context: typer.Context, number: Number, by: By, json: AsJson = False) -> None:
    """Set aside what was not issued."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import withdraw_instrument
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        old = withdraw_instrument(workspace.database, number, by=by, clock=utc_now, ids=new_id)
    emit(_data(old), json, lambda: line(f"instrument {number} set aside by {by}"))


def place(
    context: typer.Context,
    unit: Annotated[str, typer.Option("--unit", help="Whose hold it is; nobody it stops is told")],
    because: Annotated[str, typer.Option("--because", help="Why; nobody it stops is told")],
    by: By,
    kind: Annotated[HoldKind, typer.Option("--kind", help="What is asked of everybody else")] = HoldKind.SILENCE,
    platform: Annotated[str | None, typer.Option("--platform")] = None,
    item: Annotated[str | None, typer.Option("--item", help="The platform's own id of the listing")] = None,
    account: Annotated[str | None, typer.Option("--account", help="The platform's own id of the seller")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="A host, with the hosts below it")] = None,
    right: Annotated[str | None, typer.Option("--right", help="Id of a right")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="When it ends by itself, UTC")] = None,
    json: AsJson = False,
) -> None:
    """Stop every notice about an item, an account, a domain or a right, until it is lifted."""
    from datetime import UTC

    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import place_hold
    from store.records import codec
    from store.records.ids import new_id, utc_now
    from store.records.instruments import TakedownHold

    hold = TakedownHold(
        id=new_id(),
        kind=kind,
        unit=unit,
        because=because,
        placed_by=by,
        placed_at=utc_now(),
        until=until.replace(tzinfo=UTC) if until is not None else None,
        platform=platform,
        platform_item_id=item,
        platform_seller_id=account,
        domain=domain,
        right=right,
    )
    with open_workspace(context.obj) as workspace:
        place_hold(workspace.database, hold, clock=utc_now, ids=new_id)
    emit(
        codec.to_json(hold),
        json,
        lambda: line(f"hold {hold.id} placed; `marque takedown-holds lift {hold.id} --by NAME`"),
    )


def lift(context: typer.Context, hold: Annotated[str, typer.Argument()], by: By, json: AsJson = False) -> None:
    """End a hold; the next `marque notices prepare` tries again what it stopped."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.instruments.run import lift_hold
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        lifted = lift_hold(workspace.database, hold, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(lifted), json, lambda: line(f"hold {hold} lifted by {by}"))


def list_holds(context: typer.Context, json: AsJson = False) -> None:
    """Every hold with its reason: for whoever keeps them, on this machine alone."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.db.instruments import TakedownHolds
    from store.records import codec
    from store.records.ids import utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = TakedownHolds(connection, EVERYTHING).find()
    now = utc_now()
    rows = [
        (
            h.id,
            h.kind.value,
            "stands" if h.stands(now) else "over",
            h.unit,
            " ".join(filter(None, (h.platform, h.platform_item_id, h.platform_seller_id, h.domain, h.right))),
            h.until,
            h.because,
        )
        for h in found
    ]
    heads = ("hold", "kind", "state", "unit", "about", "until", "because")
    emit([codec.to_json(hold) for hold in found], json, lambda: table(heads, rows))
