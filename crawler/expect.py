"""
Whether a run saw what a healthy run sees. Absent is proven, not assumed.

Pure: what the ledger adds up to in, a state and sentences out. `complete` is said only when nothing is left to do
and every count agrees with its counterpart in another table. An unfit run says in the first words of each sentence
what is wrong: drift, volume, block page, soft 404, language switch, canary, lost pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.platform import Platform
from crawler.budget import is_cut, over, run_limits, sentences
from crawler.triage import UNREAD
from store.db.fetches import Tally
from store.records.fetches import FetchKind, FetchState, Scope, Spent
from store.records.runs import RunKind, RunState

# Chosen: pages that could not be had by the host's fault. Above it the harvest has a hole that a later run would
# take for removed offers.
LOST_SHARE_MAX = 0.05
UNREAD_SHARE_MAX = 0.2  # chosen: above it the layout has changed rather than a few pages
WALL_SHARE_MAX = 0.5
FEW_WALLS_SHARE_MAX = 0.05  # chosen: as many as may be lost; below `WALL_SHARE_MAX` the rest can still be read
SOFT_GONE_SHARE_MAX = 0.2  # chosen: result pages list what is there, so a fifth gone at once is the site's fault
ALIKE_SHARE_MAX = 0.2  # chosen: offers that bring one and the same page
MERGED_SHARE_MAX = 0.01  # chosen: an offer that is renamed and moved while a run lasts is rare
FEWER_CARDS = 0.5  # chosen: a page with less than half its cards of the last healthy run
OTHER_LANGUAGE_SHARE_MAX = 0.5
LEAST = 3  # pages that say anything about a site
_ROBOTS = frozenset({"robots", "robots_unreachable", "opt_out", "host_dead"})
_LOST = frozenset({"timeout", "dns", "connection_refused", "connection_lost", "half_a_page", "lost_processes"})
OFFERS = frozenset({FetchKind.LISTING, FetchKind.TITLE_PAGE})
"""Pages that hold one offer each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What a run brought, as `ending` counts it."""

    tally: Tally
    seeds_wanted: int  # what the run was begun with
    looks: int  # observations of the run
    filled: Mapping[str, int]  # field: looks that carry it
    first_cards: Mapping[str, int]  # first result pages of categories and start pages: cards read there
    canary_healthy: bool | None  # None: none declared
    soft_gone: int = 0  # offers that answered with status 200 and read as gone
    alike: int = 0  # offers whose answers are one and the same page, byte for byte: the largest such group
    merged: tuple[str, ...] = ()  # ids that were read on pages of different offers
    languages: Mapping[str, int] = field(default_factory=dict)  # language: listings whose page says it
    spent: tuple[Spent, ...] = ()  # what was used up of its budgets
    links_cut: int = 0  # links left out of pages with more than are taken
    cards_before: Mapping[str, int] = field(default_factory=dict)  # `first_cards` of the last complete crawl
    cards: int = 0  # listings that were looked at on their cards
    only_cards: int = 0  # of those, how many there alone
    opened: Mapping[str, int] = field(default_factory=dict)  # under triage: pages opened, by why
    triaged: bool = False  # only some pages were to be opened
    to_judge: bool = False  # its cards are still to be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a run ended, and the sentences that ask for attention."""

    state: RunState
    alarms: tuple[str, ...]
    to_judge: bool = False  # it stopped because its cards wait to be judged


def judge(
    platform: Platform, harvest: Harvest, *, stopped: RunState | None, spent: bool, kind: RunKind = RunKind.CRAWL
) -> Judgement:
    """
    How a run ended.

    `stopped` says that it was ended from outside (interrupted or failed), `spent` that its budget is used up. Only a
    crawl is expected to find whole result pages and its canary, and a tip is one page, which fills what it fills.
    """
    tally = harvest.tally
    alarms = _reconciled(harvest)
    left = tally.by_state[FetchState.PENDING] + tally.by_state[FetchState.LEASED]
    if stopped is not None:
        if left:
            alarms.append(f"{left} fetches are left; the same command goes on with them")
        return Judgement(state=stopped, alarms=tuple(alarms))
    if alarms:
        return Judgement(state=RunState.FAILED, alarms=tuple(alarms))
    if left and not spent:
        return Judgement(state=RunState.INTERRUPTED, alarms=(f"{left} fetches are left",))
    blocked = _blocked(harvest)
    if blocked:
        return Judgement(state=RunState.BLOCKED, alarms=(blocked,))
    if harvest.to_judge and not left:
        said = f"{harvest.cards} offers were seen on cards and are to be judged; the same command goes on with them"
        return Judgement(state=RunState.INTERRUPTED, alarms=(said,), to_judge=True)
    unfit = _unfit(platform, harvest, kind)
    cut = sentences(platform, tally.failed, harvest.spent, harvest.links_cut)
    if left:
        alarms = [f"{_used_up(platform, harvest)} is used up; {left} fetches were not made"]
        return Judgement(state=RunState.BUDGET_EXHAUSTED, alarms=(*alarms, *cut, *unfit))
    if unfit:
        return Judgement(state=RunState.UNFIT, alarms=(*unfit, *cut))
    if any(is_cut(reason) for _, reason in tally.failed):
        return Judgement(state=RunState.BUDGET_EXHAUSTED, alarms=(*cut, *_remarks(harvest)))
    return Judgement(state=RunState.COMPLETE, alarms=(*cut, *_remarks(harvest)))


