"""What words around a name mean, in the languages of the platforms: what accuses, and what excuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.signals.every import SIGNALS
from matching.signals.examples import Example
from tests.matching.registered import build

ACCUSES = {
    "en": ["Velmora bag replica", "Velmora bag not original", "Velmora watch 1:1 clone", "Velmora knockoff bag"],
    "es": ["Bolso Velmora no es original", "Bolso Velmora réplica exacta", "Bolso Velmora imitación"],
    "pt": ["Bolsa Velmora não é original", "Bolsa Velmora réplica", "Bolsa Velmora primeira linha"],
    "fr": ["Sac Velmora pas original", "Sac Velmora réplique", "Sac Velmora contrefaçon"],
    "it": ["Borsa Velmora non originale", "Borsa Velmora replica", "Borsa Velmora imitazione"],
    "de": ["Velmora Tasche kein Original", "Velmora Tasche Replik", "Velmora Tasche Fälschung"],
    "ru": ["Сумка Velmora реплика", "Сумка Velmora не оригинал", "Сумка Velmora подделка"],
    "zh": ["Velmora 高仿 包", "Velmora 复刻 手袋", "Velmora 仿品"],
    "tr": ["Velmora çanta orijinal değil", "Velmora çanta replika", "Velmora çanta çakma"],
    "id": ["Tas Velmora bukan original", "Tas Velmora replika", "Tas Velmora KW super"],
}
ACCUSES_NOBODY = {
    "en": ["Velmora bag, not a replica", "Velmora bag, no fakes sold here", "Velmora bag, beware of fakes"],
    "es": ["Bolso Velmora, no es réplica", "Bolso Velmora sin imitaciones", "Bolso Velmora original"],
    "pt": ["Bolsa Velmora, não é réplica", "Bolsa Velmora original, nunca réplica"],
    "fr": ["Sac Velmora, pas une réplique", "Sac Velmora, aucune contrefaçon", "Sac Velmora authentique"],
    "it": ["Borsa Velmora, non è una replica", "Borsa Velmora, nessuna imitazione"],
    "de": ["Velmora Tasche, keine Replik", "Velmora Tasche, keine Fälschung", "Velmora Tasche, original"],
    "ru": ["Сумка Velmora не реплика", "Сумка Velmora без подделок", "Сумка Velmora оригинал"],
    "zh": ["Velmora 非高仿 包", "Velmora 拒绝高仿", "Velmora 正品 包"],
    "tr": ["Velmora çanta replika değil", "Velmora çanta taklit değildir", "Velmora çanta orijinal"],
    "id": ["Tas Velmora bukan replika", "Tas Velmora bukan KW", "Tas Velmora original"],
}
FITS = {
    "en": ["Strap compatible with Velmora", "Case fits Velmora", "Charger suitable for Velmora"],
    "es": ["Correa compatible con Velmora", "Funda para Velmora", "Repuesto para Velmora"],
    "pt": ["Capa para Velmora", "Pulseira compatível com Velmora"],
    "fr": ["Bracelet compatible avec Velmora", "Housse pour Velmora"],
    "it": ["Cinturino compatibile con Velmora", "Custodia per Velmora"],
    "de": ["Armband passend für Velmora", "Hülle kompatibel mit Velmora", "Ersatzteil für Velmora"],
    "ru": ["Ремешок для Velmora", "Чехол подходит для Velmora"],
    "tr": ["Velmora uyumlu kordon"],
    "id": ["Casing untuk Velmora"],
    "sv": ["Armband till Velmora", "Skal kompatibel med Velmora"],
    "nl": ["Hoesje geschikt voor Velmora"],
    "list": ["Memory card compatible with Canon Nikon Olympus Pentax Sony Panasonic and Velmora"],
}
SECOND_HAND = {
    "en": ["Velmora bag pre-owned", "Velmora bag, gently used"],
    "es": ["Bolso Velmora de segunda mano"],
    "pt": ["Bolsa Velmora seminova usada"],
    "fr": ["Sac Velmora d'occasion", "Sac Velmora seconde main"],
    "it": ["Borsa Velmora usata"],
    "de": ["Velmora Tasche gebraucht", "Velmora Tasche aus zweiter Hand"],
    "tr": ["Velmora çanta ikinci el"],
    "id": ["Tas Velmora bekas"],
    "zh": ["二手 Velmora 手袋"],
    "ja": ["中古 Velmora バッグ"],
    "sv": ["Velmora väska begagnad"],
}
TALK = {
    "en": ["Velmora bag review", "How to clean a Velmora bag"],
    "es": ["Reseña del bolso Velmora", "Velmora noticias"],
    "fr": ["Velmora: mon avis", "Velmora bande annonce"],
    "de": ["Velmora Tasche im Test", "Velmora Testbericht"],
    "it": ["Velmora recensione"],
    "pt": ["Velmora resenha"],
    "ru": ["Velmora обзор"],
    "sv": ["Velmora recension"],
}


def says(signal: str, title: str) -> bool:
    """Whether a signal gives its own sign of a title beside the mark Velmora."""
    read = next(
        each for each in SIGNALS if any(signal == name for name in (each.name, *_SIGNS_OF.get(each.name, ())))
    )
    pairs = build(Example(why="", speaks=True, title=title)).pairs
    return any(sign.signal == signal for pair in pairs for sign in read.read(pair))


_SIGNS_OF = {"circumstances": ("used_goods", "talk_about")}


def _cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, title) for language, titles in table.items() for title in titles]


@pytest.mark.parametrize(("language", "title"), _cases(ACCUSES))
def test_who_declares_a_copy_is_heard(language: str, title: str) -> None:
    assert says("replica_words", title)


@pytest.mark.parametrize(("language", "title"), _cases(ACCUSES_NOBODY))
def test_who_denies_a_copy_declares_none(language: str, title: str) -> None:
    assert not says("replica_words", title)


@pytest.mark.parametrize(("language", "title"), _cases(FITS))
def test_what_fits_is_not_the_thing(language: str, title: str) -> None:
    assert says("compatible_with", title)


@pytest.mark.parametrize(("language", "title"), _cases(SECOND_HAND))
def test_second_hand_is_said_and_heard(language: str, title: str) -> None:
    assert says("used_goods", title)


@pytest.mark.parametrize(("language", "title"), _cases(TALK))
def test_talk_is_no_offer(language: str, title: str) -> None:
    assert says("talk_about", title)


@given(
    st.sampled_from(["not a", "no", "never a", "isn't a", "beware of a"]), st.sampled_from(["replica", "knockoff"])
)
def test_a_word_that_denies_turns_a_declaration_round(no: str, word: str) -> None:
    assert says("replica_words", f"Velmora bag {word}")
    assert not says("replica_words", f"Velmora bag, {no} {word}")
