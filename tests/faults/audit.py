"""
The audit trail changed in every way somebody with the database might try, each found by the check for it.

`python -m tests.faults.audit N [SEED]` changes a sealed trail N times, spread evenly over the kinds, and prints a
table: how many, how many found, how many by the expected check. An untouched trail passes before and after. What only
a checkpoint shows is told beside whether the chain alone looked whole: else the attack would prove nothing.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert

from console.auditing import AuditReport, check_trail
from store.db.audit_chain import START, canonical_entry, head_of, next_link, seal_entries
from store.db.session import Database
from store.db.tables import audit_entry, metadata
from store.evidence.checkpoint import KeptCheckpoint, read_checkpoint, write_checkpoint
from store.evidence.seal import SigningKey, canonical, create_key
from store.evidence.verify import PublishedKey, Status, Verdict, parse_canonical

ENTRIES = 60
SINCE = 12  # sealed after the checkpoint
LAST = ENTRIES - SINCE  # the checkpoint's number
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_COLUMNS = "id, replace(at, ' ', 'T') || 'Z', actor, action, subject_kind, subject, detail"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A sealed trail, the checkpoint another party keeps, and a key that nobody trusts."""

    whole: Path
    kept: KeptCheckpoint
    trusted: tuple[PublishedKey, ...]
    attacker: SigningKey


