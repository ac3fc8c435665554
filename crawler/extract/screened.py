"""A film, a series or an episode that no markup names: told by year, length, cast, seasons and episodes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extract.blocks import Block, find_blocks
from crawler.extract.document import Document
from crawler.extract.headings import heading, layout_of
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.text import fold

MIN_SIGNS = 4
"""Signs that make a work of a page without a player; a page of prose about a film shows two or three. Chosen."""

MIN_BESIDE_PLAYER = 2
"""Signs that make a stream of a page with a player: a guide that embeds a recording shows one at most. Chosen."""

MIN_EPISODES = 3
_NEAR = 250  # elements behind the heading that still speak of its matter. Chosen

_YEAR = re.compile(
    r"(?:[(\[]|(?<!\d[-/.])(?<!\d))(?:19[1-9]\d|20[0-4]\d)(?:[)\]]|\s*(?:hd|full hd|4k|1080p|720p)?\s*$)"
)
_ONLY_YEAR = re.compile(r"^[(\[]?(?:19[1-9]\d|20[0-4]\d)(?:\s?[-–]\s?(?:(?:19|20)\d\d)?)?[)\]]?$")
_APART = re.compile(r"\s*[·•|,/]\s*")
_RUNS = re.compile(
    r"^(?:\d{1,2} ?(?:h|hr|std|ч)\.?(?: ?\d{1,2} ?(?:m|min|мин)\w{0,5}\.?)?|\d{2,3} ?(?:min|mins|minutes"
    r"|minuten|minuti"
    r"|minutos|мин)\.?|\d:\d\d:\d\d)$"
)
_CREDIT = re.compile(
    r"^(?:directed by|directors?|director|cast|starring|stars|actors?|writers?|screenplay|genres?|studio"
    r"|imdb(?: rating)?"
    r"|release(?:d| date)|premiere|runtime|duration|country|original title|network|creators?|regie|regisseur"
    r"|darsteller"
    r"|besetzung|laufzeit|drehbuch|genre|erscheinungsjahr|originaltitel|réalisateur|réalisation|acteurs?|avec|durée"
    r"|titre original|director|reparto|actores|género|duración|título original|regia|attori|durata|genere"
    r"|titolo originale"
    r"|diretor|direção|elenco|gênero|duração|reżyseria|obsada|gatunek|czas trwania|režie|hrají|žánr|délka|regissör"
    r"|skådespelare|rollista|speltid|acteurs|regisseur|speelduur|режисс[её]р|в ролях|актеры|жанр|год выпуска|страна"
    r"|длительность|yönetmen|oyuncular|süre|tür)$"
)
_EPISODE = re.compile(
    r"^(?:s\d{1,2} ?[·x:. -]? ?e\d{1,3}\b|\d{1,2}x\d{2}\b|(?:episode|ep\.?|folge|épisode|episodio|aflevering"
    r"|avsnitt|odcinek"
    r"|díl|серия|bölüm) ?\d{1,4}\b|\d{1,4}\.? ?(?:episode|folge|épisode|серия|bölüm)\b)"
)
_SEASON = re.compile(
    r"^(?:season|staffel|saison|temporada|stagione|seizoen|säsong|sezon|série|сезон) ?\d{1,2}$"
    r"|^\d{1,2}\.? ?(?:staffel|сезон)$"
)
_SOURCE = re.compile(
    r"^(?:server|mirror|player|source|host|hoster|lecteur|opci[oó]n|плеер) ?#?\d{0,2}$"
    r"|^(?:quality|qualität|qualité|calidad|kwaliteit|jakość|качество)\s?:?$"
)
_PATH = re.compile(
    r"/(?:film|films|movies?|title|titles|series?|shows?|tv|tv-?shows?|anime|episodes?|watch|filme?|serien"
    r"|pelicula|peliculas"
    r"|serie|album)(?:[-_/]|$)"
)


_FILM_WORDS = re.compile(
    r"(?<!\d)(19[2-9]|20[0-4])\d(?!\d)|\b(s\d{1,2} ?e\d{1,3}|\d{1,2}x\d{2}|(720|1080|2160)p|4k|hd(rip|tv|cam)?"
    r"|web-?(rip|dl)"
    r"|blu-?ray|dvd(rip)?|cam(rip)?|ts|imdb|episode|ep\.? ?\d+|season|staffel|folge|saison|épisode|temporada"
    r"|stagione|sezon|odcinek|díl|сезон|серия|sub(bed)?|dub(bed)?)\b|第\d+[集話话]",
    re.IGNORECASE,
)
"""What stands with the name of a film or an episode in a list: its year, its number, how good the copy is."""
_LEAST_FILMS = 4  # cards; three pictures that lead somewhere stand on every page. Chosen
_FEW_LISTS = 4  # of a page's, the likeliest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """How much a page looks like that of one work, and what speaks for it."""

    signs: tuple[str, ...]
    episodes: int


def screened(document: Document) -> Screened:
    """The signs of a film or series about the page's heading, each kind counted once."""
    return document.once("screened", lambda: _screened(document))


def _screened(document: Document) -> Screened:
    layout = layout_of(document)
    named = heading(document)
    if named is None:
        return Screened(signs=(), episodes=0)
    found: dict[str, None] = {}
    if _YEAR.search(fold(layout.words(named, 300))):
        found["a year in its heading"] = None
    if _PATH.search(document.url.lower()):
        found["the address of a work"] = None
    episodes: set[str] = set()
    for number, text in enumerate(layout.texts):
        place = layout.places[text.inside]
        if len(text.text) > 60 or place.region is Region.FRAME or not -20 <= place.order - named.order <= _NEAR:
            continue
        words = fold(text.text).strip(" :·•|,-–")
        parts = _APART.split(words)
        if any(_ONLY_YEAR.match(part) for part in parts) and "a year in its heading" not in found:
            found["a year beside it"] = None
        if any(_RUNS.match(part) for part in parts):
            found["how long it runs"] = None
        if _CREDIT.match(words.split(":")[0].strip()) and _is_label(layout, number, text.text):
            name = words.split(":")[0].strip()
            found[f"its {name}"] = None
        elif _SEASON.match(words):
            found["a season"] = None
        elif _SOURCE.match(words):
            found["servers to choose from"] = None
        if _EPISODE.match(words) and _linked(layout, place):
            episodes.add(words)
    if len(episodes) >= MIN_EPISODES:
        found["a list of episodes"] = None
    return Screened(signs=tuple(found), episodes=len(episodes))


def _is_label(layout: Layout, number: int, text: str) -> bool:
    """Whether words stand as a label: with a colon, or in an element of their own before others of the same row."""
    if ":" in text or "：" in text:
        return True
    place = layout.places[layout.texts[number].inside]
    return place.tag in ("dt", "th", "b", "strong", "td", "span", "label") and place.last - place.first == 1


def _linked(layout: Layout, place: Place) -> bool:
    return any(above.tag == "a" for above in layout.chain(place.order, 4))


def film_list(document: Document) -> Block | None:
    """
    The list whose cards cost nothing: films and episodes, told by their words alone.

    Asked only of a page fetched as a list or whose address is one's: magazines show posters with years as well.
    """
    layout = layout_of(document)
    for block in find_blocks(document)[:_FEW_LISTS]:
        cards = block.members
        if block.region is not Region.MAIN or len(cards) < _LEAST_FILMS or 5 * block.pictured < 4 * len(cards):
            continue
        words = (" ".join(text.text for text in layout.texts[card.first : card.last])[:300] for card in cards)
        if 2 * sum(_FILM_WORDS.search(said) is not None for said in words) >= len(cards):
            return block
    return None