def _used_up(platform: Platform, harvest: Harvest) -> str:
    """Which of the run's budgets ended it, with its figure."""
    spent = next((each for each in harvest.spent if each.scope is Scope.RUN), None)
    match over(run_limits(platform), spent) if spent is not None else None:
        case "bytes":
            return f"the budget of {platform.budget.max_bytes} bytes"
        case "hours":
            return f"the budget of {platform.budget.max_hours:g} hours"
        case _:
            return f"the budget of {platform.look.max_fetches} fetches"


def _reconciled(harvest: Harvest) -> list[str]:
    """Counts that must agree and don't; any of them means that something is missing."""
    tally = harvest.tally
    wrong = []
    if tally.captures_missing:
        wrong.append(f"{tally.captures_missing} fetches count as done without a capture in the ledger")
    if tally.looks_missing:
        wrong.append(f"{tally.looks_missing} listings count as read without an observation in the ledger")
    if tally.seeds < harvest.seeds_wanted:
        wrong.append(f"the run was to begin with {harvest.seeds_wanted} pages, {tally.seeds} of them are queued")
    return wrong


def _blocked(harvest: Harvest) -> str | None:
    """Whether nothing but refusals came back."""
    tally = harvest.tally
    kinds = [kind for kind in FetchKind if kind not in (FetchKind.ROBOTS, FetchKind.CANARY)]
    done = sum(tally.done.get(kind, 0) for kind in kinds)
    refused = sum(n for (kind, reason), n in tally.failed.items() if kind in kinds and reason in _ROBOTS)
    walls = sum(
        n for (_, reason), n in tally.failed.items() if reason in ("wall", "http_403", "http_401", "http_429")
    )
    lost = sum(n for (kind, reason), n in tally.failed.items() if kind in kinds and _is_lost(reason))
    if done == 0 and refused and not walls:
        return f"nothing was fetched: {refused} pages are refused by robots.txt or an opt-out"
    if walls and walls >= WALL_SHARE_MAX * (done + walls):
        return f"{walls} of {done + walls} answers were a wall: a login, a CAPTCHA or a refusal"
    if done == 0 and lost:
        return f"the platform did not answer: {lost} pages could not be had"
    return None


def _unfit(platform: Platform, harvest: Harvest, kind: RunKind) -> list[str]:
    if kind is RunKind.RECHECK:
        return []  # a handful of pages is no harvest: each recheck is judged by itself, with its control pages
    tally = harvest.tally
    found: list[str] = []
    if harvest.canary_healthy is False and kind is RunKind.CRAWL:
        found.append(f"canary: {platform.expect.canary} did not answer as it should")
    results_lost = sum(
        n
        for (what, reason), n in tally.failed.items()
        if what is FetchKind.RESULTS and reason != "not_saved" and not is_cut(reason)
    )
    if results_lost:
        found.append(f"lost pages: {results_lost} result pages could not be had or read; what they list is not here")
    offers = sum(tally.done.get(what, 0) for what in OFFERS)
    lost = sum(n for (what, reason), n in tally.failed.items() if what in OFFERS and _is_lost(reason))
    if lost > LOST_SHARE_MAX * (offers + lost + harvest.cards):
        found.append(f"lost pages: {lost} of {offers + lost} offers could not be had")
    walls = sum(n for (_, reason), n in tally.failed.items() if reason == "wall")
    if walls >= LEAST and walls > FEW_WALLS_SHARE_MAX * (offers + walls):
        found.append(f"block page: {walls} of {offers + walls} answers were a login, a CAPTCHA or a refusal")
    found.extend(_same_answers(harvest, offers))
    unread = sum(n for (what, reason), n in tally.failed.items() if what in OFFERS and _is_unread(reason))
    if unread and unread >= UNREAD_SHARE_MAX * (offers + unread):
        found.append(f"drift: {unread} of {offers + unread} offers were not recognised; the layout may have changed")
    if kind is RunKind.CRAWL:
        found.extend(_volumes(platform, harvest))
    if len(harvest.merged) > MERGED_SHARE_MAX * harvest.looks:
        found.append(f"drift: {_merged(harvest)}")
    found.extend(_fill(platform, harvest) if kind is not RunKind.TIP else ())
    found.extend(_language(platform, harvest))
    shown = offers or (harvest.first_cards and not harvest.triaged)
    if kind is RunKind.CRAWL and not harvest.looks and shown and platform.expect.fill:
        found.append("drift: no listing was read")
    blank, on_cards = harvest.opened.get(UNREAD, 0), harvest.cards + sum(harvest.opened.values())
    if blank >= LEAST and blank > UNREAD_SHARE_MAX * on_cards:
        found.append(f"drift: {blank} of {on_cards} cards lack title, price, picture or id")
    return found


