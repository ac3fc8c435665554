"""Reads notices and batches the way a person asks for them: by number, with refusals and standing."""

from __future__ import annotations

from typing import Any

from console.errors import NotFound
from console.pipeline import sender_of
from console.workspace import Workspace
from reports.judging import judge_notice
from reports.lately import before_handing_over
from reports.rules.warnings import warn_of
from store.db.batches import Batches
from store.db.cases import Cases
from store.db.notices import Notices
from store.db.outcomes import Outcomes
from store.db.tables import batch, notice
from store.evidence.seal import published_keys
from store.evidence.verify import verify
from store.records import codec
from store.records.ids import Clock, utc_now
from store.records.notices import NoticeState
from store.records.scope import EVERYTHING


def notice_id(workspace: Workspace, number: int) -> str:
    """The id of the notice people call by that number. Raises `NotFound`."""
    with workspace.database.read() as connection:
        found = Notices(connection, EVERYTHING).first(notice.c.number == number)
    if found is None:
        raise NotFound("notice", str(number), "`marque notices list` shows all")
    return found.id


def notice_list(workspace: Workspace) -> list[dict[str, Any]]:
    """Every notice with how many items it has and how many were refused."""
    with workspace.database.read() as connection:
        found = Notices(connection, EVERYTHING).find()
    return [
        {
            "number": n.number,
            "id": n.id,
            "state": n.state.value,
            "platform": n.platform,
            "profile": n.profile,
            "items": len(n.items),
            "refused": sum(bool(item.refusals) for item in n.items),
            "signatory": n.signatory,
        }
        for n in sorted(found, key=lambda n: n.number)
    ]


def refusals(workspace: Workspace) -> list[dict[str, Any]]:
    """Every refusal that stands, with its notice and listing."""
    with workspace.database.read() as connection:
        found = Notices(connection, EVERYTHING).find()
    return [
        {"notice": n.number, "title": item.title, "url": item.url, **codec.to_json(refusal)}
        for n in sorted(found, key=lambda n: n.number)
        for item in n.items
        for refusal in item.refusals
    ]


def warnings(workspace: Workspace, *, clock: Clock = utc_now) -> list[dict[str, Any]]:
    """What a person should look at twice in each item that may still leave, by notice; none of it stops anything."""
    found = []
    with workspace.database.read() as connection:
        waiting = Notices(connection, EVERYTHING).in_state(NoticeState.READY, NoticeState.APPROVED)
        cases = {each.case: Cases(connection, EVERYTHING).get(each.case) for each in waiting}
    for each in sorted(waiting, key=lambda n: n.number):
        case = cases[each.case]
        if case is None:
            continue
        judged = judge_notice(
            workspace.database,
            workspace.vault,
            workspace.declarations,
            each,
            case,
            sender=sender_of(workspace, each.signatory),
            scope=EVERYTHING,
            now=clock(),
            sealer=workspace.sealer,
        )
        found += [
            {"notice": each.number, "title": item.title, "url": item.url, "code": caution.code, "says": caution.says}
            for item in each.items
            if item.id in judged.facts
            for caution in warn_of(judged.facts[item.id])
        ]
    return found


def batch_list(workspace: Workspace) -> list[dict[str, Any]]:
    """Every batch."""
    with workspace.database.read() as connection:
        return [codec.to_json(b) for b in sorted(Batches(connection, EVERYTHING).find(), key=lambda b: b.number)]


def batch_standing(workspace: Workspace, number: int, *, clock: Clock = utc_now) -> dict[str, Any]:
    """One batch, with the verdict on its folder as it is now. Raises `NotFound`."""
    with workspace.database.read() as connection:
        found = Batches(connection, EVERYTHING).first(batch.c.number == number)
        if found is None:
            raise NotFound("batch", str(number), "`marque batches list` shows all")
        notices = Notices(connection, EVERYTHING).find(notice.c.id.in_(found.notices))
        warning = before_handing_over(connection, found, notices, workspace.declarations, clock())
    folder = workspace.settings.home / found.path
    report = verify(folder, published_keys(workspace.settings.keys))
    verdict = report.verdict.name.lower()
    return {**codec.to_json(found), "folder": str(folder), "verdict": verdict, "before_handing_over": warning}


def answer_list(workspace: Workspace) -> list[dict[str, Any]]:
    """Every answer, oldest first, with the notice and the listing it speaks of."""
    with workspace.database.read() as connection:
        outcomes = Outcomes(connection, EVERYTHING).find()
        notices = {n.id: n for n in Notices(connection, EVERYTHING).find()}
    titles = {item.id: item.title for n in notices.values() for item in n.items}
    return [
        {
            "notice": notices[outcome.notice].number,
            "item": outcome.item,
            "title": titles.get(outcome.item or "", "the whole notice"),
            "kind": outcome.kind.value,
            "status_raw": outcome.status_raw,
            "status": outcome.status.value if outcome.status else None,
            "action": outcome.action,
            "because": outcome.explanation,
            "platform_case": outcome.platform_case_id,
            "at": (outcome.decided_at or outcome.received_at).isoformat(),
            "raw_sha256": outcome.raw_sha256,
        }
        for outcome in outcomes
    ]
