"""From captures to a bundle that a stranger can check: sealed, stamped, in plain words, by openssl alone too."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.errors import UnsafeDeclaration, WrongKey
from reports.exhibits.errors import NothingToShow
from reports.exhibits.exporting import Exported, time_seal
from reports.exhibits.sealing import ask_again, authorities_of
from store.db import tables
from store.db.audit import AuditTrail
from store.db.capture_seals import CaptureSeals, unsealed
from store.evidence.bundle import complete_package
from store.evidence.verify import Status, Verdict, read_package, verify
from store.records.scope import EVERYTHING
from tests.reports.exhibits.conftest import Office


def unpacked(exported: Exported, into: Path) -> Path:
    with zipfile.ZipFile(exported.receipt.path) as archive:
        archive.extractall(into)
    return into


def test_a_bundle_holds_what_its_page_names_and_only_its_old_captures_keep_it_from_passing(office: Office) -> None:
    exported = office.export(office.authority)
    assert exported.lacking == ()
    assert office.judged(exported) == {"capture_seal[01]": Status.INCONCLUSIVE}  # the scene is older than its seal
    folder = unpacked(exported, office.home / "bundle")
    page = (folder / "report.html").read_text()
    for word in ("Questions of a judge", "Questions of the platform", "Questions of whoever is accused"):
        assert word in page
    for told in ("What this does not prove", "Custody", "Who sends it", "How do I object", "item 1-1: confirm"):
        assert told in page, told
    assert "INCONCLUSIVE and not PASS" in page  # what the verifier will say, and does say above
    assert "report.html says" in (folder / "README.txt").read_text()
    assert "later than ten minutes after capture" in page
    assert not re.search(r"<script|https?://[^\s<\"]+\.js", page)
    for name in ("england-and-wales", "united-states", "civil-law-record"):
        text = (folder / "statements" / f"{name}.md").read_text()
        assert text.splitlines()[2].startswith("DRAFT")
        assert f"captures/{exported.captures:02d}/" in text
    with office.database.read() as connection:
        acts = AuditTrail(connection, EVERYTHING).find(AuditTrail.table.c.action == "export_evidence")
    assert [act.detail["manifest_sha256"] for act in acts] == [exported.receipt.manifest_sha256]


def commands_of(readme: str) -> Iterator[str]:
    """The lines of the page that are meant to be copied, but for the verifier's."""
    for line in readme.splitlines():
        if line.startswith("        ") and line.strip().split(" ")[0] in ("sha256sum", "openssl", "grep"):
            yield line.strip()


def test_every_command_of_the_readme_says_what_it_promises(office: Office) -> None:
    folder = unpacked(office.export(office.authority), office.home / "bundle")
    (folder / "ROOTS.pem").write_bytes(office.local.root_pem)
    said = ""
    commands = list(commands_of((folder / "README.txt").read_text()))
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        said += done.stdout + done.stderr
    assert len(commands) == 6
    assert "Signature Verified Successfully" in said
    assert "Verification: OK" in said
    assert "FAILED" not in said
    assert str(office.clock().year) in said  # the time of the token, by openssl's own reading


def test_fresh_captures_sealed_in_time_make_a_bundle_that_passes(office: Office) -> None:
    """The same ledger, its captures made just now: nothing keeps it from PASS."""
    now = office.clock()
    with office.database.write() as connection:
        connection.execute(tables.capture.update().values(fetched_at=now - timedelta(minutes=1)))
    assert len(office.seal()) == 1
    exported = office.export(office.authority)
    report = verify(exported.receipt.path, [office.key.published], office.authority.roots)
    assert report.verdict is Verdict.PASS, report


def test_an_authority_that_is_down_is_asked_again_and_nothing_pretends(office: Office) -> None:
    office.is_silent = True
    assert len(office.seal()) == 1
    with office.database.read() as connection:
        assert unsealed(connection, 10) == []
        (seal,) = CaptureSeals(connection, EVERYTHING).lacking()
    assert (seal.tries, seal.tokens) == (1, ())
    assert "connection refused" in (seal.because or "")
    exported = office.export(office.authority)
    assert exported.lacking == ("first",)
    assert set(office.judged(exported)) == {"timestamp[first]", "time_order", "capture_seal[01]"}
    office.is_silent = False
    asked = [office.authority]
    assert ask_again(office.database, office.vault, asked, ask=office.ask, clock=office.clock) == 1  # not yet due
    done = ask_again(office.database, office.vault, asked, ask=office.ask, clock=office.clock, everything=True)
    assert done == 0
    time = time_seal(asked, ask=office.ask, clock=office.clock)
    assert complete_package(exported.receipt.path, office.key, time) == ()
    assert set(office.judged(exported)) == {"capture_seal[01]"}


def test_without_any_authority_the_bundle_says_that_its_time_is_its_own_word(office: Office) -> None:
    exported = office.export()
    assert set(office.judged(exported)) == {"time_order", "capture_seal[01]"}
    assert "seals/01/statement.json" in read_package(exported.receipt.path)


def test_captures_are_sealed_once(office: Office) -> None:
    assert len(office.seal()) == 1
    assert office.seal() == []


def test_a_case_with_nothing_confirmed_gives_no_bundle(office: Office) -> None:
    with pytest.raises(NothingToShow, match="no such case"):
        office.export(number=99)


def test_authorities_are_declared_one_file_each(office: Office) -> None:
    folder = office.home / "time"
    assert authorities_of(office.home) == []
    folder.mkdir()
    (folder / "roots.pem").write_bytes(office.local.root_pem)
    (folder / "good.toml").write_text('url = "https://time.example/"\nroots = "roots.pem"\nqualified = true\n')
    (found,) = authorities_of(office.home)
    assert (found.name, found.qualified, len(found.roots)) == ("good", True, 1)
    (folder / "bad.toml").write_text('url = "https://time.example/"\nroot = "roots.pem"\n')
    with pytest.raises(WrongKey, match="root"):
        authorities_of(office.home)
    (folder / "bad.toml").write_text('url = "https://time.example/"\nroots = "absent.pem"\n')
    with pytest.raises(UnsafeDeclaration, match="beside"):
        authorities_of(office.home)
    (folder / "absent.pem").write_text("hello")
    with pytest.raises(UnsafeDeclaration, match="PEM"):
        authorities_of(office.home)
