"""Answers survive their file, and grading counts what it says."""

from pathlib import Path

import pytest

from exercise.answers import Outcome, grade, read_answers, write_answers
from exercise.errors import WrongAnswers
from exercise.records import Answer, Role, World


def answer(item: str, role: Role, expected: str, kind: str = "") -> Answer:
    return Answer(platform="p", item_id=item, kind=kind or role.value, role=role, right_ref="R", expected=expected)


SHEET = (
    answer("1", Role.PLANT, "noticed"),
    answer("2", Role.PLANT, "noticed"),
    answer("3", Role.PLANT, "review", "stolen_photo"),
    answer("4", Role.TRAP, "silent"),
    answer("5", Role.TRAP, "refused:RIGHT", "expired_right"),
    answer("6", Role.TRAP, "refused:TERR", "other_territory"),
    answer("7", Role.INNOCENT, "silent"),
    answer("8", Role.INNOCENT, "silent"),
)
TRUE: dict[tuple[str, str], Outcome] = {
    ("p", "1"): ("noticed", None), ("p", "2"): ("noticed", None), ("p", "3"): ("review", None),
    ("p", "5"): ("refused", "RIGHT"), ("p", "6"): ("refused", "TERR"),
}  # fmt: skip


def test_a_true_run_finds_everything_and_accuses_nobody() -> None:
    result = grade(SHEET, TRUE)
    assert (result.plants, result.found, result.traps, result.traps_as_expected) == (3, 3, 3, 3)
    assert (result.innocents, result.wrongly_accused, result.missed, result.accused) == (2, 0, (), ())


@pytest.mark.parametrize(
    ("item", "outcome", "found", "accused"),
    [
        ("1", ("review", None), 2, 0),
        ("1", ("silent", None), 2, 0),
        ("1", ("refused", "TERR"), 2, 0),
        ("3", ("noticed", None), 2, 1),
        ("3", ("silent", None), 2, 0),
        ("4", ("review", None), 3, 1),
        ("5", ("noticed", None), 3, 1),
        ("5", ("refused", "TERR"), 3, 0),
        ("6", ("review", None), 3, 0),
        ("7", ("review", None), 3, 1),
        ("8", ("noticed", None), 3, 1),
    ],
)
def test_each_wrong_outcome_counts_once(item: str, outcome: Outcome, found: int, accused: int) -> None:
    result = grade(SHEET, {**TRUE, ("p", item): outcome})
    assert (result.found, result.wrongly_accused) == (found, accused)
    wrong = sum(row.weaker + row.stronger + row.other_code for row in result.by_kind)
    assert wrong == 1
    assert sum(row.n for row in result.by_kind) == len(SHEET)


def test_an_unknown_state_is_not_guessed() -> None:
    with pytest.raises(KeyError, match="maybe"):
        grade(SHEET, {("p", "1"): ("maybe", None)})


def test_answers_survive_their_file(tmp_path: Path, small_world: World) -> None:
    path = tmp_path / "answers.csv"
    write_answers(
        small_world, path, dict.fromkeys(("shopnest", "bazario", "kvarter", "vitrin", "filmhamn"), "http://x")
    )
    found = read_answers(path)
    assert len(found) == len(small_world.answers)
    for true, read in zip(small_world.answers, found, strict=True):
        assert (true.item_id, true.kind, true.role, true.expected) == (
            read.item_id,
            read.kind,
            read.role,
            read.expected,
        )
        assert read.url.startswith("http://x/")
    assert grade(found, {}).innocents == 120


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\n", "line 1"),
        (
            "platform,url,platform_item_id,kind,role,right_ref,expected\np,u,1,k,villain,R,silent\n",
            "line 2: unknown role",
        ),
        (
            "platform,url,platform_item_id,kind,role,right_ref,expected\np,u,1,k,trap,R,maybe\n",
            "line 2: unknown answer",
        ),
    ],
)
def test_a_broken_sheet_names_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(WrongAnswers, match=reason):
        read_answers(path)
