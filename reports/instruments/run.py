"""Drafts, issues and withdraws instruments; places and lifts holds. Each act stands in the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from config.declarations import Declarations
from config.instrument_form import InstrumentForm, Keeps
from reports.errors import NotYourInstrument, ProtectedTarget, UnfitHold, UnfitInstrument
from reports.facts import Sender
from reports.gather import confirmed, gather
from reports.instruments.brief import Brief
from reports.instruments.draft import fill_sections, write_text
from reports.instruments.target import why_spared
from reports.notice import draft_item
from reports.signing import SHORTEST_REASON
from store.db.audit import act_of
from store.db.decisions import Decisions
from store.db.instruments import Instruments, TakedownHolds
from store.db.parties import Parties
from store.db.rights import Rights
from store.db.session import Database
from store.db.sites import Sites
from store.db.works import Works
from store.evidence.vault import Vault
from store.records.cases import Case
from store.records.ids import Clock, NewId
from store.records.instruments import Instrument, InstrumentState, TakedownHold
from store.records.scope import EVERYTHING, Scope


def brief_of(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    form: InstrumentForm,
    case: Case,
    *,
    domain: str | None = None,
    clock: Clock,
    scope: Scope = EVERYTHING,
) -> Brief:
    """
    What is known for one form about a case's confirmed findings, and about `domain` where the form asks about a site.

    Raises `NotYourInstrument`, `ProtectedTarget` and `UnfitInstrument`.
    """
    sender = declarations.policy.sender
    if form.issuer == "authority" and sender.kind != "authority":
        raise NotYourInstrument(form.name)
    now = clock()
    with database.read() as connection:
        number = Instruments(connection, EVERYTHING).next_number()
        decisions = Decisions(connection, scope).of_findings(case.findings)
        wanted = dict.fromkeys(confirmed(case.findings, decisions), case)
        material = gather(
            connection, vault, declarations, wanted, sender=Sender(agent=sender.agent), now=now, scope=scope
        )
        holder, right = Parties(connection, scope).get(case.holder), Rights(connection, scope).get(case.right)
        looks = Sites(connection, scope).looks(domain) if domain else []
        works = Works(connection, scope).find(Works.table.c.holder == case.holder)
    if holder is None or right is None:
        raise UnfitInstrument(number, f"holder or right of case {case.number} is not in sight")
    if form.target == "site":
        if domain is None:
            raise UnfitInstrument(number, f"{form.name} is about a site; name its domain")
        spared = why_spared(
            domain, declarations.protected, declarations.platforms.values(), works, looks[-1] if looks else None
        )
        if spared is not None:
            raise ProtectedTarget(domain, spared)
        if not looks:
            raise UnfitInstrument(number, f"nobody has looked at {domain}; run `marque site show {domain}` first")
    items = [draft_item(each, notice="", ids=lambda: "") for each in material.values()]
    return Brief(
        case=case.number, sender=sender, holder=holder, right=right, items=items, site=looks[-1] if looks else None
    )


def draft_instrument(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    form: InstrumentForm,
    case: Case,
    *,
    domain: str | None = None,
    given: Mapping[str, str] | None = None,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> Instrument:
    """
    Draft one instrument. `given` are a person's words by element.

    Raises `UnknownElement`, and what `brief_of` raises.
    """
    now = clock()
    brief = brief_of(database, vault, declarations, form, case, domain=domain, clock=clock, scope=scope)
    sections = fill_sections(form, brief, given or {}, by)
    with database.write() as connection:
        instruments = Instruments(connection, scope)
        number = instruments.next_number()
        text = write_text(form, number, case.number, sections, f"{now:%Y-%m-%d}")
        made = Instrument(
            id=ids(),
            number=number,
            form=form.name,
            form_version=form.version,
            case=case.id,
            domain=domain if form.target == "site" else None,
            sections=sections,
            text=text,
            text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            state=InstrumentState.DRAFT,
            preserves=form.preserves,
            drafted_by=by,
            drafted_at=now,
            compartment=case.compartment,
        )
        detail = {"form": form.name, "text_sha256": made.text_sha256}
        act = act_of(by, "draft_instrument", "instrument", made.id, clock=clock, ids=ids, detail=detail)
        instruments.write([made], act)
    return made


def approve_instrument(
    database: Database, number: int, *, by: str, seen: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Instrument:
    """
    A person who did not draft it has read the whole text, whose digest `seen` names, and stands behind it.

    Raises `UnfitInstrument` where it is unknown, no draft, lacks a required element, is another text, or `by` drafted
    it.
    """
    with database.write() as connection:
        old = _standing(Instruments(connection, scope), number, InstrumentState.DRAFT)
        if old.missing:
            raise UnfitInstrument(number, f"it lacks {', '.join(section.code for section in old.missing)}")
        if _same(old.drafted_by, by):
            raise UnfitInstrument(number, f"{old.drafted_by} drafted it; somebody else approves it")
        if seen != old.text_sha256:
            raise UnfitInstrument(number, "what was read is not its text; read it again")
        approved = replace(old, state=InstrumentState.APPROVED, approved_by=by, approved_at=clock())
        return _enter(connection, scope, approved, "approve_instrument", by, clock, ids, text_sha256=old.text_sha256)


def issue_instrument(
    database: Database,
    number: int,
    *,
    keeps: Keeps | None,
    by: str,
    reference: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> Instrument:
    """
    Enter that a person signed an approved instrument and sent it outside, under which file number.

    `keeps` is the form's own, and starts the clock. Raises `UnfitInstrument` where the instrument is unknown, not
    approved, or `by` drafted it.
    """
    now = clock()
    with database.write() as connection:
        old = _standing(Instruments(connection, scope), number, InstrumentState.APPROVED)
        if _same(old.drafted_by, by):
            raise UnfitInstrument(number, f"{old.drafted_by} drafted it; somebody else issues it")
        issued = replace(
            old,
            state=InstrumentState.ISSUED,
            issued_by=by,
            issued_at=now,
            reference=_number_of(number, reference),
            keeps_until=now + timedelta(days=keeps.days) if keeps is not None else None,
        )
        said = {"reference": issued.reference or "", "text_sha256": old.text_sha256}
        return _enter(connection, scope, issued, "issue_instrument", by, clock, ids, **said)


def renew_instrument(
    database: Database,
    number: int,
    *,
    keeps: Keeps | None,
    by: str,
    reference: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> Instrument:
    """
    Enter that the request was renewed, under which file number; the time goes on from where it would have ended.

    Raises `UnfitInstrument` where its clock does not run, is over, or its form knows no further renewal.
    """
    with database.write() as connection:
        old = _running(Instruments(connection, scope), number)
        if keeps is None or keeps.renewal_days is None or old.renewals >= keeps.renewals:
            raise UnfitInstrument(number, "its form knows no further renewal; what has to follow is named there")
        if old.keeps_until is None or old.keeps_until < clock():
            raise UnfitInstrument(number, "its time is over; draft a new request")
        renewed = replace(
            old, renewals=old.renewals + 1, keeps_until=old.keeps_until + timedelta(days=keeps.renewal_days)
        )
        said = {"reference": _number_of(number, reference)}
        return _enter(connection, scope, renewed, "renew_instrument", by, clock, ids, **said)


def follow_instrument(
    database: Database, number: int, *, by: str, reference: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Instrument:
    """
    Enter what followed a request to preserve (the order, the request for production), which ends its clock.

    Raises `UnfitInstrument` where its clock does not run.
    """
    with database.write() as connection:
        old = _running(Instruments(connection, scope), number)
        followed = replace(old, followed_by=_number_of(number, reference))
        said = {"reference": followed.followed_by or ""}
        return _enter(connection, scope, followed, "follow_instrument", by, clock, ids, **said)


def withdraw_instrument(
    database: Database, number: int, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Instrument:
    """Set aside what was not issued. Raises `UnfitInstrument` where it is unknown or was."""
    with database.write() as connection:
        old = _standing(Instruments(connection, scope), number, InstrumentState.DRAFT, InstrumentState.APPROVED)
        aside = replace(old, state=InstrumentState.WITHDRAWN)
        return _enter(connection, scope, aside, "withdraw_instrument", by, clock, ids)


def _enter(
    connection: Connection,
    scope: Scope,
    changed: Instrument,
    action: str,
    by: str,
    clock: Clock,
    ids: NewId,
    **detail: str,
) -> Instrument:
    act = act_of(by, action, "instrument", changed.id, clock=clock, ids=ids, detail=detail)
    Instruments(connection, scope).write([changed], act)
    return changed


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _number_of(number: int, reference: str) -> str:
    said = " ".join(reference.split())
    if not said:
        raise UnfitInstrument(number, "it goes out under a file number; name it")
    return said


def _running(instruments: Instruments, number: int) -> Instrument:
    found = _standing(instruments, number, InstrumentState.ISSUED)
    if not found.runs:
        raise UnfitInstrument(number, "no clock of it runs")
    return found


def _standing(instruments: Instruments, number: int, *states: InstrumentState) -> Instrument:
    found = instruments.numbered(number)
    if found is None:
        raise UnfitInstrument(number, "there is none of that number; `marque instruments list` shows all")
    if found.state not in states:
        wanted = " or ".join(state.value for state in states)
        raise UnfitInstrument(number, f"it is {found.state.value}, this needs one that is {wanted}")
    return found


def place_hold(
    database: Database, hold: TakedownHold, *, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> TakedownHold:
    """
    Make a unit's hold bind everybody. Raises `UnfitHold` without words or any condition.

    The audit entry says that a hold was placed and by whom; conditions and reason stand in the hold alone.
    """
    conditions = (hold.platform_item_id, hold.platform_seller_id, hold.domain, hold.right)
    if not any(conditions):
        raise UnfitHold("name an item, an account, a domain or a right; a platform alone would stop everything")
    if (hold.platform_item_id or hold.platform_seller_id) and not hold.platform:
        raise UnfitHold("ids of items and accounts are the platform's own; name the platform too")
    if len(" ".join(hold.because.split())) < SHORTEST_REASON:
        raise UnfitHold(f"say why, in at least {SHORTEST_REASON} letters")
    hold = replace(hold, holder=scope.holder, compartment=scope.compartment)
    with database.write() as connection:
        act = act_of(hold.placed_by, "place_hold", "takedown_hold", hold.id, clock=clock, ids=ids)
        TakedownHolds(connection, scope).write([hold], act)
    return hold


def lift_hold(
    database: Database, hold: str, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> TakedownHold:
    """End a hold now; again, it changes nothing. Raises `UnfitHold` where there is none in sight."""
    with database.write() as connection:
        holds = TakedownHolds(connection, scope)
        old = holds.get(hold)
        if old is None:
            raise UnfitHold(f"there is none of id {hold}; `marque takedown-holds list` shows all")
        if old.lifted_at is not None:
            return old
        lifted = replace(old, lifted_at=clock(), lifted_by=by)
        holds.write([lifted], act_of(by, "lift_hold", "takedown_hold", hold, clock=clock, ids=ids))
    return lifted
