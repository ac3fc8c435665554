"""
What pictures and marks of a sheet would do, before they go live: the gate's verdict, and the listings they match.

    look_ahead(workspace, "references", sheet, scope=...) -> Ahead(previews=(...), unjudged=0)
    take_in(workspace, "references", sheet, ...)  # imports it, with what is stopped withdrawn

Only what is new or changed is judged. The holder is told how many listings a thing would match and what it collides
with, never whose listings or whose references those are.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select, tuple_

from console.importing import Rows, import_file
from console.workspace import Workspace
from matching.codes import words_of as code_words
from matching.fingerprints import PDQ
from matching.gate import (
    Detail,
    Examined,
    Judgement,
    Reason,
    Unfit,
    Use,
    examine_apart,
    judge_name,
    judge_picture,
)  # fmt: skip
from matching.images import HASH_VERSION, PhotoHash
from matching.index import CodeIndex
from matching.photo_worker import PhotoCrew, PhotoWorker
from matching.wording import words_of
from registry.archive import unpack
from registry.cells import read_ref, read_word
from registry.columns import SheetKind
from registry.errors import BadCell, PhotoUnfit
from registry.files import read_inside, sha256_of
from registry.importer import read_sheet
from registry.lines import Line
from registry.photos import MAX_PHOTO_BYTES
from registry.references import root_of, sheet_of
from registry.report import ImportReport
from registry.sheet import Sheet
from store.db import tables
from store.db.by_ref import ByRef, in_lots
from store.db.parties import Parties
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.words import newest_bearing, terms_of, title_words
from store.db.works import Works
from store.records.ids import Clock, NewId
from store.records.references import Medium, Polarity, Reference
from store.records.scope import EVERYTHING, Scope

MOST_JUDGED = 200  # pictures, while somebody waits: some 30 ms each; the whole registry has `references check`
MOST_LISTINGS = 25_000  # that bear a mark's words; beyond it the mark is no name whatever the count
_PHOTOS_A_READ = 20_000
_PICTURES_A_LOT = 2000  # of a sheet: 5 MB of codes, and every stored photo is read once for each
_PICTURES_A_CHILD = 8  # from which one more process pays: starting it takes as long as some pictures
_POSITIVE = Polarity.POSITIVE
_CHANGED = Unfit(problem="was changed while it was read", fix="hand it in again when it stays as it is")
UNNAMED = "not named here"  # whose reference it collides with is the unit's to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One row of the sheet, and what the gate says of it."""

    row: int
    name: str  # the holder's own
    kind: str  # "reference" or "mark"
    sha256: str | None  # of a picture
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """
    What a sheet would do; `unjudged` pictures came after the first two hundred.

    `opened` says by SHA-256, and whether it is a logo, why a picture is not taken at all; None of one that is.
    """

    previews: tuple[Preview, ...]
    unjudged: int
    opened: Mapping[tuple[str, bool], Unfit | None] = field(default_factory=dict)

    def standing(self, report: ImportReport) -> Ahead:
        """Without the rows that the import refused."""
        refused = {refusal.row for refusal in report.refusals}
        kept = tuple(each for each in self.previews if each.row not in refused)
        return replace(self, previews=kept)

    @property
    def stopped(self) -> tuple[Preview, ...]:
        """Those that are not fit to identify anyone."""
        return tuple(each for each in self.previews if not each.judgement.is_fit)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is stopped and why, each in a line."""
        return tuple(
            f"row {each.row}: {each.kind} {each.name} is not fit to identify by itself. "
            f"{' '.join(reason.because for reason in each.judgement.faults)} It {each.judgement.dry_run}."
            for each in self.stopped
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    row: int
    ref: str
    file: str
    medium: Medium
    polarity: Polarity
    holder: str  # id; "" for one that cannot be told

    @property
    def is_logo(self) -> bool:
        """Whether it is looked for inside photos, on any ground."""
        return self.medium is Medium.LOGO


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    row: _Row
    sha256: str
    hashed: PhotoHash
    detail: Detail


def look_ahead(workspace: Workspace, kind: str, file: Path, *, scope: Scope, most: int | None = MOST_JUDGED) -> Ahead:
    """
    Judge what a sheet of rights or references would bring; other sheets bring nothing that identifies by itself.

    Each row is judged as its holder's: the scope's, else whom the row names or whose right, product or work it shows.
    Of pictures, `most` are judged; None: all. Nothing is written. Raises `RegistryError` as the import does.
    """
    if kind not in (SheetKind.RIGHTS.value, SheetKind.REFERENCES.value):
        return Ahead(previews=(), unjudged=0)
    sheet, _ = read_sheet(file, SheetKind(kind))
    with workspace.database.read() as connection:
        if kind == SheetKind.RIGHTS.value:
            return Ahead(previews=tuple(_marks(workspace, connection, sheet, scope)), unjudged=0)
        rows = _picture_rows(connection, sheet, scope)
    return _pictures(workspace, rows, file.parent, most)


def take_in(
    workspace: Workspace, kind: str, file: Path, *, scope: Scope, dry_run: bool, by: str, clock: Clock, ids: NewId
) -> tuple[ImportReport, Ahead]:
    """
    Import a sheet, or a folder or ZIP of references: the way of every door, the command line's too.

    What the gate stops comes in withdrawn, in the same transaction. Two people put it back. Whoever only tries waits
    for two hundred verdicts at most; nothing goes live without one. Raises `RegistryError`.
    """
    if kind == SheetKind.REFERENCES.value and file.is_file() and file.suffix.casefold() == ".zip":
        with tempfile.TemporaryDirectory() as name:
            unpack(file, Path(name))
            inside = root_of(Path(name))
            return take_in(workspace, kind, inside, scope=scope, dry_run=dry_run, by=by, clock=clock, ids=ids)
    if kind == SheetKind.REFERENCES.value and file.is_dir():
        file = sheet_of(file)
    ahead = look_ahead(workspace, kind, file, scope=scope, most=MOST_JUDGED if dry_run else None)
    verdicts = {
        (each.name, each.sha256): ", ".join(reason.fault.value for reason in each.judgement.faults)
        for each in ahead.previews
        if each.sha256 is not None
    }

    def check(data: bytes, *, is_logo: bool) -> None:
        unfit = ahead.opened.get((sha256_of(data), is_logo), _CHANGED)
        if unfit is not None:
            raise PhotoUnfit(unfit.problem, unfit.fix)

    report = import_file(
        workspace, kind, file, scope=scope, dry_run=dry_run, by=by, clock=clock, ids=ids,
        verdicts=verdicts, check_photo=check,
    )  # fmt: skip
    return report, ahead.standing(report)


def take_in_rows(
    workspace: Workspace, kind: str, rows: Rows, *, scope: Scope, dry_run: bool, by: str, clock: Clock, ids: NewId
) -> tuple[ImportReport, Ahead]:
    """Import rows that a program sent, as a JSON sheet of that kind. Raises `RegistryError`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.json"
        file.write_text(json.dumps(list(rows)), "utf-8")
        return take_in(workspace, kind, file, scope=scope, dry_run=dry_run, by=by, clock=clock, ids=ids)


