"""What is protected in the exercise world, read from `catalogue.toml`: holders, rights, products, works, sellers."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from exercise.records import (
    Holder,
    Medium,
    Photo,
    Price,
    Product,
    Reference,
    RegisteredSeller,
    Right,
    Seller,
    Work,
)

_TABLES = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text("utf-8"))

OFFICIAL_QUALITY = 92  # JPEG quality of a holder's own files
LOGO_SEED = 300
SEED_HOLDER = "Aurelia Saatgut GmbH"  # owns the word AURELIA for seeds, as another owns it for watches
LAUNCHED_ON = date(2023, 9, 15)


def gtin13(stem: str) -> str:
    """Complete twelve digits to a GTIN-13 with its check digit (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return f"{stem}{-total % 10}"


def _right(row: dict[str, Any]) -> Right:  # Any: TOML values of any shape
    return Right(
        ref=row["ref"],
        holder=row["holder"],
        kind=row["kind"],
        office=row.get("office", ""),
        registration_number=row.get("registration_number", ""),
        mark_text=row.get("mark_text", ""),
        mark_feature="word" if "mark_text" in row else "",
        nice_classes=tuple(row.get("nice_classes", ())),
        goods=row.get("goods", ""),
        territories=tuple(row["territories"]),
        filed_on=row["filed_on"],
        registered_on=row["registered_on"],
        expires_on=row["expires_on"],
        status=row["status"],
    )


def _prices(euro: int) -> tuple[tuple[str, Price], ...]:
    """List prices: the euro price in the common currency, elsewhere a round local price point."""
    return (
        ("SE", Price(amount=Decimal(round(euro * 11.5 / 10) * 10 - 5), currency="SEK")),
        ("NO", Price(amount=Decimal(round(euro * 11.8 / 10) * 10 - 1), currency="NOK")),
        ("DE", Price(amount=Decimal(euro), currency="EUR")),
        ("FR", Price(amount=Decimal(euro + 10), currency="EUR")),
        ("NL", Price(amount=Decimal(euro), currency="EUR")),
        ("US", Price(amount=Decimal(round(euro * 1.1)), currency="USD")),
    )


def _product(row: dict[str, Any]) -> Product:  # Any: TOML values of any shape
    photos = tuple(
        Photo(
            motif=row["category"],
            seed=row["drawing"],
            view=view,
            wordmark=row["mark"],
            base=base,
            accent=accent,
            backdrop=ground,
            quality=OFFICIAL_QUALITY,
        )
        for view, (base, accent, ground) in enumerate(row["photos"], 1)
    )
    return Product(
        ref=row["ref"],
        holder=row["holder"],
        right_refs=(row["right"],),
        mark=row["mark"],
        line=row["line"],
        noun=row["noun"],
        other_names=tuple(row["other_names"]),
        mpn=row["mpn"],
        gtin=gtin13(row["gtin_stem"]),
        colours=tuple(row["colours"]),
        sizes=tuple(row["sizes"]),
        prices=_prices(row["euro"]),
        launched_on=LAUNCHED_ON,
        safety_class=row.get("safety_class", ""),
        nice_class=row["nice_class"],
        category=row["category"],
        photo_owner=row.get("photo_owner", row["holder"]),
        photos=photos,
    )


def _work(row: dict[str, Any]) -> Work:  # Any: TOML values of any shape
    slug = row["title"].lower().replace(" ", "-")
    shop = next(one.email.partition("@")[2] for one in HOLDERS if one.name == row["holder"])
    return Work(
        ref=row["ref"],
        holder=row["holder"],
        right_refs=(row["right"],),
        title=row["title"],
        other_titles=tuple(row["other_titles"]),
        kind=row["kind"],
        year=row["year"],
        season=row.get("season"),
        episode=row.get("episode"),
        identifiers=f"isan:0000-{row['footage']:04d}-0000-0000",
        authorised_urls=(f"https://watch.{shop}/{slug}",),
        licensed_on=tuple(row.get("licensed_on", ())),
        footage=row["footage"],
    )


HOLDERS: tuple[Holder, ...] = tuple(Holder(**row) for row in _TABLES["holders"])
RIGHTS: tuple[Right, ...] = tuple(_right(row) for row in _TABLES["rights"])
PRODUCTS: tuple[Product, ...] = tuple(_product(row) for row in _TABLES["products"])
WORKS: tuple[Work, ...] = tuple(_work(row) for row in _TABLES["works"])
AUTHORISED_SELLERS: tuple[Seller, ...] = tuple(
    Seller(platform=row["platform"], id=row["id"], name=row["name"], city=row["city"], since=2016)
    for row in _TABLES["authorised"]
)
REGISTERED_SELLERS: tuple[RegisteredSeller, ...] = tuple(
    RegisteredSeller(
        holder=row["holder"],
        platform=row["platform"],
        seller_id=row["id"],
        name=row["name"],
        status="authorised",
        right_refs=tuple(right.ref for right in RIGHTS if right.holder == row["holder"]),
        territories=("EU", "NO"),
        basis="selective distribution agreement of 2025-01-15",
    )
    for row in _TABLES["authorised"]
)


def list_references() -> tuple[Reference, ...]:
    """Give every file of the holders' reference folder: official photos, logos, stills."""
    photos = [
        _reference(product.ref, number, Medium.PHOTO, photo, product.photo_owner, product.right_refs[0])
        for product in PRODUCTS
        for number, photo in enumerate(product.photos, 1)
    ]
    logos = []
    for place, right in enumerate(right for right in RIGHTS if right.mark_text):
        base, accent = _TABLES["logo_colours"][right.holder]
        logo = Photo(
            motif="logo",
            seed=LOGO_SEED + place,
            wordmark=right.mark_text,
            base=base,
            accent=accent,
            quality=OFFICIAL_QUALITY,
        )
        logos.append(_reference(right.ref, 1, Medium.LOGO, logo, right.holder, right.ref))
    stills = [
        _reference(
            work.ref,
            number,
            Medium.STILL,
            Photo(motif="scene", seed=work.footage, wordmark=title, quality=OFFICIAL_QUALITY),
            work.holder,
            work.right_refs[0],
        )
        for work in WORKS
        for number, title in enumerate((work.title, ""), 1)
    ]
    return (*photos, *logos, *stills)


def _reference(
    owner_ref: str, number: int, medium: Medium, photo: Photo, photo_owner: str, right_ref: str
) -> Reference:
    name = f"{medium.value}-{owner_ref.partition('-')[2].lower()}-{number}"
    return Reference(
        ref=f"REF-{name.upper()}",
        file=f"{name}.jpg",
        medium=medium,
        right_ref=right_ref,
        product_ref=owner_ref if medium is Medium.PHOTO else "",
        work_ref=owner_ref if medium is Medium.STILL else "",
        photo_owner=photo_owner,
        photo=photo,
    )
