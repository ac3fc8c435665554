"""Unlawful content, by the verbs: never stored, sealed away, erased everywhere, and every chain still holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.erasing import drop_blocklist, erase_content, quarantined, search_blocklists, tombstones
from console.errors import ErasureRefused
from console.exhibits import export_bundle, trusted_keys
from console.workspace import Workspace, create_workspace, open_workspace
from store.db import tables
from store.db.audit_chain import seal_entries, walk_chain
from store.evidence.errors import BarredContent, MissingBlob
from store.evidence.verify import Status, verify
from store.records.keeping import ErasureReason
from tests import factories as make

WHY: dict[str, Any] = {
    "reason": ErasureReason.COURT_ORDER,
    "legal_basis": "Order 7",
    "by": "Jane Roe",
    "second": "Ann Poe",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with one confirmed case."""
    settings = load_settings(tmp_path / "home", {})
    create_workspace(settings)
    with open_workspace(settings) as opened:
        declared = make.declarations(platforms=(make.platform(),))
        made = Workspace(
            settings=settings,
            database=opened.database,
            vault=opened.vault,
            declarations=declared,
            sealer=opened.sealer,
        )
        make.store_scene(made.database, made.vault, make.goods_scene())
        yield made


def run(home: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--home", str(home), *words])
    return done.exit_code, done.stdout


def photo_of(workspace: Workspace) -> str:
    with workspace.database.read() as connection:
        found = connection.execute(tables.listing_image.select()).all()
    return str(next(row.sha256 for row in found if row.sha256))


def test_a_photo_erased_from_vault_and_packages_leaves_every_chain_whole(workspace: Workspace) -> None:
    digest = photo_of(workspace)
    data = workspace.vault.get(digest)
    before = Path(export_bundle(workspace, 1, by="Jane Roe")["path"])
    assert data in before.read_bytes()
    done = erase_content(workspace, digest, seal_away=False, **WHY)  # words of one table
    assert (done.copies, done.unreadable) == (1, ())
    assert list(done.packages) == [str(before)]
    for path in workspace.settings.home.rglob("*"):
        assert not path.is_file() or data not in path.read_bytes(), path
    after = Path(export_bundle(workspace, 1, by="Jane Roe")["path"])
    keys = trusted_keys(workspace.settings)
    for path, check in ((before, "erasure[01]"), (after, "capture_files")):
        found = {each.name: each for each in verify(path, keys).checks}
        assert found[check].status is Status.ERASED, path
        assert "Jane Roe" in found[check].detail
        for chain in ("file_set", "digests", "signature", "custody_chain"):
            assert found[chain].status is Status.PASS, (path, chain)
        assert Status.FAIL not in {each.status for each in found.values()}
    assert b"was erased on" in after.read_bytes()
    with pytest.raises(BarredContent):
        workspace.vault.put(data)
    seal_entries(workspace.database)
    with workspace.database.read() as connection:
        assert walk_chain(connection, None).break_count == 0
    assert erase_content(workspace, digest, seal_away=False, **WHY).copies == 0


def test_two_persons_a_basis_and_something_to_erase_are_needed(workspace: Workspace) -> None:
    digest = photo_of(workspace)
    for wrong in ({"second": "jane roe "}, {"second": ""}, {"legal_basis": " "}):
        with pytest.raises(ErasureRefused):
            erase_content(workspace, digest, seal_away=False, **{**WHY, **wrong})
    with pytest.raises(ErasureRefused, match="no quarantine"):
        erase_content(workspace, digest, seal_away=True, **WHY)
    with pytest.raises(MissingBlob):
        erase_content(workspace, "0" * 64, seal_away=False, **WHY)
    assert workspace.vault.has(digest)


def test_the_verbs_bring_a_list_find_what_is_there_seal_it_away_and_hand_it_over(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from store.evidence import quarantine

    monkeypatch.setattr(quarantine, "COST", 2**10)
    monkeypatch.setitem(quarantine.make_quarantine.__kwdefaults__, "cost", 2**10)
    home = workspace.settings.home
    digest = photo_of(workspace)
    data = workspace.vault.get(digest)
    file = tmp_path / "list.csv"
    file.write_text(f"kind,value\nsha256,{digest}\nmd5,{hashlib.md5(data, usedforsecurity=False).hexdigest()}\n")
    assert list(search_blocklists(workspace)) == []
    code, out = run(home, "blocklist", "import", str(file), "--name", "unit", "--by", "Jane Roe", "--json")
    assert (code, json.loads(out)["entries"]) == (0, {"sha256": 1, "md5": 1})
    assert list(search_blocklists(workspace)) == [(digest, "unit, by its SHA-256")]
    phrases = []
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"a passphrase of person {name}\n")
        phrases.append(str(tmp_path / name))
    assert run(home, "quarantine", "setup", "--by", "Jane Roe", "--first", phrases[0], "--second", phrases[1])[0] == 0
    who = ("--by", "Jane Roe", "--second", "Ann Poe", "--basis", "Order 7")
    assert run(home, "erasures", "add", digest, "--reason", "unlawful_content", "--seal-away", *who)[0] == 0
    assert run(home, "erasures", "add", digest, "--reason", "because", *who)[0] == 2
    (stone,) = tombstones(workspace)
    assert stone.is_sealed_away
    opened = ("--first-phrase", phrases[0], "--second-phrase", phrases[1])
    assert run(home, "quarantine", "release", digest, str(home / "out"), *who, *opened)[0] == 1
    code, out = run(home, "quarantine", "release", digest, str(tmp_path), *who, *opened, "--json")
    assert code == 0
    assert Path(json.loads(out)["path"]).read_bytes() == data
    assert [each.sha256 for each in quarantined(workspace)] == [digest]
    assert drop_blocklist(workspace, "unit", by="Jane Roe")
    assert not drop_blocklist(workspace, "unit", by="Jane Roe")
    with workspace.database.read() as connection:
        acts = {row.action for row in connection.execute(tables.audit_entry.select())}
    assert acts >= {"import_blocklist", "make_quarantine", "erase_content", "open_quarantine", "remove_blocklist"}


def test_a_page_that_a_list_names_is_a_refused_fetch_of_its_own(tmp_path: Path) -> None:
    from crawler.capture import put_lawful
    from crawler.errors import Refused
    from store.evidence.blocklist import parse_blocklist, write_blocklist
    from store.evidence.vault import Vault

    with Vault(tmp_path) as vault:
        digest = hashlib.sha256(b"forbidden").hexdigest()
        write_blocklist(tmp_path, "unit", parse_blocklist("unit", f"kind,value\nsha256,{digest}\n"))
        with pytest.raises(Refused) as refused:
            put_lawful(vault, b"forbidden", "https://shop.example/1")
        assert refused.value.code == "unlawful"
        put_lawful(vault, b"allowed", "https://shop.example/2")
