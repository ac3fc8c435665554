"""Photos as they were dropped on the page, or packed in a ZIP, become files of our own names and rows of a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi import UploadFile

from registry.archive import is_zip, unpack
from registry.errors import UnreadableFile
from registry.photos import MAX_PHOTO_BYTES
from registry.references import has_sheet, root_of

MOST_PHOTOS = 900  # files of one upload, below the 1,000 parts a form may have; more come in a ZIP
_PART_BYTES = 1 << 20
_REF_SIGNS = 80  # of a name a reference goes by


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One file that was handed in."""

    name: str  # as the holder calls it, with its folder; for reading, never for opening
    file: str  # our own name for it, in the folder


def lay_down(given: Sequence[UploadFile], folder: Path) -> list[Picture] | Path:
    """
    Write what was handed in into a folder, part by part; gives the pictures, or the folder of a ZIP with a sheet.

    A file's bytes tell whether it is a ZIP. Raises `UnreadableFile` for archives that are not opened, and for an
    archive with a sheet that does not come alone.
    """
    pictures: list[Picture] = []
    for number, file in enumerate(given, 1):
        name = file.filename or ""
        target = folder / f"{number}.photo"
        start = file.file.read(8)
        file.file.seek(0)
        if not is_zip(start):
            # One byte more than is taken: the picture's own check then says that it is too large.
            target.write_bytes(file.file.read(MAX_PHOTO_BYTES + 1))
            pictures.append(Picture(name=name, file=target.name))
            continue
        with target.open("wb") as out:
            while part := file.file.read(_PART_BYTES):
                out.write(part)
        inside = folder / str(number)
        inside.mkdir()
        shown = PurePosixPath(name).name
        unpacked = unpack(target, inside, name=shown)
        target.unlink()
        root = root_of(inside)
        if has_sheet(root):
            if len(given) > 1:
                raise UnreadableFile(shown, "brings a sheet of its own", "hand it in alone")
            return root
        pictures += [
            Picture(name=str(path.relative_to(inside)), file=str(path.relative_to(folder))) for path in unpacked
        ]
    return pictures


def rows_of(pictures: Sequence[Picture], *, shows: str, ref: str, medium: str) -> list[dict[str, str]]:
    """
    Rows of a references sheet. Without `ref` a picture shows what its folder is named after, and is known by both.

    What a row shows is empty where neither says it.
    """
    rows = []
    for number, picture in enumerate(pictures, 1):
        place = PurePosixPath(picture.name)
        own = ref or place.parent.name.strip(".")
        stem = place.stem if ref else f"{own}-{place.stem}"
        known = re.sub(r"[^\w.-]+", "-", stem)[:_REF_SIGNS].strip("-.") or f"photo-{number}"
        rows.append({"reference_ref": known, "file": picture.file, "medium": medium, f"{shows}_ref": own})
    return rows
