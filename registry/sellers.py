"""A holder's word on seller accounts: who may sell, and who is left alone."""

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
from store.db.seller_rules import SellerRules
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.scope import EVERYTHING
from store.records.sellers import SellerRule, SellerStanding


def import_sellers(
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
    """
    Import a sellers sheet; holders, rights and products must be registered.

    Raises `UnreadableFile`, `WrongHeads`.
    """
    return import_sheet(
        SellersImporter, database, vault, file, dry_run=dry_run, clock=clock, by=by, new_id=new_id, only=only
    )


class SellersImporter(Importer[SellerRule]):
    """
    Reads and lays down the rows of a sellers sheet.

    A draft is the SellerRule as the row says it: a legal name for the holder, references for rights and products.
    """

    kind = SheetKind.SELLERS

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand)
        self._known = Known()
        self._rules: dict[tuple[str, str, str], SellerRule] = {}

    def read(self, line: Line) -> SellerRule | None:
        """The row alone."""
        holder = line.one("holder", cells.read_short)
        platform = line.one("platform", cells.read_platform)
        account = line.one("platform_seller_id", cells.read_ref)
        name = line.one("name", cells.read_short)
        standing = line.one("status", cells.read_word(SellerStanding))
        right_refs = line.many("right_refs", cells.read_ref)
        product_refs = line.many("product_refs", cells.read_ref)
        territories = line.many("territories", cells.read_territory)
        valid_from = line.one("valid_from", cells.read_date)
        valid_until = line.one("valid_until", cells.read_date)
        basis = line.one("basis", cells.read_text)
        if holder is None or platform is None or account is None or standing is None or not line.stands:
            return None
        return SellerRule(
            id="", holder=holder, platform=platform, platform_seller_id=account, name=name, standing=standing,
            rights=right_refs, products=product_refs, territories=territories, valid_from=valid_from,
            valid_until=valid_until, basis=basis,
        )  # fmt: skip

    def key(self, draft: SellerRule) -> tuple[str, ...]:
        """Holder, platform and account."""
        return (draft.holder, draft.platform, draft.platform_seller_id)

    def look_up(self, connection: Connection, drafts: Sequence[SellerRule]) -> None:
        """Holders, rights, products and rules of these rows."""
        self._known.look_up(
            connection,
            holders=[draft.holder for draft in drafts],
            rights=[ref for draft in drafts for ref in draft.rights],
            products=[ref for draft in drafts for ref in draft.products],
        )
        repository = SellerRules(connection, EVERYTHING)
        self._rules = repository.by_accounts(draft.platform_seller_id for draft in drafts)

    def place(self, line: Line, draft: SellerRule, writes: Writes) -> Outcome | None:
        """The rule with its holder, rights and products by their ids."""
        holder = self._known.holder(line, draft.holder)
        if holder is None:
            return None
        rights = self._known.right_ids(line, "right_refs", holder, draft.rights)
        products = self._known.product_ids(line, "product_refs", holder, draft.products)
        new = replace(draft, id=self.errand.new_id(), holder=holder.id, rights=rights, products=products)
        rule, outcome = settle(new, self._rules.get((holder.id, new.platform, new.platform_seller_id)), line)
        refuse_disorder(line, ("valid_from", rule.valid_from), ("valid_until", rule.valid_until))
        if not line.stands:
            return None
        if outcome is not Outcome.UNCHANGED:
            writes.put(SellerRules, rule, outcome)
        return outcome
