"""Products: what holders make, as it really exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from registry import cells
from registry.columns import SheetKind
from registry.importer import Errand, Importer, Outcome, Writes, import_sheet, settle
from registry.known import Known
from registry.lines import Line
from registry.report import ImportReport
from registry.rights import refuse_disorder
from store.db.products import Products
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.products import Product


def import_products(
    database: Database,
    vault: Vault,
    file: Path,
    *,
    dry_run: bool,
    clock: Clock,
    by: str,
    new_id: NewId = new_id,
    only: str | None = None,
) -> ImportReport:
    """Import a products sheet; holders and rights must be registered. Raises `UnreadableFile`, `WrongHeads`."""
    return import_sheet(
        ProductsImporter, database, vault, file, dry_run=dry_run, clock=clock, by=by, new_id=new_id, only=only
    )


class ProductsImporter(Importer[Product]):
    """
    Reads and lays down the rows of a products sheet.

    A draft is the Product as the row says it: a legal name for the holder, references for rights.
    """

    kind = SheetKind.PRODUCTS

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand)
        self._known = Known()

    def read(self, line: Line) -> Product | None:
        """The row alone."""
        ref = line.one("product_ref", cells.read_ref)
        holder = line.one("holder", cells.read_short)
        right_refs = line.many("right_refs", cells.read_ref)
        name = line.one("name", cells.read_short)
        other_names = line.many("other_names", cells.read_short)
        mpn = line.many("mpn", cells.read_ref)
        gtin = line.many("gtin", cells.read_gtin)
        colours = line.many("colours", cells.read_short)
        sizes = line.many("sizes", cells.read_short)
        prices = line.many("prices", cells.read_price)
        launched_on = line.one("launched_on", cells.read_date)
        ended_on = line.one("ended_on", cells.read_date)
        safety_class = line.one("safety_class", cells.read_short)
        nice_class = line.one("nice_class", cells.read_integer(1, 45))
        category = line.one("category", cells.read_short)
        photo_owner = line.one("photo_owner", cells.read_short)
        if len({(price.country, price.from_date) for price in prices}) < len(prices):
            fix = "keep one, or say from which day each holds: SE@2026-01-01:12900 SEK"
            line.refuse("prices", "names two prices for one country and day", fix)
        if ref is None or holder is None or name is None or not line.stands:
            return None
        return Product(
            id="", product_ref=ref, holder=holder, rights=right_refs, name=name, other_names=other_names, mpn=mpn,
            gtin=gtin, colours=colours, sizes=sizes, prices=prices, launched_on=launched_on, ended_on=ended_on,
            safety_class=safety_class, nice_class=nice_class, category=category, photo_owner=photo_owner,
        )  # fmt: skip

    def key(self, draft: Product) -> tuple[str, ...]:
        """Holder and reference."""
        return (draft.holder, draft.product_ref)

    def look_up(self, connection: Connection, drafts: Sequence[Product]) -> None:
        """Holders, rights and products of these rows."""
        self._known.look_up(
            connection,
            holders=[draft.holder for draft in drafts],
            rights=[ref for draft in drafts for ref in draft.rights],
            products=[draft.product_ref for draft in drafts],
        )

    def place(self, line: Line, draft: Product, writes: Writes) -> Outcome | None:
        """The product with its holder and rights by their ids."""
        holder = self._known.holder(line, draft.holder)
        if holder is None:
            return None
        rights = self._known.right_ids(line, "right_refs", holder, draft.rights)
        new = replace(draft, id=self.errand.new_id(), holder=holder.id, rights=rights)
        product, outcome = settle(new, self._known.products.get((holder.id, new.product_ref)), line)
        refuse_disorder(line, ("launched_on", product.launched_on), ("ended_on", product.ended_on))
        if not line.stands:
            return None
        if outcome is not Outcome.UNCHANGED:
            writes.put(Products, product, outcome)
        return outcome
