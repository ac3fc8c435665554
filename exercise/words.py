"""The words of the exercise world's shops, read from `words.toml`: goods, makers, sellers, sentences."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("en", "de", "fr", "es", "sv")
REVIEWS = "reviews"  # the category of filmhamn whose pages only talk about films

_TABLES = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One kind of thing for sale: how it is drawn, where it is filed, what it costs, what it is called."""

    motif: str
    category: str
    euro: tuple[int, int]
    """Usual price range."""
    nouns: dict[str, tuple[str, ...]]
    """By language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What others make for a kind of product: how it is drawn, and its name by language."""

    motif: str
    nouns: dict[str, str]


def _lists(name: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in _TABLES[name].items()}


def _texts(name: str) -> dict[str, str]:
    return dict(_TABLES[name])


GOODS: tuple[Goods, ...] = tuple(
    Goods(
        motif=motif,
        category=row["category"],
        euro=(row["euro"][0], row["euro"][1]),
        nouns={language: tuple(row[language]) for language in LANGUAGES},
    )
    for motif, row in _TABLES["goods"].items()
)
GOODS_BY_MOTIF = {goods.motif: goods for goods in GOODS}
FITTING: dict[str, Fitting] = {
    category: Fitting(motif=row["motif"], nouns={key: text for key, text in row.items() if key != "motif"})
    for category, row in _TABLES["fitting"].items()
}
MAKERS: tuple[str, ...] = tuple(_TABLES["makers"])
FILM_FIRST: tuple[str, ...] = tuple(_TABLES["film_first"])
FILM_SECOND: tuple[str, ...] = tuple(_TABLES["film_second"])
FILM_CATEGORIES: tuple[str, ...] = tuple(_TABLES["film_categories"])
SHOP_NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    platform: (tuple(first), tuple(second)) for platform, (first, second) in _TABLES["shop_names"].items()
}
PLAIN_AMBER: dict[str, tuple[tuple[str, str], ...]] = {
    platform: tuple((motif, title) for motif, title in rows) for platform, rows in _TABLES["plain_amber"].items()
}
LOOK_ALIKES: tuple[tuple[str, str, str], ...] = tuple((m, w, p) for m, w, p in _TABLES["marks"]["look_alikes"])
PUNS: tuple[tuple[str, str], ...] = tuple((mark, pun) for mark, pun in _TABLES["marks"]["puns"])

TRAITS, COLOUR_WORDS, SENTENCES = _lists("traits"), _lists("colours"), _lists("sentences")
CITIES, NEAR_MISSES, REPLICA = _lists("cities"), _lists("near_misses"), _lists("replica")
USED, REVIEWED, GENERIC = _lists("used"), _lists("reviewed"), _lists("generic")
SELLING, FIRST_SALE, COMPATIBLE = _texts("selling"), _texts("first_sale"), _texts("compatible")
FITS, BUNDLE, NOT_BY = _texts("fits"), _texts("bundle"), _texts("not_by")
PARODY, SEED_TITLES = _texts("parody"), _texts("seeds")
