"""Writes what a user of the pipeline would bring: registry files, references, platform declarations."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from exercise.photos import render_photo
from exercise.records import Holder, Product, Right, World
from exercise.shelf import Shelf, page_count, page_sizes

_DECLARATIONS = Path(__file__).parent / "declarations"
LEAST_CARDS = 10  # a healthy first page of a category carries at least this many, where the world is large enough
AGENT = "Exercise Rights Office"
STATUS_CHECKED_ON = date(2026, 11, 16)  # unless told: registers are asked anew, or old answers would block
MANDATE_TERRITORIES = "EU|NO|CH|GB|US|JP"  # wider than any right: only the right itself may fail to reach a platform

RIGHT_COLUMNS = (
    "right_ref",
    "holder",
    "holder_country",
    "holder_address",
    "holder_email",
    "holder_phone",
    "kind",
    "office",
    "registration_number",
    "mark_text",
    "mark_feature",
    "nice_classes",
    "goods",
    "territories",
    "filed_on",
    "registered_on",
    "expires_on",
    "status",
    "status_checked_on",
    "proof_file",
    "mandate_agent",
    "mandate_acts",
    "mandate_territories",
    "mandate_from",
    "mandate_until",
    "mandate_file",
)
PRODUCT_COLUMNS = (
    "product_ref",
    "holder",
    "right_refs",
    "name",
    "other_names",
    "mpn",
    "gtin",
    "colours",
    "sizes",
    "prices",
    "launched_on",
    "ended_on",
    "safety_class",
    "nice_class",
    "category",
    "photo_owner",
)
WORK_COLUMNS = (
    "work_ref",
    "holder",
    "right_refs",
    "title",
    "other_titles",
    "kind",
    "year",
    "season",
    "episode",
    "identifiers",
    "authorised_urls",
    "licensed_on",
)
SELLER_COLUMNS = (
    "holder",
    "platform",
    "platform_seller_id",
    "name",
    "status",
    "right_refs",
    "product_refs",
    "territories",
    "valid_from",
    "valid_until",
    "basis",
)
REFERENCE_COLUMNS = (
    "reference_ref",
    "file",
    "medium",
    "right_ref",
    "product_ref",
    "work_ref",
    "polarity",
    "photo_owner",
)


def write_inputs(
    world: World, sites: Mapping[str, str], folder: Path, *, checked_on: date = STATUS_CHECKED_ON
) -> None:
    """
    Write `registry/` and `platforms/` of a served world under a folder, replacing files of the same name.

    `sites` maps each platform to its base address; `checked_on` is the day the registers were asked. Raises
    `KeyError` with a platform that has none, and `OSError` when a file cannot be written.
    """
    declarations = {
        source.name: _fill_in(source.read_text("utf-8"), Shelf(world, source.stem), sites[source.stem])
        for source in sorted(_DECLARATIONS.glob("*.toml"))
    }
    registry = folder / "registry"
    (registry / "proofs").mkdir(parents=True, exist_ok=True)
    holders = {holder.name: holder for holder in world.holders}
    _write_csv(
        registry / "rights.csv",
        RIGHT_COLUMNS,
        (_right_row(right, holders[right.holder], checked_on) for right in world.rights),
    )
    for right in world.rights:
        (registry / _proof_file(right)).write_text(_proof(right), "utf-8")
    for holder in world.holders:
        (registry / _mandate_file(holder)).write_text(_mandate(holder), "utf-8")
    _write_csv(registry / "products.csv", PRODUCT_COLUMNS, (_product_row(product) for product in world.products))
    _write_csv(
        registry / "works.csv",
        WORK_COLUMNS,
        (
            (
                work.ref,
                work.holder,
                _joined(work.right_refs),
                work.title,
                _joined(work.other_titles),
                work.kind,
                str(work.year),
                str(work.season or ""),
                str(work.episode or ""),
                work.identifiers,
                _joined(work.authorised_urls),
                _joined(work.licensed_on),
            )
            for work in world.works
        ),
    )
    _write_csv(
        registry / "sellers.csv",
        SELLER_COLUMNS,
        (
            (
                one.holder,
                one.platform,
                one.seller_id,
                one.name,
                one.status,
                _joined(one.right_refs),
                "",
                _joined(one.territories),
                "2025-01-15",
                "2034-12-31",
                one.basis,
            )
            for one in world.registered_sellers
        ),
    )
    _write_references(world, registry / "references")
    platforms = folder / "platforms"
    platforms.mkdir(parents=True, exist_ok=True)
    for name, text in declarations.items():
        (platforms / name).write_text(text, "utf-8")


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _joined(values: Iterable[object]) -> str:
    return "|".join(str(value) for value in values)


def _proof_file(right: Right) -> str:
    return f"proofs/{right.ref}.txt"


def _mandate_file(holder: Holder) -> str:
    return f"proofs/mandate-{holder.email.split('@')[1].split('.')[0]}.txt"


def _proof(right: Right) -> str:
    what = f"Mark: {right.mark_text}" if right.mark_text else "Subject: the works of the holder's catalogue"
    return (
        "EXERCISE DOCUMENT - NOT A REAL CERTIFICATE\n\n"
        f"Right: {right.ref} ({right.kind})\nHolder: {right.holder}\n{what}\n"
        f"Office: {right.office or 'none: the right arises without registration'}\n"
        f"Number: {right.registration_number or '-'}\nTerritories: {', '.join(right.territories)}\n"
        f"Registered: {right.registered_on}\nExpires: {right.expires_on}\n"
    )


def _mandate(holder: Holder) -> str:
    return (
        "EXERCISE DOCUMENT - NOT A REAL POWER OF ATTORNEY\n\n"
        f"{holder.name}, {holder.address}, empowers {AGENT} to notify platforms of infringements\n"
        "of its rights in its name, from 2025-01-15 until 2034-12-31.\n"
    )


def _right_row(right: Right, holder: Holder, checked_on: date) -> tuple[str, ...]:
    return (
        right.ref,
        holder.name,
        holder.country,
        holder.address,
        holder.email,
        holder.phone,
        right.kind,
        right.office,
        right.registration_number,
        right.mark_text,
        right.mark_feature,
        _joined(right.nice_classes),
        right.goods,
        _joined(right.territories),
        str(right.filed_on),
        str(right.registered_on),
        str(right.expires_on),
        right.status,
        checked_on.isoformat(),
        _proof_file(right),
        AGENT,
        "notify|retract",
        MANDATE_TERRITORIES,
        "2025-01-15",
        "2034-12-31",
        _mandate_file(holder),
    )


def _product_row(product: Product) -> tuple[str, ...]:
    return (
        product.ref,
        product.holder,
        _joined(product.right_refs),
        product.name,
        _joined(product.other_names),
        product.mpn,
        product.gtin,
        _joined(product.colours),
        _joined(product.sizes),
        _joined(f"{country}:{price.amount} {price.currency}" for country, price in product.prices),
        str(product.launched_on),
        "",
        product.safety_class,
        str(product.nice_class),
        product.category,
        product.photo_owner,
    )


def _write_references(world: World, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for reference in world.references:
        (folder / reference.file).write_bytes(render_photo(reference.photo))
    _write_csv(
        folder / "references.csv",
        REFERENCE_COLUMNS,
        (
            (
                one.ref,
                one.file,
                one.medium.value,
                one.right_ref,
                one.product_ref,
                one.work_ref,
                "positive",
                one.photo_owner,
            )
            for one in world.references
        ),
    )


def _fill_in(text: str, shelf: Shelf, base: str) -> str:
    """A declaration with the world's own address, categories and page counts."""
    stocked = {name: len(found) for name, found in shelf.by_category.items() if found}
    least = min((page_sizes(count)[0] for count in stocked.values()), default=0)
    return (
        text.replace("@BASE@", base)
        .replace("@CATEGORIES@", ", ".join(f'"/c/{name}?page={{page}}"' for name in stocked))
        .replace("@PAGES@", str(max((page_count(count) for count in stocked.values()), default=1)))
        .replace("@MIN_CARDS@", str(min(LEAST_CARDS, least)))
    )
