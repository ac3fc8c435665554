"""
The sheet for a customs application of one right: what Article 6(3) of Regulation (EU) 608/2013 asks, as far as known.

The application itself is made on the form and in the portal of customs; this gives its parts in their order, each
with what is registered here, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.formats.plain import plain
from reports.notice import describe_right
from store.records.parties import Party
from store.records.products import Product
from store.records.references import Reference
from store.records.rights import Right
from store.records.sellers import SellerRule, SellerStanding

SOURCE = "Regulation (EU) 608/2013, Article 6(3), read in a faithful copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsPart:
    """One part of the application."""

    letter: str
    asks: str
    known: tuple[str, ...]  # empty: to be written by the applicant
    basis: str  # official: the letter was read in the Regulation's own text; memory: its wording was not


def customs_sheet(
    right: Right,
    holder: Party,
    products: Sequence[Product],
    references: Sequence[Reference],
    rules: Iterable[SellerRule],
) -> tuple[CustomsPart, ...]:
    """The parts (a) to (q) for one right."""
    authorised = sorted(
        {
            f"{rule.platform}, account {plain(rule.platform_seller_id, 120)}"
            for rule in rules
            if rule.standing is SellerStanding.AUTHORISED and (not rule.rights or right.id in rule.rights)
        }
    )
    contact = tuple(
        plain(value) for value in (holder.legal_name, holder.address, holder.email, holder.phone) if value
    )
    goods = tuple(_goods(product) for product in products)
    marks = tuple(
        f"{product.name}: {', '.join([*product.gtin, *product.mpn])}"
        for product in products
        if product.gtin or product.mpn
    )
    pictures = tuple(f"{reference.reference_ref}, SHA-256 {reference.sha256}" for reference in references)
    proof = (f"proof kept, SHA-256 {right.proof_sha256}",) if right.proof_sha256 else ()
    parts: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
        ("a", "the applicant, with tax, national or EORI number", contact, "memory"),
        ("b", "the status of the applicant (Article 3)", (), "memory"),
        ("c", "documents that show the status", proof, "memory"),
        ("d", "the representative and the power to act", (), "official"),
        ("e", "the intellectual property rights", (describe_right(right),), "official"),
        ("f", "the Member States in which action is asked for", (", ".join(right.held_in),), "official"),
        (
            "g", "data of the authentic goods: markings, bar codes, images",
            (*goods, *marks, *pictures), "official",
        ),
        ("h", "what makes the authentic goods easy to tell from others", tuple(_existing(products)), "official"),
        ("i", "data for risk analysis: authorised distributors, routes", tuple(authorised), "official"),
        ("j", "information whose handling is restricted", (), "official"),
        ("k", "contacts for legal and technical matters", contact, "official"),
        ("l-o", "undertakings of the applicant", (), "official"),
        ("p", "consent to the processing of the data", (), "official"),
        ("q", "whether small consignments are to be destroyed by the short procedure", (), "official"),
    )  # fmt: skip
    return tuple(
        CustomsPart(letter=letter, asks=asks, known=known, basis=basis) for letter, asks, known, basis in parts
    )


def _goods(product: Product) -> str:
    more = f", class {product.nice_class}" if product.nice_class else ""
    kind = f" ({plain(product.category, 60)})" if product.category else ""
    return f"{plain(product.name, 200)}{kind}{more}"


def _existing(products: Iterable[Product]) -> Iterable[str]:
    """What exists, so that what doesn't is told at sight."""
    for product in products:
        if product.colours:
            yield f"{plain(product.name, 200)} is made in {', '.join(map(plain, product.colours))} only"
        if product.sizes:
            yield f"{plain(product.name, 200)} is made in sizes {', '.join(map(plain, product.sizes))} only"
