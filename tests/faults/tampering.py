"""
Evidence changed in every way somebody might try, each found by the check that is there for it.

`python -m tests.faults.tampering N [SEED]` makes N packages and quarantined files false, spread over the kinds:
bundles, bundles of which something was erased lawfully, test purchases in them, public copies, the quarantine. It
prints a table: how many of a kind, how many were found, how many by the expected check. What is untouched is verified
too. Needs openssl for a time authority on loopback.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from store.evidence.verify import Report, Status, Verdict, verify
from tests.faults.forgeries import OF_BUNDLES
from tests.faults.forging import Forgery, World, make_world
from tests.faults.kept_forgeries import (
    OF_COPIES,
    OF_ERASED,
    OF_PURCHASES,
    OF_QUARANTINE,
    Lock,
    sound_locks,
    sound_packages,
)

Kind = Callable[[World, random.Random], Forgery | Lock]
KINDS: tuple[Kind, ...] = (*OF_BUNDLES, *OF_PURCHASES, *OF_ERASED, *OF_COPIES, *OF_QUARANTINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one forgery."""

    kind: str
    verdict: Verdict
    by: tuple[str, ...]  # checks that did not pass
    expected: frozenset[str]
    must_fail: bool

    @property
    def is_found(self) -> bool:
        """Whether the package did not pass; where it could not pass even when sound, whether it failed."""
        return self.verdict is Verdict.FAIL if self.must_fail else self.verdict is not Verdict.PASS

    @property
    def is_found_as_expected(self) -> bool:
        """Whether a check that is there for it did not pass."""
        return self.is_found and bool(self.expected & set(self.by))


def judge(world: World, forgery: Forgery) -> Report:
    """The verifier's word on one bundle."""
    path, source = world.folder / "false.zip", None
    path.write_bytes(forgery.content)
    if forgery.source is not None:
        source = world.folder / "source.zip"
        source.write_bytes(forgery.source)
    return verify(path, [forgery.trusted or world.sealing.key.published], world.roots, source)


def tamper(world: World, kind: Kind, rng: random.Random) -> Outcome:
    """One forgery of a kind, judged. One that comes out as it was is made again."""
    forgery = kind(world, rng)
    if isinstance(forgery, Lock):
        verdict = forgery.judged(world.folder)
        by = ("quarantine",) if verdict is Verdict.FAIL else ()
        return Outcome(kind=kind.__name__, verdict=verdict, by=by, expected=frozenset({"quarantine"}), must_fail=True)
    while not isinstance(forgery, Lock) and forgery.content == world.whole and forgery.trusted is None:
        forgery = kind(world, rng)
    assert not isinstance(forgery, Lock), "a kind makes one or the other"
    report = judge(world, forgery)
    return Outcome(
        kind=kind.__name__,
        verdict=report.verdict,
        by=tuple(check.name for check in report.checks if check.status not in (Status.PASS, Status.ERASED)),
        expected=forgery.found_by,
        must_fail=forgery.must_fail,
    )


def prove(count: int, seed: int, folder: Path) -> list[Outcome]:
    """As many forgeries, the kinds in turn. Raises `RuntimeError` when something untouched is not found sound."""
    world = make_world(folder, seed)
    outcomes = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        outcomes.append(tamper(world, kind, random.Random(f"{seed} {number}")))
    for name, untouched, verdict in sound_packages(world):
        if judge(world, untouched).verdict is not verdict:
            raise RuntimeError(f"the untouched {name} is not {verdict.name}")
    if any(lock.judged(folder) is not Verdict.PASS for lock in sound_locks(world)):
        raise RuntimeError("the untouched quarantine does not open for two persons")
    return outcomes


def main(arguments: list[str]) -> int:
    """Print the table; 1 where a forgery was not found, or not by its check."""
    count, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = prove(count, seed, Path(folder))
    tried = Counter(outcome.kind for outcome in outcomes)
    found = Counter(outcome.kind for outcome in outcomes if outcome.is_found)
    expected = Counter(outcome.kind for outcome in outcomes if outcome.is_found_as_expected)
    out = sys.stdout
    out.write(f"{'kind':38} {'tried':>6} {'found':>6} {'by its check':>13}  verdicts\n")
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        verdicts = Counter(outcome.verdict.name for outcome in outcomes if outcome.kind == kind)
        told = ", ".join(f"{name} {number}" for name, number in sorted(verdicts.items()))
        out.write(f"{kind:38} {tried[kind]:6} {found[kind]:6} {expected[kind]:13}  {told}\n")
    out.write(
        f"{'all':38} {count:6} {found.total():6} {expected.total():13}  seed {seed}, {perf_counter() - begun:.0f} s\n"
    )
    return 0 if expected.total() == count else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
