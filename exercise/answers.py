"""The true answers of a world: written apart from everything the pipeline reads, and graded against its outcome."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from exercise.errors import WrongAnswers
from exercise.records import Answer, Role, World
from exercise.site import listing_path

COLUMNS = ("platform", "url", "platform_item_id", "kind", "role", "right_ref", "expected")

# From letting a listing alone to accusing it. A refusal went all the way to a notice before a rule stopped it.
STRENGTH = {"silent": 0, "review": 1, "refused": 2, "noticed": 3}

_VERDICTS = ("as_expected", "weaker", "stronger", "other_code")

Outcome = tuple[str, str | None]
"""State of a listing after a run, and the code of its refusal where it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindGrade:
    """How the listings of one kind came out."""

    kind: str
    role: Role
    expected: str
    n: int
    as_expected: int
    weaker: int
    """Came out less severe than true."""
    stronger: int
    """Came out more severe than true: a wrong accusation."""
    other_code: int
    """Refused as expected, by another rule than the one that applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What a run was worth."""

    plants: int
    found: int
    """Plants that came out as expected."""
    traps: int
    traps_as_expected: int
    innocents: int
    wrongly_accused: int
    """Plants, traps and innocents that came out stronger than expected."""
    by_kind: tuple[KindGrade, ...]
    missed: tuple[Answer, ...]
    """Plants that came out weaker than expected, or refused by another rule."""
    accused: tuple[Answer, ...]
    """The wrongly accused."""


def write_answers(world: World, path: Path, sites: Mapping[str, str] | None = None) -> None:
    """
    Write the answers as CSV; `sites` (platform to base address) makes the addresses whole.

    Raises `OSError` when the file cannot be written.
    """
    listings = {(one.platform, one.id): one for one in world.listings}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for answer in world.answers:
            address = (sites or {}).get(answer.platform, "") + listing_path(listings[answer.platform, answer.item_id])
            writer.writerow(
                (
                    answer.platform,
                    address,
                    answer.item_id,
                    answer.kind,
                    answer.role.value,
                    answer.right_ref,
                    answer.expected,
                )
            )


def read_answers(path: Path) -> tuple[Answer, ...]:
    """
    Read back what `write_answers` wrote.

    Raises `WrongAnswers` naming the line that does not fit, `OSError` when the file cannot be read.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise WrongAnswers(str(path), 1, f"the columns are {rows.fieldnames}, not {list(COLUMNS)}")
        found = []
        for line, row in enumerate(rows, 2):
            try:
                role = Role(row["role"])
            except ValueError as error:
                raise WrongAnswers(str(path), line, f"unknown role {row['role']!r}") from error
            if row["expected"].split(":")[0] not in STRENGTH:
                raise WrongAnswers(str(path), line, f"unknown answer {row['expected']!r}")
            found.append(
                Answer(
                    platform=row["platform"],
                    item_id=row["platform_item_id"],
                    kind=row["kind"],
                    role=role,
                    right_ref=row["right_ref"],
                    expected=row["expected"],
                    url=row["url"],
                )
            )
    return tuple(found)


def _compare(expected: str, outcome: Outcome) -> str:
    """`as_expected`, `weaker`, `stronger` or `other_code`."""
    state, code = outcome
    wanted, _, wanted_code = expected.partition(":")
    if STRENGTH[state] != STRENGTH[wanted]:
        return "stronger" if STRENGTH[state] > STRENGTH[wanted] else "weaker"
    return "other_code" if wanted_code and code != wanted_code else "as_expected"


def grade(answers: Iterable[Answer], outcomes: Mapping[tuple[str, str], Outcome]) -> Grade:
    """
    Grade outcomes, keyed by (platform, item id), against the truth; a listing without one counts as silent.

    Raises `KeyError` with the state when an outcome's state is none of `STRENGTH`.
    """
    results: dict[tuple[str, Role, str], dict[str, int]] = {}
    missed: list[Answer] = []
    accused: list[Answer] = []
    for answer in answers:
        verdict = _compare(answer.expected, outcomes.get((answer.platform, answer.item_id), ("silent", None)))
        counts = results.setdefault((answer.kind, answer.role, answer.expected), dict.fromkeys(_VERDICTS, 0))
        counts[verdict] += 1
        if verdict == "stronger":
            accused.append(answer)
        elif answer.role is Role.PLANT and verdict != "as_expected":
            missed.append(answer)
    by_kind = tuple(
        KindGrade(kind=kind, role=role, expected=expected, n=sum(counts.values()), **counts)
        for (kind, role, expected), counts in sorted(results.items(), key=lambda item: (item[0][1].value, item[0][0]))
    )
    return Grade(
        plants=_total(by_kind, Role.PLANT),
        found=sum(row.as_expected for row in by_kind if row.role is Role.PLANT),
        traps=_total(by_kind, Role.TRAP),
        traps_as_expected=sum(row.as_expected for row in by_kind if row.role is Role.TRAP),
        innocents=_total(by_kind, Role.INNOCENT),
        wrongly_accused=len(accused),
        by_kind=by_kind,
        missed=tuple(missed),
        accused=tuple(accused),
    )


def _total(rows: Iterable[KindGrade], role: Role) -> int:
    return sum(row.n for row in rows if row.role is role)
