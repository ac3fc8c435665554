"""Test purchases on an open workspace: each step of the goods entered once, with its files, in its order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from console.errors import NotFound, PurchaseRefused
from console.workspace import Workspace
from store.db.audit import act_of
from store.db.cases import Cases
from store.db.purchases import Purchases
from store.records.ids import Clock, new_id, utc_now
from store.records.purchases import PurchaseEvent, PurchaseFile, PurchaseStep
from store.records.scope import EVERYTHING

MOST_BYTES = 200 << 20  # of one file: a film of the opening; what is larger is cut by whoever films
# What the goods must have gone through before a step.
NEEDS = {
    PurchaseStep.RECEIVED: PurchaseStep.ORDERED,
    PurchaseStep.OPENED: PurchaseStep.RECEIVED,
    PurchaseStep.EXAMINED: PurchaseStep.OPENED,
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def enter_step(
    workspace: Workspace,
    step: PurchaseStep,
    *,
    case: int | None = None,
    purchase: int | None = None,
    by: str,
    at: datetime | None = None,
    to: str | None = None,
    note: str = "",
    files: Sequence[Path] = (),
    clock: Clock = utc_now,
) -> PurchaseEvent:
    """
    Enter one step: `ordered` begins a purchase of a case, every other goes on with one.

    The files' bytes are in the vault before the step names them. Raises `PurchaseRefused`, `NotFound`, `OSError`.
    """
    moment = at or clock()
    if moment > clock():
        raise PurchaseRefused(f"{moment:%Y-%m-%d %H:%M} is to come; enter what has happened")
    if not by.strip() or (step is PurchaseStep.HANDED_OVER) != bool(to and to.strip()):
        raise PurchaseRefused("say by whom (--by), and to whom (--to) exactly where goods are handed over")
    kept = _keep(workspace, files)
    with workspace.database.write() as connection:
        purchases = Purchases(connection, EVERYTHING)
        if step is PurchaseStep.ORDERED:
            found = None if case is None else Cases(connection, EVERYTHING).numbered(case)
            if found is None:
                raise NotFound("case", str(case), "`marque cases list` shows all")
            number, owner = purchases.next_purchase(), found.id
        else:
            before = purchases.of(purchase or 0)
            if not before:
                raise NotFound("purchase", str(purchase), "`marque purchases list` shows all")
            _check_order(step, moment, before)
            number, owner = before[0].purchase, before[0].case
        event = PurchaseEvent(
            id=new_id(),
            purchase=number,
            case=owner,
            step=step,
            at=moment,
            by=by,
            to=to,
            note=note,
            entered_at=clock(),
            files=kept,
        )
        detail = {"purchase": str(number), "step": step.value, "files": ",".join(file.sha256 for file in kept)}
        act = act_of(by, "enter_purchase_step", "case", owner, clock=clock, ids=new_id, detail=detail)
        purchases.enter(event, act)
    return event


def list_purchases(workspace: Workspace, case: int | None = None) -> list[PurchaseEvent]:
    """Every step of every purchase, or those of one case."""
    with workspace.database.read() as connection:
        if case is None:
            return Purchases(connection, EVERYTHING).find()
        found = Cases(connection, EVERYTHING).numbered(case)
        if found is None:
            raise NotFound("case", str(case), "`marque cases list` shows all")
        return Purchases(connection, EVERYTHING).of_case(found.id)


def _keep(workspace: Workspace, files: Sequence[Path]) -> tuple[PurchaseFile, ...]:
    kept: dict[str, PurchaseFile] = {}
    for path in files:
        if path.stat().st_size > MOST_BYTES:
            raise PurchaseRefused(f"{path} has more than {MOST_BYTES >> 20} MiB")
        name = _UNSAFE.sub("-", path.name).strip(".-")[:120] or "file"
        if name.casefold() in {known.casefold() for known in kept}:
            raise PurchaseRefused(f"two files are named {name}; rename one")
        data = path.read_bytes()
        kept[name] = PurchaseFile(name=name, sha256=workspace.vault.put(data), size_bytes=len(data))
    workspace.vault.flush()
    return tuple(kept[name] for name in sorted(kept))


def _check_order(step: PurchaseStep, at: datetime, before: Sequence[PurchaseEvent]) -> None:
    done = {event.step for event in before}
    if PurchaseStep.DESTROYED in done:
        raise PurchaseRefused("the goods were destroyed; nothing more happens to them")
    needed = NEEDS.get(step)
    if needed is not None and needed not in done:
        raise PurchaseRefused(f"goods are {needed.value} before they are {step.value}; enter that first")
    last = max(event.at for event in before)
    if at < last:
        raise PurchaseRefused(f"{at:%Y-%m-%d %H:%M} is before the step before it ({last:%Y-%m-%d %H:%M} UTC)")
