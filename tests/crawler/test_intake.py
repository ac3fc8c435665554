"""Tips from files and exports of listings: captured as they are, read from the capture, refused row by row."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from config.errors import WrongKey
from config.export import load_export
from config.settings import Settings
from crawler.errors import BadExport, BadTip, NoContact, Refused
from crawler.intake import capture_tip, import_listings
from store.db.captures import Captures
from store.db.listings import Listings, Observations
from store.db.personal import Sealer, read_key
from store.db.sellers import Sellers
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.listings import Condition, ListingState
from store.records.runs import RunKind, RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Site, declare
from tests.ledgers import new_ledger

HEAD = "platform,platform_item_id,url,title,price,currency,seller_id,seller_name,image_url,condition,state\n"
GOOD = "shop,77,https://shop.example/i/77,Valdori Tide,1299.00,EUR,s4,Anna A,https://shop.example/p.jpg,new,live\n"
SAVED = """<html lang="en"><head><title>Valdori Tide</title>
<link rel="canonical" href="https://shop.example/item/3">
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "Product", "name": "Valdori Tide",
"sku": "3", "image": "https://shop.example/p.jpg", "offers": {"@type": "Offer", "price": "120.00",
"priceCurrency": "EUR", "availability": "https://schema.org/InStock"}}</script></head>
<body><main><h1>Valdori Tide</h1><p class="price">EUR 120.00</p><button>Add to cart</button></main></body></html>"""

SELLER = """<html lang="en"><head><title>Hedda Woodworks</title>
<link rel="canonical" href="https://kontor.example/seller/hedda-77"></head><body><h1>Hedda Woodworks</h1>
<p>Member since March 2019</p><p>99.2% positive feedback</p><p>1,204 items sold</p>
<h3>Business seller information</h3><p>Hedda Holz GmbH<br>Lindenweg 7<br>80331 München<br>VAT: DE136695976</p>
</body></html>"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace with one platform."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    with Site() as site:
        declare(tmp_path, site)
    return settings


def export(settings: Settings, *rows: str, head: str = HEAD) -> Path:
    """An export file."""
    path = settings.home / "export.csv"
    path.write_text(head + "".join(rows), encoding="utf-8")
    return path


def test_an_export_becomes_captures_listings_and_looks(settings: Settings) -> None:
    """Every value names its column, line and capture; the seller's name is sealed."""
    done = import_listings(settings, export(settings, GOOD))
    assert (done.rows, done.observations, done.refusals) == (1, 1, ())
    assert done.run is not None and (done.run.kind, done.run.state) == (RunKind.IMPORT, RunState.COMPLETE)
    with Database(settings.database_url) as database, database.read() as connection:
        listing = Listings(connection, EVERYTHING).by_item("shop", "77")
        assert listing is not None and listing.state is ListingState.LIVE
        look = Observations(connection, EVERYTHING, Sealer(read_key(settings.keys))).latest(listing.id)
        (capture,) = Captures(connection, EVERYTHING).of_run(done.run.id)
    assert look is not None and look.fields.price is not None and look.fields.seller_name is not None
    assert str(look.fields.price.value) == "1299.00 EUR"
    assert (look.fields.price.rule, look.fields.price.where) == ("import: price", "line 2")
    assert look.fields.condition is not None and look.fields.condition.value is Condition.NEW
    assert look.fields.seller_name.value == "Anna A"
    assert capture.via.value == "import"
    with Vault(settings.vault) as vault:
        assert b"Valdori Tide" in vault.get(capture.body_sha256)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (GOOD.replace("shop,77", "shop,"), "platform_item_id"),
        (GOOD.replace("shop,77", "nowhere,77"), "platform"),
        (GOOD.replace("https://shop.example/i/77", "shop.example/i/77"), "url"),
        (GOOD.replace("https://shop.example/p.jpg", "javascript:1"), "image_url"),
        (GOOD.replace("1299.00", "1299 €"), "price"),
        (GOOD.replace("1299.00", "NaN"), "price"),
        (GOOD.replace("EUR", "euros"), "currency"),
        (GOOD.replace(",new,", ",mint,"), "condition"),
        (GOOD.replace(",live", ",here"), "state"),
    ],
)
def test_a_row_that_can_not_be_taken_names_its_cell_and_fix(settings: Settings, row: str, column: str) -> None:
    """The other rows are taken."""
    done = import_listings(settings, export(settings, row, GOOD.replace("77", "78")))
    assert done.observations == 1
    assert column in [refusal.column for refusal in done.refusals]
    assert all(refusal.line == 2 and refusal.fix for refusal in done.refusals)