def _holders(connection: Connection, sheet: Sheet, scope: Scope) -> dict[int, str]:
    """By row, the id of the holder it falls to; "" for one who is not registered yet, or cannot be told."""
    if scope.holder is not None:
        return {row.number: scope.holder for row in sheet.rows}
    named = {party.legal_name: party.id for party in Parties(connection, EVERYTHING).find()}
    rows = _cells(sheet, SheetKind.REFERENCES, "holder", "right_ref", "product_ref", "work_ref")
    repositories: tuple[type[ByRef[Any]], ...] = (Rights, Products, Works)
    owners: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for at, repository in enumerate(repositories, 1):
        for holder, ref in repository(connection, EVERYTHING).by_refs(cells[at] for _, cells in rows if cells[at]):
            owners[at, ref].add(holder)
    found = {}
    for row, cells in rows:
        shown = [owners[at, cells[at]] for at in (1, 2, 3) if cells[at]]
        common = set.intersection(*shown) if shown else set()
        alone = next(iter(common)) if len(common) == 1 else ""
        found[row] = named.get(cells[0], "") if cells[0] else alone
    return found


def _cells(sheet: Sheet, kind: SheetKind, *heads: str) -> list[tuple[int, tuple[str, ...]]]:
    """
    The number and the text of these columns in each row, cleaned as the import cleans it; empty where one is missing.

    Rows that the import refuses for them are left out.
    """
    found = []
    for row in sheet.rows:
        line = Line(kind, sheet.heads, row, formulas=sheet.formulas)
        texts = tuple(line.one(head, str) or "" for head in heads)
        if line.stands:
            found.append((row.number, texts))
    return found


def _marks(workspace: Workspace, connection: Connection, sheet: Sheet, scope: Scope) -> list[Preview]:
    holders = _holders(connection, sheet, scope)
    rights = Rights(connection, EVERYTHING).find()
    known = {(right.holder, right.right_ref): right.mark_text for right in rights}
    owners: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for right in rights:
        if right.mark_text:
            owners[words_of(right.mark_text)].add(right.holder)
    stored = _count_listings(connection)
    found = []
    for row, (ref, text) in _cells(sheet, SheetKind.RIGHTS, "right_ref", "mark_text"):
        holder = holders.get(row, "")
        if not text or known.get((holder, ref)) == text:
            continue
        terms = terms_of(connection, (), exact=title_words(text))
        bearing = newest_bearing(connection, terms, limit=MOST_LISTINGS) if terms else []
        judged = judge_name(
            text,
            uses=[Use(listing=listing, seller="", title="", is_named=True) for listing in bearing],
            stored=stored,
            other_holders=[UNNAMED] if owners[words_of(text)] - {holder} else [],
            platforms=workspace.declarations.platforms.keys(),
            policy=workspace.declarations.policy.gate,
        )
        found.append(Preview(row=row, name=ref, kind="mark", sha256=None, judgement=judged))
    return found


