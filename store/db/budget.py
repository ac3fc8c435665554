"""Releases of a used-up budget: rows and back."""

from __future__ import annotations

from store.db import tables
from store.db.audit import Audited
from store.records.budget import BudgetRelease


class BudgetReleases(Audited[BudgetRelease]):
    """Releases, oldest first."""

    table = tables.budget_release
    kind = BudgetRelease
