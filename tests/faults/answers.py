"""
Forges, edits, replays and reorders answers to a sealed batch, and shows that none of them changes anything.

    python -m tests.faults.answers 1000 [--seed N] [--json]
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cases.run import build_cases, decide_by_exercise_policy
from reports.answers.intake import Fate, Taken, take_sheet
from reports.answers.sheet import HEADS
from reports.errors import UnreadableAnswers
from reports.run import export_batches, prepare
from reports.signing import approve_by_exercise_policy
from store.db.outcomes import Outcomes
from store.db.session import Database
from store.evidence.seal import create_key
from store.evidence.vault import Vault
from store.records import codec
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.ledgers import new_ledger

Line = dict[str, str]
ITEMS = 3


@dataclass
class Tally:
    """What all attempts came to."""

    attempts: int = 0
    changed: int = 0  # attempts after which the ledger said something else: must be 0
    true_answers: int = 0  # honest answers in between, which must all be entered
    true_entered: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    fates: dict[str, int] = field(default_factory=dict)


class Bureau:
    """A workspace with two sealed batches, whose answers are taken."""

    def __init__(self, home: Path) -> None:
        self.vault = Vault(home / "vault")
        self.database = Database(f"sqlite:///{home / 'marque.db'}")
        new_ledger(self.database)
        self.declared = make.declarations(platforms=(make.platform(), make.stream_scene().platform))
        self.clock = make.now_and_then()
        for scene in (*(make.goods_scene(n + 1) for n in range(ITEMS)), make.stream_scene(ITEMS + 1)):
            make.store_scene(self.database, self.vault, scene, decided=False)
        build_cases(self.database, self.declared, clock=self.clock, ids=new_id)
        decide_by_exercise_policy(self.database, self.declared, clock=self.clock, ids=new_id)
        prepare(self.database, self.vault, self.declared, sender=make.sender(), clock=self.clock, ids=new_id)
        approve_by_exercise_policy(self.database, self.declared, clock=self.clock, ids=new_id)
        days = {"valid_from": make.NOW - timedelta(days=1), "valid_to": make.NOW + timedelta(days=365)}
        key = create_key(home / "keys", name="Test office", random_bytes=bytes, **days)
        made = export_batches(
            self.database,
            self.vault,
            self.declared,
            sender=make.sender(),
            out=home / "out",
            key=key,
            answer_key=make.ANSWER_KEY,
            clock=self.clock,
            ids=new_id,
        )
        self.batches = sorted(made, key=lambda batch: -batch.item_count)
        self.sheets = [read_lines((home / batch.path / "answers.csv").read_bytes()) for batch in self.batches]

    def take(self, *lines: Line) -> list[Fate]:
        """What becomes of each line of a sheet."""
        return [taken.fate for taken in self.bring(write_lines(list(lines)))]

    def bring(self, data: bytes) -> list[Taken]:
        """What becomes of each line of these bytes."""
        return take_sheet(
            self.database,
            self.vault,
            self.declared,
            data,
            key=make.ANSWER_KEY,
            by="Ann",
            clock=self.clock,
            ids=new_id,
        )

    def bring_at(self, line: Line, word: str, at: datetime) -> bool:
        """Whether an answer that was given at that time, and brought then, is entered."""
        before, self.clock = self.clock, lambda: at
        try:
            return self.take(filled(line, word, at)) == [Fate.ENTERED]
        finally:
            self.clock = before

    def standing(self) -> str:
        """Everything the ledger says of answers, as one digest."""
        with self.database.read() as connection:
            return codec.digest([codec.to_json(outcome) for outcome in Outcomes(connection, EVERYTHING).find()])

    def close(self) -> None:
        """Let go of the files."""
        self.database.close()
        self.vault.close()


def read_lines(data: bytes) -> list[Line]:
    """The lines of a sheet."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def write_lines(lines: list[Line]) -> bytes:
    """A sheet of lines, as a spreadsheet writes it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADS, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()


def filled(line: Line, word: str, at: datetime) -> Line:
    """A line as an honest recipient fills it in."""
    return {**line, "answer": word, "decided_at": at.isoformat()}


def attacks(bureau: Bureau, chance: random.Random) -> dict[str, Callable[[], bytes]]:
    """Ways to answer in somebody else's name, each making one sheet."""
    lines, others = bureau.sheets[0], bureau.sheets[1]
    line, later = chance.choice(lines), make.NOW + timedelta(seconds=chance.randint(60, 300))
    word = chance.choice(["removed", "kept", "reinstated", "counter_notice", "more_needed", "received"])

    def forged_code() -> bytes:
        letters = "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
        return write_lines([filled({**line, "answer_code": letters}, word, later)])

    def no_code() -> bytes:
        return write_lines([filled({**line, "answer_code": chance.choice(["", "-", "0", "None"])}, word, later)])

    def one_letter() -> bytes:
        code, at = line["answer_code"], chance.randrange(16)
        other = "A" if code[at] != "A" else "B"
        return write_lines([filled({**line, "answer_code": code[:at] + other + code[at + 1 :]}, word, later)])

    def anothers_code() -> bytes:
        other = chance.choice([each for each in (*lines, *others) if each is not line])
        return write_lines([filled({**line, "answer_code": other["answer_code"]}, word, later)])

    def another_batch() -> bytes:
        number = chance.choice(["2", "1", "99", "0"])
        return write_lines([filled({**line, "item": f"{number}-1", "item_id": others[0]["item_id"]}, word, later)])

    def unknown_item() -> bytes:
        return write_lines([filled({**line, "item_id": new_id()}, word, later)])

    def from_the_future() -> bytes:
        return write_lines([filled(line, word, make.NOW + timedelta(days=chance.randint(30, 4000)))])

    def from_before() -> bytes:
        return write_lines([filled(line, word, make.NOW - timedelta(days=chance.randint(1, 4000)))])

    def edited_bytes() -> bytes:
        body = bytearray(write_lines([filled(line, word, later)]))
        place = body.index(line["answer_code"].encode())
        body[place + chance.randrange(16)] ^= chance.choice([1, 2, 4, 8, 16])
        return bytes(body)

    made = (forged_code, no_code, one_letter, anothers_code, another_batch, unknown_item, from_the_future)
    return {each.__name__: each for each in (*made, from_before, edited_bytes)}


