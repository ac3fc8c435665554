"""
Kills carriers of deliveries while the platform fails in every way it knows, and shows that nothing is sent twice.

    python -m tests.faults.outbox 1000 [--seed N] [--deliveries 10000] [--repeats same_key|look_up|neither] [--json]

Carriers work on one outbox, several at a time, each a process of its own; each is killed at a named point or after a
random time. The recipient is the exercise's, in a process of its own, with every fault at 10 %. At the end its ledger
is held against ours: no delivery entered twice, none that we call accepted missing there, none forgotten.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from cases.run import build_cases, decide_by_exercise_policy
from config.declarations import Declarations
from config.delivery import Delivery
from crawler import faults
from reports.outbox import Office, carry_next, next_due
from reports.run import export_batches, prepare
from reports.signing import approve_by_exercise_policy
from reports.transports.ways import ways
from store.db import tables
from store.db.outbox import Outbox
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.seal import create_key, published_keys
from store.evidence.vault import Vault
from store.records import codec
from store.records.ids import new_id, utc_now
from store.records.notices import Batch
from store.records.outbox import OutboxEntry, OutboxState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.ledgers import new_ledger

CARRIERS = 4
READ_S, STALL_S, LATE_S, SETTLES_S, LEASE_S = 0.4, 0.7, 0.2, 1.0, 2.0  # real ones are minutes; the order is the same
HANGS_S = 300.0  # without a single delivery moving: then something hangs, also on a starved machine


@dataclass
class Outcome:
    """What all of it came to."""

    kills: int = 0
    deliveries: int = 0
    states: dict[str, int] = field(default_factory=dict)
    entered_twice: int = 0  # in the recipient's ledger
    accepted_not_there: int = 0  # ours says accepted, theirs knows nothing
    there_not_accepted: int = 0  # theirs has it, ours does not say so, and holds it for a person
    wrong_receipt: int = 0
    forgotten: int = 0  # neither settled nor held with a reason
    without_answer: int = 0  # accepted, and the answer's bytes are not in the vault
    notices_wrong: int = 0  # notices of accepted batches not sent, or others sent
    requests: int = 0
    met: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was doubled, lost or forgotten."""
        wrong = (self.entered_twice, self.accepted_not_there, self.wrong_receipt, self.forgotten)
        return not any((*wrong, self.without_answer, self.notices_wrong))


def run(kills: int, deliveries: int, *, seed: int, repeats: str, faults_share: float = 0.1) -> Outcome:
    """Make `deliveries`, kill carriers `kills` times while they are carried, let the rest be carried, and reckon."""
    began = time.monotonic()
    command = [sys.executable, "-m", "exercise.recipient", "--repeats", repeats, "--faults", str(faults_share)]
    command += ["--seed", str(seed), "--stall-s", str(STALL_S), "--late-s", str(LATE_S), "--busy-s", "0"]
    recipient = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert recipient.stdout is not None
        base = recipient.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            declared = fill(home, base, deliveries, repeats)
            done = carry_under_fire(home, declared, kills, random.Random(seed))
            with urllib.request.urlopen(f"{base}/ledger", timeout=30) as answer:
                ledger = json.load(answer)
            found = reckon(home, ledger)
    finally:
        recipient.kill()
        recipient.wait()
        if recipient.stdout is not None:
            recipient.stdout.close()
    return replace(found, kills=done, seconds=round(time.monotonic() - began, 1))


