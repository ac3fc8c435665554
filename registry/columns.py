"""
The columns of every sheet: name, meaning, where the value goes, an example.

Templates, the table in the README and the check of a file's heads are all made from this one list.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class SheetKind(Enum):
    """The kinds of sheet a holder hands in; the word is also the name of the command."""

    RIGHTS = "rights"
    PRODUCTS = "products"
    REFERENCES = "references"
    WORKS = "works"
    SELLERS = "sellers"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a sheet."""

    name: str
    says: str
    field: str | None  # field of the record it fills; None where it names another record
    required: bool = False
    many: bool = False  # several values, joined by |
    long: bool = False  # may hold more than a short text
    example: str = ""
    second_example: str = ""  # for kinds whose template has two rows


def _column(
    name: str, says: str, example: str = "", second: str = "", *, field: str | None = "", required: bool = False,
    many: bool = False, long: bool = False,
) -> Column:  # fmt: skip
    return Column(
        name=name, says=says, field=name if field == "" else field, required=required, many=many, long=long,
        example=example, second_example=second,
    )  # fmt: skip


_HOLDER = "Norrsken Ur AB"

_RIGHTS = (
    _column("right_ref", "the holder's own name for the right", "NU-EU-1", "NU-FILM-1", required=True),
    _column("holder", "legal name of the holder", _HOLDER, _HOLDER, field=None, required=True),
    _column("holder_kind", "person, company or authority; empty: as known, else company", "company", field=None),
    _column("holder_country", "ISO 3166 code", "SE", field=None),
    _column("holder_address", "postal address", "Storgatan 1, 971 31 Luleå", field=None, long=True),
    _column("holder_email", "role mailbox", "rights@norrskenur.example", field=None),
    _column("holder_phone", "with country code", "+46 920 555 0100", field=None),
    _column("kind", "trademark, copyright, related_right, design, patent, geographical_indication",
            "trademark", "copyright", required=True),
    _column("office", "WIPO ST.3 code of the register (EM, WO, US, SE); empty where there is none", "EM"),
    _column("registration_number", "number in that register", "018999123"),
    _column("register_kind", "principal or supplemental, where the register has both (US); else empty", "principal"),
    _column("mark_text", "the words of the mark", "NORRSKEN"),
    _column("mark_feature", "word, figurative, combined, other", "word"),
    _column("nice_classes", "classes 1 to 45", "14|18", many=True),
    _column("goods", "goods and services in words", "watches; watch straps of leather", long=True),
    _column("territories", "ISO 3166 codes, or EU, where the right holds and its office can grant it", "EU",
            "EU|NO", required=True,
            many=True),
    _column("filed_on", "date", "2019-02-11"),
    _column("registered_on", "date", "2019-07-03"),
    _column("expires_on", "last day of validity; empty where none is known", "2029-02-11"),
    _column("status", "pending, active, expired, cancelled, opposed", "active", "active", required=True),
    _column("status_checked_on", "date the register was last asked", "2026-02-20"),
    _column("proof_file", "certificate, in the folder of this sheet", field="proof_sha256"),
    _column("mandate_agent", "legal name of who acts for the holder on this right", "Polstjärnan Byrå AB",
            field=None),
    _column("mandate_acts", "notify, retract, sue", "notify|retract", field=None, many=True),
    _column("mandate_territories", "ISO 3166 codes, or EU; empty: wherever the right holds", field=None, many=True),
    _column("mandate_platforms", "names of platforms; empty: at every one", field=None, many=True),
    _column("mandate_from", "first day", "2026-01-01", field=None),
    _column("mandate_until", "last day; empty: until revoked", field=None),
    _column("mandate_file", "signed mandate, in the folder of this sheet", field=None),
)  # fmt: skip

_PRODUCTS = (
    _column("product_ref", "the holder's own name for the product", "NU-P-100", required=True),
    _column("holder", "legal name, as in the rights sheet", _HOLDER, field=None, required=True),
    _column("right_refs", "rights it bears, at least one", "NU-EU-1", field="rights", required=True, many=True),
    _column("name", "name as sold", "Norrsken Polaris 38", required=True),
    _column("other_names", "further names", "Polaris|Polaris 38 mm", many=True),
    _column("mpn", "manufacturer's part numbers", "NP38-01", many=True),
    _column("gtin", "GTIN-8, 12, 13 or 14 with check digit", "7350123400007", many=True),
    _column("colours", "every colour that exists; empty: not stated", "silver|black", many=True),
    _column("sizes", "every size that exists; empty: not stated", "38 mm", many=True),
    _column("prices", "list price per country, `SE:12900 SEK`, from a day on `SE@2026-01-01:13400 SEK`",
            "SE:12900 SEK|DE:1190 EUR", many=True),
    _column("launched_on", "date", "2023-09-15"),
    _column("ended_on", "date; empty: still sold"),
    _column("safety_class", "why a fake endangers people: toy, cosmetic, medicine, part"),
    _column("nice_class", "class of the goods, 1 to 45", "14"),
    _column("category", "the goods in a word", "watch"),
    _column("photo_owner", "who owns the official photos", _HOLDER),
)  # fmt: skip

