"""What the registers say today of rights that are known here: hundreds of them at once, from one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from registry import cells
from registry.columns import SheetKind
from registry.errors import UnknownKind
from registry.importer import Errand, Importer, Outcome, Writes, import_sheet
from registry.lines import Line
from registry.report import ImportReport
from store.db import tables
from store.db.by_ref import in_lots
from store.db.rights import Rights
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.rights import Right, RightStatus
from store.records.scope import EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a register said of one number on one day."""

    office: str
    number: str
    status: RightStatus
    checked_on: date
    expires_on: date | None  # None: the sheet does not say, and what is stored stays


def recheck_rights(
    database: Database,
    vault: Vault,
    file: Path,
    *,
    dry_run: bool,
    clock: Clock,
    by: str,
    new_id: NewId = new_id,
    only: str | None = None,
) -> ImportReport:
    """
    Bring status, day of asking and end of registered rights up to date, by office and number.

    A number that is not registered here, a day in the future, and a day before the one that is stored are refused.
    What changed its status stands in the notes. Raises `UnreadableFile`, `WrongHeads`, and
    `UnknownKind` for one holder's own sheets (`only`): what registers say is for the unit to bring.
    """
    if only is not None:
        # The sheet names no holder, so that nobody could say whose rights a row may touch.
        raise UnknownKind(SheetKind.RECHECK.value, [kind.value for kind in SheetKind][:-1], None)
    return import_sheet(RecheckImporter, database, vault, file, dry_run=dry_run, clock=clock, by=by, new_id=new_id)


def _plain(number: str) -> str:
    """A number as registers and people write it differently: blanks, points, dashes and case aside."""
    return "".join(letter for letter in number.upper() if letter.isalnum())


class RecheckImporter(Importer[Standing]):
    """Reads and lays down what registers said."""

    kind = SheetKind.RECHECK

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand)
        self.today = errand.clock().date()
        self._rights: dict[tuple[str, str], list[Right]] = {}

    def read(self, line: Line) -> Standing | None:
        """The row alone."""
        office = line.one("office", cells.read_office)
        number = line.one("registration_number", cells.read_short)
        status = line.one("status", cells.read_word(RightStatus))
        checked_on = line.one("status_checked_on", cells.read_date)
        expires_on = line.one("expires_on", cells.read_date)
        if checked_on is not None and checked_on > self.today:
            line.refuse("status_checked_on", "lies in the future", f"write a day up to {self.today}")
        if office is None or number is None or status is None or checked_on is None or not line.stands:
            return None
        return Standing(office=office, number=number, status=status, checked_on=checked_on, expires_on=expires_on)

    def key(self, draft: Standing) -> tuple[str, ...]:
        """Office and number."""
        return (draft.office, _plain(draft.number))

    def look_up(self, connection: Connection, drafts: Sequence[Standing]) -> None:
        """The rights of these offices, under office and number."""
        rights = Rights(connection, EVERYTHING)
        self._rights = {}
        for lot in in_lots({draft.office for draft in drafts}):
            for right in rights.find(tables.right.c.office.in_(lot)):
                if right.office is not None and right.registration_number is not None:
                    self._rights.setdefault((right.office, _plain(right.registration_number)), []).append(right)

    def place(self, line: Line, draft: Standing, writes: Writes) -> Outcome | None:
        """Every right of that number, holders of one mark in common among them."""
        known = self._rights.get((draft.office, _plain(draft.number)), [])
        if not known:
            line.refuse("registration_number", f"is not registered here for {draft.office}", "import the right first")
            return None
        changed = []
        for right in known:
            if right.status_checked_on is not None and draft.checked_on < right.status_checked_on:
                fix = "leave the row out, or ask the register again"
                line.refuse("status_checked_on", f"lies before {right.status_checked_on}, which is stored", fix)
                return None
            new = replace(
                right,
                status=draft.status,
                status_checked_on=draft.checked_on,
                expires_on=draft.expires_on or right.expires_on,
            )
            if new == right:
                continue
            if new.status is not right.status:
                self.notes.append(f"{right.right_ref} was {right.status.value} and is {new.status.value}")
            changed.append(new)
        for new in changed:
            writes.put(Rights, new, Outcome.CHANGED)
        return Outcome.CHANGED if changed else Outcome.UNCHANGED
