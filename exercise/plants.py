"""Plants: infringing offers, each carrying exactly what makes it noticeable."""

import dataclasses
from collections.abc import Callable

from exercise.catalogue import PRODUCTS, RIGHTS, WORKS
from exercise.disguises import DISGUISES
from exercise.drafts import LANGUAGE, MARKETS, Drafts
from exercise.innocents import make_mirrors
from exercise.records import Edit, EditKind, Photo, Product, Role, Stream, Work
from exercise.words import FILM_CATEGORIES, GOODS_BY_MOTIF, MAKERS, REPLICA, SELLING, SENTENCES

# Products whose right is in force on every platform of the world.
WATCHED: tuple[Product, ...] = tuple(
    product
    for product in PRODUCTS
    if all(r.status == "active" and "EU" in r.territories for r in RIGHTS if r.ref in product.right_refs)
)
COPIED_PHOTOS: tuple[Product, ...] = tuple(product for product in WATCHED if product.photo_owner == product.holder)
UNLICENSED: tuple[Work, ...] = tuple(work for work in WORKS if not work.licensed_on)

# Colours and sizes no product of this world was ever made in.
NEVER_COLOURS = ("purple", "lilac", "turquoise", "gold")
NEVER_SIZE = {
    "watch": "54 mm",
    "sneaker": "59",
    "jacket": "5XL",
    "perfume": "500 ml",
    "handbag": "XXL",
    "sunglasses": "71",
}

_FAR = ("CN", "HK", "TR")


def official_photo(
    drafts: Drafts, product: Product, *, edits: tuple[Edit, ...] = (), quality: int | None = None
) -> Photo:
    """Give one of the product's official photos, edited as told and compressed again."""
    photo = drafts.dice.choice(product.photos)
    return dataclasses.replace(photo, edits=edits, quality=quality or drafts.dice.randint(68, 82))


def local_noun(drafts: Drafts, product: Product, language: str) -> str:
    """What the product is, in the platform's language."""
    return drafts.dice.choice(GOODS_BY_MOTIF[product.category].nouns[language])


def clean_title(drafts: Drafts, product: Product, language: str) -> str:
    """A title that names mark, product and the plain thing."""
    noun = local_noun(drafts, product, language)
    return drafts.dice.choice(
        (f"{product.name} {noun}", f"{noun[0].upper()}{noun[1:]} {product.name}", f"{product.name} – {noun}")
    )


def _category(product: Product) -> str:
    return GOODS_BY_MOTIF[product.category].category


def _some_edits(drafts: Drafts) -> tuple[tuple[Edit, ...], int]:
    """One or two edits of the kinds copyists use, and the JPEG quality after."""
    dice = drafts.dice
    choices = (
        Edit(kind=EditKind.CROP, amount=round(dice.uniform(0.05, 0.10), 3)),
        Edit(kind=EditKind.BORDER, amount=0.05),
        Edit(kind=EditKind.WATERMARK, amount=0.45),
        Edit(kind=EditKind.FLIP),
        Edit(kind=EditKind.ROTATE, amount=2.0),
        Edit(kind=EditKind.BRIGHTNESS, amount=dice.choice((0.8, 1.2))),
        None,
    )
    chosen = dice.choice(choices)
    if chosen is None:
        return (), 40
    return (chosen,), dice.randint(60, 85)


def _add(
    drafts: Drafts,
    kind: str,
    product: Product,
    platform: str,
    title: str,
    photo: Photo,
    low: float,
    high: float,
    *,
    expected: str = "noticed",
    description: str = "",
    colour: str = "",
    size: str = "",
    mpn: str = "",
) -> None:
    language = LANGUAGE[platform]
    real_colour = drafts.dice.choice(product.colours) if drafts.dice.random() < 0.5 else ""
    drafts.add(
        platform=platform,
        category=_category(product),
        title=title,
        description=f"{description or SELLING[language]} {drafts.dice.choice(SENTENCES[language])}",
        photos=(photo,),
        kind=kind,
        role=Role.PLANT,
        expected=expected,
        right_ref=product.right_refs[0],
        price=drafts.share_of(product, platform, low, high),
        colour=colour or real_colour,
        size=size,
        mpn=mpn,
        ships_from=drafts.dice.choice(_FAR),
    )


