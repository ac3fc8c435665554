"""What is protected in law."""

from __future__ import annotations

from store.db import tables
from store.db.by_ref import ByRef
from store.records.rights import Right


class Rights(ByRef[Right]):
    """Rights, unique by (holder, right_ref)."""

    table = tables.right
    kind = Right
    ref_column = "right_ref"
