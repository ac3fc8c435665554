"""Answers: each bound to its item, entered once, never backwards; what nobody mapped is kept and never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.answers.codes import CODE_BYTES, code_of, is_code, read_answer_key
from reports.answers.intake import Fate
from reports.answers.lifecycle import MAY_FOLLOW, standing_of
from reports.answers.sheet import HEADS, BadRow, Row, read_sheet, write_sheet
from reports.answers.vocabulary import WORDS, kind_of, meaning_of
from reports.errors import UnreadableAnswers
from store.db.audit import AuditTrail
from store.db.notices import Notices
from store.db.outcomes import CounterNotices, Outcomes
from store.records.notices import NoticeState
from store.records.outcomes import OutcomeKind, OutcomeStatus
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.faults import answers as proof
from tests.faults.answers import Bureau, filled

AT = make.NOW + timedelta(minutes=2)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    made = Bureau(tmp_path)
    yield made
    made.close()


def test_an_answer_is_entered_once_with_its_bytes_and_makes_a_handed_over_notice_sent(bureau: Bureau) -> None:
    line = filled(bureau.sheets[0][0], "Removed", AT)
    assert bureau.take(line) == [Fate.ENTERED]
    assert bureau.take(line) == [Fate.KNOWN], "the same sheet again changes nothing"
    with bureau.database.read() as connection:
        (outcome,) = Outcomes(connection, EVERYTHING).find()
        notice = Notices(connection, EVERYTHING).get(outcome.notice)
        acts = [act.action for act in AuditTrail(connection, EVERYTHING).of_subject(outcome.notice)]
    assert notice is not None and notice.state is NoticeState.SENT
    assert acts[-2:] == ["enter_outcome", "send_notice"]
    assert (outcome.status, outcome.action, outcome.decided_at) == (OutcomeStatus.ACTIONED, "content_removed", AT)
    assert line["answer_code"].encode() in bureau.vault.get(outcome.raw_sha256)


def test_nothing_goes_backwards_and_nothing_older_counts(bureau: Bureau) -> None:
    line = bureau.sheets[0][0]
    later = AT + timedelta(minutes=1)
    assert bureau.take(filled(line, "removed", later), filled(line, "received", AT)) == [Fate.ENTERED, Fate.REFUSED]
    assert bureau.take(filled(line, "reinstated", AT)) == [Fate.REFUSED], "older than what stands"
    assert bureau.take(filled(line, "reinstated", later)) == [Fate.ENTERED]


def test_a_word_nobody_mapped_is_kept_as_said_and_changes_no_state(bureau: Bureau) -> None:
    line = bureau.sheets[0][0]
    assert bureau.take(filled(line, "deprioritised", AT)) == [Fate.UNMAPPED]
    with bureau.database.read() as connection:
        outcomes = Outcomes(connection, EVERYTHING).find()
    standing = standing_of(outcomes, line["item_id"])
    assert (outcomes[0].status_raw, outcomes[0].status, standing.status) == ("deprioritised", None, None)
    assert standing.unmapped == ("deprioritised",)
    assert bureau.take(filled(line, "deprioritised", AT)) == [Fate.KNOWN]


def test_the_profile_maps_the_platforms_own_words(bureau: Bureau) -> None:
    name = bureau.batches[0].profile
    profile = bureau.declared.profiles[name]
    saying = {"element": "status_map", "rule": "The platform's help page says so."}
    changed = {
        "status_map": {"dealt_with": {"status": "actioned"}},
        "documents": [*profile.model_dump()["documents"], {"basis": "memory", "says": [saying]}],
    }
    mapped = type(profile).model_validate({**profile.model_dump(), **changed})
    bureau.declared.profiles[name] = mapped
    assert bureau.take(filled(bureau.sheets[0][0], "Dealt with", AT)) == [Fate.ENTERED]


def test_a_line_that_says_no_time_is_of_now_and_again_changes_nothing(bureau: Bureau) -> None:
    line = bureau.sheets[0][0]
    silent = {**filled(line, "under_review", AT), "decided_at": " "}
    assert bureau.take(silent) == [Fate.ENTERED]
    assert bureau.take(silent) == [Fate.KNOWN]
    assert bureau.take({**silent, "answer": "removed"}) == [Fate.ENTERED]
    assert bureau.take({**silent, "answer": "removed"}) == [Fate.KNOWN]
    with bureau.database.read() as connection:
        outcomes = Outcomes(connection, EVERYTHING).find()
    assert [outcome.decided_at for outcome in outcomes] == [None, None], "it did not say when"
    assert standing_of(outcomes, line["item_id"]).action == "content_removed"
    assert bureau.take({**silent, "answer": "under_review"}) == [Fate.REFUSED], "nothing goes back by being silent"


def test_a_counter_notice_is_a_record_of_its_own(bureau: Bureau) -> None:
    line = bureau.sheets[0][0]
    bureau.take(filled(line, "removed", AT))
    assert bureau.take(filled(line, "counter_notice", AT + timedelta(minutes=1))) == [Fate.ENTERED]
    with bureau.database.read() as connection:
        (counter,) = CounterNotices(connection, EVERYTHING).find()
        kinds = [outcome.kind for outcome in Outcomes(connection, EVERYTHING).find()]
    assert kinds == [OutcomeKind.DECISION, OutcomeKind.COUNTER_NOTICE] and counter.our_response is None


def test_lines_left_empty_are_passed_over(bureau: Bureau) -> None:
    assert bureau.take(*bureau.sheets[0]) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"decided_at": "yesterday"}, "decided_at"),
        ({"decided_at": "2026-03-02T10:00:00"}, "decided_at"),
        ({"item": "x-1"}, "item"),
        ({"answer_code": ""}, "answer_code"),
        ({"reason": "x" * 5000}, "reason"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_column(
    bureau: Bureau, change: dict[str, str], column: str
) -> None:
    line = {**filled(bureau.sheets[0][0], "removed", AT), **change}
    good = filled(bureau.sheets[0][1], "removed", AT)
    one, other = bureau.bring(proof.write_lines([line, good]))
    assert one.fate is Fate.UNREADABLE and str(one.because).startswith(f"{column}: ") and one.line == 2
    assert other.fate is Fate.ENTERED, "one bad line stops no other"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(encoding: str, delimiter: str) -> None:
    heads = delimiter.join(HEADS)
    values = ["1-1", "an-id", "CODE", "https://e.example", "Å ring", "removed", "2026-03-02T10:00:00Z", "'=1", "gone"]
    rows, bad = read_sheet(f"{heads}\r\n{delimiter.join(values)}\r\n".encode(encoding))
    assert bad == []
    assert [(row.item, row.word, row.platform_case) for row in rows] == [("an-id", "removed", "=1")]


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", b"\x00\x01\x02", b"\xff\xfe\x00", b"item,item_id\n" + b"\xff" * 9]
)
def test_what_is_no_sheet_is_refused_whole(data: bytes) -> None:
    with pytest.raises(UnreadableAnswers):
        read_sheet(data)


@given(st.binary(max_size=400))
def test_any_bytes_end_in_lines_or_a_refusal(tail: bytes) -> None:
    for data in (tail, ",".join(HEADS).encode() + b"\r\n" + tail):
        try:
            rows, bad = read_sheet(data)
        except UnreadableAnswers as refused:
            assert refused.why
        else:
            assert all(isinstance(row, Row) for row in rows) and all(isinstance(row, BadRow) for row in bad)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_a_code_is_of_one_item_of_one_batch(batch: str, item: str, other: str) -> None:
    code = code_of(make.ANSWER_KEY, batch, item)
    assert len(code) == CODE_BYTES * 8 // 5 and is_code(make.ANSWER_KEY, batch, item, code.lower())
    if other != item:
        assert not is_code(make.ANSWER_KEY, batch, other, code)
    assert not is_code(b"another key", batch, item, code)


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    key = read_answer_key(tmp_path / "keys")
    assert len(key) == 32 and read_answer_key(tmp_path / "keys") == key
    assert (tmp_path / "keys" / "answers.key").stat().st_mode & 0o077 == 0


def test_a_written_sheet_comes_back_empty_and_runs_nothing() -> None:
    sheet = write_sheet([("1-1", "an-id", "CODE", "=cmd|x", "+1 ring")])
    assert b'"\'=cmd|x"' in sheet and read_sheet(sheet) == ([], [])


def test_every_status_can_be_reached_and_every_word_means_one() -> None:
    reachable = set().union(*MAY_FOLLOW.values())
    assert reachable == set(OutcomeStatus) and set(MAY_FOLLOW) == {None, *OutcomeStatus}
    for word, meaning in WORDS.items():
        assert meaning_of(word.replace("_", " ").upper(), None) == meaning
        assert kind_of(meaning.status) is not None


def test_forged_edited_replayed_and_reordered_answers_change_nothing() -> None:
    tally = proof.run(60, seed=3)
    assert tally.changed == 0 and tally.true_entered == tally.true_answers == 12
