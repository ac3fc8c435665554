"""The door for whoever imports: any kind of sheet by its name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from registry.columns import SheetKind
from registry.photos import PhotoCheck, check_photo
from registry.products import import_products
from registry.recheck import recheck_rights
from registry.references import import_references
from registry.report import ImportReport
from registry.rights import import_rights
from registry.sellers import import_sellers
from registry.templates import kind_of
from registry.works import import_works
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id

_IMPORTS = {
    SheetKind.RIGHTS: import_rights,
    SheetKind.PRODUCTS: import_products,
    SheetKind.WORKS: import_works,
    SheetKind.SELLERS: import_sellers,
    SheetKind.RECHECK: recheck_rights,
}


def import_records(
    kind: str,
    database: Database,
    vault: Vault,
    source: Path,
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
    Import a sheet of that kind: rights, products, works, sellers, what registers say now, or a references folder.

    `only` is the legal name of the one holder whose rows may come in: a row that names another is refused, one that
    may leave its holder open is taken for theirs. References that `verdicts`, by name and SHA-256 of the
    picture, stop or leave out come in withdrawn, with why; None: nobody judges. `check_photo` refuses pictures
    that are not taken at all: in this process, unless whoever calls has had them opened elsewhere.

    Bad rows stand in the report's refusals and good ones come in. Raises `RegistryError` when nothing of the file
    can be imported (`UnknownKind`, `UnreadableFile`, `WrongHeads`).
    """
    which = kind_of(kind)
    references = partial(import_references, verdicts=verdicts, check_photo=check_photo)
    take = references if which is SheetKind.REFERENCES else _IMPORTS[which]
    return take(database, vault, source, dry_run=dry_run, clock=clock, by=by, new_id=new_id, only=only)
