from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.web.review.drawing import Region, read_region
from console.web.review.finding import view_finding
from console.web.review.marking import Marking, mark_title
from console.web.review.near import NEAR_BITS, NearPictures
from console.web.review.pictures import NoPicture, Pictures
from console.web.review.quality import Share, cohens_kappa
from console.web.review.queue import Place, findings_page, queue_page, read_place
from console.web.review.records import view_listing, view_same_picture, view_seller
from console.web.review.search import Filters, UnreadableSearch, find_listings, parse_query, read_filters
from console.web.review.seeing import sees_capture, sees_listing, sees_picture
from store.db import tables
from store.db.around import look_around
from store.db.references import References
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import Verdict
from store.records.comparisons import SignFamily
from store.records.references import Fingerprint
from store.records.scope import EVERYTHING, Scope
from tests import factories as make
from tests.console.web.review.stock import scenes_of, stock
from tests.ledgers import new_ledger


def name_sign(start: int, end: int, signal: str = "mark_in_title") -> make.Sign:
    return make.sign(signal, SignFamily.TEXT, "x", raw={"start": str(start), "end": str(end), "place": "title"})


def test_a_title_shows_the_mark_and_each_letter_that_was_read_as_another() -> None:
    title = "V3lm0ra bag, replica"
    pieces = mark_title(title, [name_sign(0, 7), name_sign(13, 20, "replica_words")])
    assert "".join(piece.text for piece in pieces) == title
    assert [(p.text, p.became) for p in pieces if p.marking is Marking.UNDONE] == [("3", "e"), ("0", "o")]
    assert [p.text for p in pieces if p.marking is Marking.DECLARED] == ["replica"]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.integers(-5, 80), st.integers(-5, 80))
def test_whatever_a_sign_says_the_pieces_make_the_title(title: str, start: int, end: int) -> None:
    assert "".join(piece.text for piece in mark_title(title, [name_sign(start, end)])) == title


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("seller:88 watch", {"seller": "88", "words": ("watch",)}),
        ('"two words" gtin:123', {"gtin": "123", "words": ("two", "words")}),
        ('"model:x" repl*', {"words": ("model:x", "repl*")}),
        ('seller:"88 1" HASH:AB12', {"seller": "88 1", "hash": "ab12"}),
        ("platform:Shopnest right:R-1", {"platform": "shopnest", "right": "R-1"}),
    ],
)
def test_the_box_is_taken_apart(typed: str, expected: dict[str, object]) -> None:
    query = parse_query(typed)
    assert {name: getattr(query, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("plattform:shopnest", "Is platform: meant?"),
        ("selller:88", "Is seller: meant?"),
        ("model:x", '"model:x"'),
        ("seller:", "no value"),
        ('gtin:""', "no value"),
        ("platform:a platform:b", "stands twice"),
    ],
)
def test_a_search_that_cannot_be_read_says_how_to_write_it(typed: str, says: str) -> None:
    with pytest.raises(UnreadableSearch, match=re.escape(says)):
        parse_query(typed)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400))
def test_whatever_is_typed_is_a_question_or_is_said_to_be_none(typed: str) -> None:
    try:
        assert len(parse_query(typed).words) <= 12
    except UnreadableSearch as error:
        assert error.status == 400


def test_filters_make_an_address_that_reads_back() -> None:
    filters = read_filters({"q": 'a&b "c"', "standing": "open", "band": "nonsense"})
    assert filters == Filters(q='a&b "c"', standing="open")
    assert filters.address("/review", standing="") == "/review?q=a%26b+%22c%22"


def test_a_place_survives_its_address_and_nonsense_begins_anew() -> None:
    place = Place(priority=0.1 + 0.2, case="c", twin="t", finding="f")
    assert read_place(str(place)) == place
    assert [read_place(text) for text in (None, "", "x~a~b~c", "nan~a~b~c", "1~2")] == [None] * 5


@pytest.mark.parametrize("text", ["", "0 0 1", "0 0 2 1", "a b c d", "1 1 0 0", "nan 0 1 1"])
def test_a_region_that_is_none_is_not_drawn(text: str) -> None:
    assert read_region(text) is None


