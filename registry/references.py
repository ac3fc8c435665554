"""References: a folder of pictures with a sheet that says what each shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from registry import cells
from registry.archive import unpack
from registry.columns import SheetKind
from registry.errors import BadCell, PhotoUnfit, UnreadableFile
from registry.importer import Errand, Importer, Outcome, Writes, import_sheet, settle
from registry.known import Known
from registry.lines import Line
from registry.photos import MAX_PHOTO_BYTES, PhotoCheck, check_photo
from registry.report import ImportReport
from store.db.parties import Parties
from store.db.references import References
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.parties import Party
from store.records.references import Medium, Polarity, Reference
from store.records.scope import EVERYTHING

_SHEETS = ("references.csv", "references.xlsx", "references.json")
UNJUDGED = "not_judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceDraft:
    """A row before anything stored is known: `reference` names right, product and work by the holder's references."""

    reference: Reference
    holder: str | None  # legal name; None where the sheet leaves it to the right, product or work


def import_references(
    database: Database,
    vault: Vault,
    file: Path,
    *,
    dry_run: bool,
    clock: Clock,
    by: str,
    new_id: NewId = new_id,
    only: str | None = None,
    verdicts: Mapping[tuple[str, str], str] | None = None,
    check_photo: PhotoCheck = check_photo,
) -> ImportReport:
    """
    Import a folder with `references.csv` (or .xlsx, .json) and its pictures; `file`: folder, ZIP of it, or sheet.

    Rights, products and works must be registered. Pictures go into the vault; nothing is made of them here. What
    `verdicts`, by reference and SHA-256 of its picture, stop or leave out comes in withdrawn, with why in the audit
    trail; None: nobody judges. `check_photo` raises `PhotoUnfit` for what is not taken at all.
    Raises `UnreadableFile`, `WrongHeads`.
    """
    if file.is_file() and file.suffix.casefold() == ".zip":
        with TemporaryDirectory() as unpacked:
            unpack(file, Path(unpacked))
            return import_references(
                database, vault, root_of(Path(unpacked)),
                dry_run=dry_run, clock=clock, by=by, new_id=new_id, only=only, verdicts=verdicts,
                check_photo=check_photo,
            )  # fmt: skip
    if file.is_dir():
        file = sheet_of(file)
    return import_sheet(
        ReferencesImporter,
        database,
        vault,
        file,
        dry_run=dry_run,
        clock=clock,
        by=by,
        new_id=new_id,
        only=only,
        verdicts=verdicts,
        check_photo=check_photo,
    )