def disguised_title(drafts: Drafts, number: int) -> None:
    """The name disguised in the title, the official photo as it is, at most a quarter of the price."""
    product, platform = WATCHED[number % len(WATCHED)], MARKETS[number % 4]
    name = DISGUISES[(number + number // 4) % 4](product.mark, drafts.dice)
    title = f"{name} {product.line} {local_noun(drafts, product, LANGUAGE[platform])}"
    _add(drafts, "disguised_title", product, platform, title, official_photo(drafts, product), 0.12, 0.25)


def edited_photo(drafts: Drafts, number: int) -> None:
    """A clean title, the official photo edited, at most a quarter of the price."""
    product, platform = WATCHED[(number + 2) % len(WATCHED)], MARKETS[(number + 1) % 4]
    edits, quality = _some_edits(drafts)
    photo = official_photo(drafts, product, edits=edits, quality=quality)
    _add(
        drafts, "edited_photo", product, platform, clean_title(drafts, product, LANGUAGE[platform]), photo, 0.12, 0.25
    )


def both(drafts: Drafts, number: int) -> None:
    """The name disguised, the photo edited, at most a quarter of the price."""
    product, platform = WATCHED[(number + 4) % len(WATCHED)], MARKETS[(number + 2) % 4]
    name = DISGUISES[(number + 1 + number // 4) % 4](product.mark, drafts.dice)
    edits, quality = _some_edits(drafts)
    photo = official_photo(drafts, product, edits=edits, quality=quality)
    title = f"{name} {product.line} {local_noun(drafts, product, LANGUAGE[platform])}"
    _add(drafts, "both", product, platform, title, photo, 0.12, 0.25)


def stolen_photo(drafts: Drafts, number: int) -> None:
    """Another maker's name over the holder's own photo: nothing in the text points to the right."""
    product, platform = COPIED_PHOTOS[(number + 1) % len(COPIED_PHOTOS)], MARKETS[(number + 3) % 4]
    maker = drafts.dice.choice(MAKERS)
    title = f"{maker} {local_noun(drafts, product, LANGUAGE[platform])}"
    _add(
        drafts, "stolen_photo", product, platform, title, official_photo(drafts, product), 0.3, 0.6, expected="review"
    )


def impossible_variant(drafts: Drafts, number: int) -> None:
    """Name, photo and part number of the product, in a colour or size it never had, near the usual price."""
    product, platform = WATCHED[(number + 3) % len(WATCHED)], ("shopnest", "bazario", "vitrin")[number % 3]
    colour = drafts.dice.choice(NEVER_COLOURS)
    size = NEVER_SIZE.get(product.category, "") if number % 2 else ""
    if size:
        colour = product.colours[0]
    title = f"{clean_title(drafts, product, LANGUAGE[platform])}, {size or colour}"
    _add(
        drafts,
        "impossible_variant",
        product,
        platform,
        title,
        official_photo(drafts, product),
        0.85,
        1.0,
        colour=colour,
        size=size,
        mpn=product.mpn,
    )


def self_declared_replica(drafts: Drafts, number: int) -> None:
    """The seller says in title or description that it is a copy."""
    product, platform = WATCHED[(number + 5) % len(WATCHED)], ("shopnest", "bazario", "vitrin")[number % 3]
    language = "es" if platform == "vitrin" and number % 2 else LANGUAGE[platform]
    words = drafts.dice.choice(REPLICA[language])
    title = clean_title(drafts, product, language)
    in_title = drafts.dice.random() < 0.5
    _add(
        drafts,
        "self_declared_replica",
        product,
        platform,
        f"{title} {words}" if in_title else title,
        official_photo(drafts, product),
        0.28,
        0.5,
        description=SELLING[language] if in_title else f"{words}. {SELLING[language]}",
    )


def far_too_cheap(drafts: Drafts, number: int) -> None:
    """A clean title, the official photo, new, at most a fifth of the price."""
    product, platform = WATCHED[(number + 6) % len(WATCHED)], MARKETS[number % 4]
    title = clean_title(drafts, product, LANGUAGE[platform])
    _add(drafts, "far_too_cheap", product, platform, title, official_photo(drafts, product), 0.08, 0.20)


def stream(drafts: Drafts, number: int) -> None:
    """A page that streams a protected work without a licence: its title, its year, manifests that answer."""
    work = UNLICENSED[number % len(UNLICENSED)]
    tag = drafts.dice.choice(("Full HD", "1080p WEB", "HD Online", "4K Stream"))
    mark = f" S{work.season:02d}E{work.episode:02d}" if work.season and work.episode else ""
    title = f"{work.title}{mark} ({work.year}) {tag}"
    poster = Photo(motif="scene", seed=work.footage, wordmark=work.title, quality=drafts.dice.randint(70, 84))
    drafts.add(
        platform="filmhamn",
        category="series" if mark else FILM_CATEGORIES[number % 2],
        title=title,
        description=f"Watch {work.title} online, no sign-up. All links checked today.",
        photos=(poster,),
        kind="stream",
        role=Role.PLANT,
        expected="noticed",
        right_ref=work.right_refs[0],
        stream=Stream(
            title=work.title,
            year=work.year,
            season=work.season,
            episode=work.episode,
            footage=work.footage,
            mirrors=make_mirrors(drafts),
        ),
    )


PLANTS: tuple[Callable[[Drafts, int], None], ...] = (
    disguised_title,
    edited_photo,
    both,
    stolen_photo,
    impossible_variant,
    self_declared_replica,
    far_too_cheap,
    stream,
)


def add_plants(drafts: Drafts, count: int) -> None:
    """Add `count` plants, the kinds in turn."""
    for place in range(count):
        PLANTS[place % len(PLANTS)](drafts, place // len(PLANTS))