def test_pictures_are_written_anew_and_hold_nothing_of_the_file(vault: Vault) -> None:
    original = make.photo(1)
    sha256 = vault.put(original)
    page = vault.put(b"<svg onload=alert(1)>")
    with Pictures(vault) as pictures:
        drawn = pictures.jpeg(sha256, side_px=240, region=Region(left=0.2, top=0.2, right=0.8, bottom=0.8))
        assert drawn.startswith(b"\xff\xd8\xff")
        assert drawn != original
        assert pictures.jpeg(sha256, side_px=240) != drawn, "the frame is drawn on the server"
        for wrong in (page, "0" * 64, "../etc/passwd"):
            with pytest.raises(NoPicture):
                pictures.jpeg(wrong, side_px=240)


def test_kappa_of_the_textbook() -> None:
    # Cohen's own kind of example: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no.
    yes, no = Verdict.CONFIRM, Verdict.REJECT
    pairs = [(yes, yes)] * 20 + [(yes, no)] * 5 + [(no, yes)] * 10 + [(no, no)] * 15
    found = cohens_kappa(pairs)
    assert (found.pairs, found.agreed, found.expected) == (50, 35, 0.5)
    assert found.kappa is not None
    assert math.isclose(found.kappa, 0.4)
    assert cohens_kappa([]).kappa is None
    assert cohens_kappa([(yes, yes)]).kappa is None, "chance alone explains it"


def test_a_share_tells_how_little_it_knows() -> None:
    low, high = Share(hits=9, of=10).interval
    assert 0.59 < low < 0.6
    assert 0.98 < high < 0.99
    assert (Share(hits=0, of=0).value, Share(hits=0, of=0).interval) == (None, (0.0, 1.0))


def test_a_finding_shows_both_sides_and_where_each_value_was_read(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(4))
    with database.read() as connection:
        around = look_around(connection, EVERYTHING, make.an_id("finding"), reviewer="Ann", now=make.NOW)
        assert around is not None
        view = view_finding(connection, EVERYTHING, around, countries=["SE"], today=make.TODAY)
    assert view.reference is not None
    assert view.pictures[0].sha256 == make.sha(make.photo(1))
    assert view.price is not None
    assert view.price.share is not None
    assert round(view.price.share, 4) == 0.0153
    assert view.price.peers is not None
    assert view.price.peers.count == 3
    title = next(value for value in view.values if value.field == "title")
    assert (title.rule, title.capture) == ("test: rule[0]", make.an_id("capture", 10))
    assert {capture.id for ground in view.grounds for capture in ground.evidence} == {make.an_id("capture", 10)}
    assert view.case_number == 1