def _merged(harvest: Harvest) -> str:
    said = f"{len(harvest.merged)} ids were read on pages of different offers, such as {harvest.merged[0]!r}"
    return f"{said}; mend the rule for platform_item_id"


def _same_answers(harvest: Harvest, offers: int) -> list[str]:
    """Pages that answer as if they were there and say that they are not, or that are all one page."""
    found = []
    if harvest.soft_gone >= LEAST and harvest.soft_gone >= SOFT_GONE_SHARE_MAX * offers:
        found.append(f"soft 404: {harvest.soft_gone} of {offers} offers answer with status 200 that they are gone")
    if harvest.alike >= LEAST and harvest.alike >= ALIKE_SHARE_MAX * offers:
        found.append(f"soft 404: {harvest.alike} offers answer with one and the same page, byte for byte")
    return found


def _volumes(platform: Platform, harvest: Harvest) -> list[str]:
    """First result pages with fewer or more cards than declared, or far fewer than the last healthy run saw."""
    found = []
    least, most = platform.expect.cards.min, platform.expect.cards.max
    for page, cards in sorted(harvest.first_cards.items()):
        before = harvest.cards_before.get(page, 0)
        if cards < least:
            found.append(f"volume: {page} shows {cards} offers, {least} or more are expected")
        elif most is not None and cards > most:
            found.append(f"volume: {page} shows {cards} offers, {most} or fewer are expected")
        elif before > LEAST and cards < FEWER_CARDS * before:
            found.append(f"volume: {page} shows {cards} offers, {before} in the last healthy run")
    return found


def _fill(platform: Platform, harvest: Harvest) -> list[str]:
    """Fields that fewer listings carry than declared."""
    found = []
    for name, least in sorted(platform.expect.fill.items()):
        share = harvest.filled.get(name, 0) / harvest.looks if harvest.looks else 0.0
        if harvest.looks and share < least:
            said = f"{name} was read on {share:.0%} of {harvest.looks} listings"
            found.append(f"drift: {said}, {least:.0%} are expected")
    return found


def _language(platform: Platform, harvest: Harvest) -> list[str]:
    """Pages in another language than declared: words such as "sold out" and dates would be misread."""
    said = sum(harvest.languages.values())
    if platform.language is None or said < LEAST:
        return []
    other = said - harvest.languages.get(platform.language, 0)
    if other < OTHER_LANGUAGE_SHARE_MAX * said:
        return []
    most = max(sorted(harvest.languages), key=lambda each: harvest.languages[each] * (each != platform.language))
    return [f"language switch: {other} of {said} listings are in {most!r}, {platform.language!r} is declared"]


def _remarks(harvest: Harvest) -> list[str]:
    """What a complete run still says of itself: everything that was not had, by reason."""
    by_reason: dict[str, int] = {}
    for (kind, reason), count in harvest.tally.failed.items():
        if kind is not FetchKind.ROBOTS and not is_cut(reason):
            by_reason[reason] = by_reason.get(reason, 0) + count
    said = [_merged(harvest)] if harvest.merged else []
    return said + [f"{count} fetches failed: {reason}" for reason, count in sorted(by_reason.items())]


def _is_lost(reason: str) -> bool:
    return reason in _LOST or reason.startswith("http_5") or reason in ("http_429", "http_304")


def _is_unread(reason: str) -> bool:
    return reason.startswith(("read_as_", "reader:"))
