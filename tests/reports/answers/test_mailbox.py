"""Letters of a mailbox on a server are taken in once each, whatever the server does meanwhile, and none is lost."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from ssl import TLSVersion
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from config.returns import Returns
from exercise.recipient.imap import Mailbox, serving_mailbox
from reports.answers import mailbox as reader
from reports.answers.inbox import Fetched
from reports.answers.intake import Fate
from reports.answers.mailbox import take_mailbox
from reports.errors import UnreadableAnswers
from store.db.errors import StorageFull
from store.db.letters import TakenLetters, WaitingLetters
from store.evidence.errors import VaultFull
from store.evidence.vault import Vault
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.crawler.tls_hosts import make_host
from tests.reports.answers.test_fetching import Course
from tests.reports.test_run import Desk

FROM = "desk@shopnest.example"


def letter(key: str, text: str, number: int, sender: str = FROM) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = sender, "office@unit.example"
    message["Message-ID"] = f"<{number}@shopnest.example>"
    message["In-Reply-To"] = f"<{key}@unit.example>"
    message.set_content(text)
    return message.as_bytes()


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with serving_mailbox(Mailbox(user="office", password="pass word")) as served:
        yield served


@pytest.fixture
def course(box: Mailbox, database: Any, vault: Vault, clock: Any, ids: Any, tmp_path: Path) -> Course:
    answers = {
        "by": "imap",
        "at": f"imap://office@127.0.0.1:{box.port}/INBOX",
        "senders": ["shopnest.example"],
        "key_env": "MARQUE_KEY_TEST",
    }
    (tmp_path / "in").mkdir()
    desk = Desk(database, vault, clock, ids, tmp_path)
    made = Course(desk, {"by": "folder", "to": "in"}, answers, "eu-dsa-16", relay=None)
    made.secret = {"MARQUE_KEY_TEST": box.password}.get
    return made


def fates(found: list[Fetched]) -> list[Fate]:
    return [taken.fate for each in found for taken in each.taken]


def faults(found: list[Fetched]) -> list[str]:
    return [each.fault for each in found if each.fault is not None]


def taken(course: Course) -> list[tuple[int, int, bool]]:
    with course.desk.database.read() as connection:
        found = TakenLetters(connection, EVERYTHING).find()
    return sorted((each.validity, each.uid, each.is_readable) for each in found)


def test_each_letter_is_entered_once_through_every_fault(
    box: Mailbox, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = course.carry().idempotency_key
    came = make.NOW + timedelta(minutes=90)
    box.put(letter(key, "1-1: removed\n", 1), came)
    box.fault = "cut"
    assert "broke within a letter" in faults(course.fetch())[0] and taken(course) == []
    box.fault = "vast"
    assert "bytes at once" in faults(course.fetch())[0]
    box.fault = "numberless"
    assert "UIDVALIDITY" in faults(course.fetch())[0]
    box.fault = None
    with (
        monkeypatch.context() as patch
    ):  # whoever takes it dies after it was entered, before the ledger knows the letter
        patch.setattr(TakenLetters, "add", lambda *_: 1 / 0)
        assert len(faults(course.fetch())) == 1 and course.standing()[0] == "actioned"
    assert box.letters[1].flags == set(), "it is not marked before it is known"
    before = course.words()
    assert fates(course.fetch()) == [Fate.KNOWN] and course.words() == before
    assert box.letters[1].flags == {r"\Seen"} and taken(course) == [(box.validity, 1, True)]
    assert course.fetch() == []

    box.fault = "deaf"  # the mailbox takes no marks: the ledger alone remembers
    box.put(letter(key, "1-2: removed\n", 2), came)
    box.put(b"\x00\xff no header at all", came)
    box.put(letter(key, "1-3: removed\n", 3, sender="desk@elsewhere.example"), came)
    found = course.fetch()
    assert fates(found) == [Fate.ENTERED, Fate.REFUSED] and len(faults(found)) == 1
    assert course.fetch() == [] and course.standing() == ["actioned", "actioned", "received"]
    assert [each[1:] for each in taken(course)] == [(1, True), (2, True), (3, False), (4, True)]

    box.fault = None
    before = course.words()
    box.count_anew()
    assert Fate.ENTERED not in fates(course.fetch()) and course.words() == before, (
        "all are read anew, none counts twice"
    )
    assert len(taken(course)) == 8 and course.fetch() == []
    assert sorted(flag for each in box.letters.values() for flag in each.flags).count(r"\Flagged") == 1


def test_one_letter_that_nobody_foresaw_keeps_no_other_waiting(
    box: Mailbox, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = course.carry().idempotency_key
    came = make.NOW + timedelta(minutes=90)
    poison = letter(key, "poison", 1)
    box.put(poison, came)
    box.put(letter(key, "1-1: removed\n", 2), came)
    box.put(letter(key, "1-2: removed\n", 3) + b"x" * 3000, came)
    take = reader.take_letter

    def fails_on_poison(inbox: Any, data: bytes, *more: Any) -> Fetched:
        if data == poison:
            raise RuntimeError("nobody foresaw it")
        return take(inbox, data, *more)

    with monkeypatch.context() as patch:
        patch.setattr(reader, "take_letter", fails_on_poison)
        patch.setattr(reader, "LETTER_BYTES", 2000)
        found = course.fetch()
    assert fates(found) == [Fate.ENTERED] and len(faults(found)) == 2
    assert "left where it is" in faults(found)[0] and "more than 2000 bytes" in faults(found)[1]
    assert fates(course.fetch()) == [Fate.UNMAPPED], "the next look takes what was left"


def test_however_many_letters_fail_newer_ones_come_in_and_those_that_fail_are_tried_more_seldom(
    box: Mailbox, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = course.carry().idempotency_key
    came = make.NOW + timedelta(minutes=90)
    for number in (1, 2, 3):
        box.put(letter(key, "poison", number), came)
    tried: list[bytes] = []
    take = reader.take_letter

    def fails_on_poison(inbox: Any, data: bytes, *more: Any) -> Fetched:
        tried.append(data)
        if b"poison" in data:
            raise RuntimeError("nobody foresaw it")
        return take(inbox, data, *more)

    with monkeypatch.context() as patch:
        patch.setattr(reader, "take_letter", fails_on_poison)
        patch.setattr(reader, "LETTERS", 3)
        assert len(faults(course.fetch())) == 3
        box.put(letter(key, "1-1: removed\n", 4), came)
        assert fates(course.fetch()) == [Fate.ENTERED], "three are looked at, and the new one first"
        looks = []
        for _ in range(12):  # an hour each
            tried.clear()
            course.fetch()
            looks.append(len(tried))
    assert looks == [3, 1, 2, 1, 0, 0, 0, 0, 2, 1, 0, 0], "ever more seldom"
    with course.desk.database.read() as connection:
        waiting = WaitingLetters(connection, EVERYTHING).find()
    assert {each.uid for each in waiting} == {1, 2, 3} and all("RuntimeError" in each.because for each in waiting)
    del box.letters[3]
    course.later += timedelta(days=2)
    assert fates(course.fetch()) == [Fate.UNMAPPED, Fate.UNMAPPED], "the fault is mended: what was left comes in"
    with course.desk.database.read() as connection:
        assert WaitingLetters(connection, EVERYTHING).find() == []


def test_a_full_disk_of_ours_is_told_as_ours_and_ends_the_look(
    box: Mailbox, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = course.carry().idempotency_key
    came = make.NOW + timedelta(minutes=90)
    for number in (1, 2):
        box.put(letter(key, f"1-{number}: removed\n", number), came)

    places: tuple[tuple[type, str, Exception], ...] = (
        (Vault, "put", VaultFull(Path("vault"), 0, 9)),
        (Vault, "flush", OSError(errno.ENOSPC, "No space left on device")),
        (TakenLetters, "add", StorageFull("database or disk is full")),
    )
    for of, does, fault in places:

        def no_room(*_: object, fault: Exception = fault) -> None:
            raise fault

        with monkeypatch.context() as patch:
            patch.setattr(of, does, no_room)
            (told,) = faults(course.fetch())
        assert str(fault) in told and "the mailbox is well" in told and "gave no more" not in told
        assert all(each.flags == set() for each in box.letters.values()) and taken(course) == []
    assert len(course.fetch()) == 2 and course.standing()[:2] == ["actioned", "actioned"]


def test_who_is_asked_is_who_was_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: Mailbox) -> None:
    returns = Returns(
        by="imap", at="imaps://office@mail.example/INBOX", senders=("shopnest.example",), key_env="MARQUE_KEY_TEST"
    )
    inbox: Any = SimpleNamespace(declarations=make.declarations())  # nothing is to be taken in
    host = make_host(tmp_path)

    def why(at: str, password: str | None = "pass word") -> str:
        with pytest.raises(UnreadableAnswers) as told:
            take_mailbox(inbox, at, password, {"shopnest": returns})
        return str(told.value)

    assert "MARQUE_KEY_TEST" in why(f"imap://office@127.0.0.1:{box.port}", None)
    assert "sign-in" in why(f"imap://office@127.0.0.1:{box.port}", "wrong")
    assert "ASCII" in why(f"imap://office@127.0.0.1:{box.port}", "a\r\nb")
    assert "may not be connected to" in why("imaps://office@10.0.0.1/INBOX")
    with ExitStack() as stack:
        tls = stack.enter_context(
            serving_mailbox(Mailbox(user="office", password="pass word"), tls=host.serving(TLSVersion.TLSv1_3))
        )
        assert "certificate" in why(f"imaps://office@127.0.0.1:{tls.port}").casefold() and tls.sign_ins == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(host.trust))
        assert "sign-in" in why(f"imaps://office@127.0.0.1:{tls.port}", "wrong") and tls.sign_ins == 1


@pytest.mark.parametrize(
    "change",
    [
        {"at": "imap://office@mail.example/INBOX"},
        {"at": "imaps://office:secret@mail.example/INBOX"},
        {"at": "imaps://mail.example/INBOX"},
        {"at": 'imaps://office@mail.example/IN"BOX'},
        {"key_env": None},
        {"senders": ()},
    ],
)
def test_a_mailbox_is_declared_without_its_password_and_never_in_the_clear(change: dict[str, Any]) -> None:
    values = {
        "by": "imap", "at": "imaps://office@mail.example/INBOX", "senders": ("shopnest.example",),
        "key_env": "MARQUE_KEY_TEST",
    }  # fmt: skip
    assert Returns(**values)  # type: ignore[arg-type]  # words of a declaration
    with pytest.raises(ValidationError):
        Returns(**{**values, **change})