def test_a_dry_run_keeps_nothing(settings: Settings) -> None:
    """It only says what would be taken and what not."""
    done = import_listings(settings, export(settings, GOOD, "\n"), dry_run=True)
    assert (done.run, done.rows, done.observations) == (None, 1, 0)
    assert not settings.vault.exists()


def test_the_same_export_again_makes_no_second_listing(settings: Settings) -> None:
    """It is another look at the same ones."""
    path = export(settings, GOOD, GOOD.replace("77", "78"), GOOD.replace("77", "78"))
    import_listings(settings, path)
    import_listings(settings, path)
    with Database(settings.database_url) as database, database.read() as connection:
        assert Listings(connection, EVERYTHING).count() == 2


@pytest.mark.parametrize(
    ("content", "why"), [(b"title\nx\n", "lacks platform"), (b"\xff\xfe\x00", "UTF-8"), (None, "opened")]
)
def test_a_file_that_is_no_export_is_refused(settings: Settings, content: bytes | None, why: str) -> None:
    """Saying what it lacks."""
    path = settings.home / "x.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadExport, match=why):
        import_listings(settings, path)


def test_a_saved_page_becomes_a_capture_and_a_listing(settings: Settings) -> None:
    """Its bytes as they are, marked as a tip, with no status that no server gave."""
    path = settings.home / "page 1.html"
    path.write_text(SAVED, encoding="utf-8")
    tip = capture_tip(settings, str(path))
    (capture,) = tip.captures
    assert (capture.via.value, capture.status, capture.body_bytes) == ("tip", None, path.stat().st_size)
    assert tip.observation is not None, tip.why
    assert tip.run.state is RunState.COMPLETE
    with Database(settings.database_url) as database, database.read() as connection:
        (listing,) = Listings(connection, EVERYTHING).find()
    assert listing.url == "https://shop.example/item/3"


def test_a_saved_page_of_a_seller_is_kept_as_their_account(settings: Settings) -> None:
    """Not as a listing: the account by its id, what the page says of it sealed."""
    path = settings.home / "seller.html"
    path.write_text(SELLER, encoding="utf-8")
    tip = capture_tip(settings, str(path))
    assert tip.observation is None and "seller" in tip.why
    with Database(settings.database_url) as database, database.read() as connection:
        accounts = Sellers(connection, EVERYTHING, Sealer(read_key(settings.keys)))
        (account,) = accounts.find()
        assert not Listings(connection, EVERYTHING).find()
    assert (account.platform_seller_id, account.name, account.since) == ("hedda-77", "Hedda Woodworks", "March 2019")
    assert account.trader is not None and account.trader.vat == "DE136695976"


def test_a_saved_file_that_offers_nothing_is_kept_as_a_capture(settings: Settings) -> None:
    """And says why it is no listing."""
    path = settings.home / "note.txt"
    path.write_bytes(b"call me")
    tip = capture_tip(settings, str(path))
    assert tip.observation is None and tip.why
    with Vault(settings.vault) as vault:
        assert vault.get(tip.captures[0].body_sha256) == b"call me"