def _picture_rows(connection: Connection, sheet: Sheet, scope: Scope) -> list[tuple[_Row, Reference | None]]:
    """The rows that bring a picture, each with the reference that is stored under its name."""
    holders = _holders(connection, sheet, scope)
    found = []
    for row in sheet.rows:
        line = Line(SheetKind.REFERENCES, sheet.heads, row, formulas=sheet.formulas)
        ref, file = line.one("reference_ref", read_ref), line.one("file", str)
        medium = line.one("medium", read_word(Medium))
        polarity = line.one("polarity", read_word(Polarity)) or Polarity.POSITIVE
        # A row that does not stand is refused by the import, with its reason.
        if line.stands and ref and file and medium:
            holder = holders.get(row.number, "")
            found.append(_Row(row=row.number, ref=ref, file=file, medium=medium, polarity=polarity, holder=holder))
    known = References(connection, EVERYTHING).by_refs(each.ref for each in found)
    return [(each, known.get((each.holder, each.ref))) for each in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A picture to be opened, and `judged`: read by the gate."""

    row: _Row
    sha256: str
    data: bytes
    judged: bool


class _Opening:
    """Which pictures of a sheet have to be opened, told row by row, so that bytes are read when somebody is free."""

    def __init__(self, folder: Path, most: int | None) -> None:
        self._folder = folder
        self._most = most
        self.to_judge = 0
        self.opened: dict[tuple[str, bool], Unfit | None] = {}

    def wanted(self, rows: Sequence[tuple[_Row, Reference | None]]) -> Iterator[_Wanted]:
        """Those that are new or changed, in the order of their rows; beyond the most that are judged, to check."""
        for row, stored in rows:
            try:
                data = read_inside(self._folder, row.file, MAX_PHOTO_BYTES)
            except BadCell:
                continue  # the import refuses the row with its reason
            sha256 = sha256_of(data)
            is_known = stored is not None and stored.sha256 == sha256
            if is_known:
                self.opened[sha256, row.is_logo] = None  # it was opened when it came in
            is_judged = row.polarity is not Polarity.NEGATIVE and not (
                is_known and stored and (stored.medium, stored.polarity) == (row.medium, _POSITIVE)
            )
            self.to_judge += is_judged
            if is_judged and (self._most is None or self.to_judge <= self._most):
                yield _Wanted(row=row, sha256=sha256, data=data, judged=True)
            elif not is_known:
                yield _Wanted(row=row, sha256=sha256, data=data, judged=False)

    @property
    def unjudged(self) -> int:
        """How many come after the most that are judged."""
        return 0 if self._most is None else max(self.to_judge - self._most, 0)


def _open(worker: PhotoWorker, wanted: _Wanted) -> tuple[_Row, str, Examined]:
    return wanted.row, wanted.sha256, examine_apart(worker, wanted.data, wanted.row.medium, judged=wanted.judged)


def _pictures(
    workspace: Workspace, rows: Sequence[tuple[_Row, Reference | None]], folder: Path, most: int | None
) -> Ahead:
    """
    Judge the pictures of these rows, opened by one process a core.

    In lots, so that neither a transaction nor memory grows with the sheet.
    """
    previews: list[Preview] = []
    opening = _Opening(folder, most)
    with PhotoCrew(min(os.cpu_count() or 1, 1 + len(rows) // _PICTURES_A_CHILD)) as crew:
        for start in range(0, len(rows), _PICTURES_A_LOT):
            pictures: defaultdict[str, list[_Picture]] = defaultdict(list)
            faulty: list[tuple[_Row, str, Reason]] = []
            for row, sha256, found in crew.in_order(_open, opening.wanted(rows[start : start + _PICTURES_A_LOT])):
                opening.opened[sha256, row.is_logo] = found if isinstance(found, Unfit) else None
                if isinstance(found, Reason):
                    faulty.append((row, sha256, found))
                elif isinstance(found, tuple):
                    pictures[row.holder].append(_Picture(row=row, sha256=sha256, hashed=found[0], detail=found[1]))
            with workspace.database.read() as connection:
                count = _count_listings(connection)
                for row, sha256, reason in faulty:
                    judgement = Judgement(faults=(reason,), matched=0, stored=count)
                    previews.append(_preview(row, sha256, judgement))
                for holder, own in pictures.items():
                    previews += _beside(workspace, connection, own, holder, count)
    ordered = tuple(sorted(previews, key=lambda each: each.row))
    return Ahead(previews=ordered, unjudged=opening.unjudged, opened=opening.opened)


def _preview(row: _Row, sha256: str, judgement: Judgement) -> Preview:
    return Preview(row=row.row, name=row.ref, kind="reference", sha256=sha256, judgement=judgement)


def _beside(
    workspace: Workspace, connection: Connection, pictures: Sequence[_Picture], holder: str, stored: int
) -> list[Preview]:
    """The pictures beside every stored photo and every reference."""
    policy = workspace.declarations.policy
    alike = _alike(connection, pictures, policy.photos.accept_bits)
    shas = set().union(*alike.values()) if alike else set()
    uses = _uses(connection, shas, holder)
    collisions: defaultdict[str, list[Reference]] = defaultdict(list)
    references = References(connection, EVERYTHING)
    for lot in in_lots(shas):
        for reference in references.find(references.table.c.sha256.in_(lot)):
            collisions[reference.sha256].append(reference)
    found = []
    for at, picture in enumerate(pictures):
        near = [reference for sha256 in alike[at] for reference in collisions[sha256]]
        own = {use.listing: use for sha256 in alike[at] for use in uses.get(sha256, ())}
        judged = judge_picture(
            picture.detail,
            medium=picture.row.medium,
            uses=list(own.values()),
            stored=stored,
            other_holders=[UNNAMED] if any(each.holder != holder for each in near) else [],
            left_alone=[UNNAMED] if any(each.polarity is not Polarity.POSITIVE for each in near) else [],
            policy=policy.gate,
        )
        found.append(_preview(picture.row, picture.sha256, judged))
    return found


def _alike(connection: Connection, pictures: Sequence[_Picture], radius_bits: int) -> dict[int, set[str]]:
    """By place of the picture, the stored photos and references that show it or a part of it, its own bytes too."""
    alike: dict[int, set[str]] = {at: {picture.sha256} for at, picture in enumerate(pictures)}
    codes = [(at, code.pdq.code) for at, picture in enumerate(pictures) for code in picture.hashed.codes]
    if not codes:
        return alike
    owners = np.array([at for at, _ in codes], dtype=np.uint64)
    index = CodeIndex.of(code_words([code for _, code in codes]), np.arange(len(codes), dtype=np.uint64))
    prints, after = tables.fingerprint.c, ("", "")
    place = tuple_(prints.sha256, prints.variant)
    while True:
        query = select(prints.sha256, prints.variant, prints.value).where(
            prints.algorithm == PDQ, prints.version == HASH_VERSION, place > after
        )
        rows = connection.execute(query.order_by(prints.sha256, prints.variant).limit(_PHOTOS_A_READ)).all()
        if not rows:
            return alike
        near = index.search(code_words([row.value for row in rows]), radius_bits)
        for query_at, label in zip(near.queries.tolist(), near.labels.tolist(), strict=True):
            alike[int(owners[label])].add(rows[query_at].sha256)
        after = (rows[-1].sha256, rows[-1].variant)


def _uses(connection: Connection, shas: Collection[str], holder: str) -> Mapping[str, list[Use]]:
    """By photo, the listings that show it, and whether each names something of the holder's."""
    image, listing, word = tables.listing_image.c, tables.listing.c, tables.listing_word.c
    shown: list[Any] = []  # Any: rows of four columns
    for lot in in_lots(shas):
        query = (
            select(image.sha256, listing.id, listing.platform, listing.seller)
            .join(tables.listing, listing.id == image.listing)
            .where(image.sha256.in_(lot), image.refused.is_(None))
        )
        shown += connection.execute(query).all()
    said: defaultdict[str, set[str]] = defaultdict(set)
    for lot in in_lots({row.id for row in shown}):
        for each in connection.execute(select(word.listing, word.word).where(word.listing.in_(lot))):
            said[each.listing].add(each.word)
    own = Scope(holder=holder, compartment=None)
    names = [right.mark_text for right in Rights(connection, own).find() if right.mark_text]
    names += [product.name for product in Products(connection, own).find()]
    wanted = [frozenset(title_words(name)) for name in names if title_words(name)]
    uses: defaultdict[str, list[Use]] = defaultdict(list)
    for row in shown:
        uses[str(row.sha256)].append(
            Use(
                listing=row.id,
                seller=row.seller or row.id,
                title=row.platform,
                is_named=any(words <= said[row.id] for words in wanted),
            )
        )
    return uses


def _count_listings(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(tables.listing)).scalar_one())