def fill(home: Path, base: str, deliveries: int, repeats: str) -> Declarations:
    """A workspace with `deliveries` queued batches of one notice each; their folder is one that was really sealed."""
    scene = make.goods_scene(1)
    delivery = Delivery.model_validate(
        {
            "by": "api",
            "to": f"{base}/batches",
            "repeats": repeats,
            "look_up": f"{base}/batches/{{key}}" if repeats == "look_up" else None,
            "settles_s": SETTLES_S,
            "per_minute": 6000,
        }
    )
    platform = make.platform()
    platform = platform.model_copy(update={"notify": platform.notify.model_copy(update={"delivery": delivery})})
    declared = make.declarations(platforms=(platform,))
    database_url = f"sqlite:///{home / 'marque.db'}"
    clock, ids = make.now_and_then(), new_id
    with Vault(home / "vault") as vault:
        database = Database(database_url)
        new_ledger(database)
        make.store_scene(database, vault, scene, decided=False)
        build_cases(database, declared, clock=clock, ids=ids)
        decide_by_exercise_policy(database, declared, clock=clock, ids=ids)
        prepare(database, vault, declared, sender=make.sender(), clock=clock, ids=ids)
        approve_by_exercise_policy(database, declared, clock=clock, ids=ids)
        key = create_key(
            home / "keys",
            name="Test office",
            valid_from=make.NOW - timedelta(days=1),
            valid_to=make.NOW + timedelta(days=365),
            random_bytes=bytes,
        )
        (batch,) = export_batches(
            database,
            vault,
            declared,
            sender=make.sender(),
            out=home / "out",
            key=key,
            answer_key=make.ANSWER_KEY,
            clock=clock,
            ids=ids,
        )
        multiply(database, batch, deliveries)
        database.close()
    return declared


def multiply(database: Database, batch: Batch, deliveries: int) -> None:
    """Queue `deliveries` batches like this one, each with a notice and a key of its own."""
    with database.read() as connection:
        row = connection.execute(tables.notice.select()).one()
    notices, batches, entries = [], [], []
    for number in range(2, deliveries + 2):
        notice, copy = {**row._mapping, "id": new_id(), "number": number}, new_id()
        notices.append(notice)
        batches.append(row_of(replace(batch, id=copy, number=number, notices=(notice["id"],)), tables.batch))
        entry = OutboxEntry(
            id=new_id(),
            batch=copy,
            idempotency_key=codec.digest([number, batch.manifest_sha256]),
            state=OutboxState.READY,
            queued_at=utc_now(),
        )
        entries.append(row_of(entry, tables.outbox))
    for table, rows in ((tables.notice, notices), (tables.batch, batches), (tables.outbox, entries)):
        for start in range(0, len(rows), 400):
            with database.write() as connection:
                upsert(connection, table, rows[start : start + 400], ["id"])


def carry(home: Path, declared: Declarations, number: int, kill_at: str | None) -> None:
    """One carrier: works until nothing waits any more."""
    if kill_at:
        faults.arm(kill_at)
    with Vault(home / "vault") as vault:
        database = Database(f"sqlite:///{home / 'marque.db'}")
        office = Office(
            database=database,
            vault=vault,
            declarations=declared,
            home=home,
            keys=published_keys(home / "keys"),
            way=ways(
                secret=lambda name: None, user_agent="Marque", home=home, relay=None, clock=utc_now, read_s=READ_S
            ),
            clock=utc_now,
            ids=new_id,
            owner=f"carrier {number}/{os.getpid()}",
            longest_s=LEASE_S,
        )
        while True:
            if carry_next(office) is not None:
                continue
            due = next_due(office)
            if due is None:
                break
            time.sleep(min(max((due - utc_now()).total_seconds(), 0.005), 0.2))
        database.close()


def carry_under_fire(home: Path, declared: Declarations, kills: int, chance: random.Random) -> int:
    """Keep carriers at work, ending each in its turn, until all kills are done and everything is settled."""
    at_work: list[tuple[BaseProcess, float | None]] = []
    try:
        return _carry_under_fire(home, declared, kills, chance, at_work)
    finally:
        for process, _ in at_work:  # a proof that fails leaves nobody carrying on
            process.kill()
            process.join()


