"""Names are found in their disguises, and not in the words around them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.names import Name, NameIndex, NameKind, is_ordinary
from matching.slips import slips_allowed
from matching.spelling import Spelling
from matching.wording import read_wording


def _index(*texts: str) -> NameIndex:
    return NameIndex(Name(text=text, kind=NameKind.MARK, right=text) for text in texts)


@pytest.mark.parametrize(
    ("name", "title", "quoted", "spelling"),
    [
        ("Kestrane", "Kestrane shell jacket", "Kestrane", Spelling.EXACT),
        ("Kestrane", "KESTRANE's jacket", "KESTRANE's", Spelling.INFLECTED),
        ("Kestrane", "Kеstrаnе jacket", "Kеstrаnе", Spelling.DISGUISED),
        ("Kestrane", "K3str4ne jacket", "K3str4ne", Spelling.DISGUISED),
        ("Kestrane", "KES7R4N3 jacket", "KES7R4N3", Spelling.DISGUISED),
        ("Amber", "4MB3R Lido", "4MB3R", Spelling.DISGUISED),
        ("Zuvo", "Z.U.V.O headphones", "Z.U.V.O", Spelling.DISGUISED),
        ("Kestrane", "K e s t r a n e jacket", "K e s t r a n e", Spelling.DISGUISED),
        ("Kestrane", "Kestranne jacket", "Kestranne", Spelling.MISSPELT),
        ("Kestrane", "Kesrtane jacket", "Kesrtane", Spelling.MISSPELT),
        ("Kestrane", "#kestranejacket", "kestranejacket", Spelling.GLUED),
        ("Air Jordan", "airjordan 4 retro", "airjordan", Spelling.JOINED),
        ("Fjell Runner", "Fjell Runer trail", "Fjell Runer", Spelling.MISSPELT),
        ("Louis Vuitton", "Lous Vuiton bag", "Lous Vuiton", Spelling.MISSPELT),
        ("Zapier", "Zpier plan", "Zpier", Spelling.MISSPELT),
        ("Umarex", "Umsrex pistol", "Umsrex", Spelling.MISSPELT),
        ("Stradam", "tradam jacket", "tradam", Spelling.MISSPELT),
        ("The Guest", "The Guesst poster", "The Guesst", Spelling.MISSPELT),
        ("The Wind", "The Wnid poster", "The Wnid", Spelling.MISSPELT),
    ],
)
def test_a_name_is_found_as_it_is_written(name: str, title: str, quoted: str, spelling: Spelling) -> None:
    hits = _index(name).find(read_wording(title))
    assert [(hit.quoted, hit.spelling) for hit in hits] == [(quoted, spelling)]
    assert title[hits[0].start : hits[0].end] == quoted


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Nike", "Unike design"),
        ("Zuvo", "Zuvi headphones"),
        ("Zuvo", "Azuvon curtain"),
        ("Lego", "Category goods"),
        ("Legend", "Leg end table"),
        ("Nordic", "Nordica ski boots"),
        ("Kestrane", "Kestrained in Vandra"),
        ("Meridian 38", "Meridian 36"),
        ("Planet", "Plane tickets"),
        ("Fossil", "Fossils of Lebanon, fissile rock"),
    ],
)
def test_other_words_are_not_the_name(name: str, title: str) -> None:
    hits = [hit for hit in _index(name).find(read_wording(title)) if hit.spelling is not Spelling.INFLECTED]
    assert hits == []


def test_names_of_two_rights_that_are_spelled_alike_are_both_found() -> None:
    index = NameIndex(
        [Name(text="AURELIA", kind=NameKind.MARK, right="a"), Name(text="Aurelia", kind=NameKind.MARK, right="b")]
    )
    assert {hit.name.right for hit in index.find(read_wording("Aurelia seeds"))} == {"a", "b"}


def test_an_index_of_nothing_finds_nothing() -> None:
    assert NameIndex([]).find(read_wording("Kestrane")) == []
    assert _index("!!!").find(read_wording("!!!")) == []


def test_short_names_may_have_no_letter_wrong() -> None:
    assert [slips_allowed(letters) for letters in (3, 5, 6, 11, 12, 22)] == [0, 0, 1, 1, 2, 3]


def test_a_name_of_plain_words_is_told_from_one_that_is_none() -> None:
    assert is_ordinary("Amber") and is_ordinary("Blue Harbour") and not is_ordinary("Kestrane")


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=12), max_size=4))
def test_every_hit_lies_in_the_original(title: str, names: list[str]) -> None:
    wording = read_wording(title)
    for hit in _index(*names).find(wording):
        assert 0 <= hit.start < hit.end <= len(title)
        assert title[hit.start : hit.end] == hit.quoted


@given(st.sampled_from(["Kestrane", "Velmorane", "Nuit Brumelle", "Lumbriken"]), st.data())
def test_one_slip_inside_a_long_name_is_forgiven(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(name) - 2).filter(lambda place: name[place] != " " and name[place - 1] != " "))
    wrong = name[:at] + data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz")) + name[at + 1 :]
    assert _index(name).find(read_wording(f"New {wrong} in box")) != []


@pytest.mark.parametrize(
    ("name", "title", "quoted", "spelling"),
    [
        ("Kestrane", "K*strane jacket", "K*strane", Spelling.DISGUISED),
        ("Louis Vuitton", "Vuitton Louis bag", "Vuitton Louis", Spelling.REORDERED),
        ("Kestrane", "Куртка кестране", "кестране", Spelling.TRANSLITERATED),
        ("Dan John", "νταν τζον πουκάμισο", "νταν τζον", Spelling.TRANSLITERATED),
        ("阿迪达斯", "正品阿迪达斯运动鞋", "阿迪达斯", Spelling.EXACT),
        ("ビームス", "新品ﾋﾞｰﾑｽ シャツ", "ﾋﾞｰﾑｽ", Spelling.EXACT),
        ("Micro Strategy", "Micro.Stra.tegy guide", "Micro.Stra.tegy", Spelling.JOINED),
        ("Panasonic", "pαηαsoniс camera", "pαηαsoniс", Spelling.DISGUISED),
        ("Softpedia", "5OFTP3DI@ key", "5OFTP3DI", Spelling.DISGUISED),
        ("Crooked House", "Revenge кроокед хоусе", "кроокед хоусе", Spelling.TRANSLITERATED),
        ("Wear OS", "Silver watch ουεαρ οσ", "ουεαρ οσ", Spelling.TRANSLITERATED),
    ],
)
def test_names_come_out_of_other_disguises(name: str, title: str, quoted: str, spelling: Spelling) -> None:
    assert [(hit.quoted, hit.spelling) for hit in _index(name).find(read_wording(title))] == [(quoted, spelling)]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("легенд", "Nike Tiempo Legend shoes"),
        ("阿迪达斯", "adidas shoes"),
        ("King Toy", "Puma King Top boots"),
        ("The Song", "video game for the sony"),
        ("Detention", "motion detection camera"),
        ("HyperX", "Nike Hyper orange"),
        ("ビームス", "ビームスターライト"),
    ],
)
def test_words_of_another_language_or_script_are_not_the_name(name: str, title: str) -> None:
    assert _index(name).find(read_wording(title)) == []


def test_a_slip_of_a_short_name_counts_where_it_makes_no_word_of_any_kind() -> None:
    index = _index("Celina", "Velmora")
    for title in ("Selina dress", "Celine dress", "Elina dress", "Clina dress"):
        assert index.find(read_wording(title)) == []
    assert [hit.quoted for hit in index.find(read_wording("Cxlina and Celna dress"))] == ["Cxlina", "Celna"]


@pytest.mark.parametrize("other", ["Airbuds Pro", "Airbuds"])
def test_a_word_of_another_registered_name_is_no_slip(other: str) -> None:
    assert _index("Airbus").find(read_wording("Airbuds earphones")) != []
    assert "Airbus" not in [hit.name.text for hit in _index("Airbus", other).find(read_wording("Airbuds earphones"))]


def test_a_number_behind_a_spaced_word_is_no_short_name() -> None:
    assert _index("4℃").find(read_wording("D r e a m h o u s e 4 housing")) == []


def test_names_that_share_their_words_take_time_by_the_text_and_not_by_their_number() -> None:
    parts = ("velmora", "kestrane", "lumbrik", "padrimo", "fontane", "nordlicht")
    names = [f"{one} {two}{three} {one}" for one in parts for two in parts for three in parts]
    index = _index(*names, *(f"{one}{number}" for one in parts for number in range(500)))
    seconds = []
    for size in (2_000, 16_000):
        wording = read_wording(" ".join(names * 20)[:size])
        index.find(wording)  # its words are remembered, as in a running stage
        started = time.process_time()
        assert index.find(wording)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 40 * max(seconds[0], 0.002)


def test_a_long_text_and_names_like_expressions_are_read_in_one_pass() -> None:
    bombs = ["(a+)+$", "a" * 200, "((((a*)*)*)*)*b", ".*.*.*=.*", "[" * 50 + "a", "\\d{1,9999}x"]
    index = _index(*bombs, *("ab" * size for size in range(3, 60)))
    seconds = []
    for size in (2_000, 16_000):
        wording = read_wording("ab" * (size // 4) + " a" * (size // 4))
        started = time.process_time()
        index.find(wording)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 40 * max(seconds[0], 0.002)  # eight times the text; a backtracking search takes millions


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Kestrane jacket", ["Kestrane"]),
        ("K e s t r a m e jacket", ["Kestrame"]),
        ("Kesstrane jacket", ["Kestrane"]),
        ("Kestrane and Kestramee jackets", ["Kestrane", "Kestrame"]),
    ],
)
def test_words_that_are_one_name_are_no_slip_of_another(title: str, said: list[str]) -> None:
    assert [hit.name.text for hit in _index("Kestrane", "Kestrame").find(read_wording(title))] == said
