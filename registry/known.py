"""What is registered already, as rows name it: holders by legal name, the rest by holder and reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sqlalchemy import Connection

from registry.lines import Line
from registry.vocabulary import nearest
from store.db.by_ref import ByRef
from store.db.parties import Parties
from store.db.products import Products
from store.db.rights import Rights
from store.db.works import Works
from store.records.parties import Party
from store.records.products import Product
from store.records.rights import Right
from store.records.scope import EVERYTHING
from store.records.works import Work

R = TypeVar("R", Right, Product, Work)

_SUGGESTIONS = 100  # each asks the database for every known name; a file wrong throughout needs no more


class Known:
    """Holders, rights, products and works that a lot of rows names; fetched in few queries, told apart by holder."""

    def __init__(self) -> None:
        self.parties: dict[str, Party] = {}
        self.rights: dict[tuple[str, str], Right] = {}
        self.products: dict[tuple[str, str], Product] = {}
        self.works: dict[tuple[str, str], Work] = {}
        self._connection: Connection | None = None
        self._suggestions = _SUGGESTIONS

    def look_up(
        self,
        connection: Connection,
        *,
        holders: Iterable[str] = (),
        rights: Iterable[str] = (),
        products: Iterable[str] = (),
        works: Iterable[str] = (),
    ) -> None:
        """Fetch what these names and references mean now; what was fetched before is forgotten."""
        self._connection = connection
        self.parties = Parties(connection, EVERYTHING).by_names(holders)
        self.rights = Rights(connection, EVERYTHING).by_refs(rights)
        self.products = Products(connection, EVERYTHING).by_refs(products)
        self.works = Works(connection, EVERYTHING).by_refs(works)

    def holder(self, line: Line, name: str) -> Party | None:
        """The party of that legal name; refuses the row where there is none."""
        party = self.parties.get(name)
        if party is None:
            line.refuse("holder", f"no holder is named {name[:80]!r}", self._fix(name, None, "rights"))
        return party

    def right_ids(self, line: Line, column: str, holder: Party, refs: Iterable[str]) -> tuple[str, ...]:
        """Ids of the holder's rights; refuses the row for each that is not registered."""
        return self._ids(line, column, holder, refs, self.rights, Rights)

    def product_ids(self, line: Line, column: str, holder: Party, refs: Iterable[str]) -> tuple[str, ...]:
        """Ids of the holder's products; refuses the row for each that is not registered."""
        return self._ids(line, column, holder, refs, self.products, Products)

    def work_ids(self, line: Line, column: str, holder: Party, refs: Iterable[str]) -> tuple[str, ...]:
        """Ids of the holder's works; refuses the row for each that is not registered."""
        return self._ids(line, column, holder, refs, self.works, Works)

    def _ids(
        self,
        line: Line,
        column: str,
        holder: Party,
        refs: Iterable[str],
        known: Mapping[tuple[str, str], R],
        repository: type[ByRef[R]],
    ) -> tuple[str, ...]:
        ids: list[str] = []
        for ref in refs:
            record = known.get((holder.id, ref))
            if record is not None:
                ids.append(record.id)
                continue
            kind = f"{repository.table.name}s"
            problem = f"{holder.legal_name} has no {repository.table.name} {ref[:80]!r}"
            line.refuse(column, problem, self._fix(ref, (repository, holder), kind))
        return tuple(ids)

    def _fix(self, word: str, among: tuple[type[ByRef[R]], Party] | None, kind: str) -> str:
        """The nearest name registered, or how to register one."""
        near = None
        if self._suggestions > 0 and self._connection is not None:
            self._suggestions -= 1
            if among is None:
                near = nearest(word, Parties(self._connection, EVERYTHING).names())
            else:
                repository, holder = among
                near = nearest(word, repository(self._connection, EVERYTHING).refs_of(holder.id))
        hint = f"did you mean {near!r}? " if near else ""
        return f"{hint}import the {kind} that name it first"
