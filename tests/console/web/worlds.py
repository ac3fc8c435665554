"""A ledger in which every line of the first page has something to say."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from console.web.desk import Desk
from store.db import tables
from store.db.review import ReviewItems
from store.evidence.bundle import PackageReceipt, write_folder
from store.evidence.seal import create_key
from store.records.ids import new_id
from store.records.notices import NoticeState
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests import factories as make


def seal_folder(desk: Desk, name: str) -> PackageReceipt:
    """A sealed folder with a page in it, under a key of the workspace that is valid on the desk's own day."""
    settings, now = desk.workspace.settings, desk.clock()
    day = timedelta(days=1)
    key = create_key(settings.keys, name="Office", valid_from=now - day, valid_to=now + 365 * day)
    folder = settings.out / "batches"
    folder.mkdir(parents=True, exist_ok=True)
    page = b"<!doctype html><html lang=en><title>Batch 1</title><h1>Batch 1</h1></html>"
    return write_folder(folder / name, {"index.html": page}, {"kind": "test"}, key, "notice sender", now)


def instrument_values(id: str, case: str, now: datetime, *, number: int = 1, **more: Any) -> dict[str, Any]:
    """A request to preserve that was issued, whose time ends in twenty days."""
    values = {
        "id": id, "number": number, "form": "preservation-us", "form_version": 1, "case": case, "sections": [],
        "text": "A request", "text_sha256": hashlib.sha256(b"A request").hexdigest(), "state": "issued",
        "preserves": True, "drafted_by": "Ann", "drafted_at": now, "approved_by": "Bo", "approved_at": now,
        "issued_by": "Bo", "issued_at": now, "reference": "AZ 1/26", "keeps_until": now + timedelta(days=20),
    }  # fmt: skip
    return {**values, **more}


def busy_day(desk: Desk) -> dict[str, str]:
    """A scene, clocks, a counter-notice, an answer, a lost delivery, an unfit crawl. Gives ids by name."""
    workspace, now = desk.workspace, desk.clock()
    scene = make.goods_scene()
    right = replace(scene.right, expires_on=now.date() + timedelta(days=20))
    mandates = tuple(replace(each, valid_until=now.date() + timedelta(days=5)) for each in scene.mandates)
    make.store_scene(workspace.database, workspace.vault, replace(scene, right=right, mandates=mandates))
    sealed = seal_folder(desk, "0001-shopnest")
    ids = {name: new_id() for name in ("notice", "outcome", "counter", "deadline", "batch", "outbox", "run")}
    with workspace.database.write() as connection:

        def put(table: Any, **values: Any) -> None:
            connection.execute(table.insert().values(**values))

        for number, state in ((1, NoticeState.SENT), (2, NoticeState.READY)):
            put(
                tables.notice,
                id=ids["notice"] if number == 1 else new_id(),
                number=number,
                case=scene.case.id,
                platform=scene.case.platform,
                profile="eu-dsa-16",
                profile_version=1,
                regime="eu-dsa-16",
                right=right.id,
                holder=right.holder,
                language="en",
                state=state.value,
                statements=[],
                drafted_at=now,
                legal_basis="Article 16",
                draft_profile=True,
            )
        put(
            tables.outcome,
            id=ids["outcome"],
            notice=ids["notice"],
            kind="decision",
            status_raw="Removed",
            status="actioned",
            received_at=now,
            raw_sha256="a" * 64,
        )
        put(
            tables.counter_notice,
            id=ids["counter"],
            notice=ids["notice"],
            reason="authorised",
            elements=[],
            received_at=now,
            response_due=now + timedelta(days=2),
            raw_sha256="b" * 64,
        )
        put(tables.instrument, **instrument_values(new_id(), scene.case.id, now))
        for subject_kind, subject in (
            ("notice", ids["notice"]),
            ("right", right.id),
            ("counter_notice", ids["counter"]),
        ):
            put(
                tables.deadline,
                id=new_id(),
                subject_kind=subject_kind,
                subject=subject,
                kind="platform_answer",
                regime="eu-dsa-16",
                due_at=now + timedelta(hours=30),
                calendar="calendar",
                state="running",
            )
        put(
            tables.batch,
            id=ids["batch"],
            number=1,
            platform=scene.case.platform,
            profile="eu-dsa-16",
            notices=[ids["notice"]],
            item_count=1,
            path=sealed.path.relative_to(workspace.settings.home).as_posix(),
            manifest_sha256=sealed.manifest_sha256,
            created_at=now,
            limits_applied={},
        )
        put(
            tables.outbox,
            id=ids["outbox"],
            batch=ids["batch"],
            idempotency_key="d" * 64,
            state="unknown",
            attempts=1,
            queued_at=now,
        )
        put(
            tables.run,
            id=ids["run"],
            kind="crawl",
            platform=scene.case.platform,
            state=RunState.UNFIT.value,
            started_at=now,
            ended_at=now,
            code_version="1",
            config_digest="e" * 64,
            counts={"listings": 3},
            alarms=["title was read on 36% of 2441 listings, 99% are expected"],
        )
        ReviewItems(connection, EVERYTHING).refresh([scene.finding.id])
    (workspace.settings.platforms / "broken.toml").write_text("name = 3\n")
    return {
        **ids,
        "holder": right.holder,
        "right": right.id,
        "finding": scene.finding.id,
        "listing": scene.listing.id,
        "capture": scene.captures[0].id,
        "reference": scene.references[0].id,
        "number": str(scene.case.number),
        "seller": scene.seller.id if scene.seller else "",
        "sha256": scene.images[0].sha256 or "",
    }
