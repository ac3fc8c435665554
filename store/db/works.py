"""Films, series, music, books, software."""

from __future__ import annotations

from store.db import tables
from store.db.by_ref import ByRef
from store.records.works import Work


class Works(ByRef[Work]):
    """Works, unique by (holder, work_ref)."""

    table = tables.work
    kind = Work
    ref_column = "work_ref"
