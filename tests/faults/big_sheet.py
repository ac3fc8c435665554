"""
Answers a batch of many items by one sheet at the platform desk, twice, and holds every item's state against it.

    python -m tests.faults.big_sheet 5000 [--seed N] [--json]

The sheet mixes every answer, forged codes among them; the second hand-in may change nothing.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from config.settings import load_settings
from console.web.app import create_app
from console.web.desk import Desk
from console.web.limits import RateLimit
from console.web.platform.sealed import SealedBatches
from console.workspace import create_workspace
from reports.answers import sheet
from reports.answers.codes import code_of, read_answer_key
from reports.answers.lifecycle import standing_of
from reports.answers.vocabulary import WORDS
from reports.batch import batch_json
from store.db import tables
from store.db.batches import Batches
from store.db.outcomes import Outcomes
from store.db.rows import upsert
from store.evidence.bundle import write_folder
from store.evidence.seal import canonical, load_key
from store.records.doors import Entrance
from store.records.ids import new_id
from store.records.outcomes import OutcomeStatus
from store.records.scope import EVERYTHING
from tests.console.web.conftest import QUICK, Now, open_desk
from tests.console.web.notices.office import Office
from tests.console.web.platform.recipient import Recipient
from tests.faults.told import told

FORGED = 0.02  # share of lines whose code was made up
FIRST_WORDS = (
    "removed",
    "disabled",
    "paused",
    "partly",
    "kept",
    "not_found",
    "received",
    "under_review",
    "more_needed",
)


@dataclass
class Tally:
    """What the two hand-ins came to."""

    items: int = 0
    wrong_states: int = 0  # items that stand otherwise than the sheet says: must be 0
    changed_by_second: int = 0  # answers that the second hand-in added: must be 0
    first: dict[str, int] = field(default_factory=dict)
    second: dict[str, int] = field(default_factory=dict)
    seconds_first: float = 0.0
    seconds_second: float = 0.0
    peak_mb: int = 0


def widen(desk: Desk, count: int) -> None:
    """Make the office's batch one of `count` items, sealed anew, each with its row and its line of the sheet."""
    workspace = desk.workspace
    items = tables.notice_item
    with workspace.database.write() as connection:
        batch = Batches(connection, EVERYTHING).numbered(1)
        assert batch is not None
        row = dict(connection.execute(items.select().limit(1)).mappings().one())
    ids = [row["id"], *(new_id() for _ in range(count - 1))]
    for start in range(0, count, 500):
        with workspace.database.write() as connection:
            upsert(connection, items, [{**row, "id": id} for id in ids[start : start + 500]], ["id"], replace=False)
    sealed = SealedBatches().read(workspace, batch)
    assert sealed is not None
    notice = sealed.view.notices[0]
    shown = tuple(
        replace(notice.items[0], id=id, label=f"1-{place}", platform_item_id=f"51{place:05d}", title=f"Watch {place}")
        for place, id in enumerate(ids, 1)
    )
    view = replace(sealed.view, notices=(replace(notice, items=shown),))
    key = read_answer_key(workspace.settings.keys)
    files = {
        "batch.json": canonical(batch_json(view)),
        sheet.NAME: sheet.write_sheet((i.label, i.id, code_of(key, batch.id, i.id), i.url, i.title) for i in shown),
    }
    folder = workspace.settings.home / batch.path
    shutil.rmtree(folder)
    signing = load_key(workspace.settings.keys, at=desk.clock())
    receipt = write_folder(folder, files, {"kind": "marque-notice-batch-1"}, signing, "notice sender", desk.clock())
    with workspace.database.write() as connection:
        connection.execute(tables.batch.update().values(manifest_sha256=receipt.manifest_sha256, item_count=count))


def fill(data: bytes, at: str, chance: random.Random) -> tuple[bytes, dict[str, OutcomeStatus | None]]:
    """The sheet filled in, and where each item has to stand after it."""
    expected: dict[str, OutcomeStatus | None] = {}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, sheet.HEADS)
    writer.writeheader()
    for line in csv.DictReader(io.StringIO(data.decode(), newline="")):
        word = chance.choice(FIRST_WORDS)
        if chance.random() < FORGED:
            letters = "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
            line = {**line, "answer_code": letters}
            expected[line["item_id"]] = None
        else:
            expected[line["item_id"]] = WORDS[word].status
        writer.writerow({**line, "answer": word, "decided_at": at, "reason": "=1+1"})
    return out.getvalue().encode(), expected


def run(count: int, seed: int, home: Path | None = None) -> Tally:
    """Hand the sheet in twice; `home` is a workspace whose first batch has left, made here where none is given."""
    chance, tally, now = random.Random(seed), Tally(items=count), Now()
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "home"
        if home is None:
            create_workspace(load_settings(there, {}))
            _leave_batch(there, now)
        else:
            shutil.copytree(home, there)
        limit = RateLimit(now, strangers_per_minute=60_000, accounts_per_minute=60_000)
        settings = load_settings(there, {})
        door = create_app(settings, clock=now, hasher=QUICK, limit=limit, entrance=Entrance.PLATFORM)
        with TestClient(door):
            _answer(door, now, count, chance, tally)
    tally.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return tally


def _answer(door: FastAPI, now: Now, count: int, chance: random.Random, tally: Tally) -> None:
    desk: Desk = door.state.desk
    widen(desk, count)
    browser = Recipient(door)
    browser.open(1)
    now.move(hours=2)
    data, expected = fill(browser.get("/batches/1/answers.csv").content, now().isoformat(), chance)
    tally.seconds_first, tally.first = _hand_in(browser, data)
    with desk.workspace.database.read() as connection:
        before = Outcomes(connection, EVERYTHING).find()
    tally.seconds_second, tally.second = _hand_in(browser, data)
    with desk.workspace.database.read() as connection:
        after = Outcomes(connection, EVERYTHING).find()
    tally.changed_by_second = len(after) - len(before)
    by_item: dict[str, list[Any]] = {}
    for outcome in after:
        by_item.setdefault(outcome.item or "", []).append(outcome)
    standing = {item: standing_of(by_item.get(item, ()), item).status for item in expected}
    tally.wrong_states = sum(standing[item] is not status for item, status in expected.items())
    shown = {row["item_id"]: row["answer"] for row in _shown(browser)}
    tally.wrong_states += sum(shown.get(item) != (s.value if s else None) for item, s in expected.items())


def _hand_in(browser: Recipient, data: bytes) -> tuple[float, dict[str, int]]:
    started = time.perf_counter()
    answer = browser.submit("/batches/1/answers", files={"file": ("answers.csv", data, "text/csv")})
    seconds = round(time.perf_counter() - started, 2)
    receipt = browser.get(answer.headers["location"] + ".json").json()
    return seconds, dict(Counter(line["fate"] for line in receipt["lines"]))


def _shown(browser: Recipient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    address: str | None = "/batches/1.json"
    while address:
        page = browser.get(address).json()
        rows += page["items"]
        address = page["next"]
    return rows


def _leave_batch(home: Path, now: Now) -> None:
    app = open_desk(home, now)
    with TestClient(app):
        office = Office(app)
        for step in (office.prepare, office.approve, office.sign, office.export):
            step()


def main() -> None:
    """Run the proof; exit 1 where an item stands wrongly or the second hand-in changed anything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    tally = run(args.count, args.seed)
    clean = tally.wrong_states == tally.changed_by_second == 0
    sys.stdout.write(told(tally, clean, as_json=args.json))
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
