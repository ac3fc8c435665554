"""A sweep lets go of what nothing speaks of, and of nothing else, wherever it is spoken of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.errors import ErasureRefused
from console.sweeping import sweep
from console.workspace import create_workspace, open_workspace
from store.db.audit import AuditTrail, act_of
from store.evidence.vault import Vault
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests import factories as make


def test_only_what_nothing_speaks_of_is_let_go_of(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home", {})
    create_workspace(settings)
    scene = make.goods_scene()
    with open_workspace(settings) as workspace:
        make.store_scene(workspace.database, workspace.vault, scene)
        noted, loose = workspace.vault.put(b"a sheet that only a note names"), workspace.vault.put(b"loose")
        workspace.vault.flush()
        with workspace.database.write() as connection:
            detail = {"file": "sheet.csv", "said": f"sheet.csv, SHA-256 {noted}, taken in"}
            act = act_of("Jane Roe", "import", "run", "1", clock=utc_now, ids=new_id, detail=detail)
            AuditTrail(connection, EVERYTHING).add(act)
        with Vault(settings.vault), pytest.raises(ErasureRefused, match="at work"):
            sweep(workspace, by="Jane Roe", really=True)
        # Of the scene's four files the holder's picture and its proof are named by other digests than their own.
        named = [capture.body_sha256 for capture in scene.captures] + [noted]
        before = sweep(workspace, by="Jane Roe", really=False)
        assert before.blobs >= 1
        assert workspace.vault.has(loose)
    done = CliRunner().invoke(
        app, ["--home", str(settings.home), "vault", "sweep", "--by", "Jane Roe", "--yes", "--json"]
    )
    assert (done.exit_code, json.loads(done.stdout)["blobs"]) == (0, before.blobs)
    with open_workspace(settings) as workspace:
        assert not workspace.vault.has(loose)
        assert all(workspace.vault.has(digest) for digest in named)
        assert list(workspace.vault.check()) == []
        assert sweep(workspace, by="Jane Roe", really=True).blobs == 0
