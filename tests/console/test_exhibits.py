"""The evidence and key verbs as typed: own exit statuses, keys trusted only by their digest, rotated and revoked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.workspace import create_workspace
from store.evidence import verify as verifier
from store.evidence.bundle import write_package
from store.evidence.seal import load_key, publish, published_keys
from store.records.ids import utc_now


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    create_workspace(load_settings(tmp_path / "home", {}))
    yield tmp_path / "home"


def run(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--home", str(home), *words])
    return done.exit_code, done.stdout


def package(home: Path, name: str) -> Path:
    now = utc_now()
    key = load_key(home / "keys", at=now)
    return write_package(home / name, {"a.txt": b"x"}, {}, key, "office", now).path


def test_verify_has_statuses_of_its_own(home: Path, tmp_path: Path) -> None:
    whole = package(home, "a.zip")
    assert run(home, "evidence", "verify", str(whole))[0] == 0
    assert run(tmp_path / "elsewhere", "evidence", "verify", str(whole))[0] == 2
    whole.write_bytes(whole.read_bytes()[:-1])
    code, out = run(home, "evidence", "verify", str(whole), "--json")
    assert (code, json.loads(out)["verdict"]) == (3, "UNREADABLE")
    for wrong in ([], [str(whole), "--what"], [str(whole), "--keys", str(whole)], [str(whole), "--trust", "absent"]):
        assert run(home, "evidence", "verify", *wrong)[0] == 64, wrong


def test_the_verifier_is_published_apart(home: Path, tmp_path: Path) -> None:
    assert run(home, "evidence", "verifier", str(tmp_path / "out"))[0] == 0
    code = (tmp_path / "out" / "verify.py").read_bytes()
    assert code == Path(verifier.__file__).read_bytes()
    assert hashlib.sha256(code).hexdigest() in (tmp_path / "out" / "verify.py.sha256").read_text()


def test_another_offices_keys_count_once_their_digest_was_told(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    create_workspace(load_settings(other, {}))
    whole = package(other, "a.zip")
    assert run(home, "evidence", "verify", str(whole))[0] == 1
    file = tmp_path / "keys.json"
    file.write_bytes(publish(published_keys(other / "keys")))
    refused = CliRunner().invoke(app, ["--home", str(home), "keys", "trust", str(file), "--sha256", "0" * 64])
    assert refused.exit_code == 1
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert run(home, "keys", "trust", str(file), "--sha256", digest)[0] == 0
    assert run(home, "evidence", "verify", str(whole))[0] == 0
    _, out = run(home, "keys", "list", "--json")
    assert [key["whose"] for key in json.loads(out)] == ["own", "trusted"]


def test_a_rotated_key_leaves_what_it_signed_and_a_revoked_one_does_not(home: Path) -> None:
    first = package(home, "a.zip")
    old = load_key(home / "keys", at=utc_now()).key_id
    made = json.loads(run(home, "keys", "rotate", "--json")[1])["key_id"]
    assert load_key(home / "keys", at=utc_now()).key_id == made != old
    assert run(home, "evidence", "verify", str(first))[0] == 0
    assert run(home, "keys", "revoke", old)[0] == 0
    assert run(home, "evidence", "verify", str(first))[0] in (1, 2)  # no token shows it to be earlier
    assert load_key(home / "keys", at=utc_now()).key_id != old
    assert CliRunner().invoke(app, ["--home", str(home), "keys", "revoke", "0" * 16]).exit_code == 1


def test_sealing_without_captures_or_authorities_says_so(home: Path) -> None:
    code, out = run(home, "evidence", "seal", "--json")
    assert (code, json.loads(out)) == (0, {"sealed": 0, "lacking": 0})
