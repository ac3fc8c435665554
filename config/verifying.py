"""
A named person's word that a profile agrees with its sources: written into the workspace's own copy, with its day.

The copy keeps the digest of the shipped file it was compared with, so that a shipped file that was corrected later
is noticed, and no verification is renewed over it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tomlkit

from config.declaration import check, read_toml
from config.declarations import SHIPPED
from config.errors import MissingDeclaration, ShippedChanged
from config.profile import Profile
from config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCopy:
    """One profile as a workspace has it, beside what is shipped."""

    file: Path  # what is in force
    shipped: Path | None  # None: the workspace's own alone
    is_own: bool  # the file is the workspace's

    @property
    def shipped_sha256(self) -> str | None:
        """Digest of the shipped file, hex."""
        return hashlib.sha256(self.shipped.read_bytes()).hexdigest() if self.shipped else None

    def read(self) -> Profile:
        """The profile in force. Raises its file's mistake."""
        return check(Profile, read_toml(self.file), str(self.file))

    def outdated(self) -> str | None:
        """Why the workspace's copy is not of the file shipped now; None where it is, or where nothing is shipped."""
        if not self.is_own or self.shipped is None:
            return None
        mine = self.read()
        theirs = check(Profile, read_toml(self.shipped), str(self.shipped))
        compared = mine.verified.shipped_sha256 if mine.verified else None
        if compared is not None and compared != self.shipped_sha256:
            return "the shipped file is not the one it was compared with"
        if mine.version != theirs.version:
            return f"it is version {mine.version}, shipped is version {theirs.version}"
        return None


def copy_of(settings: Settings, name: str) -> ProfileCopy:
    """Where a profile stands. Raises `MissingDeclaration`."""
    shipped, own = SHIPPED / "profiles" / f"{name}.toml", settings.profiles / f"{name}.toml"
    if not shipped.exists() and not own.exists():
        folders = (SHIPPED / "profiles", settings.profiles)
        known = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
        raise MissingDeclaration("profile", name, known, None)
    return ProfileCopy(
        file=own if own.exists() else shipped,
        shipped=shipped if shipped.exists() else None,
        is_own=own.exists(),
    )


def verify_profile(settings: Settings, name: str, *, by: str, today: date) -> ProfileCopy:
    """
    Write who compared the profile with its sources, and when, into the workspace's copy, made where there is none.

    Everything else in the file, comments too, stays as it is. Raises `MissingDeclaration`, the mistake of a file that
    is none, and `ShippedChanged` where the shipped file changed since the copy was made.
    """
    found = copy_of(settings, name)
    why = found.outdated()
    if why is not None:
        raise ShippedChanged(str(found.file), str(found.shipped), why)
    document = tomlkit.parse(found.file.read_text("utf-8"))
    verified = tomlkit.table()
    verified.update({"by": by, "on": today})
    if found.shipped_sha256 is not None:
        verified["shipped_sha256"] = found.shipped_sha256
    document["verified"] = verified
    own = settings.profiles / f"{name}.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    text = tomlkit.dumps(document)
    check(Profile, tomlkit.parse(text).unwrap(), str(own))
    part = own.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(own)
    return copy_of(settings, name)