@dataclass(slots=True, kw_only=True)
class Attack:
    """What an attacker has in hand: the open table, chance, and what the verifier will be given."""

    world: World
    table: sqlite3.Connection
    chance: random.Random
    kept: KeptCheckpoint

    def run(self, statement: str, *values: object) -> None:
        """Change the table."""
        self.table.execute(statement, values)

    def number(self, first: int = 1, last: int = ENTRIES) -> int:
        """Some entry's number."""
        return self.chance.randint(first, last)

    def rechain(self) -> None:
        """Number and link everything that is sealed anew, as whoever knows this code would."""
        link = START
        rows = self.table.execute(
            f"SELECT {_COLUMNS} FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence, id"
        ).fetchall()
        self.run("UPDATE audit_entry SET sequence = -sequence WHERE sequence IS NOT NULL")
        for sequence, row in enumerate(rows, 1):
            link = next_link(link, canonical_entry(sequence, *row))
            self.run("UPDATE audit_entry SET sequence = ?, chain = ? WHERE id = ?", sequence, link, row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attack."""

    kind: str
    verdict: Verdict
    by: tuple[str, ...]
    expected: str
    hidden: bool  # the chain alone looked whole

    @property
    def is_found(self) -> bool:
        """Whether the trail did not pass."""
        return self.verdict is not Verdict.PASS

    @property
    def is_found_as_expected(self) -> bool:
        """Whether the check that is there for it did not pass."""
        return self.is_found and self.expected in self.by


def make_world(folder: Path, seed: int) -> World:
    """A trail of `ENTRIES` acts, sealed in two parts with a checkpoint between. Writes into `folder`."""
    chance = random.Random(seed)
    keys = [
        create_key(
            folder / name,
            name=name,
            valid_from=AT - timedelta(days=1),
            valid_to=AT + timedelta(days=90),
            random_bytes=chance.randbytes,
        )
        for name in ("office", "attacker")
    ]
    path = folder / "whole.db"
    with Database(f"sqlite:///{path}") as database:
        metadata.create_all(database.engine, tables=[audit_entry])
        _add(database, range(1, LAST + 1))
        seal_entries(database)
        with database.read() as connection:
            head = head_of(connection)
        at = AT + timedelta(minutes=LAST)
        statement = write_checkpoint(
            folder / "kept", sequence=head.sequence, link=head.link, count=head.count, key=keys[0], at=at
        )
        _add(database, range(LAST + 1, ENTRIES + 1))
        seal_entries(database)
        with database.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return World(whole=path, kept=read_checkpoint(statement), trusted=(keys[0].published,), attacker=keys[1])


def _add(database: Database, numbers: range) -> None:
    rows = [
        {
            "id": f"00000000-0000-7000-8000-{number:012d}",
            "at": AT + timedelta(minutes=number, microseconds=number),
            "actor": ("Jane Roe", "Zoë Ångström", "worker")[number % 3],
            "action": ("decide_finding", "approve_notice", "export_case")[number % 3],
            "subject_kind": "finding",
            "subject": f"f-{number}",
            "detail": {"verdict": "confirm", "number": str(number)} if number % 2 else {},
        }
        for number in numbers
    ]
    with database.write() as connection:
        connection.execute(insert(audit_entry), rows)


def _edit(field: str, value: str) -> Callable[[Attack], None]:
    def edit(attack: Attack) -> None:
        attack.run(f"UPDATE audit_entry SET {field} = ? WHERE sequence = ?", value, attack.number())

    return edit


def _edit_link(attack: Attack) -> None:
    link = attack.chance.randbytes(32).hex()
    attack.run("UPDATE audit_entry SET chain = ? WHERE sequence = ?", link, attack.number())


def _flip_letter(attack: Attack) -> None:
    """One letter of a subject, the least there is."""
    number = attack.number()
    attack.run("UPDATE audit_entry SET subject = subject || 'x' WHERE sequence = ?", number)


def _delete(attack: Attack) -> None:
    attack.run("DELETE FROM audit_entry WHERE sequence = ?", attack.number(1, ENTRIES - 1))


def _delete_and_close(attack: Attack) -> None:
    number = attack.number(1, ENTRIES - 1)
    attack.run("DELETE FROM audit_entry WHERE sequence = ?", number)
    attack.run("UPDATE audit_entry SET sequence = -sequence WHERE sequence > ?", number)
    attack.run("UPDATE audit_entry SET sequence = -sequence - 1 WHERE sequence < 0")


def _insert(attack: Attack, sequence: int | None, at: datetime | None = None) -> None:
    values = (
        f"f0000000-0000-7000-8000-{attack.chance.getrandbits(40):012x}",
        f"{at or AT:%Y-%m-%d %H:%M:%S.%f}",
        "Jane Roe",
        "approve_notice",
        "notice",
        "n-1",
        "{}",
        sequence,
        None if sequence is None else attack.chance.randbytes(32).hex(),
    )
    attack.run("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)


def _insert_between(attack: Attack) -> None:
    number = attack.number()
    attack.run("UPDATE audit_entry SET sequence = -sequence WHERE sequence >= ?", number)
    attack.run("UPDATE audit_entry SET sequence = -sequence + 1 WHERE sequence < 0")
    _insert(attack, number)


def _insert_number(attack: Attack) -> None:
    _insert(attack, attack.chance.choice((0, -1, ENTRIES + 1, ENTRIES + 5)))


def _slip_in(attack: Attack) -> None:
    """An act that never was, dated before the checkpoint, left for the honest sealer."""
    _insert(attack, None, AT - timedelta(days=attack.number(1, 30)))


def _swap_numbers(attack: Attack) -> None:
    one, other = attack.chance.sample(range(1, ENTRIES + 1), 2)
    attack.run("UPDATE audit_entry SET sequence = -1 WHERE sequence = ?", one)
    attack.run("UPDATE audit_entry SET sequence = ? WHERE sequence = ?", one, other)
    attack.run("UPDATE audit_entry SET sequence = ? WHERE sequence = -1", other)


def _swap_content(attack: Attack) -> None:
    one, other = attack.chance.sample(range(1, ENTRIES + 1), 2)
    subjects = {
        number: attack.table.execute("SELECT subject FROM audit_entry WHERE sequence = ?", (number,)).fetchone()[0]
        for number in (one, other)
    }
    attack.run("UPDATE audit_entry SET subject = ? WHERE sequence = ?", subjects[other], one)
    attack.run("UPDATE audit_entry SET subject = ? WHERE sequence = ?", subjects[one], other)


def _renumber(attack: Attack) -> None:
    attack.run("UPDATE audit_entry SET sequence = sequence + 1000 WHERE sequence >= ?", attack.number())


def _unseal_one(attack: Attack) -> None:
    attack.run(
        "UPDATE audit_entry SET sequence = NULL, chain = NULL WHERE sequence = ?", attack.number(1, ENTRIES - 1)
    )


def _half_unseal(attack: Attack) -> None:
    attack.run("UPDATE audit_entry SET sequence = NULL WHERE sequence >= ?", attack.number(LAST + 1))


def _garbage(attack: Attack) -> None:
    column = attack.chance.choice(("actor", "action", "subject_kind", "detail"))
    attack.run(f"UPDATE audit_entry SET {column} = x'00ff' WHERE sequence = ?", attack.number())


def _name_twice(attack: Attack) -> None:
    """JSON that programs read differently: the chain would cover only one of the two."""
    number = attack.number(1, ENTRIES // 2) * 2 - 1
    twice = f'{{"verdict": "reject", "verdict": "confirm", "number": "{number}"}}'
    attack.run("UPDATE audit_entry SET detail = ? WHERE sequence = ?", twice, number)


def _cut(attack: Attack) -> None:
    attack.run("DELETE FROM audit_entry WHERE sequence >= ?", attack.number(1, LAST))


def _unseal_tail(attack: Attack) -> None:
    attack.run("UPDATE audit_entry SET sequence = NULL, chain = NULL WHERE sequence >= ?", attack.number(1, LAST))


def _cut_and_grow(attack: Attack) -> None:
    """Cut, and as many other acts chained in their place."""
    number = attack.number(1, LAST)
    attack.run("DELETE FROM audit_entry WHERE sequence >= ?", number)
    for sequence in range(number, ENTRIES + 1):
        _insert(attack, sequence, AT + timedelta(days=1))
    attack.rechain()


def _edit_and_rechain(attack: Attack) -> None:
    attack.run("UPDATE audit_entry SET actor = 'Somebody Else' WHERE sequence = ?", attack.number(1, LAST))
    attack.rechain()


def _delete_and_rechain(attack: Attack) -> None:
    attack.run("DELETE FROM audit_entry WHERE sequence = ?", attack.number(1, LAST))
    attack.rechain()


def _insert_and_rechain(attack: Attack) -> None:
    number = attack.number(1, LAST)
    attack.run("UPDATE audit_entry SET sequence = -sequence WHERE sequence >= ?", number)
    attack.run("UPDATE audit_entry SET sequence = -sequence + 1 WHERE sequence < 0")
    _insert(attack, number)
    attack.rechain()


def _reorder_and_rechain(attack: Attack) -> None:
    _swap_numbers_before(attack, LAST)
    attack.rechain()


def _swap_numbers_before(attack: Attack, last: int) -> None:
    one, other = attack.chance.sample(range(1, last + 1), 2)
    attack.run("UPDATE audit_entry SET sequence = -1 WHERE sequence = ?", one)
    attack.run("UPDATE audit_entry SET sequence = ? WHERE sequence = ?", one, other)
    attack.run("UPDATE audit_entry SET sequence = ? WHERE sequence = -1", other)


def _wipe(attack: Attack) -> None:
    attack.run("DELETE FROM audit_entry")


def _fitting(attack: Attack) -> dict[str, object]:
    """Change the trail, chain it anew, and give the statement that fits it."""
    _edit_and_rechain(attack)
    row = attack.table.execute("SELECT chain FROM audit_entry WHERE sequence = ?", (LAST,)).fetchone()
    said: dict[str, object] = {**parse_canonical(attack.world.kept.statement), "link": row[0]}
    return said


def _forge_checkpoint(attack: Attack) -> None:
    """With a key of the attacker's own, named as such or not."""
    said = _fitting(attack)
    if attack.chance.random() < 0.5:
        said["key_id"] = attack.world.attacker.key_id
    statement = canonical(said)
    attack.kept = KeptCheckpoint(statement=statement, signature=attack.world.attacker.private.sign(statement))


def _edit_checkpoint(attack: Attack) -> None:
    attack.kept = KeptCheckpoint(statement=canonical(_fitting(attack)), signature=attack.world.kept.signature)


def _flip_checkpoint(attack: Attack) -> None:
    """One bit of the statement or of its signature."""
    parts = [bytearray(attack.world.kept.statement), bytearray(attack.world.kept.signature)]
    part = parts[attack.chance.randrange(2)]
    part[attack.chance.randrange(len(part))] ^= 1 << attack.chance.randrange(8)
    attack.kept = KeptCheckpoint(statement=bytes(parts[0]), signature=bytes(parts[1]))


# Each kind with the check that is there for it. Those of the checkpoint's head leave the chain itself whole.
KINDS: dict[str, tuple[Callable[[Attack], None], str]] = {
    "edit_actor": (_edit("actor", "Nobody"), "chain"),
    "edit_action": (_edit("action", "read_notice"), "chain"),
    "edit_time": (_edit("at", "2026-03-01 08:00:00.000001"), "chain"),
    "edit_detail": (_edit("detail", '{"verdict": "reject"}'), "chain"),
    "edit_subject_kind": (_edit("subject_kind", "notice"), "chain"),
    "edit_id": (_edit("id", "ffffffff-0000-7000-8000-000000000001"), "chain"),
    "edit_link": (_edit_link, "chain"),
    "flip_letter": (_flip_letter, "chain"),
    "delete": (_delete, "chain"),
    "delete_and_close": (_delete_and_close, "chain"),
    "insert_between": (_insert_between, "chain"),
    "insert_number": (_insert_number, "chain"),
    "swap_numbers": (_swap_numbers, "chain"),
    "swap_content": (_swap_content, "chain"),
    "renumber": (_renumber, "chain"),
    "unseal_one": (_unseal_one, "chain"),
    "half_unseal": (_half_unseal, "chain"),
    "garbage": (_garbage, "chain"),
    "name_twice": (_name_twice, "chain"),
    "slip_in": (_slip_in, "dates_after_checkpoint"),
    "cut": (_cut, "checkpoint_head"),
    "unseal_tail": (_unseal_tail, "checkpoint_head"),
    "cut_and_grow": (_cut_and_grow, "checkpoint_head"),
    "edit_and_rechain": (_edit_and_rechain, "checkpoint_head"),
    "delete_and_rechain": (_delete_and_rechain, "checkpoint_head"),
    "insert_and_rechain": (_insert_and_rechain, "checkpoint_head"),
    "reorder_and_rechain": (_reorder_and_rechain, "checkpoint_head"),
    "wipe": (_wipe, "checkpoint_head"),
    "forge_checkpoint": (_forge_checkpoint, "checkpoint_signature"),
    "edit_checkpoint": (_edit_checkpoint, "checkpoint_signature"),
    "flip_checkpoint": (_flip_checkpoint, "checkpoint_signature"),
}


def prove(count: int, seed: int, folder: Path) -> list[Outcome]:
    """Make `count` attacks; an untouched trail must pass before and after."""
    world = make_world(folder, seed)
    _must_pass(world)
    chance = random.Random(seed)
    outcomes = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        change, expected = KINDS[kind]
        path = folder / "changed.db"
        shutil.copyfile(world.whole, path)
        table = sqlite3.connect(path)
        attack = Attack(world=world, table=table, chance=chance, kept=world.kept)
        change(attack)
        table.commit()
        table.close()
        report = _check(path, attack.kept, world)
        hidden = next(check.status is Status.PASS for check in report.checks if check.name == "chain")
        by = tuple(check.name for check in report.checks if check.status is not Status.PASS)
        outcomes.append(Outcome(kind=kind, verdict=report.verdict, by=by, expected=expected, hidden=hidden))
    _must_pass(world)
    return outcomes


def _check(path: Path, kept: KeptCheckpoint, world: World) -> AuditReport:
    with Database(f"sqlite:///{path}") as database:
        report = check_trail(database, kept, world.trusted, lambda _done, _total, _what: None)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return report


def _must_pass(world: World) -> None:
    report = _check(world.whole, world.kept, world)
    if report.verdict is not Verdict.PASS:
        raise AssertionError(f"the untouched trail does not pass: {report.checks}")


def main(arguments: list[str]) -> int:
    """Run the proof; exit 1 when anything was missed."""
    count, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 7
    began = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = prove(count, seed, Path(folder))
    made, found, expected = Counter[str](), Counter[str](), Counter[str]()
    for each in outcomes:
        made[each.kind] += 1
        found[each.kind] += each.is_found
        expected[each.kind] += each.is_found_as_expected
    for kind in made:
        sys.stdout.write(
            f"{kind:22} {made[kind]:5} made {found[kind]:5} found {expected[kind]:5} by {KINDS[kind][1]}\n"
        )
    figures = {
        "made": len(outcomes),
        "found": sum(found.values()),
        "as_expected": sum(expected.values()),
        "seconds": round(perf_counter() - began, 1),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if sum(expected.values()) == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
