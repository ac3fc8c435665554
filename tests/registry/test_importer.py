"""Whole files: what comes in, what is refused, and that nothing comes in by half or twice."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from registry.columns import COLUMNS, SheetKind
from registry.errors import RegistryError, UnreadableFile, WrongHeads
from registry.rights import import_rights
from registry.templates import template
from store.db import tables
from store.db.mandates import Mandates
from store.db.parties import Parties
from store.db.products import Products
from store.db.rights import Rights
from store.db.session import Database
from store.db.works import Works
from store.evidence.vault import Vault
from store.records.ids import new_id
from store.records.parties import PartyKind
from store.records.products import Product
from store.records.rights import Right
from store.records.scope import EVERYTHING, Scope
from tests.ledgers import new_ledger
from tests.registry.conftest import Desk, example_row, sheet_text, write_photo

ALL = ("rights", "products", "works", "sellers", "references")
MARK = example_row("rights")
PLAIN = sheet_text([MARK]).replace("å", "a").replace("ä", "a")


def only_right(desk: Desk) -> Right:
    with desk.database.read() as connection:
        (right,) = Rights(connection, EVERYTHING).find()
    return right


def test_every_template_is_imported_whole_and_the_second_time_changes_nothing(desk: Desk) -> None:
    desk.import_examples(*ALL)
    before = desk.counts()
    assert before == {
        "party": 1, "right": 2, "mandate": 1, "product": 1, "work": 1, "reference": 1, "seller_rule": 1,
        "audit_entry": 8,
    }  # fmt: skip
    for kind in ALL:
        report = desk.import_bytes(kind, template(kind))
        assert (report.added, report.changed, report.unchanged) == (0, 0, report.rows), kind
    assert desk.counts() == before


@pytest.mark.parametrize("kind", ALL)
def test_dry_run_says_what_would_happen_and_writes_nothing(desk: Desk, kind: str) -> None:
    desk.import_examples(*ALL[: ALL.index(kind)])
    if kind == "references":
        write_photo(desk.folder / "photos" / "polaris-front.jpg")
    before, blobs = desk.counts(), list(desk.vault.digests())
    foreseen = desk.import_bytes(kind, template(kind), dry_run=True)
    desk.vault.flush()
    assert desk.counts() == before
    assert list(desk.vault.digests()) == blobs
    done = desk.import_bytes(kind, template(kind))
    assert (foreseen.added, foreseen.changed, foreseen.unchanged) == (done.added, done.changed, done.unchanged)
    assert foreseen.dry_run
    assert not done.dry_run


def test_changed_row_updates_and_keeps_its_id(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    before = only_right(desk)
    report = desk.import_rows("rights", MARK | {"expires_on": "2039-02-11", "goods": ""})
    after = only_right(desk)
    assert (report.added, report.changed) == (0, 1)
    assert (after.id, str(after.expires_on), after.goods) == (before.id, "2039-02-11", None)


def test_column_that_the_file_leaves_out_keeps_what_is_stored(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    before = only_right(desk)
    needed = ("right_ref", "holder", "kind", "territories", "status")
    report = desk.import_rows("rights", {name: MARK[name] for name in needed} | {"status": "expired"})
    after = only_right(desk)
    assert report.changed == 1
    assert (after.status.value, after.goods, after.nice_classes) == ("expired", before.goods, before.nice_classes)


def test_bad_row_is_refused_with_all_its_mistakes_and_good_rows_come_in(desk: Desk) -> None:
    bad = MARK | {"right_ref": "NU-2", "filed_on": "31.02.2026", "status": "actve", "nice_classes": "14|46"}
    good = MARK | {"right_ref": "NU-3", "registration_number": "018999124"}
    report = desk.import_rows("rights", MARK, bad, good)
    assert (report.rows, report.added, report.refused) == (3, 2, 1)
    assert {(r.row, r.column, r.value) for r in report.refusals} == {
        (3, "filed_on", "31.02.2026"),
        (3, "status", "actve"),
        (3, "nice_classes", "46"),
    }
    assert any("2026-02-28" in refusal.fix for refusal in report.refusals)
    assert any("'active'" in refusal.fix for refusal in report.refusals)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"registration_number": "12-X"}, "registration_number"),
        ({"registration_number": ""}, "registration_number"),
        ({"office": ""}, "office"),
        ({"nice_classes": ""}, "nice_classes"),
        ({"mark_text": ""}, "mark_text"),
        ({"territories": ""}, "territories"),
        ({"territories": "EU|NO"}, "territories"),  # the Union's office grants nothing in Norway
        ({"territories": "SE"}, "territories"),  # nor less than the whole Union
        ({"office": "SE", "territories": "SE|DK"}, "territories"),
        ({"office": "BX", "territories": "BE|NL|LU|DE"}, "territories"),
        ({"holder_kind": "firm"}, "holder_kind"),
        ({"right_ref": ""}, "right_ref"),
        ({"expires_on": "2018-01-01"}, "expires_on"),
        ({"status_checked_on": "2026-03-03"}, "status_checked_on"),
        ({"mandate_acts": ""}, "mandate_acts"),
        ({"mandate_from": ""}, "mandate_from"),
        ({"mandate_agent": ""}, "mandate_acts"),
        ({"mandate_until": "2025-01-01"}, "mandate_until"),
        ({"proof_file": "missing.pdf"}, "proof_file"),
        ({"proof_file": "../outside.pdf"}, "proof_file"),
        ({"mandate_file": "missing.pdf"}, "mandate_file"),
    ],
)
def test_right_that_lacks_what_its_kind_must_carry_is_refused(
    desk: Desk, changes: dict[str, str], column: str
) -> None:
    report = desk.import_rows("rights", MARK | changes)
    assert column in {refusal.column for refusal in report.refusals}
    assert all(refusal.fix for refusal in report.refusals)
    assert desk.counts() == dict.fromkeys(desk.counts(), 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"office": "WO", "registration_number": "1234567", "territories": "EU|NO|CH"},  # designations
        {"office": "NO", "registration_number": "201901234", "territories": "NO|SJ"},
        {"office": "BX", "registration_number": "1234567", "territories": "BE|NL|LU"},
        {"office": "US", "registration_number": "VA0001234", "kind": "copyright", "territories": "US|EU|JP"},
    ],
)
def test_right_that_its_office_can_grant_comes_in(desk: Desk, changes: dict[str, str]) -> None:
    assert desk.import_rows("rights", MARK | changes).refusals == ()


def test_holder_is_what_its_sheet_says_and_stays_so(desk: Desk) -> None:
    desk.import_rows("rights", MARK | {"holder_kind": "person", "mandate_platforms": "shopnest|fjordmarkt"})
    desk.import_rows("rights", MARK | {"holder_kind": "", "mandate_platforms": "shopnest|fjordmarkt"})
    with desk.database.read() as connection:
        assert [each.kind for each in Parties(connection, EVERYTHING).find()] == [PartyKind.PERSON]
        (mandate,) = Mandates(connection, EVERYTHING).find()
    assert mandate.platforms == ("shopnest", "fjordmarkt")


def test_two_rows_with_one_reference_keep_the_first(desk: Desk) -> None:
    report = desk.import_rows("rights", MARK, MARK | {"goods": "clocks"})
    assert report.added == 1
    assert "row 2 already" in report.refusals[0].problem


def test_rows_that_contradict_each_other_on_the_holder_are_refused(desk: Desk) -> None:
    other = MARK | {"right_ref": "NU-2", "holder_email": "other@norrskenur.example"}
    silent = MARK | {"right_ref": "NU-3", "holder_email": ""}
    report = desk.import_rows("rights", MARK, other, silent)
    assert report.added == 2
    assert [(r.row, r.column) for r in report.refusals] == [(3, "holder_email")]
    with desk.database.read() as connection:
        party = Parties(connection, EVERYTHING).by_names([MARK["holder"]])[MARK["holder"]]
    assert party.email == MARK["holder_email"]


def test_holder_spelled_a_little_otherwise_is_told(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    report = desk.import_rows("rights", MARK | {"holder": "Norrsken Ur A.B."})
    assert report.added == 1
    assert "'Norrsken Ur AB'" in report.notes[0]


def test_proof_and_mandate_lie_in_the_vault_under_the_digest_of_the_right(desk: Desk) -> None:
    (desk.folder / "proof.pdf").write_bytes(b"%PDF-1.7 certificate")
    (desk.folder / "mandate.pdf").write_bytes(b"%PDF-1.7 mandate")
    desk.import_rows("rights", MARK | {"proof_file": "proof.pdf", "mandate_file": "mandate.pdf"})
    digest = only_right(desk).proof_sha256
    assert digest is not None
    assert desk.vault.get(digest) == b"%PDF-1.7 certificate"
    with desk.database.read() as connection:
        paper = connection.execute(select(tables.mandate.c.document_sha256)).scalar_one()
    assert desk.vault.get(paper) == b"%PDF-1.7 mandate"


def test_row_that_no_longer_names_the_agent_ends_the_mandate(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    ended = {"mandate_agent": "", "mandate_acts": "", "mandate_from": ""}
    assert desk.import_rows("rights", MARK | ended).changed == 1
    assert desk.import_rows("rights", MARK | ended).unchanged == 1
    assert desk.import_rows("rights", MARK | {"mandate_agent": "Annan Byrå AB"}).changed == 1
    with desk.database.read() as connection:
        rows = connection.execute(select(tables.mandate.c.agent, tables.mandate.c.revoked_on)).all()
    assert {(agent, day is not None) for agent, day in rows} == {
        (MARK["mandate_agent"], True),
        ("Annan Byrå AB", False),
    }


def test_product_naming_an_unknown_right_is_refused_with_the_nearest_one(desk: Desk) -> None:
    desk.import_examples("rights")
    report = desk.import_rows("products", example_row("products", right_refs="NU-EU-2"))
    (refusal,) = report.refusals
    assert (refusal.column, "'NU-EU-1'" in refusal.fix) == ("right_refs", True)


def test_unknown_holder_is_refused_with_the_nearest_one(desk: Desk) -> None:
    desk.import_examples("rights")
    report = desk.import_rows("sellers", example_row("sellers", holder="Norsken Ur AB"))
    assert "'Norrsken Ur AB'" in report.refusals[0].fix


def test_seller_without_an_account_id_authorises_nobody(desk: Desk) -> None:
    desk.import_examples("rights")
    report = desk.import_rows("sellers", example_row("sellers", platform_seller_id=""))
    assert (report.refusals[0].column, report.added) == ("platform_seller_id", 0)


def test_unknown_column_refuses_the_whole_file_and_names_the_nearest(desk: Desk) -> None:
    row = {("regstration_number" if name == "registration_number" else name): value for name, value in MARK.items()}
    with pytest.raises(WrongHeads, match="did you mean 'registration_number'"):
        desk.import_rows("rights", row)
    assert desk.counts() == dict.fromkeys(desk.counts(), 0)


def test_missing_and_doubled_columns_are_named(desk: Desk) -> None:
    with pytest.raises(WrongHeads) as refusal:
        desk.import_bytes("rights", "right_ref,holder,holder,kind\n")
    text = str(refusal.value)
    assert all(part in text for part in ("'territories' is missing", "'status' is missing", "'holder' stands twice"))


def test_heads_in_another_case_are_read_and_told(desk: Desk) -> None:
    row = {name.replace("_", " ").title(): value for name, value in MARK.items()}
    report = desk.import_rows("rights", row)
    assert report.added == 1
    assert "column 'Right Ref' read as 'right_ref'" in report.notes


SAME_CONTENT: dict[str, Callable[[str], bytes]] = {
    "with a BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16 with a BOM": lambda text: text.encode("utf-16"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "line feeds only": lambda text: text.replace("\r\n", "\n").encode(),
    "carriage returns only": lambda text: text.replace("\r\n", "\r").encode(),
    "blank lines": lambda text: text.replace("\r\n", "\r\n\r\n").encode(),
    "empty columns at the right": lambda text: text.replace("\r\n", ",,\r\n").encode(),
}


@pytest.mark.parametrize("how", SAME_CONTENT, ids=list(SAME_CONTENT))
def test_csv_reads_the_same_however_it_was_saved(desk: Desk, how: str) -> None:
    desk.import_bytes("rights", sheet_text([MARK]))
    report = desk.import_bytes("rights", SAME_CONTENT[how](sheet_text([MARK])))
    assert (report.unchanged, report.refusals) == (1, ())
    assert bool(report.notes) == (how.startswith(("UTF-16", "Windows")))


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_found_and_told(desk: Desk, delimiter: str) -> None:
    report = desk.import_bytes("rights", sheet_text([MARK], delimiter))
    assert (report.added, len(report.notes)) == (1, 1)
    report = desk.import_bytes("rights", f"sep={delimiter}\r\n" + sheet_text([MARK], delimiter))
    assert report.unchanged == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "holds no rows"),
        (b"\r\n\r\n", "holds no rows"),
        (b"not a sheet at all", "first row is not the heads"),
        (PLAIN.replace("NORRSKEN", "ЧАСЫ").encode("cp1251"), "not surely Windows-1252"),
        (PLAIN.replace("NORRSKEN", "Żółty Śnieg").encode("cp1250"), "not surely Windows-1252"),
        (sheet_text([MARK]).encode("utf-16-le"), "zero bytes"),
        (sheet_text([MARK]).encode()[:-2] + b'"unclosed', "row 2"),
        (b"\xff\xfe" + b"a", "says it is"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old .xls"),
        (b"PK\x03\x04" + bytes(64), "no readable XLSX"),
    ],
)
def test_file_that_leaves_room_for_doubt_is_refused_whole(desk: Desk, data: bytes, problem: str) -> None:
    with pytest.raises(UnreadableFile, match=problem) as refusal:
        desk.import_bytes("rights", data)
    assert refusal.value.fix
    assert desk.counts() == dict.fromkeys(desk.counts(), 0)


def test_row_with_too_few_or_too_many_cells_is_refused_alone(desk: Desk) -> None:
    lines = sheet_text([MARK, MARK | {"right_ref": "B"}, MARK | {"right_ref": "C"}]).splitlines()
    lines[2] += ",extra"
    lines[3] = lines[3][:20]
    report = desk.import_bytes("rights", "\r\n".join(lines))
    assert (report.added, report.refused) == (1, 2)


def test_hostile_cells_are_refused_and_told_in_plain_characters(desk: Desk) -> None:
    rows = [
        MARK | {"right_ref": f"NU-{n}", "mark_text": text} for n, text in enumerate(("a\x00b", "=1+1", "x" * 20_001))
    ]
    report = desk.import_rows("rights", *rows)
    assert (report.added, report.refused) == (0, 3)
    assert all(str(refusal).isprintable() for refusal in report.refusals)


def workbook(desk: Desk, rows: list[dict[str, object]], name: str = "rights.xlsx") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.append(list(rows[0]))
    for row in rows:
        page.append(list(row.values()))
    book.save(desk.folder / name)
    return desk.folder / name


def test_xlsx_reads_like_the_csv_it_was_made_from(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    typed: dict[str, object] = dict(MARK)
    typed |= {
        "filed_on": datetime(2019, 2, 11),  # noqa: DTZ001 -- a workbook's dates know no zone
        "registered_on": date(2019, 7, 3),
    }
    report = desk.import_path("rights", workbook(desk, [typed]))
    assert (report.unchanged, report.refusals, report.notes) == (1, (), ())


def test_xlsx_numbers_keep_their_digits_and_formulas_are_refused(desk: Desk) -> None:
    desk.import_examples("rights")
    base: dict[str, object] = dict(example_row("products"))
    rows = [
        base | {"gtin": 7350123400007, "nice_class": 14.0},
        base | {"product_ref": "P-2", "name": '=HYPERLINK("http://x","y")'},
        base | {"product_ref": "P-3", "gtin": 12345678905},
    ]
    report = desk.import_path("products", workbook(desk, rows))
    assert report.added == 1
    assert [(r.row, r.column) for r in report.refusals] == [(3, "name"), (4, "gtin")]
    with desk.database.read() as connection:
        (product,) = Products(connection, EVERYTHING).find()
    assert (product.gtin, product.nice_class) == (("7350123400007",), 14)


def test_damaged_workbooks_are_refused(desk: Desk) -> None:
    whole = workbook(desk, [dict(MARK)]).read_bytes()
    for cut in range(4, len(whole), len(whole) // 40):
        with pytest.raises(UnreadableFile):
            desk.import_bytes("rights", whole[:cut], name="cut.xlsx")


def test_workbook_that_unpacks_without_bound_is_refused(desk: Desk) -> None:
    path = workbook(desk, [dict(MARK)])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    bombs = {
        "one endless row": parts[sheet].replace(b"</row>", b"<c/>" * 1_200_000 + b"</row>", 1),
        "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + parts[sheet],
        "a row far below": parts[sheet].replace(b'<row r="2"', b'<row r="999999999999"', 1),
    }
    for name, content in bombs.items():
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            for part, data in (parts | {sheet: content}).items():
                book.writestr(part, data)
        with pytest.raises(UnreadableFile):
            desk.import_path("rights", path)
            pytest.fail(name)


def test_json_carries_lists_and_text_that_sheets_would_run(desk: Desk) -> None:
    row: dict[str, object] = dict(MARK)
    row |= {"nice_classes": ["14", "18"], "mark_text": "=mc2", "goods": None, "expires_on": "2029-02-11"}
    report = desk.import_bytes("rights", json.dumps([row]), name="rights.json")
    assert (report.added, report.refusals) == (1, ())
    right = only_right(desk)
    assert (right.mark_text, right.nice_classes, right.goods) == ("=mc2", (14, 18), None)
    numbers = json.dumps([row | {"registration_number": 18999123, "nice_classes": [14, 18]}])
    assert desk.import_bytes("rights", numbers, name="rights.json").changed == 1


@pytest.mark.parametrize(
    "text",
    ["{}", "[1]", "[", "[NaN]", '[{"right_ref": NaN}]', "\ufeff", "[" * 100_000, '"\\ud800"', '[{"unknown": 1}]'],
    ids=str,
)
def test_json_of_another_form_is_refused_whole(desk: Desk, text: str) -> None:
    with pytest.raises(RegistryError):
        desk.import_bytes("rights", text, name="rights.json")


@pytest.mark.parametrize(
    "change",
    [{"mark_text": True}, {"mark_text": {"a": 1}}, {"mark_text": "\ud800"}, {"status": ["active", "pending"]},
     {"territories": []}],
)  # fmt: skip
def test_json_values_no_cell_can_hold_refuse_their_row(desk: Desk, change: dict[str, object]) -> None:
    good: dict[str, object] = dict(MARK)
    report = desk.import_bytes("rights", json.dumps([good | change, good]), name="rights.json")
    assert (report.added, {r.row for r in report.refusals}) == (1, {1})


def test_key_that_one_object_leaves_out_keeps_what_is_stored(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    brief = {name: MARK[name] for name in ("right_ref", "holder", "kind", "territories", "status")}
    report = desk.import_bytes("rights", json.dumps([brief, MARK | {"right_ref": "NU-9"}]), name="rights.json")
    assert (report.unchanged, report.added) == (1, 1)


def test_names_of_files_that_are_no_sheet_are_refused(desk: Desk) -> None:
    for name in ("rights.pdf", "rights", "rights.xls"):
        with pytest.raises(UnreadableFile):
            desk.import_bytes("rights", template("rights"), name=name)
    with pytest.raises(UnreadableFile, match="is a folder"):
        desk.import_path("rights", desk.folder)
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        desk.import_path("rights", desk.folder / "nothing.csv")


def test_every_change_has_its_audit_entry_and_the_file_behind_it(desk: Desk) -> None:
    desk.import_rows("rights", MARK)
    desk.import_rows("rights", MARK | {"goods": "clocks"})
    with desk.database.read() as connection:
        entries = connection.execute(select(tables.audit_entry).order_by(tables.audit_entry.c.at)).all()
    assert [(entry.action, entry.actor, entry.detail["outcome"]) for entry in entries] == [
        ("import_party", "tester", "added"),
        ("import_right", "tester", "added"),
        ("import_mandate", "tester", "added"),
        ("import_right", "tester", "changed"),
    ]
    assert b"clocks" in desk.vault.get(entries[-1].detail["file_sha256"])


def test_scope_of_one_holder_hides_the_others(desk: Desk) -> None:
    desk.import_examples("rights", "products", "works")
    desk.import_rows("rights", MARK | {"holder": "Sydhav Optik AS", "holder_email": "", "holder_phone": ""})
    with desk.database.read() as connection:
        party = Parties(connection, EVERYTHING).by_names(["Sydhav Optik AS"])["Sydhav Optik AS"]
        own = Scope(holder=party.id, compartment=None)
        assert [found.legal_name for found in Parties(connection, own).find()] == ["Sydhav Optik AS"]
        assert Rights(connection, own).refs_of(None) == ["NU-EU-1"]
        assert Rights(connection, own).count() == 1
        assert Products(connection, own).by_refs(["NU-P-100"]) == {}
        assert Works(connection, own).find() == []


def test_real_brand_names_come_in_or_are_refused_but_break_nothing(desk: Desk, real_data: Path) -> None:
    with (real_data / "ref" / "brands" / "nsi_brands.csv").open(encoding="utf-8", newline="") as stream:
        brands = [row for place, row in enumerate(csv.DictReader(stream)) if place % 12 == 0]
    rows = [
        MARK | {
            "right_ref": f"R-{number}", "holder": f"{brand['display_name']} Holding", "holder_email": "",
            "holder_phone": "", "mark_text": brand["display_name"], "registration_number": f"{number:09}",
            "goods": brand["aliases"],
        }
        for number, brand in enumerate(brands, 1)
    ]  # fmt: skip
    report = desk.import_rows("rights", *rows)
    assert report.added + report.refused == len(rows)
    assert report.refused <= len(rows) // 100, [str(refusal) for refusal in report.refusals[:10]]
    assert desk.import_rows("rights", *rows).unchanged == report.added


def test_register_xml_is_refused_as_no_sheet(desk: Desk, real_data: Path) -> None:
    for path in sorted((real_data / "ref" / "trademarks").glob("*.xml")):
        with pytest.raises(UnreadableFile, match="name it"):
            desk.import_path("rights", path)
        with pytest.raises(RegistryError):
            desk.import_bytes("rights", path.read_bytes())


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from([*MARK.values(), '"', ",", "\n", "\x00", "31.02.2026", "=1", "EU|SE", "\u202e", "9" * 30]),
)


@pytest.fixture(scope="module")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Path]:
    """One empty database for all examples of a property: each example must leave it as it says."""
    folder = tmp_path_factory.mktemp("registry")
    database = Database(f"sqlite:///{folder / 'marque.db'}")
    new_ledger(database)
    return database, folder


def check_import(registry: tuple[Database, Path], data: bytes) -> None:
    database, folder = registry
    path = folder / "rights.csv"
    path.write_bytes(data)
    with database.read() as connection:
        before = Rights(connection, EVERYTHING).count()
    with Vault(folder / "vault") as vault:
        try:
            report = import_rights(
                database,
                vault,
                path,
                dry_run=False,
                clock=lambda: datetime(2026, 3, 2, tzinfo=UTC),
                by="t",
                new_id=new_id,
            )
        except RegistryError:
            added = 0
        else:
            added = report.added
            assert report.added + report.changed + report.unchanged + report.refused == report.rows
    with database.read() as connection:
        assert Rights(connection, EVERYTHING).count() == before + added
        rights = {right.holder for right in Rights(connection, EVERYTHING).find()}
        assert {party.id for party in Parties(connection, EVERYTHING).find()} == rights


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_imported_or_refused_and_never_by_half(
    empty_registry: tuple[Database, Path], data: bytes
) -> None:
    check_import(empty_registry, data)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.dictionaries(st.sampled_from(list(MARK)), CELL, max_size=4), max_size=4))
def test_any_cells_are_imported_or_refused_and_never_by_half(
    empty_registry: tuple[Database, Path], changes: list[dict[str, str]]
) -> None:
    rows = [MARK | {"right_ref": f"N-{number}"} | change for number, change in enumerate(changes)]
    text = sheet_text(rows) if rows else ",".join(column.name for column in COLUMNS[SheetKind.RIGHTS])
    check_import(empty_registry, text.encode("utf-8", "surrogatepass"))


def test_product_row_becomes_the_product_it_says(desk: Desk) -> None:
    desk.import_examples("rights", "products")
    with desk.database.read() as connection:
        (product,) = Products(connection, EVERYTHING).find()
        rights = Rights(connection, EVERYTHING).by_ids(product.rights)
    assert isinstance(product, Product)
    assert [right.right_ref for right in rights.values()] == ["NU-EU-1"]
    assert [(price.country, str(price.price)) for price in product.prices] == [
        ("SE", "12900.00 SEK"),
        ("DE", "1190.00 EUR"),
    ]
    assert product.colours == ("silver", "black")
