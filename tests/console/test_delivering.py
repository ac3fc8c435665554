"""Batches leave by command: queued once, carried, tracked, settled by a person; nothing leaves without a way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.delivering import read_hour
from console.errors import Unanswerable
from console.worker import _carry_until, carry_due
from console.workspace import create_workspace, open_workspace
from exercise.recipient.ledger import Recipient
from exercise.recipient.web import ServedRecipient
from reports.errors import UnreadableAnswers
from reports.run import export_batches, prepare
from reports.signing import approve_by_exercise_policy
from store.evidence.seal import create_key
from store.records.ids import new_id, utc_now
from tests import factories as make
from tests.faults.answers import filled, read_lines, write_lines

RUN = CliRunner()
POLICY = "exercise = true\n[evidence]\nrecheck_h = 1e6\n"  # the scene is of the past
PLATFORM = """
name = "shopnest"
kind = "marketplace"
home = "http://127.0.0.1:8041/"
countries = ["SE", "NO"]
[manners]
delay_s = 0.0
[notify]
profile = "eu-dsa-16"
"""
DELIVERY = """
[notify.delivery]
by = "api"
to = "{base}/batches"
key_env = "MARQUE_KEY_SHOPNEST"
repeats = "same_key"
settles_s = 60
per_minute = 6000
"""
Marque = Callable[..., Any]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one sealed batch for a platform of the exercise."""
    from cases.run import build_cases, decide_by_exercise_policy

    home = tmp_path_factory.mktemp("stocked") / "home"
    settings = load_settings(home, {})
    # The scene is of the past, and a batch is sealed under a key that was valid then.
    days = {"valid_from": make.NOW - timedelta(days=1), "valid_to": make.NOW + timedelta(days=3650)}
    key = create_key(settings.keys, name="Test office", random_bytes=bytes, **days)
    create_workspace(settings)
    (home / "platforms" / "shopnest.toml").write_text(PLATFORM)
    settings.policy.write_text(POLICY)
    with open_workspace(settings) as workspace:
        database, vault, declared = workspace.database, workspace.vault, make.declarations()
        make.store_scene(database, vault, make.goods_scene(1), decided=False)
        build_cases(database, declared, clock=make.now_and_then(), ids=new_id)
        decide_by_exercise_policy(database, declared, clock=make.now_and_then(), ids=new_id)
        prepare(database, vault, declared, sender=make.sender(), clock=make.now_and_then(), ids=new_id)
        approve_by_exercise_policy(database, declared, clock=make.now_and_then(), ids=new_id)
        export_batches(
            database,
            vault,
            declared,
            sender=make.sender(),
            out=settings.out,
            key=key,
            answer_key=make.ANSWER_KEY,
            clock=make.now_and_then(),
            ids=new_id,
        )
    return home


@pytest.fixture
def home(stocked: Path, tmp_path: Path) -> Path:
    return shutil.copytree(stocked, tmp_path / "home")