_REFERENCES = (
    _column("reference_ref", "the holder's own name for the picture", "NU-REF-1", required=True),
    _column("file", "picture, in the folder of this sheet", "photos/polaris-front.jpg", field="sha256",
            required=True),
    _column("medium", "photo, logo, still", "photo", required=True),
    _column("right_ref", "right it shows; at least one of right, product, work", "NU-EU-1", field="right"),
    _column("product_ref", "product it shows", "NU-P-100", field="product"),
    _column("work_ref", "work it shows", field="work"),
    _column("polarity", "positive, or negative: speaks against identity; empty: positive", "positive"),
    _column("photo_owner", "who owns the picture; empty: not stated", _HOLDER),
    _column("holder", "legal name; needed only where two holders use one reference", field=None),
)  # fmt: skip

_WORKS = (
    _column("work_ref", "the holder's own name for the work", "NU-W-1", required=True),
    _column("holder", "legal name, as in the rights sheet", _HOLDER, field=None, required=True),
    _column("right_refs", "rights in it, at least one", "NU-FILM-1", field="rights", required=True, many=True),
    _column("title", "original title", "Klockmakaren i norr", required=True),
    _column("other_titles", "titles elsewhere", "The Northern Watchmaker", many=True),
    _column("kind", "movie, series, episode, music, book, software, game, photo, live_event, other",
            "movie", required=True),
    _column("year", "year of first publication", "2024"),
    _column("season", "season number"),
    _column("episode", "episode number"),
    _column("identifiers", "`scheme:value`, e.g. isbn, isan, eidr, imdb", "imdb:tt9999999", many=True),
    _column("authorised_urls", "where it may be seen", "https://watch.norrskenur.example/klockmakaren", many=True),
    _column("licensed_on", "platforms with a licence: `NAME`, `NAME:SE,NO`, `NAME:SE@2026-01-01..2026-12-31`",
            "filmhamn:SE,NO@2026-01-01..2027-12-31", field="licences", many=True),
)  # fmt: skip

_SELLERS = (
    _column("holder", "legal name, as in the rights sheet", _HOLDER, field=None, required=True),
    _column("platform", "platform name", "shopnest", required=True),
    _column("platform_seller_id", "the platform's id of the account; a bare name authorises nobody",
            "410001", required=True),
    _column("name", "as the holder writes it", "Urmakarn på hörnet"),
    _column("status", "authorised, or excluded: left alone for another reason", "authorised", field="standing",
            required=True),
    _column("right_refs", "empty: all of the holder's", "NU-EU-1", field="rights", many=True),
    _column("product_refs", "empty: all", field="products", many=True),
    _column("territories", "ISO 3166 codes, or EU; empty: everywhere", "SE|NO", many=True),
    _column("valid_from", "first day", "2026-01-01"),
    _column("valid_until", "last day"),
    _column("basis", "contract or reason", "selective distribution agreement of 2025-11-03", long=True),
)  # fmt: skip

_RECHECK = (
    _column("office", "WIPO ST.3 code of the register", "EM", required=True),
    _column("registration_number", "number in that register", "018999123", required=True),
    _column("status", "pending, active, expired, cancelled, opposed", "active", required=True),
    _column("status_checked_on", "date the register was asked", "2026-02-20", required=True),
    _column("expires_on", "last day of validity; empty: as stored", "2029-02-11"),
)

COLUMNS: dict[SheetKind, tuple[Column, ...]] = {
    SheetKind.RIGHTS: _RIGHTS,
    SheetKind.PRODUCTS: _PRODUCTS,
    SheetKind.REFERENCES: _REFERENCES,
    SheetKind.WORKS: _WORKS,
    SheetKind.SELLERS: _SELLERS,
    SheetKind.RECHECK: _RECHECK,
}
