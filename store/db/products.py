"""What holders make, as it really exists."""

from __future__ import annotations

from store.db import tables
from store.db.by_ref import ByRef
from store.records.products import Product


class Products(ByRef[Product]):
    """Products, unique by (holder, product_ref)."""

    table = tables.product
    kind = Product
    ref_column = "product_ref"
