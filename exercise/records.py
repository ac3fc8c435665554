"""Records of the exercise world: what is protected, what stands on the sites, and the true answers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


class Role(Enum):
    """What a listing is in the exercise."""

    PLANT = "plant"
    """An infringing offer the pipeline must find."""
    TRAP = "trap"
    """A lawful or undecidable offer that looks like a plant in some way."""
    INNOCENT = "innocent"
    """An offer that has nothing to do with any right."""


class EditKind(Enum):
    """One way a copied photo is changed before it is posted again."""

    CROP = "crop"
    """Cut off a share of every side."""
    BORDER = "border"
    """Add a frame, as a share of the shorter side."""
    WATERMARK = "watermark"
    """Print the seller's name across, at an opacity in [0, 1]."""
    FLIP = "flip"
    """Mirror left to right."""
    ROTATE = "rotate"
    """Turn by degrees."""
    BRIGHTNESS = "brightness"
    """Multiply the brightness."""


class Medium(Enum):
    """What a reference file shows."""

    PHOTO = "photo"
    """An official product photo."""
    LOGO = "logo"
    """A mark as registered."""
    STILL = "still"
    """A frame or poster of a work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change to a photo; the unit of `amount` is told by its kind."""

    kind: EditKind
    amount: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture to draw: equal records give equal bytes."""

    motif: str
    """A motif of `motifs_worn` or `motifs_home`, or `scene`, `logo`, `blank`."""
    seed: int
    """Which thing it is: the same motif and seed give the same thing."""
    view: int = 0
    """How it is laid out and lit: further views show the same thing again."""
    wordmark: str = ""
    base: str | None = None
    """Colour of the thing; None draws one from the seed."""
    accent: str | None = None
    backdrop: str | None = None
    """Backdrop by name; None draws one from the seed."""
    edits: tuple[Edit, ...] = ()
    quality: int = 85
    """JPEG quality in [1, 100]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """An amount of money in major units."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds rights in this world."""

    name: str
    country: str
    address: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One registered right; territories are ISO 3166 codes or EU."""

    ref: str
    holder: str
    kind: str
    office: str
    registration_number: str
    mark_text: str
    mark_feature: str
    nice_classes: tuple[int, ...]
    goods: str
    territories: tuple[str, ...]
    filed_on: date
    registered_on: date
    expires_on: date
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product line with what truly exists of it."""

    ref: str
    holder: str
    right_refs: tuple[str, ...]
    mark: str
    line: str
    """The name after the mark."""
    noun: str
    """The plain thing it is, in English."""
    other_names: tuple[str, ...]
    mpn: str
    gtin: str
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    prices: tuple[tuple[str, Price], ...]
    """List price per country code."""
    launched_on: date
    safety_class: str
    nice_class: int
    category: str
    photo_owner: str
    photos: tuple[Photo, ...]

    @property
    def name(self) -> str:
        """The full name as sold."""
        return f"{self.mark} {self.line}"

    def price_in(self, country: str) -> Price:
        """
        Give the list price in a country.

        Raises `KeyError` with the country when the product has no price there.
        """
        return dict(self.prices)[country]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One protected film or series episode."""

    ref: str
    holder: str
    right_refs: tuple[str, ...]
    title: str
    other_titles: tuple[str, ...]
    kind: str
    year: int
    season: int | None
    episode: int | None
    identifiers: str
    authorised_urls: tuple[str, ...]
    licensed_on: tuple[str, ...]
    footage: int
    """Seed of its moving pictures: every stream of the work shows the same scenes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A seller account on one site."""

    platform: str
    id: str
    name: str
    city: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSeller:
    """What a holder told about a seller account."""

    holder: str
    platform: str
    seller_id: str
    name: str
    status: str
    right_refs: tuple[str, ...]
    territories: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One file in the holder's reference folder."""

    ref: str
    file: str
    medium: Medium
    right_ref: str
    product_ref: str
    work_ref: str
    photo_owner: str
    photo: Photo


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """One link of a title page to a player."""

    label: str
    nested: bool
    """The player's frame holds a second frame."""
    alive: bool
    """False: the player says the file was removed, and its manifest is 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What a title page on the link site offers."""

    title: str
    year: int
    season: int | None
    episode: int | None
    footage: int
    """Seed of the moving pictures behind the links."""
    mirrors: tuple[Mirror, ...]
    """Empty: a page without any stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherOffer:
    """A further seller on a catalogue page."""

    seller_id: str
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One offer, post or title page on a platform. None or empty means the page does not say it."""

    platform: str
    id: str
    category: str
    title: str
    description: str
    photos: tuple[Photo, ...]
    seller_id: str
    posted_days_ago: int
    price: Price | None = None
    price_before: Price | None = None
    condition: str = "new"
    """`new` or `used`, shown in the site's own words."""
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    colour: str = ""
    size: str = ""
    ships_from: str = ""
    other_offers: tuple[OtherOffer, ...] = ()
    stream: Stream | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The truth about one listing."""

    platform: str
    item_id: str
    kind: str
    role: Role
    right_ref: str
    """Empty for an innocent listing."""
    expected: str
    """`noticed`, `review`, `silent`, or `refused:CODE`."""
    url: str = ""
    """Where it stands while the world is served; empty before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything there is, from one seed."""

    seed: int
    holders: tuple[Holder, ...]
    rights: tuple[Right, ...]
    products: tuple[Product, ...]
    works: tuple[Work, ...]
    registered_sellers: tuple[RegisteredSeller, ...]
    references: tuple[Reference, ...]
    sellers: tuple[Seller, ...]
    listings: tuple[Listing, ...]
    answers: tuple[Answer, ...]
    """In the order of `listings`, one each."""
