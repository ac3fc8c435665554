"""Each desk end to end: sent, received, taken in part, answered, and where every item stands at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.delivery import Delivery
from config.platform import Notify
from config.returns import Returns
from exercise.recipient.ledger import Recipient
from exercise.recipient.mail import Mailbox, MailDesk, ServedMailDesk
from exercise.recipient.sheets import SheetDesk
from exercise.recipient.web import ServedRecipient
from reports.answers import fetching, post
from reports.answers.fetching import asker, fetch
from reports.answers.inbox import Fetched, Inbox
from reports.answers.intake import Fate, Why
from reports.answers.letters import Letter
from reports.answers.lifecycle import standing_of
from reports.outbox import Office, carry_next
from reports.sending import queue_delivery
from reports.transports.mail import relay
from reports.transports.ways import ways
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.evidence.seal import published_keys
from store.evidence.vault import Vault
from store.records.findings import InfringementClass
from store.records.outbox import OutboxEntry, OutboxState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.reports.test_run import Desk
from tests.reports.transports.sftp_server import PASSWORD, serving_sftp

PARTS = ("removed", "kept", "failed")
SENT = "notices@shopnest.example"


class Course:
    """One batch of three items at one platform, sent and answered; the clock is put forward by hand."""

    def __init__(
        self, desk: Desk, delivery: dict[str, Any], answers: dict[str, Any], profile: str, **more: Any
    ) -> None:
        self.desk, self.later = desk, timedelta(hours=1)
        recipient = make.profile(profile)
        if profile == "ebay-vero":
            recipient = recipient.model_copy(update={"claim_codes": {InfringementClass.COUNTERFEIT: "1234"}})
        notify = Notify(
            profile=profile,
            delivery=Delivery.model_validate({"per_minute": 6000, **delivery}),
            answers=Returns.model_validate(answers),
        )
        platform = make.platform().model_copy(update={"notify": notify})
        self.declared = make.declarations(platforms=(platform,))
        self.declared = replace(self.declared, profiles={**self.declared.profiles, profile: recipient})
        desk.declared = self.declared
        desk.add(*(replace(make.goods_scene(n), platform=platform, profile=recipient) for n in (1, 2, 3)))
        desk.prepare()
        desk.approve_all()
        (self.batch,) = desk.export()
        queue_delivery(desk.database, self.declared, self.batch.id, by="Ann", clock=self.now, ids=desk.ids)
        self.way = ways(
            **{"home": desk.home, "clock": self.now, "secret": lambda name: "k", "user_agent": "Marque", **more}
        )
        self.secret: Any = {"MARQUE_KEY_TEST": "k"}.get
        self.ask = asker(secret=lambda name: "k", user_agent="Marque", read_s=1.0)

    def now(self) -> Any:
        return make.NOW + self.later

    def carry(self) -> OutboxEntry:
        office = Office(
            database=self.desk.database,
            vault=self.desk.vault,
            declarations=self.declared,
            home=self.desk.home,
            keys=published_keys(self.desk.home / "keys"),
            way=self.way,
            clock=self.now,
            ids=self.desk.ids,
            owner="one",
        )
        carried = carry_next(office)
        assert carried is not None
        return carried.entry

    def fetch(self) -> list[Fetched]:
        self.later += timedelta(hours=1)
        inbox = Inbox(
            database=self.desk.database,
            vault=self.desk.vault,
            declarations=self.declared,
            home=self.desk.home,
            key=make.ANSWER_KEY,
            by="Ann",
            clock=self.now,
            ids=self.desk.ids,
        )
        return fetch(inbox, ["shopnest"], ask=self.ask, secret=self.secret, pause=lambda seconds: False)

    def entry(self) -> OutboxEntry:
        with self.desk.database.read() as connection:
            (entry,) = Outbox(connection, EVERYTHING).of_batch(self.batch.id)
        return entry

    def standing(self) -> list[str | None]:
        """Where each item stands, in the order of the batch."""
        data = json.loads((self.desk.folder(self.batch) / "batch.json").read_bytes())
        found = []
        with self.desk.database.read() as connection:
            for notice in data["notices"]:
                answers = Outcomes(connection, EVERYTHING).of_notice(notice["id"])
                for item in notice["items"]:
                    status = standing_of(answers, item["id"]).status
                    found.append(status.value if status else None)
        return found

    def words(self) -> list[tuple[str, str | None]]:
        with self.desk.database.read() as connection:
            found = Outcomes(connection, EVERYTHING).find()
        return [(each.status_raw, each.status.value if each.status else None) for each in found]


@pytest.fixture
def desk(database: Database, vault: Vault, clock: Any, ids: Any, tmp_path: Path) -> Desk:
    return Desk(database, vault, clock, ids, tmp_path)


def fates(found: list[Fetched]) -> list[Fate]:
    return [taken.fate for each in found for taken in each.taken]


@contextmanager
def served(course: list[Course], courses: tuple[str, ...]) -> Iterator[ServedRecipient]:
    """A platform on the web; it tells the time of the course, once there is one."""
    recipient = Recipient(token="k", courses=courses, clock=lambda: course[0].now())
    with ServedRecipient(recipient) as at:
        yield at


API = {"by": "api", "key_env": "MARQUE_KEY_TEST"}
VERO_ITEM = {"itemId", "veroReasonCodeId", "brand", "copyEmailToRightsOwner", "messageToSeller"}


def test_notices_of_article_16_go_through_an_interface_and_come_back_item_by_item(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    course: list[Course] = []
    with served(course, ("objected", "kept", "strange")) as at:
        delivery = {**API, "to": f"{at.base}/dsa/notices", "body": "dsa16", "repeats": "same_key"}
        answers = {**API, "at": f"{at.base}/dsa/notices/{{receipt}}"}
        course.append(Course(desk, delivery, answers, "eu-dsa-16", relay=None))
        (one,) = course
        entry = one.carry()
        assert (entry.state, entry.receipt) == (OutboxState.ACCEPTED, "R-000001")
        assert fates(one.fetch()) == [], "a platform that says nothing changes nothing"
        at.recipient.advance()
        assert sorted(f.value for f in fates(one.fetch())) == ["refused"] * 3, "received follows no receipt"
        at.recipient.advance()
        found = fates(one.fetch())
        assert found.count(Fate.ENTERED) == 2 and found.count(Fate.UNMAPPED) == 1
        assert one.standing() == ["actioned", "rejected", "received"]
        assert ("routed to tier 2", None) in one.words(), "an unknown word is kept as said, for a person"
        for _ in range(2):
            at.recipient.advance()
            one.fetch()
        assert one.standing() == ["reinstated", "rejected", "received"]
        before = one.words()
        for fault in ("busy", "error_before", "drop_before", "garbage_after", "cut"):
            with monkeypatch.context() as patch:
                patch.setattr(at.recipient, "fault", partial(str, fault))
                (told,) = one.fetch()
            assert told.fault is not None and told.taken == ()
        assert Fate.ENTERED not in fates(one.fetch()) and one.words() == before, "told again, nothing moves"


def test_a_call_to_ebays_programme_is_taken_in_part_and_asked_about_by_its_number(desk: Desk) -> None:
    course: list[Course] = []
    with served(course, ("removed", "failed", "asked")) as at:
        vero = f"{at.base}/commerce/vero/v2"
        delivery = {**API, "to": f"{vero}/report_vero_violations", "body": "vero", "receipt": "veroReportId"}
        shape = {
            "rows": "reportedItemDetails",
            "item": "itemId",
            "word": "status",
            "reason": "reasonForFailure",
        }
        answers = {**API, "at": f"{vero}/vero_report/{{receipt}}?includeItemDetails=true", "shape": shape}
        course.append(Course(desk, delivery, answers, "ebay-vero", relay=None))
        (one,) = course
        assert one.carry().receipt == "R-000001"
        call = json.loads((desk.folder(one.batch) / "vero.json").read_bytes())["reportItems"]
        assert [set(row) for row in call] == [VERO_ITEM] * 3
        for _ in range(3):
            at.recipient.advance()
            one.fetch()
        assert one.standing() == ["actioned", "failed", "actioned"]
        before = one.words()
        assert fates(one.fetch()) == [] and one.words() == before, "a status without a time is entered once"


def test_letters_bind_to_their_delivery_and_nobody_else_writes_in_the_platforms_name(desk: Desk) -> None:
    course: list[Course] = []
    recipient = Recipient(courses=PARTS, clock=lambda: course[0].now())
    mail = MailDesk(recipient, Mailbox(desk.home / "post"))
    with ServedMailDesk(mail) as at:
        way = relay("127.0.0.1", at.port, user=None, secret=None, is_here=True)
        delivery = {"by": "mail", "to": SENT, "sender": "office@unit.example"}
        answers = {"by": "mail", "at": "post", "senders": ["shopnest.example"]}
        course.append(Course(desk, delivery, answers, "eu-dsa-16", relay=way))
        (one,) = course
        key = one.carry().idempotency_key
    assert fates(one.fetch()) == [Fate.KNOWN], "a machine's receipt decides nothing"
    recipient.advance()
    mail.answer()
    assert fates(one.fetch()) == [Fate.REFUSED, Fate.REFUSED, Fate.ENTERED] and one.standing()[2] == "failed"
    recipient.advance()
    mail.answer(by_sheet=True)
    (letter,) = (desk.home / "post" / "new").iterdir()
    again = letter.read_bytes()
    assert fates(one.fetch()) == [Fate.ENTERED, Fate.ENTERED]
    assert one.standing() == ["under_review", "rejected", "failed"]
    mail.box.deliver(again)
    assert set(fates(one.fetch())) == {Fate.KNOWN}, "the same letter twice"

    def only(found: list[Fetched]) -> Any:
        (each,) = found
        (taken,) = each.taken
        return taken.fate, taken.code

    before = one.words()
    mail.write(key, "1-1: removed\n", sender="desk@shopnest.example.evil.example")
    assert only(one.fetch()) == (Fate.REFUSED, Why.OTHER_SENDER)
    forged = mail.write(key, "1-1: removed\n").replace(key.encode(), key[::-1].encode())
    next((desk.home / "post" / "new").iterdir()).write_bytes(forged)
    assert only(one.fetch()) == (Fate.REFUSED, Why.NOT_OURS)
    mail.write(key, "9-1: removed\n")
    assert only(one.fetch()) == (Fate.REFUSED, Why.NOT_OURS)
    mail.box.deliver(b"\x00\xff no header at all")
    assert [each.fault is not None for each in one.fetch()] == [True]
    assert one.words() == before
    mail.write(key, "Please send us the certificate of the mark.\n\n> 1-1: removed\n")
    assert only(one.fetch()) == (Fate.UNMAPPED, Why.UNMAPPED_WORD)
    assert one.words()[-1] == ("letter", None) and one.standing() == ["under_review", "rejected", "failed"]
    flags = sorted(path.name.partition(":2,")[2] for path in (desk.home / "post" / "cur").iterdir())
    assert flags.count("FS") == 1 and set(flags) == {"S", "FS"}


def test_a_bounce_fails_what_nobody_answered_and_leaves_the_delivery_to_a_person(desk: Desk) -> None:
    course: list[Course] = []
    recipient = Recipient(clock=lambda: course[0].now())
    mail = MailDesk(recipient, Mailbox(desk.home / "post"), unknown=[SENT])
    with ServedMailDesk(mail) as at:
        way = relay("127.0.0.1", at.port, user=None, secret=None, is_here=True)
        delivery = {"by": "mail", "to": SENT, "sender": "office@unit.example"}
        answers = {"by": "mail", "at": "post", "senders": ["shopnest.example"]}
        course.append(Course(desk, delivery, answers, "eu-dsa-16", relay=way))
        (one,) = course
        assert one.carry().state is OutboxState.ACCEPTED
    (letter,) = (desk.home / "post" / "new").iterdir()
    original = letter.read_bytes()
    letter.write_bytes(original.replace(SENT.encode(), b"someone@else.example"))
    assert fates(one.fetch()) == [Fate.REFUSED], "given back to an address that it was not sent to"
    mail.box.deliver(original)
    assert fates(one.fetch()) == [Fate.ENTERED] * 3
    assert one.standing() == ["failed"] * 3
    assert one.entry().state is OutboxState.HELD and "550" in str(one.entry().because)
    complaint = original.replace(b"delivery-status", b"feedback-report")
    mail.box.deliver(complaint)
    assert fates(one.fetch()) == [Fate.UNMAPPED] and one.words()[-1][0].startswith("feedback: ")


def full_disk() -> Path:
    raise OSError(28, "No space left on device")


def test_filled_sheets_are_fetched_from_a_folder_and_moved_aside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    course: list[Course] = []
    recipient = Recipient(courses=PARTS, clock=lambda: course[0].now())
    table = SheetDesk(recipient, desk.home / "in", desk.home / "out-sheets")
    delivery = {"by": "folder", "to": "in", "repeats": "same_key"}
    course.append(Course(desk, delivery, {"by": "folder", "at": "out-sheets"}, "eu-dsa-16", relay=None))
    (one,) = course
    assert one.carry().state is OutboxState.ACCEPTED and table.fetch() == 1
    for _ in range(3):
        recipient.advance()
        table.answer()
        one.fetch()
    assert one.standing() == ["actioned", "rejected", "failed"]
    (desk.home / "out-sheets" / "rubbish.csv").write_bytes(b"no,sheet\n1,2\n")
    assert [each.fault is not None for each in one.fetch()] == [True]
    assert one.fetch() == [] and (desk.home / "out-sheets" / "unreadable" / "rubbish.csv").exists()
    for name in ("a.csv", "b.csv"):
        (desk.home / "out-sheets" / name).write_bytes(b"no,sheet\n1,2\n")
    move = fetching.move_aside
    with monkeypatch.context() as patch:
        patch.setattr(
            fetching, "move_aside", lambda path, to: full_disk() if path.name == "a.csv" else move(path, to)
        )
        assert ["log" in str(each.fault) for each in one.fetch()] == [True, False], "one that stays costs no other"
    assert [each.source for each in one.fetch()] == ["a.csv"], "it was left for this look"


def test_one_letter_that_nobody_foresaw_keeps_no_other_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Mailbox(desk.home / "post")
    delivery = {"by": "mail", "to": SENT, "sender": "office@unit.example"}
    one = Course(
        desk, delivery, {"by": "mail", "at": "post", "senders": ["shopnest.example"]}, "eu-dsa-16", relay=None
    )
    for text in (b"poison", b"plain"):
        box.deliver(b"From: a@shopnest.example\r\nSubject: x\r\n\r\n" + text)
    (box.folder / "new" / "link").symlink_to(desk.home / "marque.db")
    take = post.read_letter

    def fails_on_poison(data: bytes) -> Letter:
        if b"poison" in data:
            raise KeyError("nobody foresaw it")
        return take(data)

    with monkeypatch.context() as patch:
        patch.setattr(post, "read_letter", fails_on_poison)
        assert [each.fault is not None for each in one.fetch()] == [True, False, True]
    assert [path.read_bytes()[-6:] for path in (box.folder / "new").iterdir()] == [b"poison"]
    assert [each.fault for each in one.fetch()] == [None], "it was left for this look"
    assert list((box.folder / "new").iterdir()) == []


def test_filled_sheets_are_fetched_from_a_server_where_the_batch_was_put(desk: Desk, tmp_path: Path) -> None:
    root = tmp_path / "server"
    for name in ("in", "out"):
        (root / name).mkdir(parents=True)
    course: list[Course] = []
    recipient = Recipient(courses=PARTS, clock=lambda: course[0].now())
    table = SheetDesk(recipient, root / "in", root / "out")
    with serving_sftp(root) as host:
        account = {"by": "sftp", "host_key": host.host_key, "key_env": "MARQUE_KEY_TEST"}
        delivery = {**account, "to": host.url("/in"), "repeats": "look_up"}
        course.append(Course(desk, delivery, {**account, "at": host.url("/out")}, "eu-dsa-16", relay=None,
                             secret={"MARQUE_KEY_TEST": PASSWORD}.get))  # fmt: skip
        (one,) = course
        one.secret = {}.get
        assert "the environment has no" in str(one.fetch()[0].fault)
        one.secret = {"MARQUE_KEY_TEST": PASSWORD}.get
        assert one.carry().state is OutboxState.ACCEPTED and table.fetch() == 1
        for _ in range(3):
            recipient.advance()
            table.answer()
            one.fetch()
        assert one.standing() == ["actioned", "rejected", "failed"]
        (root / "out" / "rubbish.csv").write_bytes(b"no,sheet\n1,2\n")
        (root / "out" / "linked.csv").symlink_to(root / "out" / "taken")
        assert [each.fault is not None for each in one.fetch()] == [True, True]
        assert one.fetch() == [] and (root / "out" / "unreadable" / "rubbish.csv").exists()
        known = max((root / "out" / "taken").glob("*.csv")).read_bytes()  # the last word, not one it went beyond
        (root / "out" / "again.csv").write_bytes(known)
        host.fault = "unmovable"
        before = one.words()
        assert "cannot be moved aside" in str(one.fetch()[0].fault) and one.words() == before
        host.fault = None
        assert set(fates(one.fetch())) == {Fate.KNOWN} and one.fetch() == []
