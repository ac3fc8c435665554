"""Registering at the portal: sheets and photos, tried first, then taken in; each refusal with row, column and fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from console.previewing import take_in
from console.uploading import Handed, count_rows, handing_in, keep, part_of
from console.web.desk import Here, Visit, go, render
from console.web.errors import Missing
from console.web.holder.dropped import MOST_PHOTOS, lay_down, rows_of
from console.web.words import gettext as _
from registry.errors import RegistryError
from registry.references import sheet_of
from registry.templates import template
from store.db.products import Products
from store.db.references import References
from store.db.rights import Rights
from store.db.seller_rules import SellerRules
from store.db.uploads import Uploads
from store.db.works import Works

router = APIRouter(include_in_schema=False)

KINDS = ("rights", "products", "works", "sellers")
ENDINGS = (".csv", ".xlsx", ".json")
SHOWN = 300  # refusals on the page
SHOWN_UPLOADS = 10  # the newest


@router.get("/")
def overview(request: Request, here: Here) -> Response:
    """What is registered, and where to add to it."""
    return _page(request, here)


def _page(request: Request, here: Visit, *, status: int = 200, message: str = "") -> Response:
    with here.read() as connection:
        counts = {
            "rights": Rights(connection, here.scope).count(),
            "products": Products(connection, here.scope).count(),
            "works": Works(connection, here.scope).count(),
            "references": References(connection, here.scope).count(),
            "sellers": SellerRules(connection, here.scope).count(),
        }
        uploads = Uploads(connection, here.scope).find()[::-1]
    return render(
        request,
        "holder/register.html",
        status,
        counts=counts,
        kinds=KINDS,
        message=message,
        uploads=uploads[:SHOWN_UPLOADS],
    )


@router.get("/register/{kind}/template.csv")
def empty_sheet(kind: str) -> Response:
    """The sheet to start from."""
    if kind not in KINDS:
        raise Missing(_("There is no such sheet."))
    headers = {"content-disposition": f'attachment; filename="{kind}.csv"'}
    return Response(template(kind), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/register/photos")
def photos(
    request: Request,
    here: Here,
    files: Annotated[list[UploadFile] | None, File()] = None,
    shows: Annotated[str, Form(pattern="^(right|product|work)$")] = "product",
    ref: Annotated[str, Form(max_length=200)] = "",
    medium: Annotated[str, Form(pattern="^(photo|logo|still)$")] = "photo",
    act: Annotated[str, Form(pattern="^(try|take)$")] = "try",
) -> Response:
    """Photos by name, by folder, or in a ZIP, which may bring its own sheet of what each of them shows."""
    given = [file for file in files or () if file.filename]
    if not given:
        return _page(request, here, status=400, message=_("Choose photos, and say what they show."))
    if len(given) > MOST_PHOTOS:
        message = _("At most %(most)s files at once; more come in a ZIP.") % {"most": MOST_PHOTOS}
        return _page(request, here, status=413, message=message)
    with handing_in(here.desk.workspace, here.desk.ids) as handed:
        folder = handed.folder
        try:
            pictures = lay_down(given, folder)
        except RegistryError as error:
            return _page(request, here, status=400, message=str(error))
        if isinstance(pictures, Path):
            return _import(request, here, handed, "references", pictures, is_trial=act == "try")
        rows = rows_of(pictures, shows=shows, ref=ref.strip(), medium=medium)
        if not rows or any(not row[f"{shows}_ref"] for row in rows):
            message = _("Say what they show, or name each folder after it.")
            return _page(request, here, status=400, message=message)
        sheet = folder / "references.json"
        sheet.write_text(json.dumps(rows), "utf-8")
        names = [picture.name for picture in pictures]
        return _import(request, here, handed, "references", sheet, is_trial=act == "try", names=names)


@router.post("/register/{kind}")
def sheet(
    request: Request,
    here: Here,
    kind: str,
    file: Annotated[UploadFile | None, File()] = None,
    act: Annotated[str, Form(pattern="^(try|take)$")] = "try",
) -> Response:
    """A sheet: tried (nothing is written), or taken in; taken again, it changes nothing."""
    if kind not in KINDS:
        raise Missing(_("There is no such sheet."))
    ending = Path(file.filename or "").suffix.casefold() if file else ""
    if file is None or ending not in ENDINGS:
        message = _("Choose a sheet as CSV, XLSX or JSON.")
        return _page(request, here, status=400, message=message)
    with handing_in(here.desk.workspace, here.desk.ids) as handed:
        target = handed.folder / f"{kind}{ending}"
        with target.open("wb") as out:
            while part := file.file.read(1 << 20):
                out.write(part)
        return _import(request, here, handed, kind, target, is_trial=act == "try")


def _import(
    request: Request,
    here: Visit,
    handed: Handed,
    kind: str,
    file: Path,
    *,
    is_trial: bool,
    names: list[str] | None = None,
) -> Response:
    """Done at once, or kept for the worker where it would take longer than anybody waits."""
    workspace = here.desk.workspace
    called = dict(enumerate(names or (), 1))
    try:
        if file.is_dir():  # of an archive that brought a sheet of its own
            file = sheet_of(file)
        if here.scope.holder is not None and count_rows(kind, file) > part_of(kind):
            upload = keep(
                workspace,
                handed,
                kind,
                file,
                holder=here.scope.holder,
                is_trial=is_trial,
                names=called,
                by=here.by,
                clock=here.desk.clock,
                ids=here.desk.ids,
            )
            return go(f"/register/uploads/{upload.id}")
        report, ahead = take_in(
            workspace,
            kind,
            file,
            scope=here.scope,
            dry_run=is_trial,
            by=here.by,
            clock=here.desk.clock,
            ids=here.desk.ids,
        )
    except RegistryError as error:
        # Their own folder is no business of ours to name, nor ours of theirs.
        message = str(error).replace(str(file), kind)
        return _page(request, here, status=400, message=message)
    held = [] if is_trial else [each.name for each in ahead.stopped if each.kind == "reference"]
    return render(
        request,
        "holder/report.html",
        report=report,
        ahead=ahead,
        shown=sorted(ahead.previews, key=lambda each: (each.judgement.is_fit, -each.judgement.matched))[:SHOWN],
        held=held,
        refusals=report.refusals[:SHOWN],
        names=called,
    )
