"""
Words that follow notices, sealed per platform in a folder that leaves through the same outbox as batches.

    follow-ups.json   RFC 8785: what is said of which item, by the ids and receipts of the notice that is meant
    follow-ups.csv    the same as a table
    index.html        the same for a person
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import rfc8785
from sqlalchemy import Connection

from reports.formats.table import write_table
from reports.run import BATCHES, SIGNER_ROLE, alone
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.follow_ups import FollowUps
from store.db.notices import Notices
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.evidence.bundle import write_folder
from store.evidence.seal import SigningKey
from store.records.follow_ups import FollowUp, FollowUpKind
from store.records.ids import Clock, NewId
from store.records.notices import Batch, BatchKind, Notice
from store.records.outcomes import OutcomeKind
from store.records.scope import EVERYTHING

SCHEMA = "marque.follow-ups/1"
MOST = 200  # words of one folder: with their notices well under the rows of a transaction
SAID = {
    FollowUpKind.WITHDRAW: "The sender takes this item back. Please do nothing on it.",
    FollowUpKind.RESTORE: "The sender takes this item back. Please put it back, and tell whoever was told of it.",
    FollowUpKind.UPHOLD: "The sender has read the objection, and the notice stands for this item.",
    FollowUpKind.COURT: "An action was filed about this item. Please keep it as it is.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One word with the item it is about, as its recipient knows it."""

    word: FollowUp
    notice: Notice
    url: str
    platform_item_id: str
    title: str
    label: str  # of the item in the batch it left in, like 12-3; empty where that is not known
    receipt: str  # the platform's reference of the notice; empty where it gave none


def seal_follow_ups(
    database: Database, *, out: Path, key: SigningKey, by: str, clock: Clock, ids: NewId
) -> list[Batch]:
    """Seal every word that waits, one folder a platform and lot; again, nothing is sealed twice."""
    with alone(out / BATCHES):
        with database.read() as connection:
            lines = _lines(connection, FollowUps(connection, EVERYTHING).unsealed())
        by_place: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            by_place.setdefault((line.word.platform, line.notice.profile), []).append(line)
        made = []
        for (platform, profile), mine in sorted(by_place.items()):
            for start in range(0, len(mine), MOST):
                lot = mine[start : start + MOST]
                made.append(_seal(database, platform, profile, lot, out=out, key=key, by=by, clock=clock, ids=ids))
    return made


def _lines(connection: Connection, words: Sequence[FollowUp]) -> list[Line]:
    notices = {id: Notices(connection, EVERYTHING).get(id) for id in {word.notice for word in words}}
    found = []
    for word in words:
        notice = notices[word.notice]
        assert notice is not None, "a word points to its notice"
        item = next(each for each in notice.items if each.id == word.item)
        acks = [o for o in Outcomes(connection, EVERYTHING).of_notice(notice.id) if o.kind is OutcomeKind.ACK]
        found.append(
            Line(
                word=word,
                notice=notice,
                url=item.url,
                platform_item_id=item.platform_item_id,
                title=item.title,
                label=str(notice.number),
                receipt=next((ack.platform_case_id for ack in acks if ack.platform_case_id), "") or "",
            )
        )
    return found


def _seal(
    database: Database,
    platform: str,
    profile: str,
    lines: Sequence[Line],
    *,
    out: Path,
    key: SigningKey,
    by: str,
    clock: Clock,
    ids: NewId,
) -> Batch:
    now = clock()
    with database.read() as connection:
        number = Batches(connection, EVERYTHING).next_number()
    folder = out / BATCHES / f"{number:04d}-{platform}-follow-ups"
    files = write_files(number, platform, lines, now)
    about = {"kind": "follow_ups", "batch": str(number), "platform": platform, "items": str(len(lines))}
    receipt = write_folder(folder, files, about, key, SIGNER_ROLE, now)
    batch = Batch(
        id=ids(),
        number=number,
        platform=platform,
        profile=profile,
        kind=BatchKind.FOLLOW_UPS,
        notices=tuple(dict.fromkeys(line.notice.id for line in lines)),
        item_count=len(lines),
        path=folder.relative_to(out.parent).as_posix() if folder.is_relative_to(out.parent) else str(folder),
        manifest_sha256=receipt.manifest_sha256,
        created_at=now,
    )
    with database.write() as connection:
        detail = {"manifest_sha256": batch.manifest_sha256, "items": str(len(lines)), "kind": "follow_ups"}
        Batches(connection, EVERYTHING).write(
            [batch], act_of(by, "seal_batch", "batch", batch.id, clock=clock, ids=ids, detail=detail)
        )
        sealed = [replace(line.word, batch=batch.id) for line in lines]
        act = act_of(by, "seal_follow_ups", "batch", batch.id, clock=clock, ids=ids)
        FollowUps(connection, EVERYTHING).write(sealed, act)
    return batch


def write_files(number: int, platform: str, lines: Sequence[Line], now: datetime) -> dict[str, bytes]:
    """The files of one folder."""
    rows = [_row(line) for line in lines]
    data = {
        "schema": SCHEMA,
        "number": number,
        "platform": platform,
        "sealed_at": now.isoformat(),
        "follow_ups": rows,
    }
    heads = tuple(rows[0])
    return {
        "follow-ups.json": rfc8785.dumps(json.loads(json.dumps(data))),
        "follow-ups.csv": write_table(heads, ([row[head] for head in heads] for row in rows)),
        "index.html": _page(number, platform, rows),
    }


def _row(line: Line) -> dict[str, str]:
    return {
        "our_item_id": line.word.item,
        "notice": line.label,
        "receipt": line.receipt,
        "url": line.url,
        "platform_item_id": line.platform_item_id,
        "title": line.title,
        "kind": line.word.kind.value,
        "asked": SAID[line.word.kind],
        "because": line.word.because,
        "decided_by": line.word.by,
        "decided_at": line.word.at.isoformat(),
    }


def _page(number: int, platform: str, rows: Sequence[dict[str, str]]) -> bytes:
    """A page without script or anything fetched from elsewhere."""
    heads = ("notice", "receipt", "url", "title", "asked", "because", "decided_by", "decided_at")
    cells = "".join(
        "<tr>" + "".join(f"<td>{html.escape(row[head])}</td>" for head in heads) + "</tr>\n" for row in rows
    )
    title = html.escape(f"Words that follow earlier notices to {platform}, no. {number}")
    head = "".join(f"<th>{html.escape(each.replace('_', ' '))}</th>" for each in heads)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1>\n<table><thead><tr>{head}</tr></thead><tbody>\n{cells}</tbody></table></body></html>\n"
    ).encode()


def enter_told(connection: Connection, batch: Batch, *, receipt: str, by: str, clock: Clock, ids: NewId) -> None:
    """The platform has these words: each gets its receipt, once."""
    words = [each for each in FollowUps(connection, EVERYTHING).of_batch(batch.id) if each.told_at is None]
    if words:
        told = [replace(word, told_at=clock(), receipt=receipt) for word in words]
        act = act_of(by, "told_follow_ups", "batch", batch.id, clock=clock, ids=ids, detail={"receipt": receipt})
        FollowUps(connection, EVERYTHING).write(told, act)
