"""The audit trail by command: sealed, its end signed for openssl, and every exit status of the check."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.worker import work
from store.db.audit import AuditTrail, act_of
from store.db.session import Database
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING

RUN = CliRunner()


def marque(home: Path, *words: str, code: int = 0) -> Any:
    """What a command prints as JSON."""
    result = RUN.invoke(app, ["--home", str(home), *words, "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if result.stdout else None


def act(home: Path, count: int) -> None:
    with Database(load_settings(home, {}).database_url) as database, database.write() as connection:
        trail = AuditTrail(connection, EVERYTHING)
        for number in range(count):
            trail.add(act_of("Jane Roe", "decide_finding", "finding", f"f-{number}", clock=utc_now, ids=new_id))


def change(home: Path, statement: str) -> None:
    with Database(load_settings(home, {}).database_url) as database, database.write() as connection:
        connection.exec_driver_sql(statement)


def test_a_trail_is_sealed_handed_over_and_checked(tmp_path: Path) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    marque(home, "init")
    marque(home, "audit", "checkpoint", code=1)  # nothing was done yet
    act(home, 5)
    found = marque(home, "audit", "verify", code=2)
    assert (found["sealed"], found["unsealed"], found["verdict"]) == (0, 5, "INCONCLUSIVE")
    assert work(load_settings(home, {}), once=True, stop=Event(), told=lambda _: None) == 0
    assert marque(home, "audit", "seal") == {"sealed": 0}, "the worker has done it"
    kept = marque(home, "audit", "checkpoint", "--to", str(away))["path"]
    act(home, 3)
    found = marque(home, "audit", "verify", "--against", kept)
    assert (found["sealed"], found["unsealed"], found["verdict"]) == (6, 3, "PASS"), "the worker's act too"
    assert marque(home, "audit", "verify", code=2)["checks"][1]["name"] == "checkpoint", "a cut end would not be seen"
    change(home, "DELETE FROM audit_entry WHERE sequence >= 4")
    assert marque(home, "audit", "verify", code=2)["break_count"] == 0
    found = marque(home, "audit", "verify", "--against", kept, code=1)
    assert [each["name"] for each in found["checks"] if each["status"] == "fail"] == ["checkpoint_head"]
    change(home, "UPDATE audit_entry SET actor = 'Nobody' WHERE sequence = 2")
    assert marque(home, "audit", "verify", code=1)["breaks"][0]["kind"] == "edited"
    marque(home, "audit", "verify", "--against", str(away / "none.json"), code=3)
    marque(home, "audit", "verify", "--unheard-of", code=64)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_checkpoint_is_checked_by_openssl_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    marque(home, "init")
    act(home, 1)
    path = marque(home, "audit", "checkpoint")["path"]
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{path}.pem", "-rawin", "-in", path]
    words += ["-sigfile", f"{path}.sig"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    Path(path).write_bytes(Path(path).read_bytes().replace(b'"count":1', b'"count":2'))
    assert subprocess.run(words, capture_output=True, check=False).returncode != 0