def root_of(folder: Path) -> Path:
    """Where the sheet of an unpacked archive would lie: in it, or in the one folder that it holds."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def sheet_of(folder: Path) -> Path:
    """The sheet of a folder of pictures. Raises `UnreadableFile` where there is none, or more than one."""
    found = [folder / name for name in _SHEETS if (folder / name).is_file()]
    if not found:
        raise UnreadableFile(str(folder), "holds no references.csv", "start from `marque references template`")
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise UnreadableFile(str(folder), f"holds {names}", "keep one of them")
    return found[0]


def has_sheet(folder: Path) -> bool:
    """Whether a folder says by itself what its pictures show."""
    return any((folder / name).is_file() for name in _SHEETS)


def is_judged_alike(one: Reference, other: Reference) -> bool:
    """Whether a verdict on one holds for the other: the same picture, shown as the same thing."""
    return (one.sha256, one.medium, one.polarity) == (other.sha256, other.medium, other.polarity)


class ReferencesImporter(Importer[ReferenceDraft]):
    """Reads and lays down the rows of a references sheet."""

    kind = SheetKind.REFERENCES

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand)
        self._known = Known()
        self._references: dict[tuple[str, str], Reference] = {}
        self._holders: dict[str, Party] = {}
        self._placed: dict[tuple[str, str], int] = {}  # rows that leave their holder open show their double only here

    def read(self, line: Line) -> ReferenceDraft | None:
        """The row alone."""
        ref = line.one("reference_ref", cells.read_ref)
        file = line.one("file", str)
        medium = line.one("medium", cells.read_word(Medium))
        right_ref = line.one("right_ref", cells.read_ref)
        product_ref = line.one("product_ref", cells.read_ref)
        work_ref = line.one("work_ref", cells.read_ref)
        polarity = line.one("polarity", cells.read_word(Polarity))
        photo_owner = line.one("photo_owner", cells.read_short)
        holder = line.one("holder", cells.read_short)
        if right_ref is None and product_ref is None and work_ref is None and line.stands:
            line.refuse("right_ref", "is empty, like product_ref and work_ref", "write what the picture shows")
        if ref is None or file is None or medium is None or not line.stands:
            return None
        reference = Reference(
            id="", reference_ref=ref, holder="", right=right_ref, product=product_ref, work=work_ref, medium=medium,
            polarity=polarity or Polarity.POSITIVE, sha256="", photo_owner=photo_owner,
        )  # fmt: skip
        return ReferenceDraft(reference=reference, holder=holder)

    def key(self, draft: ReferenceDraft) -> tuple[str, ...]:
        """Holder, where named, and reference."""
        return (*([draft.holder] if draft.holder else []), draft.reference.reference_ref)

    def collect(self, line: Line, draft: ReferenceDraft) -> ReferenceDraft:
        """With the picture checked and kept."""
        check = partial(self._check, is_logo=draft.reference.medium is Medium.LOGO)
        digest = self.keep_file(line, "file", check, MAX_PHOTO_BYTES)
        return draft if digest is None else replace(draft, reference=replace(draft.reference, sha256=digest))

    def _check(self, data: bytes, *, is_logo: bool) -> None:
        try:
            self.errand.check_photo(data, is_logo=is_logo)
        except PhotoUnfit as error:
            raise BadCell(error.problem, error.fix) from error

    def look_up(self, connection: Connection, drafts: Sequence[ReferenceDraft]) -> None:
        """Whatever these rows name, of every holder, and whose it is."""
        references = [draft.reference for draft in drafts]
        self._known.look_up(
            connection,
            holders=[draft.holder for draft in drafts if draft.holder],
            rights=[reference.right for reference in references if reference.right],
            products=[reference.product for reference in references if reference.product],
            works=[reference.work for reference in references if reference.work],
        )
        self._references = References(connection, EVERYTHING).by_refs(
            reference.reference_ref for reference in references
        )
        ids = {key[0] for known in (self._known.rights, self._known.products, self._known.works) for key in known}
        parties = Parties(connection, EVERYTHING)
        self._holders = {party.id: party for party in parties.find(parties.table.c.id.in_(sorted(ids)))}

    def place(self, line: Line, draft: ReferenceDraft, writes: Writes) -> Outcome | None:
        """The reference with its holder, right, product and work by their ids."""
        holder = self._holder(line, draft)
        if holder is None:
            return None
        asked = draft.reference
        rights = self._known.right_ids(line, "right_ref", holder, [asked.right] if asked.right else [])
        products = self._known.product_ids(line, "product_ref", holder, [asked.product] if asked.product else [])
        works = self._known.work_ids(line, "work_ref", holder, [asked.work] if asked.work else [])
        if not line.stands:
            return None
        new = replace(
            asked, id=self.errand.new_id(), holder=holder.id, right=next(iter(rights), None),
            product=next(iter(products), None), work=next(iter(works), None),
        )  # fmt: skip
        first = self._placed.setdefault((holder.id, new.reference_ref), line.number)
        if first != line.number:
            line.refuse("reference_ref", f"stands in row {first} already", "keep one of the two, or rename one")
        stored = self._references.get((holder.id, new.reference_ref))
        reference, outcome = settle(new, stored, line)
        self._check_right(line, draft, holder)
        if not line.stands:
            return None
        if outcome is not Outcome.UNCHANGED:
            why = self._stopped(reference, stored)
            if why:
                reference = replace(reference, withdrawn_on=self.errand.clock().date())
                writes.enter("withdraw_reference", "reference", reference.id, {"faults": why})
            writes.put(References, reference, outcome)
        return outcome

    def _stopped(self, reference: Reference, stored: Reference | None) -> str:
        """Why this reference may not go live, "" where it may: only what it shows, and as what, was judged."""
        verdicts = self.errand.verdicts
        if verdicts is None or reference.polarity is Polarity.NEGATIVE or reference.withdrawn_on is not None:
            return ""
        if stored is not None and is_judged_alike(reference, stored):
            return ""
        return verdicts.get((reference.reference_ref, reference.sha256), UNJUDGED)

    def _check_right(self, line: Line, draft: ReferenceDraft, holder: Party) -> None:
        """Refuse a right that the product or work shown does not bear."""
        asked = draft.reference
        right = self._known.rights.get((holder.id, asked.right or ""))
        if right is None:
            return
        if asked.product and right.id not in self._known.products[(holder.id, asked.product)].rights:
            line.refuse("right_ref", f"is no right of product {asked.product}", "write one it bears")
        if asked.work and right.id not in self._known.works[(holder.id, asked.work)].rights:
            line.refuse("right_ref", f"is no right in work {asked.work}", "write one of its right_refs")

    def _holder(self, line: Line, draft: ReferenceDraft) -> Party | None:
        """Whose reference it is: as the row says, else the one holder who uses all the names of the row."""
        if draft.holder is not None:
            return self._known.holder(line, draft.holder)
        asked = draft.reference
        sources = (
            ("right_ref", asked.right, self._known.rights),
            ("product_ref", asked.product, self._known.products),
            ("work_ref", asked.work, self._known.works),
        )
        candidates = set(self._holders)
        for column, ref, known in sources:
            if ref is None:
                continue
            owners = {holder for holder, name in known if name == ref}
            if not owners:
                kind = column.removesuffix("_ref")
                line.refuse(column, f"no {kind} {ref[:80]!r} is registered", f"import the {kind}s that name it first")
                return None
            candidates &= owners
        if len(candidates) == 1:
            return self._holders[candidates.pop()]
        if candidates:
            names = ", ".join(sorted(self._holders[holder].legal_name for holder in candidates))
            line.refuse("holder", f"could be of {names}", "add a column holder and name whose it is")
        else:
            line.refuse("right_ref", "right, product and work are of different holders", "name those of one holder")
        return None
