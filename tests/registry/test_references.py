"""A folder of pictures: each row stands or falls with its file."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from registry.errors import UnreadableFile
from registry.intake import import_records
from store.db import tables
from store.db.parties import Parties
from store.db.references import References
from store.records.references import Fingerprint, Reference
from store.records.scope import EVERYTHING, Scope
from tests.registry.conftest import Desk, example_row, sheet_text, write_photo

ROW = example_row("references", file="good.png")


def write_sheet(desk: Desk, *rows: dict[str, str]) -> Path:
    (desk.folder / "references.csv").write_text(sheet_text(rows), encoding="utf-8", newline="")
    return desk.folder


@pytest.fixture
def registered(desk: Desk) -> Desk:
    desk.import_examples("rights", "products", "works")
    write_photo(desk.folder / "good.png")
    return desk


def references(desk: Desk) -> list[Reference]:
    with desk.database.read() as connection:
        return References(connection, EVERYTHING).find()


def test_folder_is_imported_with_its_pictures_in_the_vault(registered: Desk) -> None:
    report = registered.import_path("references", write_sheet(registered, ROW))
    assert (report.added, report.refusals) == (1, ())
    (reference,) = references(registered)
    assert registered.vault.get(reference.sha256) == (registered.folder / "good.png").read_bytes()
    assert reference.product is not None
    assert registered.import_path("references", registered.folder / "references.csv").unchanged == 1


def test_new_picture_under_an_old_name_changes_the_reference(registered: Desk) -> None:
    folder = write_sheet(registered, ROW)
    registered.import_path("references", folder)
    (before,) = references(registered)
    write_photo(folder / "good.png", side=160)
    assert registered.import_path("references", folder).changed == 1
    (after,) = references(registered)
    assert (after.id, after.sha256 == before.sha256) == (before.id, False)


def test_a_stopped_picture_comes_in_withdrawn_in_the_transaction_that_brings_it(registered: Desk) -> None:
    folder = write_sheet(registered, ROW)
    digest = hashlib.sha256((folder / "good.png").read_bytes()).hexdigest()

    def take(verdicts: dict[tuple[str, str], str] | None) -> date | None:
        import_records(
            "references", registered.database, registered.vault, folder, dry_run=False, clock=registered.clock,
            by="tester", new_id=registered.ids, verdicts=verdicts,
        )  # fmt: skip
        (reference,) = references(registered)
        return reference.withdrawn_on

    assert take({(ROW["reference_ref"], digest): ""}) is None
    assert take({}) is None, "the same picture was judged before"
    write_photo(folder / "good.png", side=160)
    fresh = hashlib.sha256((folder / "good.png").read_bytes()).hexdigest()
    assert fresh != digest and take({(ROW["reference_ref"], fresh): "collides"}) == registered.clock().date()
    with registered.database.read() as connection:
        acts = connection.execute(
            tables.audit_entry.select().where(tables.audit_entry.c.action == "withdraw_reference")
        )
        assert [act.detail for act in acts] == [{"faults": "collides"}]


@pytest.mark.parametrize(("polarity", "is_live"), [("positive", False), ("negative", True)])
def test_a_picture_that_nobody_judged_never_goes_live(registered: Desk, polarity: str, is_live: bool) -> None:
    folder = write_sheet(registered, ROW | {"polarity": polarity})
    import_records(
        "references", registered.database, registered.vault, folder, dry_run=False, clock=registered.clock,
        by="tester", new_id=registered.ids, verdicts={(ROW["reference_ref"], "0" * 64): ""},
    )  # fmt: skip
    (reference,) = references(registered)
    assert (reference.withdrawn_on is None) is is_live


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/hostname", "a/../../secret.png", "..\\secret.png", "C:\\secret.png", "link.png",
             "sub/secret.png", "absent.png", "folder", "pipe.png", "loop.png", "nul\x00.png", "."],
)  # fmt: skip
def test_file_outside_the_folder_or_no_file_at_all_is_refused(registered: Desk, name: str) -> None:
    folder = registered.folder
    write_photo(folder.parent / "secret.png")
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "sub").symlink_to(folder.parent, target_is_directory=True)
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe.png")
    good = ROW | {"reference_ref": "NU-REF-2"}
    report = registered.import_path("references", write_sheet(registered, ROW | {"file": name}, good))
    assert report.added == 1
    assert [(refusal.row, refusal.column) for refusal in report.refusals] == [(2, "file")]
    assert report.refusals[0].fix


def test_link_inside_the_folder_is_followed(registered: Desk) -> None:
    (registered.folder / "same.png").symlink_to(registered.folder / "good.png")
    folder = write_sheet(registered, ROW | {"file": "same.png"})
    assert registered.import_path("references", folder).added == 1


def test_name_stored_in_decomposed_letters_is_found(registered: Desk) -> None:
    write_photo(registered.folder / "fo\u0308nster.png")
    folder = write_sheet(registered, ROW | {"file": "f\u00f6nster.png"})
    assert registered.import_path("references", folder).refusals == ()


def test_unreadable_photo_refuses_its_row_alone(registered: Desk) -> None:
    folder = registered.folder
    write_photo(folder / "flat.png", flat=True)
    write_photo(folder / "small.png", side=40)
    write_photo(folder / "whole.jpg", side=200)
    (folder / "cut.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:-400])
    (folder / "text.jpg").write_text("no picture")
    (folder / "empty.jpg").write_bytes(b"")
    bad = ("flat.png", "small.png", "cut.jpg", "text.jpg", "empty.jpg")
    rows = [ROW | {"reference_ref": f"NU-{name}", "file": name} for name in (*bad, "good.png")]
    report = registered.import_path("references", write_sheet(registered, *rows))
    assert report.added == 1
    assert [refusal.value for refusal in report.refusals] == list(bad)
    assert len(references(registered)) == 1


def test_reference_shows_something_of_one_holder(registered: Desk) -> None:
    film = {"right_ref": "NU-FILM-1", "product_ref": "NU-P-100"}
    rows = [
        ROW | {"reference_ref": "1", "right_ref": "", "product_ref": ""},
        ROW | {"reference_ref": "2", "product_ref": "NU-P-1OO"},
        ROW | {"reference_ref": "3"} | film,
        ROW | {"reference_ref": "4", "right_ref": "", "product_ref": "", "work_ref": "NU-W-1", "medium": "still"},
    ]
    report = registered.import_path("references", write_sheet(registered, *rows))
    assert (report.added, [(r.row, r.column) for r in report.refusals]) == (
        1,
        [(2, "right_ref"), (3, "product_ref"), (4, "right_ref")],
    )


def test_reference_that_two_holders_could_mean_asks_whose_it_is(registered: Desk) -> None:
    mark = example_row("rights", holder="Sydhav Optik AS", holder_email="", holder_phone="", holder_address="")
    registered.import_rows("rights", mark)
    open_row = ROW | {"product_ref": "", "holder": ""}
    folder = write_sheet(registered, open_row)
    report = registered.import_path("references", folder)
    assert report.refusals[0].column == "holder"
    assert "Norrsken Ur AB, Sydhav Optik AS" in report.refusals[0].problem
    named = open_row | {"holder": "Sydhav Optik AS"}
    assert registered.import_path("references", write_sheet(registered, named)).added == 1


def test_double_that_only_the_holder_shows_is_refused(registered: Desk) -> None:
    folder = write_sheet(registered, ROW | {"holder": ""}, ROW | {"holder": "Norrsken Ur AB"})
    report = registered.import_path("references", folder)
    assert (report.added, report.refusals[0].row) == (1, 3)


def test_folder_without_its_sheet_is_refused(registered: Desk, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"references\.csv"):
        registered.import_path("references", registered.folder)
    write_sheet(registered, ROW)
    (registered.folder / "references.json").write_text("[]")
    with pytest.raises(UnreadableFile, match="keep one"):
        registered.import_path("references", registered.folder)


def test_fingerprints_are_kept_by_picture_and_replaced_by_their_like(registered: Desk) -> None:
    sha = "a" * 64
    codes = [
        Fingerprint(sha256=sha, algorithm="pdq", version="1", value=b"\x01" * 32, quality=90),
        Fingerprint(sha256=sha, algorithm="pdq", version="1", variant="trimmed", value=b"\x02" * 32, quality=80),
        Fingerprint(sha256=sha, algorithm="phash", version="1", value=b"\x03" * 8),
    ]
    with registered.database.write() as connection:
        repository = References(connection, EVERYTHING)
        repository.put_fingerprints(codes)
        repository.put_fingerprints([codes[0]])
        assert sorted(repository.fingerprints([sha]), key=lambda f: f.value) == codes
        assert repository.fingerprints([sha], algorithm="phash", version="1") == codes[2:]
        assert repository.fingerprints([sha], version="2") == []
        assert repository.fingerprints([]) == []


def test_scope_shows_one_holders_references(registered: Desk) -> None:
    registered.import_path("references", write_sheet(registered, ROW))
    with registered.database.read() as connection:
        (party,) = Parties(connection, EVERYTHING).find()
        assert len(References(connection, Scope(holder=party.id, compartment=None)).live()) == 1
        assert References(connection, Scope(holder="other", compartment=None)).live() == []
