"""Answers handed in at a door of one batch: entered through the same intake as a sheet, with a receipt at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.workspace import Workspace
from reports.answers.codes import code_of, read_answer_key
from reports.answers.intake import Fate, Taken, take_rows, take_sheet
from reports.answers.sheet import Row
from store.db.audit import act_of
from store.db.doors import AnswerReceipts
from store.evidence.errors import VaultError
from store.records import codec
from store.records.doors import AnswerReceipt
from store.records.ids import Clock, NewId
from store.records.notices import Batch
from store.records.scope import EVERYTHING

SCHEMA = "marque-answer-receipt-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer to one item, as handed in."""

    item: str  # id
    word: str
    decided_at: datetime
    platform_case: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One line of a receipt."""

    line: int
    label: str | None  # how the batch names the item; None: it is none of this batch
    item: str | None
    answer: str | None
    fate: str
    code: str | None  # why it was not entered as meant, for a machine
    because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was said of answers as they were handed in."""

    id: str
    batch: int  # number
    platform: str
    at: datetime
    by: str
    via: str
    counts: dict[str, int]
    lines: tuple[ReceiptLine, ...]
    schema: str = SCHEMA

    @property
    def is_clean(self) -> bool:
        """Whether every line was entered or stood already."""
        return not set(self.counts) - {Fate.ENTERED.value, Fate.KNOWN.value}


def hand_in(
    workspace: Workspace,
    batch: Batch,
    said: Sequence[Said],
    *,
    labels: Mapping[str, str],
    by: str,
    via: str,
    clock: Clock,
    ids: NewId,
) -> Receipt:
    """Enter answers whose batch the door has proven. `labels` are the batch's items: id and how it names them."""
    key = read_answer_key(workspace.settings.keys)
    rows = [
        Row(
            line=line,
            batch=batch.number,
            item=each.item,
            code=code_of(key, batch.id, each.item),
            word=each.word,
            decided_at=each.decided_at,
            platform_case=each.platform_case,
            reason=each.reason,
        )
        for line, each in enumerate(said, 1)
    ]
    raw = codec.canonical({"via": via, "batch": batch.id, "answers": codec.to_json(list(said), list[Said])})
    taken = take_rows(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        rows,
        raw,
        key=key,
        by=by,
        clock=clock,
        ids=ids,
        only=batch.id,
    )
    return _keep(workspace, batch, taken, labels=labels, by=by, via=via, clock=clock, ids=ids)


def hand_in_sheet(
    workspace: Workspace,
    batch: Batch,
    data: bytes,
    *,
    labels: Mapping[str, str],
    by: str,
    via: str,
    clock: Clock,
    ids: NewId,
) -> Receipt:
    """Enter a filled answer sheet at its batch's door. Raises `UnreadableAnswers`."""
    taken = take_sheet(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        data,
        key=read_answer_key(workspace.settings.keys),
        by=by,
        clock=clock,
        ids=ids,
        only=batch.id,
    )
    return _keep(workspace, batch, taken, labels=labels, by=by, via=via, clock=clock, ids=ids)


def read_receipt(workspace: Workspace, batch: Batch, id: str) -> Receipt | None:
    """A receipt of this batch; None where it has none of that id."""
    with workspace.database.read() as connection:
        found = AnswerReceipts(connection, EVERYTHING).get(id)
    if found is None or found.batch != batch.id:
        return None
    try:
        data = workspace.vault.get(found.lines_sha256)
    except VaultError:
        return None
    return codec.from_json(Receipt, _loads(data))


def _loads(data: bytes) -> object:
    import json

    found: object = json.loads(data)
    return found


def _keep(
    workspace: Workspace,
    batch: Batch,
    taken: Sequence[Taken],
    *,
    labels: Mapping[str, str],
    by: str,
    via: str,
    clock: Clock,
    ids: NewId,
) -> Receipt:
    counts = dict(Counter(each.fate.value for each in taken))
    lines = tuple(
        ReceiptLine(
            line=each.line,
            label=labels.get(each.item or ""),
            item=each.item,
            answer=each.word,
            fate=each.fate.value,
            code=each.code.value if each.code else None,
            because=each.because,
        )
        for each in taken
    )
    receipt = Receipt(
        id=ids(), batch=batch.number, platform=batch.platform, at=clock(), by=by, via=via, counts=counts, lines=lines
    )
    digest = workspace.vault.put(codec.canonical(codec.to_json(receipt)))
    workspace.vault.flush()
    row = AnswerReceipt(
        id=receipt.id, batch=batch.id, at=receipt.at, by=by, via=via, lines_sha256=digest, counts=counts
    )
    detail = {"receipt": receipt.id, **{fate: str(count) for fate, count in sorted(counts.items())}}
    act = act_of(by, "take_answers", "batch", batch.id, clock=clock, ids=ids, detail=detail)
    with workspace.database.write() as connection:
        AnswerReceipts(connection, EVERYTHING).write([row], act)
    return receipt