@pytest.mark.parametrize(
    ("tip", "error"),
    [
        ("nowhere.html", BadTip),
        ("http://", BadTip),
        ("http://127.0.0.1:1/admin", Refused),
        ("http://169.254.169.254/", Refused),
        ("https://shop.example/item/1", NoContact),
    ],
)
def test_a_tip_that_may_not_be_fetched_is_refused_before_a_run_begins(
    settings: Settings, tip: str, error: type[Exception]
) -> None:
    """An undeclared address on loopback is no exercise world, whoever sends it."""
    with pytest.raises(error):
        capture_tip(settings, tip)


LAYOUT = """
format = "{format}"
delimiter = ";"
encoding = "cp1252"
decimal = ","
thousands = "."
date = "%d.%m.%Y"
zone = "Europe/Berlin"
constants = {{ platform = "shop", currency = "EUR" }}
[columns]
platform_item_id = "Artikelnummer"
url = "Adresse"
title = "Bezeichnung"
price = "Preis"
state = "Status"
posted_at = "Eingestellt"
[words.state]
aktiv = "live"
beendet = "gone"
"""
HEADS = ["Artikelnummer", "Adresse", "Bezeichnung", "Preis", "Status", "Eingestellt"]
ROW = ["77", "https://shop.example/i/77", "Armbanduhr für Männer", "1.299,00", "aktiv", "02.03.2026"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_is_read_by_its_declared_layout(settings: Settings, format: str) -> None:
    """Columns, encoding, amounts, dates and the platform's own words; the row is kept as the platform wrote it."""
    path = settings.home / f"export.{format}"
    if format == "csv":
        path.write_bytes("\n".join(";".join(row) for row in (HEADS, ROW)).encode("cp1252"))
    else:
        book = openpyxl.Workbook()
        for row in (HEADS, [*ROW[:3], 1299.0, "aktiv", datetime(2026, 3, 2)]):  # noqa: DTZ001 -- as a workbook has it
            book.active.append(row)
        book.save(path)
    mapping = settings.home / "portal.toml"
    mapping.write_text(LAYOUT.format(format=format), encoding="utf-8")
    done = import_listings(settings, path, layout=load_export(mapping))
    assert (done.observations, done.refusals) == (1, ())
    assert done.run is not None
    with Database(settings.database_url) as database, Vault(settings.vault) as vault, database.read() as connection:
        (look,) = Observations(connection, EVERYTHING).find()
        (capture,) = Captures(connection, EVERYTHING).of_run(done.run.id)
        assert "Bezeichnung" in vault.get(capture.body_sha256).decode()
    fields = look.fields
    assert look.state is ListingState.LIVE
    assert fields.title is not None and fields.title.value == "Armbanduhr für Männer"
    assert fields.price is not None and str(fields.price.value) in ("1299.00 EUR", "1299 EUR")
    assert fields.posted_at is not None and fields.posted_at.value.isoformat() == "2026-03-01T23:00:00+00:00"


def test_a_layout_that_does_not_fit_is_refused(settings: Settings) -> None:
    path = settings.home / "export.csv"
    path.write_bytes("\n".join(";".join(row) for row in (HEADS, [*ROW[:3], "viel", "neu", "heute"])).encode("cp1252"))
    mapping = settings.home / "portal.toml"
    mapping.write_text(LAYOUT.format(format="csv"), encoding="utf-8")
    done = import_listings(settings, path, layout=load_export(mapping))
    assert {refusal.column for refusal in done.refusals} == {"price", "state", "posted_at"}
    mapping.write_text(LAYOUT.format(format="csv").replace('"Preis"', '"Betrag"'), encoding="utf-8")
    with pytest.raises(BadExport, match="Betrag"):
        import_listings(settings, path, layout=load_export(mapping))
    mapping.write_text(LAYOUT.format(format="csv").replace("price =", "prize ="), encoding="utf-8")
    with pytest.raises(WrongKey):
        load_export(mapping)
