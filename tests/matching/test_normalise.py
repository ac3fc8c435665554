"""Folding undoes disguises, keeps meaning, and always knows the way back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.characters import character
from matching.normalise import Disguise, fold, tokens

DISGUISES = {
    "cyrillic letters": ("Gеnuinе СНАNEL", "genuine chanel", {Disguise.HOMOGLYPH}),
    "a whole word of lookalikes": ("ΝΙΚΕ Air", "nike air", {Disguise.HOMOGLYPH}),
    "drawn letters": ("PRΛDΛ ROLΞX ЯOLEX", "prada rolex rolex", {Disguise.HOMOGLYPH}),
    "phonetic letters": ("ʀᴏʟᴇx", "rolex", {Disguise.HOMOGLYPH}),
    "mathematical letters": ("𝗥𝗼𝗹𝗲𝘅", "rolex", {Disguise.STYLED_LETTERS}),
    "wide, circled, squared, flags": (
        "ＲＯＬＥＸ Ⓡⓞⓛⓔⓧ 🅡🅞🅛🅔🅧 🇷🇴🇱🇪🇽",
        "rolex rolex rolex rolex",
        {Disguise.STYLED_LETTERS},
    ),
    "digits in words": (
        "R0lex G3nuine N1ke Ro1ex D1or g00gle",
        "rolex genuine nike rolex dior google",
        {Disguise.LEET},
    ),
    "signs in words": (
        "Micro$oft Gue$$ $amsung n!ke ad!das w@tch",
        "microsoft guess samsung nike adidas watch",
        {Disguise.LEET},
    ),
    "spaced": ("r o l e x watch", "rolex watch", {Disguise.SPACED_LETTERS}),
    "dotted": ("R.o.l.e.x", "rolex", {Disguise.SPACED_LETTERS}),
    "starred": ("R*O*L*E*X", "rolex", {Disguise.SPACED_LETTERS}),
    "spaced before a number": ("r o l e x 3 men", "rolex 3 men", {Disguise.SPACED_LETTERS}),
    "spaced with a digit": ("r 0 l e x", "rolex", {Disguise.SPACED_LETTERS, Disguise.LEET}),
    "zero width": ("R\u200bo\u2060le\u00adx", "rolex", {Disguise.ZERO_WIDTH}),
    "turned direction": ("\u202eRolex\u202c", "rolex", {Disguise.DIRECTION}),
    "struck through": ("R̶o̶l̶e̶x̶", "rolex", {Disguise.COMBINING_MARKS}),
}
HONEST = {
    "model numbers": (
        "AB-1234 iPhone 13 PS5 S23Ultra WH-1000XM4 iPhone5s mp3player RTX3060ti",
        "ab-1234 iphone 13 ps5 s23ultra wh-1000xm4 iphone5s mp3player rtx3060ti",
    ),
    "ratios, sizes, prices": ("1:1 16/9 2.5mm S M L XL US$20 5-pack", "1:1 16/9 2.5mm s m l xl us$20 5-pack"),
    "addresses": ("bob@mail.com", "bob@mail.com"),
    "sentences": ("WOW!Rolex sale", "wow!rolex sale"),
    "acronyms": ("U S A", "u s a"),
    "accents": ("Café Łódź straße Ærø ığdır", "cafe lodz strasse aero igdir"),
    "decomposed accents": ("Cafe\u0301", "cafe"),
    "apostrophes": ("Levi’s Men's", "levis mens"),
    "trade marks": ("Rolex™ Nike®", "rolex nike"),
    "emoji": ("🔥Rolex❤\ufe0f new", "rolex new"),
    "white space": ("  a\t b\u00a0c\n", "a b c"),
    "dashes": ("e‑bike – new", "e-bike - new"),
}


@pytest.mark.parametrize("case", DISGUISES)
def test_disguise_is_undone_and_named(case: str) -> None:
    text, expected, disguises = DISGUISES[case]
    folded = fold(text)
    assert folded.text == expected
    assert {undone.disguise for undone in folded.undone} == disguises
    for undone in folded.undone:
        assert text[undone.start : undone.end] == undone.was


@pytest.mark.parametrize("case", HONEST)
def test_honest_writing_keeps_its_meaning(case: str) -> None:
    text, expected = HONEST[case]
    folded = fold(text)
    assert folded.text == expected
    assert folded.undone == ()


def test_other_scripts_are_written_by_their_sounds_as_words_of_their_own() -> None:
    assert fold("Часы Rolex с нос реплика").text == "chasy rolex s nos replika"
    assert fold("rolexчасы").text == "rolex chasy"
    assert fold("高仿Rolex手表1:1").text == "gao fang rolex shou biao 1:1"
    assert fold("โรเล็กซ์Rolex").text == "orelks rolex"
    assert {undone.disguise for undone in fold("реплика 手表").undone} == {Disguise.TRANSLITERATION}


def test_phrases_of_other_scripts_fold_the_same_inside_a_title() -> None:
    assert fold("高仿").text in fold("男士高仿手表").text


def test_disguise_points_at_the_original() -> None:
    (undone,) = fold("new R0lex watch").undone
    assert (undone.start, undone.end, undone.was, undone.became) == (4, 9, "R0lex", "rolex")


def test_a_word_found_in_the_fold_is_found_in_the_original() -> None:
    text = "Straße 🔥 r o l e x"
    folded = fold(text)
    at = folded.text.index("rolex")
    start, end = folded.span(at, at + 5)
    assert text[start:end] == "r o l e x"


def test_tokens_keep_model_numbers_and_ratios_whole() -> None:
    words = [
        token.text for token in tokens(fold("AB-1234 iPhone 13 1:1 t-shirt 2.5mm H&M WH-1000XM4 size:42 5-pack"))
    ]
    assert words == [
        "ab-1234",
        "iphone",
        "13",
        "1:1",
        "t",
        "shirt",
        "2.5mm",
        "h&m",
        "wh-1000xm4",
        "size",
        "42",
        "5",
        "pack",
    ]


def test_tokens_stand_where_they_say() -> None:
    folded = fold("Gеnuine  R0lex, AB-1234")
    assert all(folded.text[token.start : token.end] == token.text for token in tokens(folded))


@given(st.text(st.characters(), max_size=60))
def test_any_text_folds_to_printable_ascii_with_valid_positions(text: str) -> None:
    folded = fold(text)
    assert folded.text.isascii()
    assert folded.text.isprintable()
    assert folded.text == " ".join(folded.text.split()).lower()
    assert len(folded.positions) == len(folded.text)
    assert list(folded.positions) == sorted(folded.positions)
    assert all(0 <= at < len(text) for at in folded.positions)
    for undone in folded.undone:
        assert 0 <= undone.start < undone.end <= len(text)
        assert text[undone.start : undone.end] == undone.was
    tokens(folded)


@given(st.text("aeoxRlХоеЗя0135$@!.- |’é\u200b̶手ロ", max_size=30))
def test_disguised_titles_fold_to_something_that_stays(text: str) -> None:
    folded = fold(text).text
    for _ in range(3):
        folded = fold(folded).text
    assert fold(folded).text == folded


@given(
    st.lists(
        st.sampled_from(["rolex", "nike", "watch", "replica", "ab-1234", "13", "1:1", "xl", "new"]), min_size=1
    ).map(" ".join)
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert fold(text).text == text


@pytest.mark.parametrize("rubbish", ["\x00", "\ud800", "\udfff\ud800", "\x7f\x1b", "\ufffe", ""])
def test_rubbish_folds_to_nothing(rubbish: str) -> None:
    assert fold(rubbish).text == ""
    assert fold(f"ro{rubbish}lex").text == "rolex"


def test_every_lookalike_is_one_lower_case_letter() -> None:
    for letter in "аеорсухіѕԁɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧ":
        role = character(letter)
        assert len(role.lookalike or role.plain) == 1
        assert (role.lookalike or role.plain).islower()


def test_ten_thousand_titles_fold_in_well_under_a_second() -> None:
    titles = [f"Genuine R0lex Submariner watch model AB-{number}" for number in range(10_000)]
    started = time.process_time()
    for title in titles:
        fold(title)
    assert time.process_time() - started < 1.0  # 0.1 s on an idle core; the rest is for busy machines
