"""
Whether a run saw what a healthy run sees. Absent is proven, not assumed.

Pure: what the ledger adds up to in, a state and sentences out. `complete` is said only when nothing is left to do
and every count agrees with its counterpart in another table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.platform import Platform
from store.db.fetches import Tally
from store.records.fetches import FetchKind, FetchState
from store.records.runs import RunKind, RunState

# Chosen: pages that could not be had by the host's fault. Above it the harvest has a hole that a later run would
# take for removed offers.
LOST_SHARE_MAX = 0.05
UNREAD_SHARE_MAX = 0.2  # chosen: above it the layout has changed rather than a few pages
WALL_SHARE_MAX = 0.5
_ROBOTS = frozenset({"robots", "robots_unreachable", "opt_out", "host_dead"})
_LOST = frozenset({"timeout", "dns", "connection_refused", "connection_lost", "half_a_page", "lost_processes"})
_OFFERS = frozenset({FetchKind.LISTING, FetchKind.TITLE_PAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What a run brought, as `ending` counts it."""

    tally: Tally
    seeds_wanted: int  # what the run was begun with
    looks: int  # observations of the run
    filled: Mapping[str, int]  # field: looks that carry it
    first_cards: Mapping[str, int]  # first result pages of categories and start pages: cards read there
    canary_healthy: bool | None  # None: none declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a run ended, and the sentences that ask for attention."""

    state: RunState
    alarms: tuple[str, ...]


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
    unfit = _unfit(platform, harvest, kind)
    if left:
        budget = platform.look.max_fetches
        alarms = [f"the budget of {budget} fetches is used up; {left} fetches were not made"]
        return Judgement(state=RunState.BUDGET_EXHAUSTED, alarms=(*alarms, *unfit))
    if unfit:
        return Judgement(state=RunState.UNFIT, alarms=tuple(unfit))
    return Judgement(state=RunState.COMPLETE, alarms=tuple(_remarks(harvest)))


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
    tally = harvest.tally
    found: list[str] = []
    if harvest.canary_healthy is False and kind is RunKind.CRAWL:
        found.append(f"the canary {platform.expect.canary} did not answer as it should")
    results_lost = sum(
        n for (what, reason), n in tally.failed.items() if what is FetchKind.RESULTS and reason != "not_saved"
    )
    if results_lost:
        found.append(f"{results_lost} result pages could not be had or read; what they list is not in this run")
    offers = sum(tally.done.get(what, 0) for what in _OFFERS)
    lost = sum(n for (what, reason), n in tally.failed.items() if what in _OFFERS and _is_lost(reason))
    if lost > LOST_SHARE_MAX * (offers + lost):
        found.append(f"{lost} of {offers + lost} offers could not be had")
    unread = sum(n for (what, reason), n in tally.failed.items() if what in _OFFERS and _is_unread(reason))
    if unread and unread >= UNREAD_SHARE_MAX * (offers + unread):
        found.append(
            f"{unread} of {offers + unread} offers were fetched and not recognised: the layout may have changed"
        )
    for page, cards in sorted(harvest.first_cards.items()) if kind is RunKind.CRAWL else ():
        if cards < platform.expect.cards.min:
            found.append(f"{page} shows {cards} offers, {platform.expect.cards.min} or more are expected")
        elif platform.expect.cards.max is not None and cards > platform.expect.cards.max:
            found.append(f"{page} shows {cards} offers, {platform.expect.cards.max} or fewer are expected")
    for field, least in sorted(platform.expect.fill.items()) if kind is not RunKind.TIP else ():
        share = harvest.filled.get(field, 0) / harvest.looks if harvest.looks else 0.0
        if harvest.looks and share < least:
            found.append(f"{field} was read on {share:.0%} of {harvest.looks} listings, {least:.0%} are expected")
    if kind is RunKind.CRAWL and not harvest.looks and (harvest.first_cards or offers) and platform.expect.fill:
        found.append("no listing was read")
    return found


def _remarks(harvest: Harvest) -> list[str]:
    """What a complete run still says of itself: everything that was not had, by reason."""
    by_reason: dict[str, int] = {}
    for (kind, reason), count in harvest.tally.failed.items():
        if kind is not FetchKind.ROBOTS:
            by_reason[reason] = by_reason.get(reason, 0) + count
    return [f"{count} fetches failed: {reason}" for reason, count in sorted(by_reason.items())]


def _is_lost(reason: str) -> bool:
    return reason in _LOST or reason.startswith("http_5") or reason == "http_429"


def _is_unread(reason: str) -> bool:
    return reason.startswith(("read_as_", "reader:"))