def _carry_under_fire(
    home: Path,
    declared: Declarations,
    kills: int,
    chance: random.Random,
    at_work: list[tuple[BaseProcess, float | None]],
) -> int:
    # Forked: a carrier costs milliseconds to start, and the parent has neither threads nor connections open.
    context = multiprocessing.get_context("fork")
    started = done = 0
    moved, before = time.monotonic(), ""
    while True:
        while len(at_work) < CARRIERS and (done + len(at_work) < kills + CARRIERS):
            is_to_die = done + sum(1 for _, ends in at_work if ends is not None) < kills
            kill_at, ends = None, None
            if is_to_die:
                ends = time.monotonic() + chance.uniform(0.05, 1.0)
                if chance.random() < 0.6:
                    kill_at = f"{chance.choice(faults.DELIVERY_POINTS)}:{chance.randint(1, 12)}"
                    ends += 4.0  # at the point; a carrier that never passes it is ended all the same
            process = context.Process(target=carry, args=(home, declared, started, kill_at))
            process.start()
            started += 1
            at_work.append((process, ends))
        for process, ends in list(at_work):
            if process.is_alive() and ends is not None and time.monotonic() >= ends:
                process.kill()
                process.join()
            if process.is_alive():
                continue
            process.join()
            at_work.remove((process, ends))
            if process.exitcode == -signal.SIGKILL:
                done += 1
            elif process.exitcode != 0:
                raise RuntimeError(f"a carrier ended with {process.exitcode}")
            else:
                now = _waiting(home)
                if not now:
                    for other, _ in at_work:
                        other.join(timeout=30)
                    return done
        standing = str(_waiting(home)) if time.monotonic() - moved > 10 else before
        if standing != before:
            moved, before = time.monotonic(), standing
        if time.monotonic() - moved > HANGS_S:
            raise RuntimeError(f"nothing moves: {standing}")
        time.sleep(0.01)


def _waiting(home: Path) -> int:
    database = Database(f"sqlite:///{home / 'marque.db'}")
    with database.read() as connection:
        states = [s.value for s in (OutboxState.READY, OutboxState.SENDING, OutboxState.UNKNOWN)]
        count = Outbox(connection, EVERYTHING).count(tables.outbox.c.state.in_(states))
    database.close()
    return count


def reckon(home: Path, ledger: dict[str, dict[str, dict[str, object]]]) -> Outcome:
    """Our ledger beside the recipient's."""
    database = Database(f"sqlite:///{home / 'marque.db'}")
    with database.read() as connection:
        entries = Outbox(connection, EVERYTHING).find()
        batches = {row.id: row.notices for row in connection.execute(tables.batch.select())}
        notices = {row.id: row.state for row in connection.execute(tables.notice.select())}
        receipts = Counter(row.notice for row in connection.execute(tables.outcome.select()))
    database.close()
    theirs = ledger["entered"]
    found = Outcome(deliveries=len(entries), states=dict(Counter(entry.state.value for entry in entries)))
    found.requests, found.met = int(str(ledger["asked"])), {k: int(str(v)) for k, v in ledger["met"].items()}
    found.entered_twice = sum(1 for entered in theirs.values() if entered["times"] != 1)
    with Vault(home / "vault") as vault:
        for entry in entries:
            known = theirs.get(entry.idempotency_key)
            sent = {notices[id] for id in batches[entry.batch]}
            acks = {receipts[id] for id in batches[entry.batch]}
            if entry.state is OutboxState.ACCEPTED:
                found.accepted_not_there += known is None
                found.wrong_receipt += known is not None and known["receipt"] != entry.receipt
                found.without_answer += entry.answer_sha256 is None or not vault.has(entry.answer_sha256)
                found.notices_wrong += sent != {"sent"} or acks != {1}
                continue
            found.there_not_accepted += known is not None
            found.forgotten += not (entry.state.is_settled or (entry.state is OutboxState.HELD and entry.because))
            found.notices_wrong += "sent" in sent or acks != {0}
    return found


def main() -> None:
    """Run the proof and say what came of it; exit 1 where anything was doubled, lost or forgotten."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=None, help="ten for each kill, unless told")
    parser.add_argument(
        "--repeats", choices=("same_key", "look_up", "neither"), default=None, help="else each in turn"
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    kinds = [args.repeats] if args.repeats else ["same_key", "look_up", "neither"]
    rows = {}
    for kind in kinds:
        kills = -(-args.kills // len(kinds))
        deliveries = -(-(args.deliveries or 10 * args.kills) // len(kinds))
        rows[kind] = run(kills, deliveries, seed=args.seed, repeats=kind)
        if not args.json:
            sys.stdout.write(f"{kind}: {rows[kind]}\n")
            sys.stdout.flush()
    if args.json:
        sys.stdout.write(json.dumps({kind: asdict(row) for kind, row in rows.items()}, indent=1) + "\n")
    sys.exit(0 if all(row.is_sound for row in rows.values()) else 1)


if __name__ == "__main__":
    main()
