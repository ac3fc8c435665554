"""
What taking a platform's answers needs, and what is common to every way they come: the batch that is spoken of, its
items by the names a platform uses for them, and words that are about no single item.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.declarations import Declarations
from reports.answers.codes import code_of
from reports.answers.intake import Fate, Taken, Why, take_rows
from reports.answers.sheet import Row
from reports.answers.vocabulary import kind_of
from store.db import tables
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId
from store.records.notices import Batch, BatchKind
from store.records.outbox import OutboxEntry
from store.records.outcomes import Outcome
from store.records.scope import EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The workspace that answers come into."""

    database: Database
    vault: Vault
    declarations: Declarations
    home: Path  # batch folders are named relative to it
    key: bytes  # of answer codes
    by: str
    clock: Clock
    ids: NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One letter, sheet or answer of an interface, and what became of it."""

    platform: str
    source: str
    batch: int | None = None  # number; None: it names no batch of ours
    taken: tuple[Taken, ...] = ()
    fault: str | None = None  # why nothing could be read; None: it was read


def failed(error: Exception) -> str:
    """The fault of something that is left for the next look, because taking it failed in a way nobody foresaw."""
    return f"it could not be taken ({type(error).__name__}, the log has more); it is left where it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A delivery with its batch."""

    entry: OutboxEntry
    batch: Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One word on one item of a batch that was proven to be meant."""

    line: int
    item: str  # id
    word: str
    decided_at: datetime
    case: str | None = None
    reason: str | None = None


def sent_under(inbox: Inbox, keys: Iterable[str]) -> Sent | None:
    """The delivery of the first of these keys that is one of ours."""
    with inbox.database.read() as connection:
        for key in keys:
            entry = Outbox(connection, EVERYTHING).first(tables.outbox.c.idempotency_key == key)
            batch = Batches(connection, EVERYTHING).get(entry.batch) if entry else None
            if entry is not None and batch is not None:
                return Sent(entry=entry, batch=batch)
    return None


def items_of(inbox: Inbox, batch: Batch) -> dict[str, str | None]:
    """
    Our item ids by every name a platform may use: our id, the batch's label, its own id where only one item has it.

    None stands for a name that several items have. Empty where the sealed folder is gone or is no batch of notices.
    """
    if batch.kind is not BatchKind.NOTICES:
        return {}
    try:
        data = json.loads((inbox.home / batch.path / "batch.json").read_bytes())
    except (OSError, ValueError):
        return {}
    found: dict[str, str | None] = {}
    for notice in data["notices"]:
        for item in notice["items"]:
            for name in (item["id"], item["label"], item["platform_item_id"]):
                found[name] = item["id"] if found.get(name, item["id"]) == item["id"] else None
    return found


def enter_said(inbox: Inbox, batch: Batch, said: Sequence[Said], raw: bytes) -> list[Taken]:
    """Enter words on items of a batch that the way they came has proven; `raw` is kept in the vault."""
    rows = [
        Row(
            line=each.line,
            batch=batch.number,
            item=each.item,
            code=code_of(inbox.key, batch.id, each.item),
            word=each.word,
            decided_at=each.decided_at,
            platform_case=each.case,
            reason=each.reason,
        )
        for each in said
    ]
    return take_rows(
        inbox.database, inbox.vault, inbox.declarations, rows, raw,
        key=inbox.key, by=inbox.by, clock=inbox.clock, ids=inbox.ids, only=batch.id,
    )  # fmt: skip


def enter_words(inbox: Inbox, batch: Batch, word: str, text: str, at: datetime, raw: bytes) -> Taken:
    """
    Enter what was said of a whole batch in words that nobody has mapped: for a person, at each of its notices.

    The same bytes again change nothing.
    """
    raw_sha256 = inbox.vault.put(raw)
    inbox.vault.flush()
    with inbox.database.write() as connection:
        outcomes, new = Outcomes(connection, EVERYTHING), list[Outcome]()
        for notice in batch.notices:
            if any(each.raw_sha256 == raw_sha256 for each in outcomes.of_notice(notice)):
                continue
            new.append(
                Outcome(
                    id=inbox.ids(),
                    notice=notice,
                    kind=kind_of(None),
                    status_raw=word,
                    explanation=text or None,
                    received_at=inbox.clock(),
                    decided_at=at,
                    raw_sha256=raw_sha256,
                )
            )
        for outcome in new:
            detail = {"status": "unmapped", "batch": str(batch.number)}
            act = act_of(
                inbox.by, "enter_outcome", "notice", outcome.notice, clock=inbox.clock, ids=inbox.ids, detail=detail
            )
            outcomes.write([outcome], act)
    if not new:
        because = "it is entered already"
        return Taken(line=0, item=None, word=word, fate=Fate.KNOWN, code=Why.ENTERED_BEFORE, because=because)
    because = "it is about no single item; a person reads it"
    return Taken(line=0, item=None, word=word, fate=Fate.UNMAPPED, code=Why.UNMAPPED_WORD, because=because)


def refused(code: Why, because: str, *, line: int = 0, word: str | None = None) -> Taken:
    """A word that changes nothing."""
    return Taken(line=line, item=None, word=word, fate=Fate.REFUSED, code=code, because=because)
