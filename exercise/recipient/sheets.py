"""The table desk of a simulated platform: batches are left in a folder, filled sheets are fetched from another."""

from __future__ import annotations

from pathlib import Path

from exercise.recipient.ledger import Recipient
from exercise.recipient.mail import sheet
from exercise.recipient.reading import items_of_batch


class SheetDesk:
    """Reads ZIPs that appear in one folder, writes sheets into another."""

    def __init__(self, recipient: Recipient, inbox: Path, outbox: Path) -> None:
        self.recipient, self.inbox, self.outbox = recipient, inbox, outbox
        self.told: dict[tuple[str, str], int] = {}  # by key and item: words already written
        self.mine: list[str] = []  # keys of what was left here; other desks answer theirs
        for folder in (inbox, outbox):
            folder.mkdir(parents=True, exist_ok=True)

    def fetch(self) -> int:
        """Enter what lies there; gives how many batches were left here so far."""
        for path in sorted(self.inbox.glob("*.zip")):
            body = path.read_bytes()
            names = items_of_batch(body)
            if not isinstance(names, str) and self.recipient.under(path.stem) is None:
                self.recipient.enter(path.stem, body, names)
                self.mine.append(path.stem)
        return len(self.mine)

    def answer(self) -> list[Path]:
        """Write a sheet a batch of what was decided since the last time."""
        made = []
        for key in self.mine:
            entered = self.recipient.entered[key]
            new = [
                (docket, step)
                for docket in entered.dockets
                for step in docket.said[self.told.get((key, docket.name.id), 0) :]
            ]
            self.told |= {(key, docket.name.id): len(docket.said) for docket in entered.dockets}
            if new:
                path = self.outbox / f"{key}-{len(list(self.outbox.rglob('*.csv'))) + 1:04d}.csv"
                partial = path.with_suffix(".partial")
                partial.write_bytes(sheet(new))
                made.append(partial.rename(path))
        return made
