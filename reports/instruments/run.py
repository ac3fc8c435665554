"""Drafts, issues and withdraws instruments; places and lifts holds. Each act stands in the audit trail."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from config.declarations import Declarations
from config.instrument_form import InstrumentForm
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
    Draft one instrument about a case's confirmed findings, and about `domain` where the form asks about a site.

    `given` are a person's words by element. Raises `NotYourInstrument`, `ProtectedTarget`, `UnknownElement` and
    `UnfitInstrument`.
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
    brief = Brief(
        case=case.number, sender=sender, holder=holder, right=right, items=items, site=looks[-1] if looks else None
    )
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
            domain=domain,
            sections=sections,
            text=text,
            text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            state=InstrumentState.DRAFT,
            preserves=form.preserves,
            drafted_by=by,
            drafted_at=now,
            compartment=scope.compartment,
        )
        detail = {"form": form.name, "text_sha256": made.text_sha256}
        act = act_of(by, "draft_instrument", "instrument", made.id, clock=clock, ids=ids, detail=detail)
        instruments.write([made], act)
    return made


def issue_instrument(
    database: Database,
    number: int,
    *,
    by: str,
    reference: str,
    clock: Clock,
    ids: NewId,
    scope: Scope = EVERYTHING,
) -> Instrument:
    """
    Enter that a person signed an instrument and sent it outside, under which file number.

    Raises `UnfitInstrument` where it is unknown, not a draft, lacks a required element, or `by` drafted it.
    """
    with database.write() as connection:
        old = _draft(Instruments(connection, scope), number)
        if old.missing:
            raise UnfitInstrument(number, f"it lacks {', '.join(section.code for section in old.missing)}")
        if old.drafted_by.strip().casefold() == by.strip().casefold():
            raise UnfitInstrument(number, f"{old.drafted_by} drafted it; somebody else issues it")
        if not reference.strip():
            raise UnfitInstrument(number, "it goes out under a file number; name it")
        issued = replace(
            old, state=InstrumentState.ISSUED, issued_by=by, issued_at=clock(), reference=reference.strip()
        )
        detail = {"reference": reference.strip(), "text_sha256": old.text_sha256}
        act = act_of(by, "issue_instrument", "instrument", old.id, clock=clock, ids=ids, detail=detail)
        Instruments(connection, scope).write([issued], act)
    return issued


def withdraw_instrument(
    database: Database, number: int, *, by: str, clock: Clock, ids: NewId, scope: Scope = EVERYTHING
) -> Instrument:
    """Set a draft aside. Raises `UnfitInstrument` where it is unknown or no draft."""
    with database.write() as connection:
        old = replace(_draft(Instruments(connection, scope), number), state=InstrumentState.WITHDRAWN)
        act = act_of(by, "withdraw_instrument", "instrument", old.id, clock=clock, ids=ids)
        Instruments(connection, scope).write([old], act)
    return old


def _draft(instruments: Instruments, number: int) -> Instrument:
    found = instruments.numbered(number)
    if found is None:
        raise UnfitInstrument(number, "there is none of that number; `marque instruments list` shows all")
    if found.state is not InstrumentState.DRAFT:
        raise UnfitInstrument(number, f"it is {found.state.value}, this needs a draft")
    return found


def place_hold(database: Database, hold: TakedownHold, *, clock: Clock, ids: NewId) -> TakedownHold:
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
    with database.write() as connection:
        act = act_of(hold.placed_by, "place_hold", "takedown_hold", hold.id, clock=clock, ids=ids)
        TakedownHolds(connection, EVERYTHING).write([hold], act)
    return hold


def lift_hold(database: Database, hold: str, *, by: str, clock: Clock, ids: NewId) -> TakedownHold:
    """End a hold now; again, it changes nothing. Raises `UnfitHold` where there is none."""
    with database.write() as connection:
        holds = TakedownHolds(connection, EVERYTHING)
        old = holds.get(hold)
        if old is None:
            raise UnfitHold(f"there is none of id {hold}; `marque takedown-holds list` shows all")
        if old.lifted_at is not None:
            return old
        lifted = replace(old, lifted_at=clock(), lifted_by=by)
        holds.write([lifted], act_of(by, "lift_hold", "takedown_hold", hold, clock=clock, ids=ids))
    return lifted
