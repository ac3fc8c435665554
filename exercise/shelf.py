"""One platform's stock in the order its pages show it: categories, search, recommended and sponsored offers."""

import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from exercise.records import Listing, Photo, Price, Seller, World
from exercise.words import REVIEWS

CARDS_A_PAGE = 24
NO_BREAK = "\N{NO-BREAK SPACE}"
SPONSORED_A_PAGE = 2  # on the first page of a category

CATEGORY_NAMES: dict[str, dict[str, str]] = {
    "shopnest": {
        "watches": "Watches & rings",
        "bags": "Bags",
        "fashion": "Fashion",
        "tech": "Tech & audio",
        "beauty": "Beauty",
        "play": "Play & music",
        "home": "Home",
        "garden": "Garden & books",
    },
    "bazario": {
        "watches": "Uhren & Schmuck",
        "bags": "Taschen",
        "fashion": "Mode",
        "tech": "Technik",
        "beauty": "Düfte & Pflege",
        "play": "Spiel & Musik",
        "home": "Wohnen",
        "garden": "Garten & Bücher",
    },
    "kvarter": {
        "watches": "Klockor & smycken",
        "bags": "Väskor",
        "fashion": "Kläder & skor",
        "tech": "Elektronik",
        "beauty": "Skönhet",
        "play": "Fritid & hobby",
        "home": "För hemmet",
        "garden": "Trädgård & böcker",
    },
    "vitrin": {
        "watches": "Montres & bijoux",
        "bags": "Sacs",
        "fashion": "Mode",
        "tech": "High-tech",
        "beauty": "Beauté",
        "play": "Jeux & musique",
        "home": "Maison",
        "garden": "Jardin & livres",
    },
    "filmhamn": {
        "drama": "Drama",
        "thriller": "Thriller",
        "documentary": "Documentary",
        "series": "Series",
        REVIEWS: "Reviews",
    },
}


def fold(text: str) -> str:
    """Lower-case ASCII of a text, the way a plain site search sees it; letters of other scripts vanish."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def slug(text: str) -> str:
    """A short address part made of a title."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(text))[:7]) or "item"


def photo_key(photo: Photo) -> str:
    """The name a photo is served under: stable for equal records, and telling nothing of the kind."""
    return f"{random.Random(repr(photo)).getrandbits(64):016x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """What one result page shows."""

    listings: tuple[Listing, ...]
    sponsored: tuple[Listing, ...]
    page: int
    pages: int
    found: int


class Shelf:
    """The listings of one platform, indexed once when the platform opens."""

    def __init__(self, world: World, platform: str) -> None:
        self.platform = platform
        self.listings = tuple(one for one in world.listings if one.platform == platform)
        self.sellers: dict[str, Seller] = {one.id: one for one in world.sellers if one.platform == platform}
        self.by_id = {one.id: one for one in self.listings}
        self.photos = {photo_key(photo): photo for one in self.listings for photo in one.photos}
        self.by_category: dict[str, list[Listing]] = {name: [] for name in CATEGORY_NAMES[platform]}
        for one in self.listings:
            self.by_category[one.category].append(one)
        self._text = [
            (fold(f"{one.title} {one.description} {one.brand} {self.sellers[one.seller_id].name}"), one)
            for one in self.listings
        ]

    def category(self, name: str, page: int) -> ResultPage | None:
        """One page of a category, or None when there is no such category."""
        if name not in self.by_category:
            return None
        sponsored: Sequence[Listing] = ()
        if page == 1 and len(self.listings) > CARDS_A_PAGE:
            sponsored = random.Random(f"sponsored {self.platform} {name}").sample(self.listings, SPONSORED_A_PAGE)
        return _cut(self.by_category[name], tuple(sponsored), page)

    def search(self, query: str, page: int) -> ResultPage:
        """Listings whose folded text holds every word of the folded query."""
        words = fold(query).split()
        return _cut([one for text, one in self._text if words and all(word in text for word in words)], (), page)

    def seller_listings(self, seller_id: str) -> list[Listing]:
        """What a seller offers."""
        return [one for one in self.listings if one.seller_id == seller_id]

    def recommended(self, key: str, count: int = 4) -> list[Listing]:
        """Some listings that have nothing to do with the page they stand on."""
        return random.Random(f"recommended {self.platform} {key}").sample(
            self.listings, min(count, len(self.listings))
        )


def page_count(cards: int) -> int:
    """How many result pages a number of cards fills; an empty list still has one."""
    return max(1, -(-cards // CARDS_A_PAGE))


def page_sizes(cards: int) -> list[int]:
    """Cards on each page: spread evenly, so that the last page is not a stump."""
    pages = page_count(cards)
    return [cards // pages + (place < cards % pages) for place in range(pages)]


def _cut(found: list[Listing], sponsored: tuple[Listing, ...], page: int) -> ResultPage:
    sizes = page_sizes(len(found))
    start = sum(sizes[: page - 1])
    shown = found[start : start + sizes[page - 1]] if 1 <= page <= len(sizes) else []
    return ResultPage(listings=tuple(shown), sponsored=sponsored, page=page, pages=len(sizes), found=len(found))


def show_price(platform: str, price: Price) -> str:
    """A price as the platform prints it."""
    whole, cents = divmod(int(price.amount * 100), 100)
    grouped = f"{whole:,}"
    match platform:
        case "shopnest":
            return f"{grouped}{f'.{cents:02d}' if cents else ''} {price.currency}"
        case "bazario":
            return f"{grouped.replace(',', '.')},{cents:02d} €"
        case "kvarter":
            return f"{grouped} kr".replace(",", " ").replace(" ", NO_BREAK)
        case _:
            return f"€{whole},{cents:02d}"


def show_posted(platform: str, days: int) -> str:
    """When an offer was posted, in the platform's own relative words."""
    table = {
        "shopnest": ("today", "yesterday", "{} days ago"),
        "bazario": ("heute", "gestern", "vor {} Tagen"),
        "kvarter": ("i dag", "i går", "för {} dagar sedan"),
        "vitrin": ("aujourd’hui", "hier", "il y a {} jours"),
        "filmhamn": ("today", "yesterday", "{} days ago"),
    }[platform]
    return table[min(days, 2)].format(days)
