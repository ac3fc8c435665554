"""What an instrument can say of a case and of a site: plain words, each with what carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.instrument_form import Fill
from config.policy import SenderPolicy
from reports.facts import ItemFacts
from reports.formats.plain import defang, plain
from reports.notice import describe_right, read_facts
from store.records.parties import Party
from store.records.rights import Right
from store.records.sites import Basis, FactKind, Site, SiteFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Lines for one element, and what carries them."""

    lines: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Everything known that an instrument may use."""

    case: int
    sender: SenderPolicy
    holder: Party
    right: Right
    items: Sequence[ItemFacts]
    site: Site | None = None


def tell(brief: Brief) -> dict[Fill, Told]:
    """What is known for each way of filling an element; a way of which nothing is known is absent."""
    told = {
        Fill.UNIT: _unit(brief.sender),
        Fill.HOLDER: _holder(brief.holder),
        Fill.RIGHT: Told(
            lines=(describe_right(brief.right),), sources=(f"right {plain(brief.right.right_ref, 80)}",)
        ),
        **_items(brief.items),
        **(_site(brief.site) if brief.site is not None else {}),
    }
    return {fill: each for fill, each in told.items() if each.lines}


def _unit(sender: SenderPolicy) -> Told:
    lines = tuple(plain(value) for value in (sender.agent, sender.address, sender.email, sender.phone) if value)
    return Told(lines=lines if sender.agent else (), sources=("policy.toml, [sender]",))


def _holder(holder: Party) -> Told:
    lines = tuple(plain(value) for value in (holder.legal_name, holder.address, holder.email) if value)
    return Told(lines=lines, sources=(f"party {holder.id}",))


def _items(items: Sequence[ItemFacts]) -> dict[Fill, Told]:
    pages = tuple(f"capture {each.observation.capture}" for each in items)
    facts = [(number, fact) for number, each in enumerate(items, 1) for fact in read_facts(each.item.explanation)]
    captures = {capture.id: capture for each in items for capture in each.captures}
    accounts = {each.seller.platform_seller_id: each for each in items if each.seller is not None}
    bases = dict.fromkeys(each.legal_basis for each in items if each.legal_basis)
    return {
        Fill.URLS: Told(
            lines=tuple(f"{number}. {plain(each.item.url, 2000)}" for number, each in enumerate(items, 1)),
            sources=pages,
        ),
        Fill.ITEM_IDS: Told(
            lines=tuple(
                f"{number}. {plain(each.item.platform_item_id, 200)} on {each.platform.name}"
                for number, each in enumerate(items, 1)
                if each.item.platform_item_id
            ),
            sources=pages,
        ),
        Fill.OBSERVED: Told(
            lines=tuple(
                f"{number}. {each.item.observed_at:%Y-%m-%d %H:%M:%S} UTC" for number, each in enumerate(items, 1)
            ),
            sources=pages,
        ),
        Fill.FACTS: Told(
            lines=tuple(f"{number}. {fact}" for number, fact in facts),
            sources=tuple(dict.fromkeys(source for _, fact in facts for source in fact.sources)),
        ),
        Fill.EVIDENCE: Told(
            lines=tuple(
                f"capture {id}: {plain(each.url_final, 500)}, {each.fetched_at:%Y-%m-%d %H:%M:%S} UTC,"
                f" SHA-256 {each.body_sha256}"
                for id, each in captures.items()
            ),
            sources=tuple(f"capture {id}" for id in captures),
        ),
        Fill.ACCOUNTS: Told(
            lines=tuple(f"account {plain(id, 200)} on {each.platform.name}" for id, each in accounts.items()),
            sources=tuple(f"capture {each.observation.capture}" for each in accounts.values()),
        ),
        Fill.PROVISION: Told(lines=tuple(bases), sources=("legal table",) if bases else ()),
    }


def _site(site: Site) -> dict[Fill, Told]:
    addresses = {fact.value for fact in site.facts if fact.kind is FactKind.ADDRESS}
    reported = [fact for fact in site.facts if fact.kind is FactKind.ABUSE and fact.basis is Basis.STATED]
    registered = [fact for fact in reported if fact.of == site.domain and "security.txt" not in fact.source]
    hosted = [fact for fact in reported if fact.of in addresses]
    chain = (
        FactKind.REGISTRAR, FactKind.REGISTERED, FactKind.NAME_SERVER, FactKind.ADDRESS, FactKind.NETWORK,
        FactKind.CERTIFICATE_NAME, FactKind.STATUS,
    )  # fmt: skip
    return {
        Fill.DOMAIN: Told(lines=(f"{site.domain} ({defang(site.domain)})",), sources=(f"site {site.id}",)),
        Fill.REGISTRAR: _complete(_of(site, FactKind.REGISTRAR), registered),
        Fill.HOST: _complete(_of(site, FactKind.NETWORK), hosted),
        Fill.CHAIN: _told(fact for fact in site.facts if fact.kind in chain),
    }


def _of(site: Site, kind: FactKind) -> list[SiteFact]:
    return [fact for fact in site.facts if fact.kind is kind]


def _complete(named: list[SiteFact], contacts: list[SiteFact]) -> Told:
    """Nothing, unless both the name and a stated contact are known: a guessed mailbox is no addressee."""
    return _told([*named, *contacts]) if named and contacts else Told()


def _told(facts: Iterable[SiteFact]) -> Told:
    said = list(facts)
    lines = (
        f"{fact.kind.value.replace('_', ' ')} of {plain(fact.of, 200)}: {plain(fact.value, 300)}"
        f" (by {plain(fact.source, 200)}, {fact.at:%Y-%m-%d %H:%M} UTC, {fact.basis.value})"
        for fact in said
    )
    sources = (f"capture {fact.capture}" if fact.capture else plain(fact.source, 200) for fact in said)
    return Told(lines=tuple(dict.fromkeys(lines)), sources=tuple(dict.fromkeys(sources)))
