"""Codes in photos are read with their place; what they say is only what somebody printed."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from matching.fingerprints import LISTING, pack_hash, unpack_hashes
from matching.images import hash_photo, open_photo
from matching.pair import ListingPhoto
from matching.printed_codes import read_codes
from store.records.comparisons import SignFamily
from store.records.findings import Band
from tests.factories import photo
from tests.matching.registered import look_at, mark, match_looks, snapshot_of
from tests.matching.test_compare import PRODUCT

GTIN = "3761234500038"


def shown(text: str, format: zxingcpp.BarcodeFormat, seed: int = 7, size: int = 420, angle: float = 0.0) -> bytes:
    """A photo with a printed code laid on its lower right quarter."""
    with Image.open(BytesIO(photo(seed))) as opened:
        scene = opened.convert("RGB").resize((900, 900))
    drawn = zxingcpp.create_barcode(text, format).to_image(scale=6)
    label = Image.fromarray(np.asarray(drawn)).convert("RGB")
    label = label.resize((size, int(size * label.height / label.width)), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (label.width + 40, label.height + 40), "white")
    sheet.paste(label, (20, 20))
    scene.paste(sheet.rotate(angle, expand=True, fillcolor="white"), (430, 430))
    kept = BytesIO()
    scene.save(kept, "JPEG", quality=85)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("text", "format", "kind"),
    [
        (GTIN, zxingcpp.BarcodeFormat.EAN13, "ean13"),
        ("https://id.example/01/03761234500038/21/AX77", zxingcpp.BarcodeFormat.QRCode, "qr_code"),
        ("VS-2208-77", zxingcpp.BarcodeFormat.Code128, "code_128"),
    ],
)
def test_a_printed_code_is_read_where_it_stands(text: str, format: zxingcpp.BarcodeFormat, kind: str) -> None:
    (code,) = hash_photo(open_photo(shown(text, format))).printed
    assert (code.text, code.kind) == (text, kind)
    assert 0.4 < code.box.left < code.box.right <= 1.0
    assert 0.4 < code.box.top < code.box.bottom <= 1.0


def test_a_turned_label_is_read() -> None:
    assert [
        code.text for code in read_codes(open_photo(shown(GTIN, zxingcpp.BarcodeFormat.EAN13, angle=12)).rgb)
    ] == [GTIN]


@pytest.mark.parametrize("seed", range(8))
def test_a_photo_without_a_code_has_none(seed: int) -> None:
    assert read_codes(open_photo(photo(seed)).rgb) == ()


def test_codes_survive_their_rows() -> None:
    hashed = hash_photo(open_photo(shown(GTIN, zxingcpp.BarcodeFormat.EAN13)))
    back = unpack_hashes(pack_hash(hashed, LISTING), LISTING)[hashed.sha256]
    assert back.printed == hashed.printed


def test_a_product_s_barcode_in_a_photo_names_it_and_is_no_second_family_beside_the_photo() -> None:
    hashed = hash_photo(open_photo(shown(GTIN, zxingcpp.BarcodeFormat.EAN13)))
    look = look_at("Bag", photos=(ListingPhoto(position=0, sha256=hashed.sha256, capture="capture-2", hash=hashed),))
    (found,) = match_looks(snapshot_of(rights=[mark("Velmora")], products=[replace(PRODUCT, gtin=(GTIN,))]), [look])
    (sign,) = [each for each in found.finding.signs if each.signal == "identifier"]
    assert (sign.family, sign.theirs, sign.capture) == (SignFamily.IMAGE, GTIN, "capture-2")
    assert found.finding.band is not Band.NOTICE