@pytest.fixture
def marque(home: Path) -> Marque:
    def run(*words: str, code: int = 0) -> Any:
        result = RUN.invoke(app, ["--home", str(home), *words, "--json"], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    return run


@pytest.fixture
def platform() -> Iterator[ServedRecipient]:
    with ServedRecipient(Recipient(token="k")) as served:
        yield served


def declare(home: Path, base: str) -> None:
    (home / "platforms" / "shopnest.toml").write_text(PLATFORM + DELIVERY.format(base=base))


def test_a_batch_without_a_declared_way_stays_and_says_so(marque: Marque) -> None:
    told = marque("notices", "send", "--by", "Ann Lee", code=1)
    assert told["queued"] == [] and "hand over" in told["not_queued"][0]["because"]
    assert marque("notices", "track") == []


@pytest.mark.parametrize(
    ("text", "zone", "told"),
    [
        ("2026-12-01T09:00", "UTC", "2026-12-01T09:00:00+00:00"),
        ("2026-12-01", "Europe/Stockholm", "2026-11-30T23:00:00+00:00"),
        ("2026-06-01 09:00:30", "America/New_York", "2026-06-01T13:00:30+00:00"),
        ("2026-03-29T02:30", "Europe/Stockholm", None),  # left out
        ("2026-10-25T02:30", "Europe/Stockholm", None),  # twice
        ("2026-12-01T09:00+02:00", "UTC", None),
        ("tomorrow", "UTC", None),
        ("2026-12-01T09:00", "../etc/passwd", None),
        ("0001-01-01T00:00", "Asia/Tokyo", None),
    ],
)
def test_an_hour_is_read_by_the_clock_that_is_named(text: str, zone: str, told: str | None) -> None:
    if told is None:
        with pytest.raises(Unanswerable):
            read_hour(text, zone)
    else:
        assert read_hour(text, zone).astimezone(UTC).isoformat() == told


def test_a_batch_is_queued_once_carried_once_and_tracked(
    home: Path, marque: Marque, platform: ServedRecipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(home, platform.base)
    waiting = marque("notices", "send", "--by", "Ann Lee", code=1)
    assert waiting["queued"] == [1] and waiting["attempts"] == 0, "its key is not in the environment"
    monkeypatch.setenv("MARQUE_KEY_SHOPNEST", "k")
    sent = marque("notices", "send", "--by", "Ann Lee")
    assert sent["queued"] == [] and sent["attempts"] == 1
    (delivery,) = marque("notices", "track")
    assert (delivery["state"], delivery["receipt"]) == ("accepted", "R-000001")
    assert marque("notices", "send", "--by", "Ann Lee")["attempts"] == 0
    assert [notice["state"] for notice in marque("notices", "list")] == ["sent"]
    assert [entered.times for entered in platform.recipient.entered.values()] == [1]


def test_the_worker_carries_what_is_queued(
    home: Path, marque: Marque, platform: ServedRecipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(home, platform.base)
    marque("notices", "send", "--by", "Ann Lee", code=1)
    monkeypatch.setenv("MARQUE_KEY_SHOPNEST", "k")
    assert carry_due(load_settings(home, {}), Event()) == 1
    assert marque("notices", "track")[0]["state"] == "accepted"


def test_what_nobody_saw_lately_is_looked_at_before_it_leaves(
    home: Path, marque: Marque, platform: ServedRecipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The offers of the scene stand nowhere, so nobody can tell any more whether they do."""
    declare(home, platform.base)
    (home / "policy.toml").write_text("exercise = true\n")
    monkeypatch.setenv("MARQUE_KEY_SHOPNEST", "k")
    told = marque("notices", "send", "--by", "Ann Lee", code=1)["deliveries"][0]
    assert told["state"] == "held"
    assert told["because"].startswith("EVID-5: notice 1, http://127.0.0.1:8041/item/5100001: looked at again on")
    assert platform.recipient.entered == {}
    runs = [run["kind"] for run in marque("status")["runs"]]
    assert runs.count("recheck") == 1


def test_deliveries_of_a_worker_outlive_what_breaks_for_a_while(tmp_path: Path) -> None:
    stop = Event()
    broken = load_settings(tmp_path / "nothing here", {})
    thread = Thread(target=_carry_until, args=(broken, stop))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "it looks again"
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_person_settles_what_only_a_person_can(
    home: Path, marque: Marque, platform: ServedRecipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(home, platform.base)
    monkeypatch.setenv("MARQUE_KEY_SHOPNEST", "wrong")
    held = marque("notices", "send", "--by", "Ann Lee", code=1)
    assert held["deliveries"][0]["state"] == "held" and "401" in held["deliveries"][0]["because"]
    both = ["notices", "settle", "1", "--by", "Ann Lee", "--arrived", "R-9", "--not-arrived"]
    assert RUN.invoke(app, ["--home", str(home), *both]).exit_code == 2
    assert marque("notices", "settle", "1", "--by", "Ann Lee", "--not-arrived")["state"] == "ready"
    marque("notices", "recall", "1", "--by", "Ann Lee", "--because", "it was the wrong seller")
    assert marque("notices", "send", "--by", "Ann Lee")["deliveries"][0]["state"] == "withdrawn"
    assert platform.recipient.entered == {}


def test_answers_come_in_by_sheet_once(home: Path, marque: Marque, tmp_path: Path) -> None:
    (batch,) = marque("batches", "list")
    lines = read_lines((home / batch["path"] / "answers.csv").read_bytes())
    sheet = tmp_path / "answers.csv"
    sheet.write_bytes(write_lines([filled(lines[0], "removed", utc_now())]))
    (taken,) = marque("answers", "import", str(sheet), "--by", "Ann Lee", code=1)
    assert taken["fate"] == "refused", "the code was made under another key"
    (home / "keys" / "answers.key").write_bytes(make.ANSWER_KEY)
    (taken,) = marque("answers", "import", str(sheet), "--by", "Ann Lee")
    assert taken["fate"] == "entered"
    assert marque("answers", "import", str(sheet), "--by", "Ann Lee")[0]["fate"] == "known"
    (answer,) = marque("answers", "list")
    assert (answer["status"], answer["action"], answer["notice"]) == ("actioned", "content_removed", 1)
    missing = ["answers", "import", str(tmp_path / "none.csv"), "--by", "Ann Lee"]
    with pytest.raises(UnreadableAnswers, match="cannot be opened"):
        RUN.invoke(app, ["--home", str(home), *missing], catch_exceptions=False)
