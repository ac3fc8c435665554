"""Reads what is needed to draft or judge items: rows of the ledger, and a look into the vault at every capture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select

from cases.decisions import current_decision
from cases.determinations import apply_determination
from config.declarations import Declarations
from reports.answers.intake import LEFT
from reports.facts import Material, PriorItem, Sender
from reports.looks import Looks
from reports.relisting import relistings
from store.db import tables
from store.db.by_ref import in_lots
from store.db.capture_seals import qualified_captures
from store.db.captures import Captures
from store.db.decisions import Decisions
from store.db.determinations import Determinations
from store.db.findings import Findings
from store.db.instruments import preserved_cases, standing_holds
from store.db.listings import Listings, Observations, images_of
from store.db.mandates import Mandates
from store.db.parties import Parties
from store.db.personal import Sealer
from store.db.products import Products
from store.db.rechecks import Rechecks
from store.db.references import References
from store.db.rights import Rights
from store.db.rows import Repository
from store.db.seller_rules import SellerRules
from store.db.sellers import Sellers
from store.db.works import Works
from store.evidence.vault import Vault
from store.records.cases import Case, Decision, Verdict
from store.records.comparisons import Comparison
from store.records.findings import Finding
from store.records.instruments import HoldKind, TakedownHold
from store.records.listings import Listing, ListingImage, Observation
from store.records.notices import NoticeState
from store.records.rechecks import Presence, Recheck, SightRole
from store.records.references import Polarity, Reference
from store.records.rights import Right
from store.records.scope import Scope
from store.records.sellers import Seller

R = TypeVar("R")

# A notice in one of these states no longer asks for anything.
CLOSED_STATES = (NoticeState.REFUSED, NoticeState.RECALLED)


class _Comparisons(Repository[Comparison]):
    table = tables.comparison
    kind = Comparison


def _found(repository: Repository[R], ids: Iterable[str | None]) -> dict[str, R]:
    """Records of these ids, under their id."""
    column = repository.table.c.id
    records: dict[str, R] = {}
    for lot in in_lots(id for id in ids if id):
        for record in repository.find(column.in_(lot)):
            records[getattr(record, "id")] = record  # noqa: B009 -- R is any record with an id
    return records


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierItem:
    """One item of an earlier notice, whether it was refused, and where its notice stands."""

    id: str
    finding: str
    listing: str
    right: str
    infringement_class: str
    notice_number: int
    state: NoticeState
    drafted_at: datetime
    refused: bool

    @property
    def is_open(self) -> bool:
        """Whether it still asks for something."""
        return not self.refused and self.state not in CLOSED_STATES


def earlier_items(connection: Connection, listings: Iterable[str]) -> dict[str, list[EarlierItem]]:
    """Items of all notices about these listings, by listing, oldest first."""
    items, notices = tables.notice_item, tables.notice
    found: dict[str, list[EarlierItem]] = {}
    for lot in in_lots(listings):
        statement = (
            select(items, notices.c.number, notices.c.state, notices.c.drafted_at, notices.c.right)
            .join(notices, notices.c.id == items.c.notice)
            .where(items.c.listing.in_(lot))
            .order_by(notices.c.number, items.c.id)
        )
        for row in connection.execute(statement):
            earlier = EarlierItem(
                id=row.id,
                finding=row.finding,
                listing=row.listing,
                right=row.right,
                infringement_class=row.infringement_class,
                notice_number=row.number,
                state=NoticeState(row.state),
                drafted_at=row.drafted_at,
                refused=bool(row.refusals),
            )
            found.setdefault(row.listing, []).append(earlier)
    return found


def notices_about(connection: Connection, sellers: Iterable[str]) -> dict[str, int]:
    """How many notices that left were about each of these accounts; those without any are absent."""
    items, notices, listing = tables.notice_item.c, tables.notice.c, tables.listing.c
    found: dict[str, int] = {}
    for lot in in_lots(sellers):
        statement = (
            select(listing.seller, func.count(notices.id.distinct()))
            .select_from(tables.notice_item)
            .join(tables.notice, notices.id == items.notice)
            .join(tables.listing, listing.id == items.listing)
            .where(listing.seller.in_(lot), notices.state.in_([state.value for state in LEFT]))
            .group_by(listing.seller)
        )
        found |= {seller: int(count) for seller, count in connection.execute(statement)}
    return found


def confirmed(findings: Iterable[str], decisions: Mapping[str, list[Decision]]) -> list[str]:
    """Of these findings those that stand confirmed, in their order."""
    standing = {finding: current_decision(decisions.get(finding, ())) for finding in findings}
    return [id for id, decision in standing.items() if decision is not None and decision.verdict is Verdict.CONFIRM]


def gather(
    connection: Connection,
    vault: Vault,
    declarations: Declarations,
    wanted: Mapping[str, Case],
    *,
    sender: Sender,
    now: datetime,
    scope: Scope,
    profiles: Mapping[str, str] | None = None,
    sealer: Sealer | None = None,
) -> dict[str, Material]:
    """
    The material of each wanted finding (finding id to its case), by finding id.

    A finding whose platform or profile is not declared, or whose records are not in scope, is absent.
    `profiles` names the profile of a finding where it is not the platform's own: that of a notice already drafted.
    With the `sealer` an account's name is compared with the claimant's; it is shown to nobody.
    """
    findings = _found(Findings(connection, scope), wanted)
    decisions = Decisions(connection, scope).of_findings(findings)
    latest = Determinations(connection, scope).latest(findings)
    listings = _found(Listings(connection, scope), [f.listing for f in findings.values()])
    comparisons = _found(_Comparisons(connection, scope), [f.comparison for f in findings.values()])
    observations = _found(Observations(connection, scope), [c.observation for c in comparisons.values()])
    images = _images(connection, listings)
    rechecks = Rechecks(connection, scope).latest(listings)
    named = {id: _capture_ids(f, observations.get(comparisons[f.comparison].observation), images.get(f.listing, []))
             for id, f in findings.items() if f.comparison in comparisons}  # fmt: skip
    captures = _found(Captures(connection, scope), {id for ids in named.values() for id in ids})
    # A page that a server called unchanged is evidence together with the answer that brought its bytes.
    since = {c.id: c.unchanged_since for c in captures.values() if c.unchanged_since is not None}
    captures |= _found(Captures(connection, scope), since.values())
    named = {id: list(dict.fromkeys([*ids, *(since[c] for c in ids if c in since)])) for id, ids in named.items()}
    again = {id: _seen_again(rechecks.get(finding.listing)) for id, finding in findings.items()}
    captures |= _found(Captures(connection, scope), {id for ids in again.values() for id in ids})
    named = {id: list(dict.fromkeys([*ids, *again[id]])) for id, ids in named.items()}
    sellers = _found(Sellers(connection, scope, sealer), [listing.seller for listing in listings.values()])
    holders = _found(Parties(connection, scope), [f.holder for f in findings.values()])
    rights = _found(Rights(connection, scope), [f.right for f in findings.values()])
    products = _found(Products(connection, scope), [f.product for f in findings.values()])
    works = _found(Works(connection, scope), [f.work for f in findings.values()])
    references = _found(References(connection, scope), [r for c in comparisons.values() for r in c.references])
    likenesses = _likenesses(connection, scope, products, works)
    rules = SellerRules(connection, scope).by_accounts(s.platform_seller_id for s in sellers.values())
    mandates = Mandates(connection, scope)
    powers = [m for lot in in_lots(holders) for m in mandates.find(tables.mandate.c.grantor.in_(lot))]
    earlier = earlier_items(connection, listings)
    noticed = notices_about(connection, sellers)
    qualified = qualified_captures(connection, captures)
    back = relistings(connection, listings, now=now)
    looks = Looks(vault)
    holds = standing_holds(connection, now)
    preserved = preserved_cases(connection, {case.id for case in wanted.values()}) if holds else frozenset()
    gathered: dict[str, Material] = {}
    for id, stored in findings.items():
        listing, comparison = listings.get(stored.listing), comparisons.get(stored.comparison)
        observation = observations.get(comparison.observation) if comparison else None
        right, holder = rights.get(stored.right), holders.get(stored.holder)
        platform = declarations.platforms.get(listing.platform) if listing else None
        profile_name = (profiles or {}).get(id) or (platform.notify.profile if platform else None)
        profile = declarations.profiles.get(profile_name) if profile_name else None
        if not (listing and comparison and observation and right and holder and platform and profile):
            continue
        finding = apply_determination(stored, latest[id]) if id in latest else stored
        seller = sellers.get(listing.seller) if listing.seller else None
        mine = [captures[capture] for capture in named[id] if capture in captures]
        own = [e for e in earlier.get(listing.id, []) if e.right == right.id and e.finding == id and not e.refused]
        rule = rules.get((holder.id, listing.platform, seller.platform_seller_id)) if seller else None
        kinds = {hold.kind for hold in holds if binds(hold, listing, seller, right)}
        gathered[id] = Material(
            now=now,
            platform=platform,
            profile=profile,
            policy=declarations.policy,
            law=declarations.law,
            protected=declarations.protected,
            registers=declarations.registers,
            config_digest=declarations.digest,
            sender=sender,
            version=1 + sum(1 for e in own if not _holds(e, now, declarations.policy.review.cooldown_days)),
            case=wanted[id],
            finding=finding,
            decision=current_decision(decisions.get(id, ())),
            determination=latest.get(id),
            comparison=comparison,
            listing=listing,
            observation=observation,
            captures=tuple(mine),
            checks=tuple(
                looks.check(capture, observation, images.get(listing.id, []), captures.get(since.get(capture.id, "")))
                for capture in mine
            ),
            recheck=rechecks.get(listing.id),
            images=tuple(images.get(listing.id, [])),
            seller=seller,
            holder=holder,
            right=right,
            product=products.get(finding.product) if finding.product else None,
            work=works.get(finding.work) if finding.work else None,
            references=tuple(references[r] for r in comparison.references if r in references),
            likenesses=tuple(likenesses.get(finding.product or finding.work or "", ())),
            seller_rules=(rule,) if rule else (),
            mandates=tuple(m for m in powers if m.grantor == holder.id),
            papers_kept=frozenset(
                m.document_sha256
                for m in powers
                if m.grantor == holder.id and m.document_sha256 is not None and looks.fault(m.document_sha256) is None
            ),
            proof_kept=right.proof_sha256 is not None and looks.fault(right.proof_sha256) is None,
            priors=tuple(
                PriorItem(item=e.id, notice_number=e.notice_number, drafted_at=e.drafted_at)
                for e in earlier.get(listing.id, [])
                if e.is_open
                and e.right == right.id
                and finding.infringement_class is not None
                and e.infringement_class == finding.infringement_class.value
            ),
            noticed_before=noticed.get(listing.seller or "", 0),
            has_qualified_time=bool(mine) and qualified >= {capture.id for capture in mine},
            previous=link.item if (link := back.get((listing.id, right.id))) else None,
            previous_notice=link.number if link else None,
            held=HoldKind.SILENCE in kinds,
            unpreserved=HoldKind.PRESERVE_FIRST in kinds and wanted[id].id not in preserved,
        )
    return gathered


def _holds(earlier: EarlierItem, now: datetime, cooldown_days: int) -> bool:
    """Whether an earlier request still stands for the finding, so that no further one is made."""
    return earlier.is_open and (now - earlier.drafted_at).days < cooldown_days


def binds(hold: TakedownHold, listing: Listing, seller: Seller | None, right: Right) -> bool:
    """Whether a hold is about this listing; every condition that it sets must fit."""
    if hold.domain is not None:
        host = (urlsplit(listing.url).hostname or "").casefold()
        domain = hold.domain.casefold()
        # An address in numbers has no domain above it.
        below = host.endswith(f".{domain}") and not host.replace(".", "").isdigit()
        if host != domain and not below:
            return False
    account = seller.platform_seller_id if seller else None
    return (
        hold.platform in (None, listing.platform)
        and hold.platform_item_id in (None, listing.platform_item_id)
        and hold.platform_seller_id in (None, account)
        and hold.right in (None, right.id)
    )


def _images(connection: Connection, listings: Iterable[str]) -> dict[str, list[ListingImage]]:
    found: dict[str, list[ListingImage]] = {}
    for lot in in_lots(listings):
        for image in sorted(images_of(connection, lot), key=lambda image: (image.listing, image.position)):
            found.setdefault(image.listing, []).append(image)
    return found


def _likenesses(
    connection: Connection, scope: Scope, products: Iterable[str], works: Iterable[str]
) -> dict[str, list[Reference]]:
    """Pictures in use of these products and works, by product or work id, in the order of the holders' own names."""
    references = References(connection, scope)
    found: dict[str, list[Reference]] = {}
    for column, ids in ((tables.reference.c.product, products), (tables.reference.c.work, works)):
        for lot in in_lots(ids):
            for reference in references.find(column.in_(lot), tables.reference.c.withdrawn_on.is_(None)):
                if reference.polarity is Polarity.POSITIVE:
                    found.setdefault(reference.product or reference.work or "", []).append(reference)
    return {id: sorted(each, key=lambda reference: reference.reference_ref) for id, each in found.items()}


def _seen_again(recheck: Recheck | None) -> list[str]:
    """Captures of the looks that saw a listing again as it was captured, with their pictures; none otherwise."""
    if recheck is None or recheck.presence is not Presence.PRESENT:
        return []
    return [each.capture for each in recheck.sights if each.role is not SightRole.CONTROL and each.capture]


def _capture_ids(finding: Finding, observation: Observation | None, images: Iterable[ListingImage]) -> list[str]:
    """Captures that an item relies on: the page, its photos, the way to the stream, what signs and grounds name."""
    if observation is None:
        return []
    named: list[str | None] = [observation.capture]
    named += [image.capture for image in images if image.refused is None]
    for link in observation.fields.streams:
        named += [link.found_in, link.capture]
    named += [sign.capture for sign in finding.signs]
    named += [capture for ground in finding.grounds for capture in ground.captures]
    return list(dict.fromkeys(id for id in named if id))
