"""
Fifty people review at once on SQLite: how long a step takes, and whether any decision is lost or counted twice.

The desk runs as `marque serve` in a process of its own; fifty sessions ask it over loopback. A step is the form that
decides and the page it leads to. One step in ten is taken back and decided again, one in twenty goes for what another
person has on the screen at that moment. Afterwards the ledger is compared with what the clients were told.
"""

from __future__ import annotations

import http.client
import math
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Lock, Thread
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Connection, select
from starlette.testclient import TestClient

from config.settings import load_settings
from console.web.app import create_app
from console.web.desk import csrf_token_of
from console.web.sessions import open_session
from console.workspace import create_workspace, open_workspace
from store.db import tables
from store.records.accounts import Role
from tests.benchmarks.desk import _SEEN, FINDINGS_IN, LISTINGS, fill, part
from tests.benchmarks.frame import Benchmark, Row
from tests.console.web.conftest import QUICK, add_account

REVIEWERS = 50
PACED_S = 60  # how long people work at their own pace
STEP_EVERY_S = 5.0  # a quick reviewer: the fastest of 200 measured decisions by hand took four seconds
PUSHED_S = 30  # how long they send without a pause
UNDO_IN = 10
CONTEST_IN = 20
KEPT_S = 2.0  # the server ends connections that are idle for five seconds; a new one is opened well before
START_S = 60.0  # what a cold start may take on a busy machine
_ANOTHERS = "Another person has this offer open now"
VERDICTS = (("verdict", "confirm"), ("reject", "genuine_resale"), ("verdict", "unsure"), ("verdict", "needs_holder"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one reviewer has before them."""

    finding: str
    seen: str  # what the form sends back
    is_anothers: bool = False  # the page says that somebody else has the offer open now


@dataclass(slots=True, kw_only=True)
class InHand:
    """
    A finding before a reviewer as theirs alone, from the answer that gave it to the request that let it go.

    The desk held it for at least as long, so that two of these that overlap are a finding handed to two people.
    """

    finding: str
    since: float
    until: float = math.inf  # still in hand


class Door(Protocol):
    """How a reviewer reaches the desk: over HTTP here, by plain calls in the test."""

    def first(self) -> Shown | None:
        """What comes first; None where nothing waits."""

    def decide(self, shown: Shown, verdict: tuple[str, str]) -> tuple[bool, Shown | None]:
        """Whether it was entered (False: told that it changed meanwhile), and what comes next."""

    def undo(self, finding: str) -> tuple[bool, Shown | None]:
        """Whether one's own verdict was taken back, and the finding again; None where somebody else decided it."""


@dataclass(slots=True, kw_only=True)
class Told:
    """What one reviewer was told, in the order of time."""

    reviewer: str
    entered: Counter[str] = field(default_factory=Counter)  # verdicts by finding
    undone: Counter[str] = field(default_factory=Counter)
    handed: list[InHand] = field(default_factory=list)
    refused: int = 0  # changed meanwhile
    steps_ms: list[float] = field(default_factory=list)
    fault: str = ""

    def receive(self, shown: Shown | None) -> None:
        """Note what is in hand from now on."""
        if shown is not None and not shown.is_anothers:
            self.handed.append(InHand(finding=shown.finding, since=time.perf_counter()))

    def let_go(self) -> None:
        """Note that what was in hand is not any more, or may not be."""
        if self.handed and self.handed[-1].until == math.inf:
            self.handed[-1].until = time.perf_counter()


@dataclass(slots=True)
class Table:
    """What all reviewers have before them now, so that one can go for another's."""

    shown: dict[str, Shown] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def lay(self, reviewer: str, shown: Shown | None) -> None:
        """Say what this reviewer has before them."""
        with self.lock:
            self.shown.pop(reviewer, None)
            if shown is not None:
                self.shown[reviewer] = shown

    def of_another(self, reviewer: str, chance: random.Random) -> Shown | None:
        """What somebody else has before them; None where nobody has anything."""
        with self.lock:
            others = [shown for name, shown in sorted(self.shown.items()) if name != reviewer]
        return chance.choice(others) if others else None


def work(
    door: Door, told: Told, table: Table, chance: random.Random, *, goes_on: Callable[[int], bool], pause_s: float
) -> None:
    """Review until `goes_on` says no, keeping what was told."""
    shown = door.first()
    told.receive(shown)
    number = 0
    while shown is not None and goes_on(number):
        table.lay(told.reviewer, shown)
        if pause_s:
            time.sleep(chance.uniform(0, 2 * pause_s))
        verdict = VERDICTS[number % len(VERDICTS)]
        number += 1
        told.let_go()
        if chance.random() < 1 / CONTEST_IN and (other := table.of_another(told.reviewer, chance)) is not None:
            # One offer at a time: whoever goes for another lets go of the one in hand.
            entered, _ = door.decide(other, verdict)
            _note(told, other.finding, entered)
        began = time.perf_counter()
        entered, following = door.decide(shown, verdict)
        told.steps_ms.append((time.perf_counter() - began) * 1000)
        _note(told, shown.finding, entered)
        if entered and chance.random() < 1 / UNDO_IN:
            taken_back, again = door.undo(shown.finding)
            # Between the two another person may have been handed it and decided: then there is no form to send.
            if taken_back:
                told.undone[shown.finding] += 1
            if again is not None:
                told.receive(again)
                told.let_go()
                entered, following = door.decide(again, verdict)
                _note(told, again.finding, entered)
        shown = following if following is not None else door.first()
        told.receive(shown)
    table.lay(told.reviewer, None)
    told.let_go()


def _note(told: Told, finding: str, entered: bool) -> None:
    if entered:
        told.entered[finding] += 1
    else:
        told.refused += 1


def together(
    doors: dict[str, Door], *, goes_on: Callable[[int], bool], pause_s: float, seed: int
) -> tuple[list[Told], float]:
    """All of them at once; gives what each was told, and the seconds it took. A fault of one is in `Told.fault`."""
    table, start = Table(), Barrier(len(doors) + 1)
    all_told = [Told(reviewer=name) for name in doors]

    def go(told: Told, number: int) -> None:
        start.wait()
        try:
            work(doors[told.reviewer], told, table, random.Random(seed + number), goes_on=goes_on, pause_s=pause_s)
        except Exception as error:  # noqa: BLE001 -- the thread's one boundary; the fault is counted and shown
            told.fault = f"{type(error).__name__}: {error}"

    threads = [Thread(target=go, args=(told, number)) for number, told in enumerate(all_told)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return all_told, time.perf_counter() - began


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """The ledger beside what people were told."""

    entered: int  # verdicts people were told are entered
    refused: int  # times somebody was told that another came first
    lost: int  # entered, and not in the ledger
    unasked: int  # in the ledger, and nobody was told
    twice: int  # findings on which two verdicts stand at once
    handed_twice: int  # findings handed to two people while neither had decided them
    faults: tuple[str, ...]


def reckon(connection: Connection, all_told: Sequence[Told]) -> Reckoning:
    """Compare every entry of the ledger with every answer."""
    decision, blind = tables.decision, tables.blind_review
    names = [told.reviewer for told in all_told]
    rows = connection.execute(select(decision).where(decision.c.by.in_(names))).all()
    looks = connection.execute(select(blind.c.finding, blind.c.reviewer, blind.c.verdict)).all()
    entered = Counter((row.by, row.finding) for row in rows if row.undoes is None)
    undone = Counter((row.by, row.finding) for row in rows if row.undoes is not None)
    measured = {(look.reviewer, look.finding) for look in looks}
    taken_back = {row.undoes for row in rows if row.undoes is not None}
    standing = Counter(row.finding for row in rows if row.undoes is None and row.id not in taken_back)
    said = Counter({(told.reviewer, id): n for told in all_told for id, n in told.entered.items()})
    said_undone = Counter({(told.reviewer, id): n for told in all_told for id, n in told.undone.items()})
    # A look that measures the reviewer is answered in a table of its own, once however often it is taken back.
    lost = unasked = 0
    for key in set(said) | set(entered):
        if key in measured:
            continue
        lost += max(0, said[key] - entered[key]) + max(0, said_undone[key] - undone[key])
        unasked += max(0, entered[key] - said[key]) + max(0, undone[key] - said_undone[key])
    lost += sum(1 for look in looks if look.verdict is None and said[(look.reviewer, look.finding)] > 0)
    return Reckoning(
        entered=sum(said.values()),
        refused=sum(told.refused for told in all_told),
        lost=lost,
        unasked=unasked,
        twice=sum(1 for n in standing.values() if n > 1),
        handed_twice=len(_in_two_hands(all_told, measured)),
        faults=tuple(told.fault for told in all_told if told.fault),
    )


def _in_two_hands(all_told: Sequence[Told], measured: set[tuple[str, str]]) -> set[str]:
    """Findings that two people had in hand at one moment; a look that measures somebody is another's work anyway."""
    by_finding: dict[str, list[InHand]] = {}
    for told in all_told:
        for hand in told.handed:
            if (told.reviewer, hand.finding) not in measured:
                by_finding.setdefault(hand.finding, []).append(hand)
    found = set()
    for finding, hands in by_finding.items():
        hands.sort(key=lambda hand: hand.since)
        if any(after.since < before.until for before, after in pairwise(hands)):
            found.add(finding)
    return found


class HttpDoor:
    """One browser: a kept connection, a cookie, the form token that belongs to it."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = cookie
        self.token = csrf_token_of(cookie)
        self.query = ""
        self.asked_at = time.monotonic()

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str, str]:
        """Status, `Location` and text of one answer."""
        body = urlencode({"csrf_token": self.token, **fields}) if method == "POST" else None
        headers = {"cookie": f"marque={self.cookie}", "accept": "text/html"}
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self.asked_at > KEPT_S:
            self.connection.close()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.asked_at = time.monotonic()
        return answer.status, answer.getheader("location") or "", answer.read().decode()

    def first(self) -> Shown | None:
        """The first finding of the queue."""
        return self._go(self.ask("GET", "/review/next")[1])

    def decide(self, shown: Shown, verdict: tuple[str, str]) -> tuple[bool, Shown | None]:
        """Send the form and open what comes next."""
        path = f"/findings/{shown.finding}/decide{self.query}"
        status, location, _ = self.ask("POST", path, seen=shown.seen, **dict([verdict]))
        if status == 409:
            return False, None
        if status != 303:
            raise RuntimeError(f"{path} answered {status}")
        return True, self._go(location)

    def undo(self, finding: str) -> tuple[bool, Shown | None]:
        """Send the form and open the finding again."""
        status, location, _ = self.ask("POST", f"/findings/{finding}/undo")
        return (True, self._go(location)) if status == 303 else (False, None)

    def _go(self, location: str) -> Shown | None:
        parts = urlsplit(location)
        if not parts.path.startswith("/findings/"):
            return None
        status, _, page = self.ask("GET", location)
        if status != 200:
            raise RuntimeError(f"{parts.path} answered {status}")
        if _SEEN not in page:
            return None  # somebody who went for it decided it on the way: the page says so, and has no form
        self.query = f"?{parts.query}" if parts.query else ""
        start = page.index(_SEEN) + len(_SEEN)
        return Shown(
            finding=parts.path.split("/")[2],
            seen=page[start : page.index('"', start)],
            is_anothers=_ANOTHERS in page,
        )


def run(data: Path | None = None, seed: int | None = None, size: int | None = None) -> Benchmark:
    """Fill a desk with `size` listings (default 1,000,000), a tenth of them findings, and let fifty people at it."""
    del data
    listings = size or LISTINGS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        settings = load_settings(home, {})
        create_workspace(settings)
        app = create_app(settings, hasher=QUICK)
        with TestClient(app):
            fill(app.state.desk, listings)
            cookies = sign_in(app.state.desk, REVIEWERS)
        paced, pushed, reckoning = measure(home, cookies, seed or 1)
    case = f"{REVIEWERS} reviewers, {listings // FINDINGS_IN:,} findings, {listings:,} listings"
    steps = [ms for told in paced[0] for ms in told.steps_ms]
    hard = [ms for told in pushed[0] for ms in told.steps_ms]
    rows = [
        Row(case=case, measure="step at their pace, p50, ms", value=part(steps, 0.50), aim="<= 300"),
        Row(case=case, measure="step at their pace, p95, ms", value=part(steps, 0.95), aim="<= 300"),
        Row(case=case, measure="step at their pace, p99, ms", value=part(steps, 0.99), aim="<= 600"),
        # Fifty people at one step in five seconds are ten steps a second.
        Row(case=case, measure="steps a second without pause", value=round(len(hard) / pushed[1], 1), aim=">= 10"),
        Row(case=case, measure="step without pause, p50, ms", value=part(hard, 0.50), aim="<= 5000"),
        Row(case=case, measure="step without pause, p95, ms", value=part(hard, 0.95), aim="<= 5000"),
        Row(case=case, measure="step without pause, p99, ms", value=part(hard, 0.99), aim="<= 10000"),
        Row(case=case, measure="decisions lost", value=reckoning.lost, aim="== 0"),
        Row(case=case, measure="decisions nobody was told of", value=reckoning.unasked, aim="== 0"),
        Row(case=case, measure="findings with two decisions standing", value=reckoning.twice, aim="== 0"),
        Row(case=case, measure="findings handed to two people", value=reckoning.handed_twice, aim="== 0"),
        Row(case=case, measure="failed requests", value=len(reckoning.faults), aim="== 0"),
    ]
    notes = (
        f"{len(steps)} steps in {paced[1]:.0f} s, one in {STEP_EVERY_S:.0f} s each; {len(hard)} in {pushed[1]:.0f} s "
        "without pause; clients on the same machine",
        f"{reckoning.entered} decisions entered, {reckoning.refused} refused because another came first, and told so",
        *reckoning.faults[:3],
    )
    return Benchmark(rows=tuple(rows), notes=notes)


def measure(
    home: Path, cookies: dict[str, str], seed: int
) -> tuple[tuple[list[Told], float], tuple[list[Told], float], Reckoning]:
    """Serve the desk at `home`; at their pace, then without pause, then compare with the ledger."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "console.cli", "--home", str(home), "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        doors: dict[str, Door] = {name: HttpDoor(port, cookie) for name, cookie in cookies.items()}
        ends = time.monotonic() + PACED_S
        paced = together(doors, goes_on=lambda _: time.monotonic() < ends, pause_s=STEP_EVERY_S, seed=seed)
        ends = time.monotonic() + PUSHED_S
        pushed = together(doors, goes_on=lambda _: time.monotonic() < ends, pause_s=0, seed=seed)
    finally:
        server.terminate()
        server.wait(timeout=30)
    both = [summed(first, second) for first, second in zip(paced[0], pushed[0], strict=True)]
    with open_workspace(load_settings(home, {})) as workspace, workspace.database.read() as connection:
        return paced, pushed, reckon(connection, both)


def summed(first: Told, second: Told) -> Told:
    """What one reviewer was told in two spells of work, all of it."""
    return Told(
        reviewer=first.reviewer,
        entered=first.entered + second.entered,
        undone=first.undone + second.undone,
        handed=[*first.handed, *second.handed],
        refused=first.refused + second.refused,
        steps_ms=[*first.steps_ms, *second.steps_ms],
        fault=first.fault or second.fault,
    )


def sign_in(desk: object, count: int) -> dict[str, str]:
    """So many reviewers with a session each: the cookie by name."""
    cookies = {}
    for number in range(count):
        account = add_account(desk, f"Reviewer {number:02d}", Role.REVIEWER)  # type: ignore[arg-type]  # a test's own shape of the call
        with desk.workspace.database.write() as connection:  # type: ignore[attr-defined]  # as above
            cookies[account.name] = open_session(connection, desk, account, "")  # type: ignore[arg-type]  # as above
    return cookies


def wait_for(port: int) -> None:
    """Return when the desk answers; raises `TimeoutError` where it does not."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise TimeoutError(f"the desk did not answer on port {port} within {START_S:.0f} s")
