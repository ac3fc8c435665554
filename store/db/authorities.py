"""Written permissions to go past robots.txt."""

from __future__ import annotations

from store.db.audit import Audited
from store.db.tables import authority as authority_table
from store.records.authorities import Authority


class Authorities(Audited[Authority]):
    """Every permission ever entered; an approval or a revocation is an act of its own in the audit trail."""

    table = authority_table
    kind = Authority

    def approved(self) -> list[Authority]:
        """Those that two people stand behind and nobody revoked, whatever their dates."""
        return self.find(authority_table.c.approved_at.is_not(None), authority_table.c.revoked_at.is_(None))