def run(count: int, seed: int) -> Tally:
    """Make `count` attempts, an honest answer now and then between them."""
    chance, tally, fates, kinds = random.Random(seed), Tally(), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder))
        course, told = honest_course(bureau), list[bytes]()
        gap = max(count // len(course), 1)
        for number in range(count):
            if number % gap == 0 and course:
                sheet = course.pop(0)
                tally.true_answers += 1
                tally.true_entered += [each.fate for each in bureau.bring(sheet)] == [Fate.ENTERED]
                told.append(sheet)
            before = bureau.standing()
            ways = attacks(bureau, chance)
            if told and chance.random() < 0.15:
                kind, sheet = "replayed", chance.choice(told)
            elif len(told) >= 4 and chance.random() < 0.15:
                # An early word once more, dated anew, now that the platform has said a later one.
                again = filled(
                    bureau.sheets[0][0], "received", make.NOW + timedelta(seconds=chance.randint(120, 300))
                )
                kind, sheet = "reordered", write_lines([again])
            else:
                kind, make_sheet = chance.choice(sorted(ways.items()))
                sheet = make_sheet()
            kinds[kind] += 1
            try:
                fates.update(each.fate.value for each in bureau.bring(sheet))
            except UnreadableAnswers:
                fates["unreadable sheet"] += 1
            tally.attempts += 1
            tally.changed += bureau.standing() != before
        bureau.close()
    tally.fates, tally.by_kind = dict(sorted(fates.items())), dict(sorted(kinds.items()))
    return tally


def honest_course(bureau: Bureau) -> list[bytes]:
    """What the platform really answers to the first items, in its order."""
    at = make.NOW + timedelta(minutes=1)
    words = ("received", "under_review", "more_needed", "removed", "counter_notice", "reinstated")
    return [
        write_lines([filled(line, word, at + timedelta(seconds=number))])
        for number, word in enumerate(words)
        for line in bureau.sheets[0][:2]
    ]


def main() -> None:
    """Run the proof; exit 1 where any attempt changed anything, or an honest answer was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    tally = run(args.count, args.seed)
    sys.stdout.write(json.dumps(asdict(tally), indent=1) + "\n" if args.json else f"{tally}\n")
    sys.exit(1 if tally.changed or tally.true_entered != tally.true_answers else 0)


if __name__ == "__main__":
    main()
