"""
What a run may cost: answers, bytes and hours, of the run, of each host, and of the paths a platform file names.

What was used up stands in the ledger, written with the answers themselves, so that it outlives a kill and counts
for all processes of a run. Leases that are out count as answers, so that nothing is asked beyond a budget; bytes and
hours are known only afterwards, and may be exceeded by what was under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.platform import Platform, Spend
from crawler.robots import falls_under
from crawler.traps import TRAP
from crawler.urls import host_of
from crawler.visit import Visit
from store.db.spending import KEY_CHARS
from store.records.fetches import Fetch, FetchKind, Scope, Spent

CUT = ("budget_", TRAP)  # how the reasons of what is left out begin
_OWED = frozenset({FetchKind.ROBOTS, FetchKind.CANARY, FetchKind.EVIDENCE})  # fetched whatever else was
_PER_HOUR = 3600.0


def is_cut(reason: str) -> bool:
    """Whether a fetch was left out by a budget or as a trap: the site did nothing, the crawl went no further."""
    return reason.startswith(CUT)


@dataclass(frozen=True, slots=True)
class Budgets:
    """The budgets of one run of a platform."""

    run: str
    platform: Platform

    def bills(self, visits: Sequence[Visit], now: datetime, worked_s: float) -> list[Spent]:
        """What a group of answers cost, and the time at work since the last group."""
        totals: dict[tuple[Scope, str], list[float]] = {(Scope.RUN, ""): [0, 0, worked_s]}
        for visit in visits:
            answers = 0 if visit.capture is None else 1
            sent_none = visit.capture is None or visit.capture.unchanged_since is not None
            size = 0 if visit.capture is None or sent_none else visit.capture.body_bytes
            took = 0.0
            if visit.answer is not None:
                took = max((now - visit.answer.started_at).total_seconds(), 0.0)
            fetch = visit.lease.fetch
            scopes = [(Scope.RUN, "", 0.0), (Scope.HOST, fetch.host[:KEY_CHARS], took)]
            scopes += [(Scope.PATH, pattern, took) for pattern in self.patterns_of(fetch.url)]
            for scope, key, seconds in scopes:
                total = totals.setdefault((scope, key), [0, 0, 0.0])
                total[0] += answers
                total[1] += size
                total[2] += seconds
        return [
            Spent(run=self.run, scope=scope, key=key, fetches=int(fetches), size_bytes=int(size), seconds=seconds)
            for (scope, key), (fetches, size, seconds) in totals.items()
        ]

    def patterns_of(self, url: str) -> list[str]:
        """The declared patterns of paths that an address falls under."""
        return [pattern for pattern in self.platform.budget.paths if falls_under(url, pattern)]

    def purse(self, spent: Mapping[tuple[Scope, str], Spent], leased: Iterable[str]) -> Purse:
        """What may still be asked, given what was used up and the addresses that are out on lease."""
        purse = Purse(budgets=self, spent=spent)
        for url in leased:
            purse.take(url)
        return purse


@dataclass(slots=True)
class Purse:
    """What may still be asked within one claim."""

    budgets: Budgets
    spent: Mapping[tuple[Scope, str], Spent]
    out: int = 0  # leases, of every process
    _out: Counter[tuple[Scope, str]] = field(default_factory=Counter)

    @property
    def left(self) -> int:
        """Answers that the run may still take in; 0 where any of its budgets is used up."""
        if self.used_up is not None:
            return 0
        return max(self.budgets.platform.look.max_fetches - self._of(Scope.RUN, "").fetches - self.out, 0)

    @property
    def used_up(self) -> str | None:
        """Which of the run's own budgets is used up."""
        platform = self.budgets.platform
        return over(run_limits(platform), self._of(Scope.RUN, ""))

    def take(self, url: str) -> None:
        """Count an address that is asked."""
        self.out += 1
        self._out[(Scope.HOST, host_of(url)[:KEY_CHARS])] += 1
        for pattern in self.budgets.patterns_of(url):
            self._out[(Scope.PATH, pattern)] += 1

    def refuses(self, fetch: Fetch) -> str | None:
        """Which budget forbids a fetch, as the word for its reason; None when none does."""
        if fetch.kind in _OWED:
            return None
        budget = self.budgets.platform.budget
        key = (Scope.HOST, fetch.host[:KEY_CHARS])
        found = over(budget.host, self._of(*key), self._out[key])
        if found is not None:
            return f"budget_host_{found}"
        for pattern in self.budgets.patterns_of(fetch.url):
            key = (Scope.PATH, pattern)
            found = over(budget.paths[pattern], self._of(*key), self._out[key])
            if found is not None:
                return f"budget_path_{found}"
        return None

    def _of(self, scope: Scope, key: str) -> Spent:
        return self.spent.get((scope, key)) or Spent(run=self.budgets.run, scope=scope, key=key)


def run_limits(platform: Platform) -> Spend:
    """The run's own budgets as one."""
    budget = platform.budget
    return Spend(fetches=platform.look.max_fetches, size_bytes=budget.max_bytes, hours=budget.max_hours)


def over(limits: Spend, spent: Spent, out: int = 0) -> str | None:
    """Which limit is reached, with `out` more answers on their way: fetches, bytes or hours; None: none."""
    if limits.fetches is not None and spent.fetches + out >= limits.fetches:
        return "fetches"
    if limits.size_bytes is not None and spent.size_bytes >= limits.size_bytes:
        return "bytes"
    if limits.hours is not None and spent.seconds >= limits.hours * _PER_HOUR:
        return "hours"
    return None


def sentences(
    platform: Platform, failed: Mapping[tuple[FetchKind, str], int], spent: Iterable[Spent], links_cut: int
) -> list[str]:
    """What was left out and why, one sentence each, for the run's alarms."""
    by_reason: Counter[str] = Counter()
    for (_, reason), count in failed.items():
        if is_cut(reason):
            by_reason[reason] += count
    found = []
    used = list(spent)
    for reason, count in sorted(by_reason.items()):
        found.append(f"{_WORDS.get(reason, reason)}: {count} addresses were left out{_where(platform, reason, used)}")
    if links_cut:
        found.append(f"links: {links_cut} were left out of pages with more than {platform.look.max_links}")
    return found


_WORDS = {
    TRAP: "trap, pages that bring nothing new",
    "trap_path": "trap, paths that repeat themselves",
    "trap_query": "trap, queries that grow",
    "budget_host_fetches": "budget of fetches a host",
    "budget_host_bytes": "budget of bytes a host",
    "budget_host_hours": "budget of hours a host",
    "budget_path_fetches": "budget of fetches under a path",
    "budget_path_bytes": "budget of bytes under a path",
    "budget_path_hours": "budget of hours under a path",
}


def _where(platform: Platform, reason: str, used: Sequence[Spent]) -> str:
    """Which hosts, paths or forms of address a sentence speaks of, a few of them."""
    keys: list[str] = []
    if reason == TRAP:
        keys = [each.key for each in used if each.scope is Scope.TRAP]
    elif reason.startswith("budget_host"):
        keys = [each.key for each in used if each.scope is Scope.HOST and over(platform.budget.host, each)]
    elif reason.startswith("budget_path"):
        paths = platform.budget.paths
        keys = [
            each.key
            for each in used
            if each.scope is Scope.PATH and each.key in paths and over(paths[each.key], each)
        ]
    if not keys:
        return ""
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return f" at {', '.join(key[:120] for key in sorted(keys)[:3])}{more}"
