"""Hosts: their pace, their robots.txt, and whether they answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store.db.rows import Repository, row_of, upsert
from store.db.tables import host as host_table
from store.records.fetches import Host


class Hosts(Repository[Host]):
    """What is known of hosts' manners; shared by every run."""

    table = host_table
    kind = Host

    def named(self, names: Sequence[str]) -> dict[str, Host]:
        """Those of the named hosts that are known, by name."""
        return {host.host: host for host in self.find(host_table.c.host.in_(names))}

    def keep(self, hosts: Iterable[Host]) -> None:
        """Insert hosts, or replace what was known of them."""
        upsert(self.connection, host_table, [row_of(host, host_table) for host in hosts], ["host"])
