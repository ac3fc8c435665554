"""Words in a photo support what is said, with their place, and accuse nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from config.policy import Policy
from matching import printed_words
from matching.errors import CodesMisshapen, ReaderMissing
from matching.fingerprints import first_photos, pack_words, unpack_words
from matching.images import hash_photo, open_photo
from matching.pair import ListingPhoto
from matching.photo_worker import PhotoWorker
from matching.printed_words import MAX_LINES, PrintedWords, is_installed, keep_lines
from matching.regions import Box
from matching.signals import mark_in_photo
from store.db.findings import Findings
from store.db.references import References
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.comparisons import Sign
from store.records.findings import Band, Finding
from store.records.listings import ListingImage
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.matching import test_run
from tests.matching.registered import POLICY, look_at, mark, match_looks, snapshot_of

PLACE = Box(left=0.2, top=0.3, right=0.6, bottom=0.4)
CORNERS = np.array([[0.2, 0.3], [0.6, 0.3], [0.6, 0.4], [0.2, 0.4]])


def line(text: str, score: float = 0.97) -> PrintedWords:
    """A line that was read."""
    return PrintedWords(text=text, box=PLACE, score=score)


def found(title: str, words: tuple[PrintedWords, ...], text: str = "Velmora") -> list[Finding]:
    """What comes of a listing with a photo that shows these words."""
    hashed = hash_photo(open_photo(make.photo(7)), with_printed=False)
    shown = ListingPhoto(position=1, sha256=hashed.sha256, capture="capture-2", hash=hashed, words=words)
    return [each.finding for each in match_looks(snapshot_of(rights=[mark(text)]), [look_at(title, photos=(shown,))])]


def sign_of(finding: Finding) -> Sign:
    """The sign of words in a photo."""
    (own,) = [sign for sign in finding.signs if sign.signal == mark_in_photo.NAME]
    return own


def test_a_mark_in_a_photo_is_told_with_its_place_and_is_no_family_of_evidence() -> None:
    (finding,) = found("Leather handbag", (line("Maison VELMORA Paris"),))
    sign = sign_of(finding)
    assert sign.because == 'Photo 2 shows the words "VELMORA".'
    assert (sign.theirs, sign.capture) == ("Maison VELMORA Paris", "capture-2")
    assert sign.raw["region"] == "0.2000 0.3000 0.6000 0.4000"
    assert (finding.families, finding.grounds) == ((), ())


def test_without_a_word_on_the_page_it_asks_nobody_and_beside_goods_of_its_class_a_person() -> None:
    assert found("As in the photo", (line("VELMORA"),))[0].band is Band.SILENT
    assert found("Leather handbag", (line("VELMORA"),))[0].band is Band.REVIEW


def test_what_the_title_says_already_counts_little_again() -> None:
    (said,) = found("Velmora handbag", (line("VELMORA"),))
    (alone,) = found("Leather handbag", (line("VELMORA"),))
    assert sign_of(said).strength < sign_of(alone).strength / 2
    assert said.band is Band.REVIEW and "as the page says" in sign_of(said).because


@pytest.mark.parametrize("text", ["VELM0RA", "Velmoran", "Vel mora", "Velmroa", "M"])
def test_letters_that_are_not_the_mark_s_are_not_the_mark(text: str) -> None:
    assert found("Leather handbag", (line(text),)) == []


def test_an_ordinary_word_in_a_photo_says_nothing() -> None:
    (finding,) = found("Leather handbag", (line("SELECT"),), text="Select")
    assert finding.signs == () or {sign.signal for sign in finding.signs}.isdisjoint({mark_in_photo.NAME})


def test_lines_are_kept_from_top_to_bottom_without_people_s_numbers_and_addresses() -> None:
    below = np.array([[0.2, 0.8], [0.6, 0.8], [0.6, 0.9], [0.2, 0.9]])
    read = [
        ("below", 0.9, below),
        ("  Velmora   Sablier ", 0.91234, CORNERS),
        ("WhatsApp +46 70 123 45 67", 0.99, CORNERS),
        ("bags@velmora.example", 0.99, CORNERS),
        ("www.velmora.example", 0.99, CORNERS),
        ("unsure", 0.5, CORNERS),
        (" ", 0.99, CORNERS),
    ]
    kept = keep_lines(read)
    assert [(each.text, each.score) for each in kept] == [("Velmora Sablier", 0.912), ("below", 0.9)]
    assert kept[0].box == PLACE
    assert keep_lines([("out", 0.9, CORNERS + 0.9)])[0].box.right == 1.0
    assert len(keep_lines([("many", 0.9, CORNERS)] * 100)) == MAX_LINES


def test_words_survive_their_rows_also_where_there_are_none() -> None:
    rows = [pack_words("a" * 64, (line("Velmora"),)), pack_words("b" * 64, ())]
    assert unpack_words(rows) == {"a" * 64: (line("Velmora"),), "b" * 64: ()}
    assert unpack_words([replace(rows[0], version="another reader's")]) == {}
    with pytest.raises(CodesMisshapen):
        unpack_words([replace(rows[0], value=b"[[1]]")])


def test_the_first_photos_of_each_listing_are_read() -> None:
    def image(listing: str, position: int, refused: str | None = None) -> ListingImage:
        url = f"http://127.0.0.1/{position}.jpg"
        return ListingImage(
            listing=listing, position=position, url=url, sha256=f"{listing}{position}", refused=refused
        )

    images = [image("b", 2), image("b", 0, "damaged"), image("b", 1), image("a", 5), image("b", 3)]
    assert first_photos(images, 2) == {("b", "b1"), ("b", "b2"), ("a", "a5")}
    assert first_photos(images, 0) == set()


READS_ONE = POLICY.model_copy(update={"photos": POLICY.photos.model_copy(update={"words_in": 1})})


def asked(world: test_run.World, policy: Policy) -> test_run.World:
    """The same world under a policy."""
    world.declarations = make.declarations(policy=policy)
    return world


def test_words_read_before_are_used_and_not_read_again(
    database: Database,
    vault: Vault,
    clock: Callable[[], datetime],
    ids: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = asked(test_run.World(database, vault, clock, ids), READS_ONE)
    world.add(1, test_run.offer("Dress watch"), (make.photo(3),))
    monkeypatch.setattr("matching.run.is_installed", lambda: False)
    with pytest.raises(ReaderMissing, match=r"words_in.*\[ocr\]"):
        world.match()
    monkeypatch.setattr("matching.run.is_installed", lambda: True)
    with database.write() as connection:
        References(connection, EVERYTHING).put_fingerprints([pack_words(make.sha(make.photo(3)), (line("AURELIA"),))])
    run = world.match()
    assert run.counts["words_read"] == 0
    with database.read() as connection:
        (finding,) = Findings(connection, EVERYTHING).of_listing(make.listing(1).id)
    assert sign_of(finding).theirs == "AURELIA"


@pytest.mark.skipif(not is_installed(), reason="the extra `ocr` is not installed: pip install -e '.[ocr]'")
def test_words_are_read_off_a_photo_in_the_child_process() -> None:
    page = Image.open(BytesIO(make.photo(5))).convert("RGB").resize((640, 480))
    ImageDraw.Draw(page).rectangle((90, 180, 470, 290), fill="white")
    ImageDraw.Draw(page).text((110, 195), "VELMORA", font=ImageFont.load_default(size=72), fill="black")
    out = BytesIO()
    page.save(out, "JPEG", quality=85)
    with PhotoWorker() as worker:
        read = worker.read_words(out.getvalue())
    (own,) = [each for each in read if each.text == "VELMORA"]
    assert own.box.overlap(Box(left=110 / 640, top=200 / 480, right=440 / 640, bottom=275 / 480)) > 0.4


@pytest.mark.skipif(not is_installed(), reason="the extra `ocr` is not installed: pip install -e '.[ocr]'")
def test_the_reader_leaves_no_number_of_this_machine_to_report_with(tmp_path: Path) -> None:
    task = "import numpy; from matching.printed_words import read_words as read"
    task += "; print(read(numpy.full((96, 128, 3), 255, numpy.uint8)))"
    home = {"HOME": str(tmp_path), "PATH": "", "PYTHONPATH": str(Path(printed_words.__file__).parents[1])}
    ended = subprocess.run([sys.executable, "-B", "-c", task], env=home, capture_output=True, text=True, check=True)
    assert ended.stdout == "()\n"
    assert list(tmp_path.rglob("*")) == [], "what it keeps there, it sends"
