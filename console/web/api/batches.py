"""Batches and what platforms answer to them: 202 with the fate of each answer, under an idempotency key."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection, select

from console.answering import Said, hand_in, read_receipt
from console.web.api.paging import After, Limit, answer_page, page_of
from console.web.api.problems import KEY, RESPONSES
from console.web.api.repeating import IdempotencyKey, once
from console.web.api.shapes import Accepted, AnswersIn, AnswersPart, BatchesPart, ItemsPart
from console.web.desk import Here, Number, Visit
from console.web.errors import Missing, Unreadable
from console.web.notices.batches import find_batch
from console.web.platform.standing import answers_to
from reports.answers.vocabulary import reason_text
from store.db import tables
from store.db.batches import Batches
from store.db.by_ref import in_lots
from store.db.notices import Notices
from store.db.outcomes import Outcomes
from store.db.rows import record_of
from store.records import codec
from store.records.notices import Batch, NoticeItem
from store.records.scope import EVERYTHING

router = APIRouter(prefix="/api/v1", responses=RESPONSES, dependencies=[KEY], tags=["batches"])

CorrelationId = Annotated[
    str | None,
    Header(alias="x-correlation-id", pattern=r"^[\x21-\x7e]{1,200}$", description="Given back with the answer"),
]


def _found(connection: Connection, here: Visit, number: int) -> Batch:
    batch = find_batch(connection, here.scope, number)
    if batch is None or here.person.platform not in (None, batch.platform):
        raise Missing("no such batch in sight")
    return batch


def _in_sight(connection: Connection, here: Visit) -> list[Any]:  # Any: conditions
    """Conditions on batches: the key's platform, and for a narrowed key only those whose every notice is theirs."""
    table = tables.batch.c
    where: list[Any] = [table.platform == here.person.platform] if here.person.platform else []
    if here.scope.holder is not None or here.scope.compartment is not None:
        mine = {notice.id for notice in Notices(connection, here.scope).find()}
        seen = [
            batch.id
            for batch in Batches(connection, EVERYTHING).find(*where)
            if batch.notices and set(batch.notices) <= mine
        ]
        where.append(table.id.in_(seen))
    return where


@router.get("/batches", response_model=BatchesPart)
def batches(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """Sealed batches in the key's sight, oldest first."""
    with here.read() as connection:
        where = _in_sight(connection, here)
        found, following = page_of(Batches(connection, here.scope), *where, after=after, limit=limit)
    return answer_page(request, found, following)


@router.get("/batches/{number}", response_model=Batch)
def batch(here: Here, number: Number) -> Response:
    """The batch people call by that number."""
    with here.read() as connection:
        return JSONResponse(codec.to_json(_found(connection, here, number)))


@router.get("/batches/{number}/items", response_model=ItemsPart)
def items(request: Request, here: Here, number: Number, after: After = "", limit: Limit = 50) -> Response:
    """The items of a batch, and where each stands by the platform's answers."""
    from console.web.api.paging import read_cursor, write_cursor

    begin = read_cursor(after)
    with here.read() as connection:
        found = _found(connection, here, number)
        table = tables.notice_item
        statement = (
            select(table)
            .where(table.c.notice.in_(found.notices), table.c.id > begin)
            .order_by(table.c.id)
            .limit(limit + 1)
        )
        records = [record_of(NoticeItem, row) for row in connection.execute(statement)]
        said = answers_to(connection, found, [item.id for item in records])
    following = write_cursor(records[limit - 1].id) if len(records) > limit else None
    rows = []
    for item in records[:limit]:
        standing = said.standing(item.notice, item.id)
        rows.append(
            {
                "item": item.id,
                "notice": item.notice,
                "url": item.url,
                "platform_item_id": item.platform_item_id,
                "title": item.title,
                "infringement_class": item.infringement_class.value,
                "grounds": [ground.value for ground in item.grounds],
                "observed_at": item.observed_at.isoformat(),
                "answer": standing.status.value if standing.status else None,
                "action": standing.action,
                "decided_at": standing.decided_at.isoformat() if standing.decided_at else None,
            }
        )
    return answer_page(request, rows, following, dict)


@router.post("/batches/{number}/answers", response_model=Accepted, status_code=202, tags=["answers"])
def answer(
    request: Request,
    here: Here,
    number: Number,
    body: AnswersIn,
    idempotency_key: IdempotencyKey,
    x_correlation_id: CorrelationId = None,
) -> Response:
    """Answer items of a batch. Each answer has its fate at once; sent again under its key, nothing is done twice."""
    with here.read() as connection:
        found = _found(connection, here, number)
    if here.person.platform is None:
        raise Unreadable("only a key of the batch's own platform answers for it")
    for place, each in enumerate(body.answers):
        if each.reason_code == "other" and not (each.note or "").strip():
            raise Unreadable(f"answers[{place}]: reason_code other needs a note")
    correlation = x_correlation_id or str(uuid4())

    def do() -> tuple[int, dict[str, Any]]:
        said = [
            Said(
                item=each.item.casefold(),
                word=each.answer,
                decided_at=each.decided_at,
                platform_case=each.platform_case,
                reason=reason_text(each.reason_code, " ".join((each.note or "").split())),
            )
            for each in body.answers
        ]
        receipt = hand_in(
            here.desk.workspace,
            found,
            said,
            labels={},
            by=here.by,
            via="api",
            clock=here.desk.clock,
            ids=here.desk.ids,
        )
        return 202, {
            "receipt": receipt.id,
            "correlation_id": correlation,
            "batch": receipt.batch,
            "counts": receipt.counts,
            "outcomes": [
                {
                    "item": line.item,
                    "answer": line.answer,
                    "fate": line.fate,
                    "code": line.code,
                    "because": line.because,
                }
                for line in receipt.lines
            ],
        }

    done = once(here, request, idempotency_key, body.model_dump(mode="json"), do)
    done.headers["x-correlation-id"] = correlation
    return done


@router.get("/batches/{number}/receipts/{receipt}", tags=["answers"], response_model=dict[str, Any])
def receipt(here: Here, number: Number, receipt: Annotated[str, Path(max_length=36)]) -> Response:
    """A receipt, line by line."""
    with here.read() as connection:
        found = _found(connection, here, number)
    kept = read_receipt(here.desk.workspace, found, receipt)
    if kept is None:
        raise Missing("no such receipt of this batch")
    return JSONResponse(codec.to_json(kept))


@router.get("/answers", response_model=AnswersPart, tags=["answers"])
def answers(request: Request, here: Here, after: After = "", limit: Limit = 50) -> Response:
    """What platforms answered to notices in the key's sight, oldest first."""
    with here.read() as connection:
        outcomes = Outcomes(connection, EVERYTHING)
        where: list[Any] = []
        if here.person.platform or here.scope.holder is not None or here.scope.compartment is not None:
            notices = Notices(connection, here.scope)
            platform = [notices.table.c.platform == here.person.platform] if here.person.platform else []
            ids = connection.execute(select(notices.table.c.id).where(*notices.narrowed(), *platform)).scalars().all()
            lots = [outcomes.table.c.notice.in_(lot) for lot in in_lots(ids)]
            where = [_any_of(lots)]
        found, following = page_of(outcomes, *where, after=after, limit=limit)
    return answer_page(request, found, following)


def _any_of(conditions: list[Any]) -> Any:  # Any: conditions
    from sqlalchemy import false, or_

    return or_(*conditions) if conditions else false()