def test_a_blind_reader_is_told_nothing_of_what_was_decided(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    with database.read() as connection:
        around = look_around(connection, EVERYTHING, make.an_id("finding"), reviewer="Ann", now=make.NOW)
        assert around is not None
        view = view_finding(connection, EVERYTHING, around, countries=(), today=make.TODAY, is_blind=True)
    assert (view.decisions, view.determination, view.is_decided) == ((), None, False)


SHA = make.sha(make.photo(1))
SEARCHES = {
    "seller:880001": 2,
    "seller:nobody": 0,
    f"hash:{SHA}": 1,
    f"hash:{SHA[:10].upper()}": 1,
    f"item:{make.an_id('listing')}": 1,
    "item:4711 replica": 0,
    "platform:shopnest": 2,
    "platform:elsewhere": 0,
    "right:R-AUR-14": 2,
    "right:R-NONE": 0,
    "gtin:7610000000015": 1,
    "gtin:07610000000015": 1,
    "gtin:7610000000022": 0,
    "SOLARIS replica": 2,
    "solar* REPL*": 2,
    "solar": 0,
    "sol* platform:shopnest seller:880001": 2,
    f"replica hash:{SHA} right:R-AUR-14": 1,
    "replica gtin:7610000000015 platform:shopnest": 1,
    "replica seller:nobody": 0,
    '"watch 1:1"': 2,
    "100%": 0,
    "%": 0,
}


@pytest.mark.parametrize(("typed", "expected"), SEARCHES.items())
def test_search_narrows_findings_and_listings_by_each_key(searched: Database, typed: str, expected: int) -> None:
    with searched.read() as connection:
        assert findings_page(connection, EVERYTHING, Filters(q=typed)).total == expected
        assert len(find_listings(connection, EVERYTHING, parse_query(typed), limit=9)) == expected
        nobody = Scope(holder=make.an_id("party", 2), compartment=None)
        assert find_listings(connection, nobody, parse_query(typed), limit=9) == []


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two listings of one account, one with a trade number."""
    folder = tmp_path_factory.mktemp("searched")
    scenes = scenes_of(2)
    look = scenes[0].observation
    gtin = replace(look.fields, gtin=make.seen("7610000000015", "7 610000 000015", capture=look.capture))
    scenes[0] = replace(scenes[0], observation=replace(look, fields=gtin))
    with Database(f"sqlite:///{folder / 'marque.db'}") as opened:
        new_ledger(opened)
        with Vault(folder / "vault") as vault:
            stock(opened, vault, scenes)
        yield opened


def test_near_pictures_are_those_within_the_radius_and_new_ones_appear_after_a_run(
    database: Database, vault: Vault
) -> None:
    stock(database, vault, scenes_of(3))
    photos = [make.sha(make.photo(number)) for number in (1, 2, 3)]
    near = NearPictures()

    def put(sha256: str, apart: int) -> None:
        code = ((1 << apart) - 1).to_bytes(32, "little")
        made = Fingerprint(sha256=sha256, algorithm="pdq", version="1", variant="whole", value=code, quality=90)
        with database.write() as connection:
            References(connection, EVERYTHING).put_fingerprints([made])

    for sha256, apart in zip(photos, (0, NEAR_BITS, NEAR_BITS + 1), strict=True):
        put(sha256, apart)
    with database.read() as connection:
        assert near.of(connection, photos[0]) == [(NEAR_BITS, photos[1])]
        assert near.of(connection, photos[1]) == [(1, photos[2]), (NEAR_BITS, photos[0])]
        assert near.of(connection, "0" * 64) == []
        view = view_same_picture(connection, EVERYTHING, photos[0], near)
        other = view_same_picture(connection, Scope(holder="nobody", compartment=None), photos[0], near)
    assert view is not None
    assert [(bits, sha256, len(items)) for bits, sha256, items in view.near] == [(NEAR_BITS, photos[1], 1)]
    assert other is None
    put(make.sha(b"later"), 2)
    with database.write() as connection:
        connection.execute(tables.run.update().values(ended_at=make.NOW + timedelta(hours=1)))
    with database.read() as connection:
        assert [bits for bits, _ in near.of(connection, photos[0])] == [2, NEAR_BITS]


def test_facets_count_what_the_list_would_hold(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(3))
    with database.read() as connection:
        page = queue_page(connection, EVERYTHING, Filters(standing="open", platform="shopnest"))
    (platform, right, seller, _band) = page.facets
    assert [(v.label, v.count, v.is_chosen) for v in platform.values] == [("shopnest", 3, True)]
    assert [v.label for v in right.values] == ["R-AUR-14"]
    assert [v.label for v in seller.values] == ["880001"]


def test_another_holder_sees_neither_listing_nor_bytes_nor_picture(database: Database, vault: Vault) -> None:
    stock(database, vault, scenes_of(1))
    other, own = (
        Scope(holder=make.an_id("party", 2), compartment=None),
        Scope(holder=make.an_id("party"), compartment=None),
    )
    listing, capture = make.an_id("listing"), make.an_id("capture", 10)
    photo, reference = make.sha(make.photo(1)), make.sha(make.photo(7))
    with database.read() as connection:
        for scope, sees in ((other, False), (own, True), (EVERYTHING, True)):
            assert sees_listing(connection, scope, listing) is sees
            assert sees_capture(connection, scope, capture) is sees
            assert sees_picture(connection, scope, photo) is sees
            assert sees_picture(connection, scope, reference) is sees
            assert (view_listing(connection, scope, listing) is not None) is sees
            assert (view_seller(connection, scope, make.an_id("seller")) is not None) is sees
            assert (view_same_picture(connection, scope, photo, NearPictures()) is not None) is sees
        assert not sees_picture(connection, EVERYTHING, "0" * 64)
