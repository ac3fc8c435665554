"""A right with what stands on it, and a reference with where it was seen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from console.web.review.records import showing
from store.db import tables
from store.db.cases import Cases
from store.db.mandates import Mandates
from store.db.parties import Parties
from store.db.products import Products
from store.db.references import References
from store.db.review import ReviewItems
from store.db.rights import Rights
from store.db.works import Works
from store.records.parties import Mandate
from store.records.products import Product
from store.records.references import Reference
from store.records.review import ReviewItem
from store.records.rights import Right
from store.records.scope import Scope
from store.records.works import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RightView:
    """A right with what stands on it."""

    right: Right
    holder: str
    products: tuple[Product, ...]
    works: tuple[Work, ...]
    mandates: tuple[Mandate, ...]  # that cover it, revoked and past ones among them
    references: tuple[Reference, ...]
    standings: tuple[tuple[str, int], ...]
    cases: tuple[tuple[str, int], ...]  # by state


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceView:
    """A reference with where it was seen."""

    reference: Reference
    holder: str
    rights: tuple[Right, ...]  # it stands for, its product's and its work's among them
    product: Product | None
    work: Work | None
    qualities: tuple[tuple[str, str, int | None], ...]  # algorithm, version, quality
    items: tuple[ReviewItem, ...]  # findings whose main photo has its bytes


def view_right(connection: Connection, scope: Scope, id: str) -> RightView | None:
    """A right with its products, references and findings by standing; None where it is not in scope."""
    right = Rights(connection, scope).get(id)
    if right is None:
        return None
    holder = Parties(connection, scope).get(right.holder)
    products = [
        p for p in Products(connection, scope).find(tables.product.c.holder == right.holder) if id in p.rights
    ]
    works = [w for w in Works(connection, scope).find(tables.work.c.holder == right.holder) if id in w.rights]
    given = Mandates(connection, scope).find(tables.mandate.c.grantor == right.holder)
    reference = tables.reference
    shown = References(connection, scope).find(
        (reference.c.right == id)
        | reference.c.product.in_([product.id for product in products])
        | reference.c.work.in_([work.id for work in works])
    )
    case = tables.case
    grouped = (
        select(case.c.state, func.count())
        .where(case.c.right == id, *Cases(connection, scope).narrowed())
        .group_by(case.c.state)
    )
    item = tables.review_item
    counted = (
        select(item.c.standing, func.count())
        .where(item.c.right == id, *ReviewItems(connection, scope).narrowed())
        .group_by(item.c.standing)
    )
    return RightView(
        right=right,
        holder=holder.legal_name if holder else "",
        products=tuple(products),
        works=tuple(works),
        mandates=tuple(mandate for mandate in given if not mandate.rights or id in mandate.rights),
        references=tuple(shown),
        standings=tuple((str(standing), int(n)) for standing, n in connection.execute(counted)),
        cases=tuple((str(state), int(n)) for state, n in connection.execute(grouped)),
    )


def view_reference(connection: Connection, scope: Scope, id: str) -> ReferenceView | None:
    """A reference with its fingerprints and the findings that show its bytes; None where it is not in scope."""
    references = References(connection, scope)
    reference = references.get(id)
    if reference is None:
        return None
    holder = Parties(connection, scope).get(reference.holder)
    product = Products(connection, scope).get(reference.product) if reference.product else None
    work = Works(connection, scope).get(reference.work) if reference.work else None
    rights = (
        [reference.right]
        if reference.right
        else [*(product.rights if product else ()), *(work.rights if work else ())]
    )
    known = Rights(connection, scope).by_ids(rights)
    prints = {(p.algorithm, p.version): p.quality for p in references.fingerprints([reference.sha256])}
    return ReferenceView(
        reference=reference,
        holder=holder.legal_name if holder else "",
        rights=tuple(known[id] for id in dict.fromkeys(rights) if id in known),
        product=product,
        work=work,
        qualities=tuple((name, version, quality) for (name, version), quality in sorted(prints.items())),
        items=tuple(showing(connection, scope, reference.sha256)),
    )
