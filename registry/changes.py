"""What changed between two frozen registries, right by right, and the part of one that some rights make up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from registry.snapshot import Snapshot
from store.records.products import Product
from store.records.works import Work


def changed_rights(before: Snapshot, after: Snapshot) -> frozenset[str]:
    """
    Ids of rights in `after` of which anything that matching reads is not as in `before`: the right, its holder, its
    products, works, references and the holder's seller rules. Rights of the same words change together, because a
    product of the one tells against the other.
    """
    old, new = _read_of(before), _read_of(after)
    changed = {right for right, read in new.items() if old.get(right) != read}
    words = {right.id: right.mark_text.casefold() for right in after.rights if right.mark_text}
    alike = {words[right] for right in changed if right in words}
    return frozenset(changed | {right for right, text in words.items() if text in alike})


def _read_of(snapshot: Snapshot) -> dict[str, frozenset[object]]:
    """By right: every record that matching reads for it."""
    found: dict[str, set[object]] = {right.id: {right} for right in snapshot.rights}
    rights_of: dict[str, tuple[str, ...]] = {}
    bearing: tuple[Product | Work, ...] = (*snapshot.products, *snapshot.works)
    for record in bearing:
        rights_of[record.id] = record.rights
        for right in record.rights:
            if right in found:
                found[right].add(record)
    for reference in snapshot.references:
        shown: set[str | None] = {
            reference.right,
            *rights_of.get(reference.product or "", ()),
            *rights_of.get(reference.work or "", ()),
        }
        for right in found.keys() & shown:
            found[right].add(reference)
    holders = {holder.id: holder for holder in snapshot.holders}
    for each in snapshot.rights:
        found[each.id].add(holders.get(each.holder))
        found[each.id].update(rule for rule in snapshot.seller_rules if rule.holder == each.holder)
    return {right: frozenset(read) for right, read in found.items()}


def narrow(snapshot: Snapshot, rights: Collection[str]) -> Snapshot:
    """The part of a registry that belongs to these rights, under the digest of the whole."""
    kept = tuple(right for right in snapshot.rights if right.id in rights)
    products = tuple(product for product in snapshot.products if set(product.rights) & set(rights))
    works = tuple(work for work in snapshot.works if set(work.rights) & set(rights))
    shown = {*rights, *(product.id for product in products), *(work.id for work in works)}
    return replace(
        snapshot,
        rights=kept,
        products=products,
        works=works,
        references=tuple(each for each in snapshot.references if {each.right, each.product, each.work} & shown),
    )
