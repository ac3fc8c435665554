"""Works: films, series, music, books and what else copyright protects."""

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
from store.db.session import Database
from store.db.works import Works
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.works import Work, WorkKind


def import_works(
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
    """Import a works sheet; holders and rights must be registered. Raises `UnreadableFile`, `WrongHeads`."""
    return import_sheet(
        WorksImporter, database, vault, file, dry_run=dry_run, clock=clock, by=by, new_id=new_id, only=only
    )


class WorksImporter(Importer[Work]):
    """
    Reads and lays down the rows of a works sheet.

    A draft is the Work as the row says it: a legal name for the holder, references for rights.
    """

    kind = SheetKind.WORKS

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand)
        self._known = Known()

    def read(self, line: Line) -> Work | None:
        """The row alone."""
        ref = line.one("work_ref", cells.read_ref)
        holder = line.one("holder", cells.read_short)
        right_refs = line.many("right_refs", cells.read_ref)
        title = line.one("title", cells.read_short)
        other_titles = line.many("other_titles", cells.read_short)
        kind = line.one("kind", cells.read_word(WorkKind))
        year = line.one("year", cells.read_integer(1400, 2199))  # from the first printed books on
        season = line.one("season", cells.read_integer(0, 9999))
        episode = line.one("episode", cells.read_integer(0, 99999))
        identifiers = line.many("identifiers", cells.read_identifier)
        authorised_urls = line.many("authorised_urls", cells.read_url)
        licences = line.many("licensed_on", cells.read_licence)
        if ref is None or holder is None or title is None or kind is None or not line.stands:
            return None
        return Work(
            id="", work_ref=ref, holder=holder, rights=right_refs, title=title, other_titles=other_titles, kind=kind,
            year=year, season=season, episode=episode, identifiers=identifiers, authorised_urls=authorised_urls,
            licences=licences,
        )  # fmt: skip

    def key(self, draft: Work) -> tuple[str, ...]:
        """Holder and reference."""
        return (draft.holder, draft.work_ref)

    def look_up(self, connection: Connection, drafts: Sequence[Work]) -> None:
        """Holders, rights and works of these rows."""
        self._known.look_up(
            connection,
            holders=[draft.holder for draft in drafts],
            rights=[ref for draft in drafts for ref in draft.rights],
            works=[draft.work_ref for draft in drafts],
        )

    def place(self, line: Line, draft: Work, writes: Writes) -> Outcome | None:
        """The work with its holder and rights by their ids."""
        holder = self._known.holder(line, draft.holder)
        if holder is None:
            return None
        rights = self._known.right_ids(line, "right_refs", holder, draft.rights)
        if not line.stands:
            return None
        new = replace(draft, id=self.errand.new_id(), holder=holder.id, rights=rights)
        work, outcome = settle(new, self._known.works.get((holder.id, new.work_ref)), line)
        if outcome is not Outcome.UNCHANGED:
            writes.put(Works, work, outcome)
        return outcome
