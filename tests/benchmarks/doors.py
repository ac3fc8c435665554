"""
Fifty at the outer doors at once, on SQLite and on PostgreSQL: how long each waits, and whether any answer is lost.

Three doors run as `marque serve` does, each in a process of its own: twenty recipients read an item's page and answer
it, fifteen programs of the platform read a part of the batch and answer by the interface (one in ten again under its
idempotency key), fifteen experts of the holder walk their portal. Nobody pauses. Afterwards the ledger is compared
with what each was told.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import urlencode

from starlette.testclient import TestClient

from config.settings import Settings, load_settings
from console.keys import make_key
from console.linking import make_link, open_link
from console.web.app import create_app
from console.web.credentials import digest, new_token
from console.web.desk import Desk, csrf_token_of
from console.web.limits import RateLimit
from console.web.sessions import open_session
from console.workspace import create_workspace, open_workspace
from store.db import tables
from store.db.batches import Batches
from store.db.session import Database
from store.records.accounts import Role
from store.records.doors import Entrance
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.benchmarks.desk import part
from tests.benchmarks.frame import Benchmark, Row
from tests.benchmarks.reviewers import wait_for
from tests.clusters import find_programs, running_cluster
from tests.console.web.api.program import OF_A_PLATFORM
from tests.console.web.conftest import QUICK, Now, add_account
from tests.console.web.notices.office import Office
from tests.faults.big_sheet import widen

RECIPIENTS, PROGRAMS, EXPERTS = 20, 15, 15
ITEMS = 6_000  # of the batch: more than thirty-five answer in a minute, so that nobody runs out of work
LASTS_S = 60.0
AGAIN_IN = 10  # one answer in so many is sent again as it was
PORTAL = ("/", "/rights", "/determinations", "/digest", "/notices", "/notices/1", "/rights.json", "/notices.csv")
_KEPT_S = 2.0  # the server ends connections that are idle for five seconds


@dataclass(slots=True, kw_only=True)
class Visitor:
    """One of the fifty, and what they were told."""

    door: Entrance
    port: int
    headers: dict[str, str]
    items: list[tuple[str, str]] = field(default_factory=list)  # label and id of what only this one answers
    entered: list[str] = field(default_factory=list)  # ids of items whose answer was said to be entered
    asked_ms: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    line: http.client.HTTPConnection | None = None
    asked_at: float = 0.0

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        """Status and text; what is no answer of 2xx or 3xx is a fault."""
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        if time.monotonic() - self.asked_at > _KEPT_S:
            self.line.close()
        began = time.perf_counter()
        self.line.request(method, path, body, self.headers | headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        self.asked_ms.append((time.perf_counter() - began) * 1000)
        self.asked_at = time.monotonic()
        if answer.status >= 400:
            self.faults.append(f"{method} {path} {answer.status}: {text[:200]}")
        return answer.status, text

    def step(self, number: int) -> bool:
        """One round of what such a visitor does; False when there is nothing left to do."""
        if self.door is Entrance.HOLDER:
            self.ask("GET", PORTAL[number % len(PORTAL)])
            return True
        if number >= len(self.items):
            return False
        label, id = self.items[number]
        if self.door is Entrance.PLATFORM:
            self.ask("GET", f"/batches/1/items/{label}")
            token = csrf_token_of(self.headers["cookie"].partition("=")[2])
            form = urlencode({"csrf_token": token, "answer": "removed"})
            for _ in range(2 if number % AGAIN_IN == 0 else 1):
                status, _ = self.ask("POST", f"/batches/1/items/{label}", form, **_FORM)
            if status == 303:
                self.entered.append(id)
            return True
        self.ask("GET", "/api/v1/batches/1/items?limit=20")
        said = json.dumps({"answers": [{"item": id, "answer": "removed", "decided_at": "2026-03-02T10:00:00Z"}]})
        key = {"idempotency-key": f"answer-{id}", "content-type": "application/json"}
        for _ in range(2 if number % AGAIN_IN == 0 else 1):
            status, text = self.ask("POST", "/api/v1/batches/1/answers", said, **key)
        if status == 202 and json.loads(text)["counts"] == {"entered": 1}:
            self.entered.append(id)
        return True


_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """The ledger beside what visitors were told."""

    entered: int
    lost: int  # said to be entered, and not in the ledger
    unasked: int  # in the ledger, and nobody was told
    twice: int  # items with two decisions


def fill(settings: Settings, items: int) -> Desk:
    """A workspace whose first batch has so many items and has left."""
    create_workspace(settings)
    app = create_app(settings, clock=Now(), hasher=QUICK, limit=RateLimit(Now()))
    with TestClient(app):
        office = Office(app, 2)
        for step in (office.prepare, office.approve, office.sign, office.export):
            step()
        widen(office.desk, items)
        return office.desk


def let_in(settings: Settings, desk: Desk, ports: dict[Entrance, int]) -> list[Visitor]:
    """The fifty, each with a cookie or a key of their own and items that nobody else answers."""
    with open_workspace(settings) as workspace:
        here = replace(desk, workspace=workspace, clock=utc_now)
        with workspace.database.read() as connection:
            batch = Batches(connection, EVERYTHING).numbered(1)
            assert batch is not None
        visitors = []
        for _ in range(RECIPIENTS):
            cookie = new_token()
            link, _ = make_link(
                workspace, batch, by="Ann", until=utc_now() + timedelta(days=1), clock=utc_now, ids=new_id
            )
            assert open_link(workspace, link, old_sha256="", new_sha256=digest(cookie), clock=utc_now, ids=new_id)
            headers = {"cookie": f"marque-platform={cookie}", "accept": "text/html"}
            visitors.append(Visitor(door=Entrance.PLATFORM, port=ports[Entrance.PLATFORM], headers=headers))
        for number in range(PROGRAMS):
            _, secret = make_key(
                workspace, f"Robot {number}", OF_A_PLATFORM, holder=None, platform="shopnest", compartment=None,
                until=None, by="Ann", clock=utc_now, ids=new_id,
            )  # fmt: skip
            headers = {"authorization": f"Bearer {secret}"}
            visitors.append(Visitor(door=Entrance.API, port=ports[Entrance.API], headers=headers))
        labels = labels_of(workspace.settings.home / batch.path)
        answering = len(visitors)
        for place, (id, label) in enumerate(labels.items()):
            visitors[place % answering].items.append((label, id))
        for number in range(EXPERTS):
            account = add_account(here, f"Expert {number:02d}", Role.HOLDER_EXPERT, holder=make.an_id("party"))
            with workspace.database.write() as connection:
                cookie = open_session(connection, here, account, "")
            headers = {"cookie": f"marque-holder={cookie}", "accept": "text/html"}
            visitors.append(Visitor(door=Entrance.HOLDER, port=ports[Entrance.HOLDER], headers=headers))
    return visitors


def labels_of(folder: Path) -> dict[str, str]:
    """How the batch names each item, by id."""
    sheet = (folder / "answers.csv").read_text("utf-8-sig")
    return {row["item_id"]: row["item"] for row in csv.DictReader(io.StringIO(sheet))}


def together(visitors: list[Visitor], goes_on: Callable[[], bool]) -> float:
    """All of them at once; gives the seconds it took. A fault of one is kept with them."""
    start = Barrier(len(visitors) + 1)

    def go(visitor: Visitor) -> None:
        start.wait()
        number = 0
        try:
            while goes_on() and visitor.step(number):
                number += 1
        except Exception as error:  # noqa: BLE001 -- the thread's one boundary; the fault is counted and shown
            visitor.faults.append(f"{type(error).__name__}: {error}")

    threads = [Thread(target=go, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def reckon(database: Database, visitors: list[Visitor]) -> Reckoning:
    """Compare every answer of the ledger with every word that was given."""
    table = tables.outcome.c
    with database.read() as connection:
        rows = connection.execute(tables.outcome.select().with_only_columns(table.item, table.status)).all()
    decided = Counter(row.item for row in rows if row.status == "actioned")
    said = Counter(id for visitor in visitors for id in visitor.entered)
    return Reckoning(
        entered=sum(said.values()),
        lost=sum(1 for id in said if not decided[id]),
        unasked=sum(1 for id in decided if not said[id]),
        twice=sum(1 for count in decided.values() if count > 1),
    )


@contextmanager
def serving(settings: Settings) -> Iterator[dict[Entrance, int]]:
    """The three doors as processes of their own; gives their ports."""
    ports: dict[Entrance, int] = {}
    with ExitStack() as stack:
        for door in (Entrance.PLATFORM, Entrance.API, Entrance.HOLDER):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                ports[door] = int(probe.getsockname()[1])
            words = ["--home", str(settings.home), "serve", "--door", door.value, "--port", str(ports[door])]
            server = subprocess.Popen(
                [sys.executable, "-m", "console.cli", *words],
                env={**os.environ, **settings.child_environment()},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(server.wait, timeout=30)
            stack.callback(server.terminate)
        for port in ports.values():
            wait_for(port)
        yield ports


def measure(name: str, settings: Settings, items: int, lasts_s: float) -> tuple[list[Row], list[str]]:
    """One database: its rows and its notes."""
    desk = fill(settings, items)
    with serving(settings) as ports:
        visitors = let_in(settings, desk, ports)
        ends = time.monotonic() + lasts_s
        seconds = together(visitors, lambda: time.monotonic() < ends)
    with Database(settings.database_url) as database:
        found = reckon(database, visitors)
    asked = [ms for visitor in visitors for ms in visitor.asked_ms]
    faults = [fault for visitor in visitors for fault in visitor.faults]
    case = f"{name}, {len(visitors)} at once, {items:,} items"
    rows = [
        Row(case=case, measure="requests a second", value=round(len(asked) / seconds, 1), aim=">= 20"),
        Row(case=case, measure="request without pause, p50, ms", value=part(asked, 0.50), aim="<= 3000"),
        Row(case=case, measure="request without pause, p99, ms", value=part(asked, 0.99), aim="<= 10000"),
        Row(case=case, measure="answers lost", value=found.lost, aim="== 0"),
        Row(case=case, measure="answers nobody was told of", value=found.unasked, aim="== 0"),
        Row(case=case, measure="items with two decisions", value=found.twice, aim="== 0"),
        Row(case=case, measure="failed requests", value=len(faults), aim="== 0"),
    ]
    by_door = {
        door.value: [ms for visitor in visitors if visitor.door is door for ms in visitor.asked_ms] for door in ports
    }
    notes = [
        f"{name}: {found.entered} answers entered, {len(asked)} requests in {seconds:.0f} s",
        *(f"{name}, {door}: p50 {part(ms, 0.5)}, p99 {part(ms, 0.99)} ms, {len(ms)} requests"
          for door, ms in by_door.items() if ms),
        *faults[:3],
    ]  # fmt: skip
    return rows, notes


def run(data: Path | None = None, seed: int | None = None, size: int | None = None) -> Benchmark:
    """Fifty at once for a minute on each database; `size` items (default 6,000) a batch, fewer take fewer seconds."""
    del data, seed
    items = size or ITEMS
    lasts_s = LASTS_S * min(1.0, items / ITEMS)
    rows: list[Row] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        found, said = measure("SQLite", load_settings(Path(folder) / "home", {}), items, lasts_s)
        rows, notes = rows + found, notes + said
    programs = find_programs()
    if programs is None:
        notes.append("no PostgreSQL server programs: that half was not measured")
        return Benchmark(rows=tuple(rows), notes=tuple(notes))
    with running_cluster(programs, durable=True) as cluster, tempfile.TemporaryDirectory() as folder:
        settings = load_settings(Path(folder) / "home", {"MARQUE_DATABASE_URL": cluster.new_ledger()})
        found, said = measure("PostgreSQL", settings, items, lasts_s)
    return Benchmark(rows=(*rows, *found), notes=(*notes, *said))
