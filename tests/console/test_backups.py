"""A backup while others write loses nothing committed before it, and what is restored is checked byte by byte."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from config.settings import Settings, load_settings
from console.auditing import check_trail, make_checkpoint
from console.backups import make_backup
from console.cli import app
from console.errors import BackupDamaged, BackupRefused
from console.restoring import restore_backup
from console.sealing import seal_captures
from console.workspace import create_workspace, open_workspace
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.db.captures import add_captures
from store.db.rows import row_of
from store.db.session import Database
from store.evidence.bundle import write_package
from store.evidence.checkpoint import read_checkpoint
from store.evidence.seal import load_key, published_keys
from store.evidence.vault import Vault
from store.evidence.verify import Verdict, verify
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.ledgers import new_ledger

RUN = CliRunner()


def told(_done: int, _total: int | None, _what: str) -> None:
    """Nobody watches."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A new workspace with one run and a declaration of its own."""
    made = load_settings(tmp_path / "home", {})
    made.home.mkdir()
    with Database(made.database_url) as database:
        new_ledger(database)
    create_workspace(made)
    (made.platforms / "own.toml").write_text("# a note\n")
    with open_workspace(made) as workspace:
        digest = workspace.vault.put(b"declarations")
        workspace.vault.flush()
        with workspace.database.write() as connection:
            connection.execute(tables.run.insert().values(row_of(make.run(config_digest=digest), tables.run)))
    return made


def look(settings: Settings, numbers: range, seen: list[int] | None = None, stop: Event | None = None) -> None:
    """Capture pages as the crawler does: bytes, flush, then the row with its act in one transaction."""
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        for number in numbers:
            if stop is not None and stop.is_set():
                return
            body = b"page %d " % number * 50
            vault.put(body)
            vault.flush()
            with database.write() as connection:
                add_captures(connection, [make.capture(number, body)])
                act = act_of("crawler", "look_at_page", "capture", str(number), clock=utc_now, ids=new_id)
                AuditTrail(connection, EVERYTHING).add(act)
            if seen is not None:
                seen.append(number)


def hand_over(settings: Settings) -> Path:
    """A sealed package among what left the house; gives its place in the workspace."""
    key = load_key(settings.keys, at=utc_now())
    place = Path("out") / "evidence" / "ev-1.zip"
    (settings.home / place).parent.mkdir(parents=True, exist_ok=True)
    write_package(settings.home / place, {"page.txt": b"as it was seen"}, {"case": "1"}, key, "desk", utc_now())
    return place


def captured(settings: Settings) -> list[str]:
    """The bodies of the workspace's captures, each read from its vault."""
    with open_workspace(settings) as workspace, workspace.database.read() as connection:
        digests = list(connection.execute(select(tables.capture.c.body_sha256)).scalars())
        return [workspace.vault.get(digest).decode() for digest in digests]


def test_a_drill_beside_a_running_writer_loses_nothing_committed(settings: Settings, tmp_path: Path) -> None:
    stop, seen = Event(), list[int]()
    look(settings, range(1000, 1040))
    writer = Thread(target=look, args=(settings, range(1, 5000), seen, stop))
    writer.start()
    while len(seen) < 5:
        time.sleep(0.01)
    before = list(seen)
    with open_workspace(settings) as workspace:
        package = hand_over(settings)
        checkpoint = make_checkpoint(workspace, tmp_path / "another party")
        made = make_backup(workspace, tmp_path / "kept", passphrase=b"a long passphrase", told=told)
    stop.set()
    writer.join()
    assert made.absent == ()
    elsewhere = load_settings(tmp_path / "elsewhere", {})
    done = restore_backup(elsewhere, made.path, passphrase=b"a long passphrase", told=told)
    assert done.chain_holds and done.audit_entries >= 40 + len(before)
    bodies = captured(elsewhere)
    assert {f"page {number} " * 50 for number in (*before, *range(1000, 1040))} <= set(bodies)
    assert (elsewhere.platforms / "own.toml").read_text() == "# a note\n"
    names = {path.name: path.stat().st_mode & 0o777 for path in elsewhere.keys.iterdir()}
    assert names.keys() == {path.name for path in settings.keys.iterdir()}
    assert {mode for name, mode in names.items() if not name.endswith(".json")} == {0o600}
    # What was sealed before is checked with what came back alone, the trail against what another party kept.
    trusted = published_keys(elsewhere.keys)
    assert verify(elsewhere.home / package, trusted).verdict is Verdict.PASS
    with open_workspace(elsewhere) as workspace:
        assert list(workspace.vault.check()) == []
        trail = check_trail(workspace.database, read_checkpoint(checkpoint), trusted, told)
        assert trail.verdict is Verdict.PASS, trail.checks
        assert seal_captures(workspace)["sealed"] > 0  # and the work goes on


