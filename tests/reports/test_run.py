"""From a confirmed finding to a sealed batch: idempotent, judged twice, refused with reasons, never sent twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.run import build_cases, decide_by_exercise_policy
from config.declarations import Declarations
from config.errors import UnsafeDeclaration
from config.policy import Policy, ReviewPolicy, SenderPolicy
from config.profile import Verified
from reports.errors import (
    ChangedNotice,
    NoReason,
    OtherSender,
    OwnWork,
    SamePerson,
    UnknownBatch,
    UnknownNotice,
    UnverifiedProfile,
    WrongSigner,
    WrongState,
)
from reports.outcomes import outcomes
from reports.run import export_batches, prepare
from reports.sending import queue_delivery
from reports.signing import (
    approve,
    approve_by_exercise_policy,
    outline_of,
    recall,
    send_back,
    sight_of,
    sign,
    stance_of,
)
from store.db import tables
from store.db.audit import AuditTrail
from store.db.batches import Batches
from store.db.cases import Cases
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.seal import SigningKey, create_key
from store.evidence.vault import Vault
from store.evidence.verify import Verdict, verify
from store.records.cases import CaseState
from store.records.findings import Band
from store.records.ids import Clock
from store.records.listings import ListingState
from store.records.notices import Batch, Notice, NoticeState
from store.records.runs import Run
from store.records.scope import EVERYTHING
from tests import factories as make

Tick = Callable[[], datetime]
Ids = Callable[[], str]
HOSTILE = '=HYPERLINK("http://e.example";"x") AURELIA <script>alert(1)</script> \u202ecopy\x00'


class Desk:
    """A workspace with everything a test of the stage asks for."""

    def __init__(self, database: Database, vault: Vault, clock: Tick, ids: Ids, home: Path) -> None:
        self.database, self.vault, self.clock, self.ids, self.home = database, vault, clock, ids, home
        self.declared = make.declarations(platforms=(make.platform(), make.stream_scene().platform))
        self.key: SigningKey = create_key(
            home / "keys",
            name="Test office",
            valid_from=make.NOW - timedelta(days=1),
            valid_to=make.NOW + timedelta(days=365),
            random_bytes=bytes,
        )

    def add(self, *scenes: make.Scene) -> None:
        for scene in scenes:
            make.store_scene(self.database, self.vault, scene, decided=False)
        build_cases(self.database, self.declared, clock=self.clock, ids=self.ids)
        decide_by_exercise_policy(self.database, self.declared, clock=self.clock, ids=self.ids)

    def change(self, table: Any, record: Any) -> None:
        with self.database.write() as connection:
            upsert(connection, table, [row_of(record, table)], ["id"])

    def prepare(self, **more: Any) -> Run:
        values: dict[str, Any] = {"sender": make.sender(), "clock": self.clock, "ids": self.ids, **more}
        declared: Declarations = values.pop("declared", self.declared)
        return prepare(self.database, self.vault, declared, **values)

    def approve_all(self) -> list[Notice]:
        return approve_by_exercise_policy(self.database, self.declared, clock=self.clock, ids=self.ids)

    def export(self, declared: Declarations | None = None) -> list[Batch]:
        return export_batches(
            self.database,
            self.vault,
            declared or self.declared,
            sender=make.sender(),
            out=self.home / "out",
            key=self.key,
            answer_key=make.ANSWER_KEY,
            clock=self.clock,
            ids=self.ids,
        )

    def notices(self) -> list[Notice]:
        with self.database.read() as connection:
            return Notices(connection, EVERYTHING).find()

    def folder(self, batch: Batch) -> Path:
        return self.home / batch.path


@pytest.fixture
def desk(database: Database, vault: Vault, clock: Tick, ids: Ids, tmp_path: Path) -> Desk:
    return Desk(database, vault, clock, ids, tmp_path)


def test_a_batch_is_one_folder_that_verifies_and_holds_every_byte_it_names(desk: Desk) -> None:
    desk.add(make.goods_scene(1), make.goods_scene(2), make.stream_scene(3))
    run = desk.prepare()
    assert run.counts == {"notices": 2, "items": 3, "items_refused": 0, "items_standing": 0}
    desk.approve_all()
    batches = desk.export()
    assert [(b.platform, b.item_count, b.number) for b in batches] == [("filmhamn", 1, 1), ("shopnest", 2, 2)]
    for batch in batches:
        folder = desk.folder(batch)
        assert folder.name == f"{batch.number:04d}-{batch.platform}"
        assert verify(folder, [desk.key.published]).verdict is Verdict.PASS
        data = json.loads((folder / "batch.json").read_bytes())
        assert data["watermark"] == "EXERCISE"
        items = [item for notice in data["notices"] for item in notice["items"]]
        assert len(items) == batch.item_count
        for item in items:
            assert item["captures"]
            for capture in item["captures"]:
                for file in capture["files"]:
                    assert make.sha((folder / file["path"]).read_bytes()) == file["sha256"]
        assert (folder / "urls.txt").read_text().splitlines() == [item["url"] for item in items]


def test_running_every_step_again_makes_nothing_new(desk: Desk) -> None:
    desk.add(make.goods_scene(1), make.goods_scene(2))
    desk.prepare()
    assert desk.prepare().counts == {"notices": 0, "items": 0, "items_refused": 0, "items_standing": 2}
    desk.approve_all()
    assert desk.prepare().counts["items_standing"] == 2
    assert len(desk.export()) == 1
    assert desk.export() == []
    assert desk.prepare().counts["items_standing"] == 2 and desk.approve_all() == [] and desk.export() == []
    with desk.database.read() as connection:
        assert Batches(connection, EVERYTHING).count() == 1
        assert [c.state for c in Cases(connection, EVERYTHING).find()] == [CaseState.NOTIFIED]
    keys = [item.idempotency_key for notice in desk.notices() for item in notice.items if not item.refusals]
    assert len(keys) == len(set(keys)) == 2


def test_a_killed_export_leaves_nothing_that_the_next_one_trips_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    desk.approve_all()

    def die(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Batches, "write", die)
        with pytest.raises(KeyboardInterrupt):
            desk.export()
    assert [path.name for path in (desk.home / "out" / "batches").iterdir() if path.is_dir()] == ["0001-shopnest"]
    assert [notice.state for notice in desk.notices()] == [NoticeState.APPROVED]
    (batch,) = desk.export()
    assert batch.number == 1 and verify(desk.folder(batch), [desk.key.published]).verdict is Verdict.PASS


def test_refused_items_are_kept_with_their_codes_and_tried_again(desk: Desk) -> None:
    japan = make.right(territories=("JP",))
    desk.add(make.goods_scene(1, right=japan))
    run = desk.prepare()
    assert run.counts["items_refused"] == 1 and run.counts["refused_TERR"] == 1
    (notice,) = desk.notices()
    assert notice.state is NoticeState.REFUSED
    assert [refusal.code for refusal in notice.items[0].refusals] == ["TERR-1", "BASIS-1"]
    assert desk.approve_all() == [] and desk.export() == []
    assert outcomes(desk.database) == {("shopnest", "5100001"): ("refused", "TERR")}

    assert desk.prepare().counts["items_refused"] == 1
    assert len(desk.notices()) == 1, "refused again: the same item, looked at anew"

    desk.change(tables.right, make.right())
    assert desk.prepare().counts["items"] == 1
    desk.approve_all()
    assert len(desk.export()) == 1
    assert outcomes(desk.database) == {("shopnest", "5100001"): ("noticed", None)}


def test_one_refused_item_does_not_hold_back_the_others(desk: Desk) -> None:
    gone = make.goods_scene(2)
    desk.add(make.goods_scene(1), replace(gone, listing=replace(gone.listing, state=ListingState.GONE)))
    desk.prepare()
    desk.approve_all()
    (batch,) = desk.export()
    assert batch.item_count == 1
    assert outcomes(desk.database) == {
        ("shopnest", "5100001"): ("noticed", None),
        ("shopnest", "5100002"): ("refused", "DUP"),
    }


def test_an_item_is_judged_again_right_before_it_leaves(desk: Desk) -> None:
    desk.add(make.goods_scene(1), make.goods_scene(2))
    desk.prepare()
    desk.approve_all()
    desk.change(tables.listing, make.listing(1, state=ListingState.SOLD))
    (batch,) = desk.export()
    assert batch.item_count == 1
    (notice,) = desk.notices()
    assert {item.platform_item_id: [r.code for r in item.refusals] for item in notice.items} == {
        "5100001": ["DUP-2"],
        "5100002": [],
    }


def test_a_notice_whose_last_item_fell_away_is_refused_not_sent_empty(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    desk.approve_all()
    desk.change(tables.right, make.right(expires_on=make.TODAY - timedelta(days=1)))
    assert desk.export() == []
    assert [notice.state for notice in desk.notices()] == [NoticeState.REFUSED]


def test_missing_bytes_stop_the_item(desk: Desk) -> None:
    scene = make.goods_scene(1)
    desk.add(replace(scene, bodies=scene.bodies[1:]))
    assert desk.prepare().counts["refused_EVID"] == 1


def test_without_signatory_nothing_is_ready(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    assert desk.prepare(sender=make.sender(signatory=None)).counts["refused_AUTH"] == 1


def test_a_case_without_profile_is_told_not_dropped(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    silent = make.declarations(platforms=(make.platform(notify={}),))
    run = desk.prepare(declared=silent)
    assert run.counts["notices"] == 0
    assert run.alarms == (
        "case 1: 1 confirmed finding(s) not drafted, because platform shopnest names no profile under [notify]",
    )


def test_limits_split_notices_and_batches(desk: Desk) -> None:
    desk.add(*(make.goods_scene(number) for number in range(1, 6)))
    profile = make.profile()
    small = profile.model_copy(
        update={"limits": profile.limits.model_copy(update={"items_per_notice": 2, "items_per_batch": 3})}
    )
    declared = replace(desk.declared, profiles={**desk.declared.profiles, profile.name: small})
    assert desk.prepare(declared=declared).counts["notices"] == 3
    desk.approve_all()
    batches = desk.export(declared)
    assert [batch.item_count for batch in batches] == [2, 3]
    assert batches[0].limits_applied["items_per_batch"] == "3"


def test_people_approve_and_sign_by_name_in_this_order(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    (notice,) = desk.notices()
    with pytest.raises(WrongState):
        sign(desk.database, notice.id, by="Jane Roe", clock=desk.clock, ids=desk.ids)
    for nobody in ("", "  ", "exercise policy", "Exercise Signatory", "marque"):
        with pytest.raises(WrongSigner):
            approve(desk.database, notice.id, by=nobody, clock=desk.clock, ids=desk.ids)
    approved = approve(desk.database, notice.id, by="Ann", clock=desk.clock, ids=desk.ids)
    assert approved.state is NoticeState.APPROVED and approved.approved_by == "Ann"
    assert desk.export() == [], "approved, not signed"
    signed = sign(desk.database, notice.id, by="Jane Roe", clock=desk.clock, ids=desk.ids)
    assert signed.signatory == "Jane Roe"
    with pytest.raises(WrongSigner, match="signed it already"):
        sign(desk.database, notice.id, by="Ann", clock=desk.clock, ids=desk.ids)
    with pytest.raises(UnknownNotice):
        approve(desk.database, "no such notice", by="Ann", clock=desk.clock, ids=desk.ids)
    assert len(desk.export()) == 1
    with desk.database.read() as connection:
        acts = AuditTrail(connection, EVERYTHING).of_subject(notice.id)
    assert [act.action for act in acts] == ["draft_notice", "approve_notice", "sign_notice"]
    assert len(acts[-1].detail["signed_sha256"]) == 64


def test_nothing_is_approved_without_a_person_outside_an_exercise(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    with pytest.raises(UnsafeDeclaration):
        approve_by_exercise_policy(desk.database, make.declarations(exercise=False), clock=desk.clock, ids=desk.ids)
    assert [notice.state for notice in desk.notices()] == [NoticeState.READY]


def test_a_notice_signed_for_one_agent_is_not_sent_by_another(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    desk.approve_all()
    with pytest.raises(OtherSender, match="was signed for Marque Rights Office, and the holder itself sends now"):
        export_batches(
            desk.database,
            desk.vault,
            desk.declared,
            sender=make.sender(agent=None),
            out=desk.home / "out",
            key=desk.key,
            answer_key=make.ANSWER_KEY,
            clock=desk.clock,
            ids=desk.ids,
        )


def test_a_recalled_item_may_be_asked_for_anew_under_a_new_key(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    desk.approve_all()
    desk.export()
    (first,) = desk.notices()
    recalled = recall(desk.database, first.id, by="Ann", because="wrong photo", clock=desk.clock, ids=desk.ids)
    assert recalled.state is NoticeState.RECALLED
    assert outcomes(desk.database) == {("shopnest", "5100001"): ("review", None)}
    with pytest.raises(WrongState):
        recall(desk.database, first.id, by="Ann", because="again", clock=desk.clock, ids=desk.ids)
    assert desk.prepare().counts["items"] == 1
    _, second = desk.notices()
    assert second.items[0].idempotency_key != first.items[0].idempotency_key


def test_a_picture_that_did_not_match_is_shown_as_such(desk: Desk) -> None:
    scene = make.goods_scene(1)
    desk.add(replace(scene, comparison=replace(scene.comparison, references=())))
    desk.prepare()
    desk.approve_all()
    (batch,) = desk.export()
    data = json.loads((desk.folder(batch) / "batch.json").read_bytes())
    caption = data["notices"][0]["items"][0]["reference_picture"]["caption"]
    assert caption.endswith("shown for comparison, no match of pictures is claimed")


def test_hostile_titles_become_neither_tag_nor_formula(desk: Desk) -> None:
    from tests.reports.test_formats import Tags, is_formula

    desk.add(make.goods_scene(1, HOSTILE), make.goods_scene(2, "</title><img src=x onerror=alert(1)>"))
    desk.prepare()
    desk.approve_all()
    (batch,) = desk.export()
    folder = desk.folder(batch)
    page = (folder / "index.html").read_text("utf-8")
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags and "iframe" not in tags.tags
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    assert all(value is None or value.startswith("#") for name, value in tags.attributes if name == "href")
    assert all(
        (value or "").startswith("data:image/jpeg;base64,") for name, value in tags.attributes if name == "src"
    )
    assert tags.tags.count("img") == 4
    assert "\x00" not in page and "\u202e" not in page
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    import csv

    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        assert not [cell for row in csv.reader(file) for cell in row if is_formula(cell)]


def test_the_watermark_says_what_a_batch_is(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    desk.approve_all()
    draft = replace(desk.declared, policy=desk.declared.policy.model_copy(update={"exercise": False}))
    assert desk.export(draft) == [], "confirmed by the exercise policy, and this is no exercise"
    (notice,) = desk.notices()
    assert [r.code for r in notice.items[0].refusals] == ["MATCH-1"]


def _verified(declared: Declarations) -> Declarations:
    profile = make.profile().model_copy(update={"verified": Verified(by="Jane Roe", on=make.TODAY)})
    return replace(declared, profiles={**declared.profiles, profile.name: profile})


def _by_people(desk: Desk, declared: Declarations) -> Batch:
    """One batch as people make it, outside an exercise."""
    from cases.decisions import decide
    from store.records.cases import Verdict as Says

    make.store_scene(desk.database, desk.vault, make.goods_scene(1), decided=False)
    build_cases(desk.database, declared, clock=desk.clock, ids=desk.ids)
    decide(desk.database, [make.an_id("finding")], Says.CONFIRM, by="Ann", clock=desk.clock, ids=desk.ids)
    desk.prepare(declared=declared)
    (notice,) = desk.notices()
    approve(desk.database, notice.id, by="Bo", clock=desk.clock, ids=desk.ids)
    sign(desk.database, notice.id, by="Jane Roe", clock=desk.clock, ids=desk.ids)
    (batch,) = desk.export(declared)
    return batch


def _queue(desk: Desk, declared: Declarations, batch: str) -> bool:
    return queue_delivery(desk.database, declared, batch, by="Ann", clock=desk.clock, ids=desk.ids)


def test_a_draft_is_watermarked_and_never_queued_even_if_verified_later(desk: Desk) -> None:
    declared = make.declarations(exercise=False)
    batch = _by_people(desk, declared)
    data = json.loads((desk.folder(batch) / "batch.json").read_bytes())
    assert data["watermark"] == "DRAFT"
    assert "has not been sent" in (desk.folder(batch) / "index.html").read_text("utf-8")
    for now in (declared, _verified(declared)):
        with pytest.raises(UnverifiedProfile):
            _queue(desk, now, batch.id)
    with desk.database.read() as connection:
        assert Outbox(connection, EVERYTHING).count() == 0


def test_a_verified_batch_is_plain_and_queued_once(desk: Desk) -> None:
    declared = _verified(make.declarations(exercise=False))
    batch = _by_people(desk, declared)
    assert json.loads((desk.folder(batch) / "batch.json").read_bytes())["watermark"] is None
    assert _queue(desk, declared, batch.id)
    assert not _queue(desk, declared, batch.id)
    with desk.database.read() as connection:
        assert len(Outbox(connection, EVERYTHING).of_batch(batch.id)) == 1
    with pytest.raises(UnknownBatch):
        _queue(desk, declared, "no such batch")


def test_an_exercise_is_queued_as_one(desk: Desk) -> None:
    desk.add(make.goods_scene(1))
    desk.prepare()
    desk.approve_all()
    (batch,) = desk.export()
    assert _queue(desk, desk.declared, batch.id)


def test_outcomes_tell_every_listing_once(desk: Desk) -> None:
    doubtful, silent = make.goods_scene(2), make.goods_scene(3)
    desk.add(
        make.goods_scene(1),
        replace(doubtful, finding=replace(doubtful.finding, band=Band.REVIEW)),
        replace(silent, finding=replace(silent.finding, band=Band.SILENT)),
    )
    desk.change(tables.listing, make.listing(4))
    assert outcomes(desk.database)[("shopnest", "5100001")] == ("review", None)
    desk.prepare()
    desk.approve_all()
    desk.export()
    assert outcomes(desk.database) == {
        ("shopnest", "5100001"): ("noticed", None),
        ("shopnest", "5100002"): ("review", None),
        ("shopnest", "5100003"): ("silent", None),
        ("shopnest", "5100004"): ("silent", None),
    }


def _drafted(desk: Desk, by: str) -> Notice:
    desk.add(make.goods_scene(1))
    desk.prepare(by=by)
    (notice,) = desk.notices()
    return notice


def test_whoever_drafted_a_notice_does_not_approve_it(desk: Desk) -> None:
    notice = _drafted(desk, "Ann")
    for me in ("Ann", " ann "):
        with pytest.raises(SamePerson, match="people = 1"):
            approve(desk.database, notice.id, by=me, clock=desk.clock, ids=desk.ids)


ALONE = ReviewPolicy(people=1)


def _later(hours: float) -> Clock:
    return lambda: make.NOW + timedelta(hours=hours)


def test_an_office_of_one_approves_its_own_work_after_a_night_and_little_of_it_a_day(desk: Desk) -> None:
    profile = desk.declared.profiles["eu-dsa-16"]
    single = profile.model_copy(update={"limits": profile.limits.model_copy(update={"items_per_notice": 1})})
    desk.add(*(make.goods_scene(number) for number in range(1, 13)))
    declared = replace(desk.declared, profiles={**desk.declared.profiles, profile.name: single})
    desk.prepare(declared=declared, by="Ann")
    numbers = [notice.id for notice in desk.notices()]
    assert len(numbers) == 12
    early, next_day = _later(23), _later(25)
    with pytest.raises(OwnWork, match="fresh eye"):
        approve(desk.database, numbers[0], by="Ann", clock=early, ids=desk.ids, review=ALONE)
    another = approve(desk.database, numbers[11], by="Bo", clock=early, ids=desk.ids, review=ALONE)
    assert another.approved_by == "Bo", "who did not prepare it waits for nothing"
    for number in numbers[:10]:
        approve(desk.database, number, by="Ann", clock=next_day, ids=desk.ids, review=ALONE)
    with pytest.raises(OwnWork, match="10 is the limit"):
        approve(desk.database, numbers[10], by="Ann", clock=next_day, ids=desk.ids, review=ALONE)
    approve(desk.database, numbers[10], by="Ann", clock=_later(50), ids=desk.ids, review=ALONE)
    signed = sign(desk.database, numbers[10], by="Ann", clock=_later(50), ids=desk.ids, review=ALONE)
    assert signed.signatory == "Ann"


def test_drafter_approver_and_signatory_are_apart(desk: Desk) -> None:
    notice = _drafted(desk, "Ann")
    approve(desk.database, notice.id, by="Bo", clock=desk.clock, ids=desk.ids)
    with pytest.raises(SamePerson, match="'bo' approved it"):
        sign(desk.database, notice.id, by="bo", clock=desk.clock, ids=desk.ids)
    three = ReviewPolicy(people=3)
    with pytest.raises(SamePerson, match="drafted it"):
        sign(desk.database, notice.id, by="Ann", clock=desk.clock, ids=desk.ids, review=three)
    assert sign(desk.database, notice.id, by="Ann", clock=desk.clock, ids=desk.ids).signatory == "Ann"


def test_an_authority_never_reviews_its_own_work() -> None:
    with pytest.raises(ValueError, match="an authority never reviews its own work"):
        Policy(sender=SenderPolicy(kind="authority"), review=ALONE)
    with pytest.raises(ValueError, match="greater than or equal to 24"):
        ReviewPolicy(own_after_h=1)
    with pytest.raises(ValueError, match="less than or equal to 10"):
        ReviewPolicy(own_a_day=11)


def test_what_is_no_longer_what_a_person_saw_is_neither_approved_nor_signed(desk: Desk) -> None:
    notice = _drafted(desk, "Ann")
    seen = sight_of(notice)
    approved = approve(desk.database, notice.id, by="Bo", clock=desk.clock, ids=desk.ids, seen=seen)
    with pytest.raises(ChangedNotice):
        sign(desk.database, notice.id, by="Jane Roe", clock=desk.clock, ids=desk.ids, seen=seen)
    sign(desk.database, notice.id, by="Jane Roe", clock=desk.clock, ids=desk.ids, seen=sight_of(approved))


def test_what_is_no_longer_what_a_person_saw_is_not_taken_back(desk: Desk) -> None:
    notice = _drafted(desk, "Ann")
    with desk.database.read() as connection:
        notices = Notices(connection, EVERYTHING)
        head = notices.head(notice.id)
        outline = notices.outline(notice.id)
    assert head is not None and not head.items and outline == outline_of(notice)
    seen = stance_of(head, outline)
    refused = [(id, ("DUP-1",)) for id, _ in outline]
    assert seen == stance_of(notice, outline_of(notice)) != stance_of(head, refused)
    approved = approve(desk.database, notice.id, by="Bo", clock=desk.clock, ids=desk.ids, seen=sight_of(notice))
    more = {"by": "Bo", "because": "the wrong seller", "clock": desk.clock, "ids": desk.ids}
    with pytest.raises(ChangedNotice):
        recall(desk.database, notice.id, seen=seen, **more)
    again = stance_of(approved, outline_of(approved))
    assert recall(desk.database, notice.id, seen=again, **more).state is NoticeState.RECALLED


def test_a_notice_sent_back_is_drafted_anew_in_its_place(desk: Desk) -> None:
    notice = _drafted(desk, "Ann")
    with pytest.raises(NoReason):
        send_back(desk.database, notice.id, by="Bo", because="no", clock=desk.clock, ids=desk.ids)
    send_back(desk.database, notice.id, by="Bo", because="The photo is another", clock=desk.clock, ids=desk.ids)
    run = desk.prepare(by="Cy")
    assert (run.counts["notices_redrafted"], run.counts["notices"]) == (1, 0)
    (again,) = desk.notices()
    assert (again.id, again.state, again.items[0].id) == (notice.id, NoticeState.READY, notice.items[0].id)
    with pytest.raises(SamePerson):
        approve(desk.database, notice.id, by="Cy", clock=desk.clock, ids=desk.ids)
    approve(desk.database, notice.id, by="Bo", clock=desk.clock, ids=desk.ids)
    sign(desk.database, notice.id, by="Jane Roe", clock=desk.clock, ids=desk.ids)
    with pytest.raises(WrongState):
        send_back(desk.database, notice.id, by="Bo", because="Too late now", clock=desk.clock, ids=desk.ids)


def test_one_case_is_drafted_and_one_notice_exported_alone(desk: Desk) -> None:
    desk.add(make.goods_scene(1), make.stream_scene(3))
    with desk.database.read() as connection:
        first, second = Cases(connection, EVERYTHING).find()
    desk.prepare(case=first.id)
    assert [notice.case for notice in desk.notices()] == [first.id]
    desk.prepare(case=second.id)
    one, two = desk.approve_all()
    made = export_batches(
        desk.database, desk.vault, desk.declared, sender=make.sender(), out=desk.home / "out", key=desk.key,
        answer_key=make.ANSWER_KEY, clock=desk.clock, ids=desk.ids, only={two.id},
    )  # fmt: skip
    assert [batch.notices for batch in made] == [(two.id,)]
    assert {n.id: n.state for n in desk.notices()}[one.id] is NoticeState.APPROVED
