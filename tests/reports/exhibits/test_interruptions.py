"""Sealing and exporting stopped at every step, on a full disk and a read-only one: resumed, never half."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.exhibits import exporting, sealing
from store.db import tables
from store.db.capture_seals import unsealed
from store.evidence import bundle
from store.evidence.errors import VaultFull
from store.evidence.vault import Vault
from store.evidence.verify import Status, Verdict, verify
from tests.reports.exhibits.conftest import Office


class Killed(BaseException):
    """Stands for `kill -9`: nothing of the product may catch it."""


def stop_at(monkeypatch: pytest.MonkeyPatch, office: Office, step: int, error: BaseException) -> list[str]:
    """Let the step of that number, from 1, raise instead; gives the names of the steps made."""
    made: list[str] = []

    def before(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*arguments: Any, **more: Any) -> Any:
            made.append(name)
            if len(made) == step:
                raise error
            return real(*arguments, **more)

        return stepping

    monkeypatch.setattr(Vault, "put", before("put", Vault.put))
    monkeypatch.setattr(Vault, "flush", before("flush", Vault.flush))
    monkeypatch.setattr(type(office.database), "write", before("write", type(office.database).write))
    monkeypatch.setattr(sealing, "ask_for_token", before("ask", sealing.ask_for_token))
    monkeypatch.setattr(exporting, "ask_for_token", before("ask", exporting.ask_for_token))
    monkeypatch.setattr(bundle.os, "fsync", before("sync", bundle.os.fsync))
    monkeypatch.setattr(bundle, "_take_name", before("name", bundle._take_name))
    return made


def whole(office: Office) -> None:
    """Every capture stands in one seal; every file in the folder is a bundle that verifies."""
    with office.database.read() as connection:
        assert unsealed(connection, 10) == []
        leaves = connection.execute(tables.sealed_leaf.select()).all()
        captures = connection.execute(tables.capture.select()).all()
    assert sorted(leaf.capture for leaf in leaves) == sorted(capture.id for capture in captures)


def test_killed_at_any_step_no_half_evidence_is_accepted_and_the_next_run_completes(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fifth step of an export from the first put to the name; which ones moves with nothing but the code."""
    with monkeypatch.context() as patch:
        steps = len(_made(office, patch, 0))
    assert steps > 12
    for step in range(1, steps + 1, 5):
        _forget(office)
        with monkeypatch.context() as patch, pytest.raises(Killed):
            _made(office, patch, step)
        for path in (office.home / "out").rglob("*.zip"):
            assert path.name.startswith(".") or _is_sound(office, path), step
        office.seal()
        sealing.ask_again(
            office.database, office.vault, [office.authority], ask=office.ask, clock=office.clock, everything=True
        )
        exported = office.export(office.authority)
        assert office.judged(exported) == {"capture_seal[01]": Status.INCONCLUSIVE}, step
        whole(office)


def _made(office: Office, patch: pytest.MonkeyPatch, step: int) -> list[str]:
    """The steps of one export, stopped at that one; 0: not stopped."""
    made = stop_at(patch, office, step, Killed())
    office.export(office.authority)
    return made


def _forget(office: Office) -> None:
    """Back to before anything was sealed, so that every step is taken anew."""
    with office.database.write() as connection:
        for table in (tables.sealed_leaf, tables.time_token, tables.capture_seal):
            connection.execute(table.delete())


def _is_sound(office: Office, path: Path) -> bool:
    return verify(path, [office.key.published], office.authority.roots).verdict is not Verdict.FAIL


@pytest.mark.parametrize(
    "error",
    [VaultFull(Path("vault"), 0, 1), OSError(errno.EROFS, "Read-only file system"), OSError(errno.ENOSPC, "full")],
    ids=["vault full", "read-only", "disk full"],
)
def test_a_vault_that_takes_nothing_enters_no_seal(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for step in (1, 3, 5):
        with monkeypatch.context() as patch:
            stop_at(patch, office, step, error)
            with pytest.raises((VaultFull, OSError)):
                office.seal()
        with office.database.read() as connection:
            assert connection.execute(tables.capture_seal.select()).all() == []
    assert len(office.seal()) == 1
    whole(office)


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC], ids=["read-only", "disk full"])
def test_a_disk_that_takes_no_bundle_leaves_none_and_the_next_export_is_whole(
    office: Office, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    office.seal()
    with monkeypatch.context() as patch:
        names = _made(office, patch, 0)
    (office.home / "out" / "evidence").rename(office.home / "before")
    for step in [place for place, name in enumerate(names, 1) if name in ("sync", "name")]:
        with monkeypatch.context() as patch:
            stop_at(patch, office, step, OSError(code, "no room or no right to write"))
            with pytest.raises(OSError, match="no room"):
                office.export(office.authority)
        left = list((office.home / "out").rglob("*.zip"))
        assert left == [] or step > names.index("name") + 1, step  # none, until it has its name
        assert all(_is_sound(office, path) for path in left), step  # and then a whole one
        for path in left:
            path.unlink()
    exported = office.export(office.authority)
    assert set(office.judged(exported)) == {"capture_seal[01]"}  # the scene is older than its seal
    with office.database.read() as connection:
        trail = tables.audit_entry.c.action == "export_evidence"
        assert len(connection.execute(tables.audit_entry.select().where(trail)).all()) == 2