def test_commands_back_up_into_one_file_without_keys_and_say_so(settings: Settings, tmp_path: Path) -> None:
    look(settings, range(1, 4))
    home, kept, other = str(settings.home), str(tmp_path / "kept.tar"), tmp_path / "other"
    result = RUN.invoke(app, ["--home", home, "backup", kept, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["keys"] == "left out"
    assert "private keys are NOT in it" in result.stderr
    assert RUN.invoke(app, ["--home", home, "backup", kept]).exit_code == 1, "backups are never overwritten"
    result = RUN.invoke(app, ["--home", str(other), "restore", kept, "--json"])
    assert result.exit_code == 0, result.output
    said: dict[str, Any] = json.loads(result.stdout)
    assert (said["digests"], said["audit_entries"], said["chain_holds"], said["has_keys"]) == (4, 3, True, False)
    assert "do not run `marque init`" in result.stderr
    assert {path.suffix for path in (other / "keys").iterdir()} == {".json"}
    assert RUN.invoke(app, ["--home", str(other), "restore", kept]).exit_code == 1, "never over a workspace"


def test_no_damaged_or_half_backup_is_restored(settings: Settings, tmp_path: Path) -> None:
    look(settings, range(1, 4))
    with open_workspace(settings) as workspace:
        made = make_backup(workspace, tmp_path / "whole", passphrase=None, told=told)
        whole = made.path
        with pytest.raises(BackupRefused, match="lies in the workspace"):
            make_backup(workspace, settings.out / "kept", passphrase=None, told=told)
    files = [path.relative_to(whole) for path in sorted(whole.rglob("*")) if path.is_file()]
    elsewhere = load_settings(tmp_path / "elsewhere", {})
    for number, name in enumerate(files):
        for harm in ("flip", "cut", "remove"):
            broken = tmp_path / f"broken-{number}-{harm}"
            shutil.copytree(whole, broken)
            path = broken / name
            data = bytearray(path.read_bytes())
            if harm == "remove":
                path.unlink()
            elif harm == "cut":
                path.write_bytes(data[:-1])
            else:
                data[len(data) // 2] ^= 1
                path.write_bytes(data)
            # Every byte of a file is held by the manifest, and the manifest by its digest kept elsewhere.
            with pytest.raises(BackupDamaged, match="nothing was restored"):
                restore_backup(elsewhere, broken, passphrase=None, told=told, manifest_sha256=made.manifest_sha256)
            assert not elsewhere.home.exists()
    assert restore_backup(elsewhere, whole, passphrase=None, told=told).chain_holds


def test_a_backup_names_bytes_the_vault_had_lost(settings: Settings, tmp_path: Path) -> None:
    look(settings, range(1, 3))
    with Database(settings.database_url) as database, database.write() as connection:
        add_captures(connection, [make.capture(9, b"never kept")])
    with open_workspace(settings) as workspace:
        made = make_backup(workspace, tmp_path / "kept", passphrase=None, told=told)
    assert made.absent == (make.sha(b"never kept"),)
    done = restore_backup(load_settings(tmp_path / "other", {}), made.path, passphrase=None, told=told)
    assert (done.absent, done.digests) == (1, 3)


def test_keys_open_under_their_passphrase_alone(settings: Settings, tmp_path: Path) -> None:
    with open_workspace(settings) as workspace:
        with pytest.raises(BackupRefused, match="fewer than 12"):
            make_backup(workspace, tmp_path / "short", passphrase=b"short", told=told)
        kept = make_backup(workspace, tmp_path / "kept", passphrase=b"correct horse battery", told=told).path
    secret = (settings.keys / "personal.key").read_bytes()
    assert all(secret not in path.read_bytes() for path in kept.rglob("*") if path.is_file())
    elsewhere = load_settings(tmp_path / "elsewhere", {})
    with pytest.raises(BackupRefused, match="do not open"):
        restore_backup(elsewhere, kept, passphrase=b"another passphrase", told=told)
    assert not elsewhere.home.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "kept"], "nothing half made is left"


def test_a_killed_backup_leaves_no_name_to_restore(settings: Settings, tmp_path: Path) -> None:
    """Killed at the first word of progress after the ledger was copied."""
    code = (
        "import os, signal, sys; from pathlib import Path; from config.settings import load_settings;"
        "from console.workspace import open_workspace; from console.backups import make_backup\n"
        "def told(done, total, what):\n    if what == 'digests': os.kill(os.getpid(), signal.SIGKILL)\n"
        "with open_workspace(load_settings(sys.argv[1], {})) as w:\n"
        "    make_backup(w, Path(sys.argv[2]), passphrase=None, told=told)\n"
    )
    look(settings, range(1, 3))
    words = [sys.executable, "-c", code, str(settings.home), str(tmp_path / "kept")]
    ended = subprocess.run(words, check=False, cwd=Path(__file__).parents[2], env=dict(os.environ))
    assert ended.returncode == -signal.SIGKILL
    assert not (tmp_path / "kept").exists()
    (half,) = tmp_path.glob(".kept.*.partial")
    with pytest.raises(BackupDamaged, match="no whole backup"):
        restore_backup(load_settings(tmp_path / "elsewhere", {}), half, passphrase=None, told=told)


def test_a_sealed_vault_and_what_it_never_stores_come_back_with_its_key(tmp_path: Path) -> None:
    from console.doctor import examine
    from store.evidence.blocklist import parse_blocklist, write_blocklist
    from store.evidence.errors import BarredContent, VaultKeyMissing

    made = load_settings(tmp_path / "home", {})
    made.home.mkdir()
    with Database(made.database_url) as database:
        new_ledger(database)
    assert any("sealed the vault" in said for said in create_workspace(made, seals_vault=True))
    assert create_workspace(made, seals_vault=True) == []
    write_blocklist(made.vault, "unit", parse_blocklist("unit", f"kind,value\nmd5,{'0' * 32}\n"))
    page = b"<p>a page that names somebody</p>" * 30
    with open_workspace(made) as workspace:
        digest = workspace.vault.put(page)
        gone = workspace.vault.put(b"erased before")
        workspace.vault.flush()
        workspace.vault.erase([gone], lawfully=True)
        rows = [row_of(make.run(n, config_digest=each), tables.run) for n, each in enumerate((digest, gone), 1)]
        with workspace.database.write() as connection:
            connection.execute(tables.run.insert(), rows)
        with_keys = make_backup(workspace, tmp_path / "a", passphrase=b"a long passphrase", told=told)
        make_backup(workspace, tmp_path / "b", passphrase=None, told=told)
    assert with_keys.absent == ()
    assert all(page[:60] not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    restored = load_settings(tmp_path / "again", {})
    done = restore_backup(restored, tmp_path / "a", passphrase=b"a long passphrase", told=told)
    assert (done.digests, done.absent) == (1, 0)
    with Vault(restored.vault) as vault:
        assert vault.get(digest) == page
        assert vault.erased(gone) is True
        with pytest.raises(BarredContent):
            vault.put(b"erased before")
    assert (restored.vault / "blocklist" / "unit.csv").exists()
    bare = load_settings(tmp_path / "bare", {})
    assert restore_backup(bare, tmp_path / "b", passphrase=None, told=told).digests == 2
    with Vault(bare.vault) as vault, pytest.raises(VaultKeyMissing):
        vault.get(digest)
    states = {check.name: check.state for settings in (restored, bare) for check in examine(settings)[2:3]}
    assert states == {"vault": "broken"}
    assert examine(restored)[2].state == "ok"
