"""
Everything declared, as one workspace has it: shipped files with the workspace's own laid over them.

One broken platform or profile file stops only itself; a broken policy or legal table stops everything, because
nothing may be judged under half a policy.
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import rfc8785

from config.declaration import check, overlay, read_toml
from config.errors import DeclarationError, MissingDeclaration, UnsafeDeclaration
from config.families import Family, below_platform
from config.law import Law
from config.platform import Platform
from config.policy import Policy
from config.profile import Profile
from config.protected import Protected, load_protected
from config.registers import Registers, load_registers
from config.settings import Settings

SHIPPED = Path(__file__).parent

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """The declarations in force, with the bytes they came from."""

    platforms: dict[str, Platform]
    profiles: dict[str, Profile]
    policy: Policy
    law: Law
    protected: Protected
    registers: Registers
    broken: dict[str, DeclarationError]  # file name: why it cannot be used
    archive: bytes  # canonical JSON of every file's text, kept in the vault under `digest`
    digest: str  # SHA-256 of `archive`

    def platform(self, name: str) -> Platform:
        """The platform of that name. Raises `MissingDeclaration`, or the mistake of its broken file."""
        return self._pick("platform", name, self.platforms)

    def profile(self, name: str) -> Profile:
        """The profile of that name. Raises `MissingDeclaration`, or the mistake of its broken file."""
        return self._pick("profile", name, self.profiles)

    def _pick(self, kind: str, name: str, known: dict[str, T]) -> T:
        if name in known:
            return known[name]
        for file, error in self.broken.items():
            if file == f"{kind}s/{name}.toml":
                raise error
        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise MissingDeclaration(kind, name, sorted(known), near[0] if near else None)


def _files(folder: str, settings: Settings, bases: tuple[Path, ...] | None = None) -> dict[str, Path]:
    """TOML files of one kind by name; the workspace's own replace shipped ones of the same name."""
    found: dict[str, Path] = {}
    for base in bases or (SHIPPED, settings.home):
        for path in sorted((base / folder).glob("*.toml")):
            found[path.stem] = path
    return found


def _read_platform(path: Path, families: dict[str, Path]) -> Platform:
    data = read_toml(path)
    family = data.get("family")
    if isinstance(family, str):
        if family not in families:
            near = difflib.get_close_matches(family, families, 1, 0.5)
            raise MissingDeclaration("family", family, sorted(families), near[0] if near else None)
        below = read_toml(families[family])
        check(Family, below, str(families[family]))
        data = overlay(below_platform(below), data)
    platform = check(Platform, data, str(path))
    if platform.name != path.stem:
        raise UnsafeDeclaration(str(path), f"it names itself {platform.name!r}; rename the file or the platform")
    return platform


def load_policy(settings: Settings) -> Policy:
    """The shipped policy with the workspace's own laid over it."""
    data: dict[str, Any] = read_toml(SHIPPED / "policy.toml")
    if settings.policy.exists():
        data = overlay(data, read_toml(settings.policy))
    return check(Policy, data, str(settings.policy if settings.policy.exists() else SHIPPED / "policy.toml"))


def load_law(settings: Settings) -> Law:
    """The legal table: the workspace's own rows stand before the shipped ones. Raises the mistake of either file."""
    shipped = check(Law, read_toml(SHIPPED / "law.toml"), str(SHIPPED / "law.toml"))
    if not settings.law.exists():
        return shipped
    own = check(Law, read_toml(settings.law), str(settings.law))
    return shipped.model_copy(update={"provisions": (*own.provisions, *shipped.provisions)})


def load_declarations(settings: Settings) -> Declarations:
    """
    Everything the workspace declares.

    Under a policy that says `exercise` the shipped platforms, which are real, are not known. Raises the policy's
    or the legal table's mistake, and `UnsafeDeclaration` when the policy says `exercise` while a platform is not on
    loopback. A broken platform or profile stands in `broken` and stops only what needs it.
    """
    policy = load_policy(settings)
    law = load_law(settings)
    protected = load_protected(settings.protected)
    registers = load_registers(settings.registers)
    families = _files("families", settings)
    platforms: dict[str, Platform] = {}
    profiles: dict[str, Profile] = {}
    broken: dict[str, DeclarationError] = {}
    used: dict[str, Path] = {f"families/{name}.toml": path for name, path in families.items()}
    # Where approval needs no person only the exercise's own platforms are known: the shipped ones are real.
    bases = (settings.home,) if policy.exercise else (SHIPPED, settings.home)
    for name, path in _files("platforms", settings, bases).items():
        used[f"platforms/{name}.toml"] = path
        try:
            platforms[name] = _read_platform(path, families)
        except DeclarationError as error:
            broken[f"platforms/{name}.toml"] = error
    for name, path in _files("profiles", settings).items():
        used[f"profiles/{name}.toml"] = path
        try:
            profiles[name] = check(Profile, read_toml(path), str(path))
        except DeclarationError as error:
            broken[f"profiles/{name}.toml"] = error
    used["policy.toml"] = SHIPPED / "policy.toml"
    if settings.policy.exists():
        used["workspace/policy.toml"] = settings.policy
    used["law.toml"] = SHIPPED / "law.toml"
    if settings.law.exists():
        used["workspace/law.toml"] = settings.law
    used["protected.toml"] = SHIPPED / "protected.toml"
    if settings.protected.exists():
        used["workspace/protected.toml"] = settings.protected
    used["registers.toml"] = SHIPPED / "registers.toml"
    if settings.registers.exists():
        used["workspace/registers.toml"] = settings.registers
    if policy.exercise:
        outside = sorted(name for name, platform in platforms.items() if not platform.is_loopback)
        if outside or any(file.startswith("platforms/") for file in broken):
            names = ", ".join(outside) or ", ".join(broken)
            raise UnsafeDeclaration(
                str(settings.policy),
                f"exercise = true approves without a person, and {names} is not known to be on loopback",
            )
    texts = {name: path.read_bytes().decode("utf-8", "replace") for name, path in sorted(used.items())}
    archive = rfc8785.dumps(texts)
    return Declarations(
        platforms=platforms,
        profiles=profiles,
        policy=policy,
        law=law,
        protected=protected,
        registers=registers,
        broken=broken,
        archive=archive,
        digest=hashlib.sha256(archive).hexdigest(),
    )
