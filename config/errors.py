"""
What can be wrong with a declaration.

DeclarationError
├── BrokenToml         the file is not TOML
├── WrongKey           a key nobody knows, or a value of the wrong kind
├── MissingDeclaration no file of that name, in the workspace or shipped
├── ShippedChanged     the workspace's copy is not of the profile that is shipped now
└── UnsafeDeclaration  well formed, but it may not be loaded here
"""

from __future__ import annotations

from dataclasses import dataclass


class DeclarationError(Exception):
    """A declaration cannot be used; nothing was done under it."""


class BrokenToml(DeclarationError):
    """The file is not TOML."""

    def __init__(self, file: str, detail: str) -> None:
        super().__init__(f"{file}: not readable as TOML: {detail}")
        self.file = file
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake: where, what was expected, and the nearest word that would fit."""

    key: str
    expected: str
    found: str
    nearest: str | None = None

    def __str__(self) -> str:
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.key}: {self.expected}, found {self.found}{hint}"


class WrongKey(DeclarationError):
    """Keys or values that do not fit; all of them are listed."""

    def __init__(self, file: str, mistakes: list[Mistake]) -> None:
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        super().__init__(f"{file}: {len(mistakes)} mistake(s)\n{lines}")
        self.file = file
        self.mistakes = mistakes


class MissingDeclaration(DeclarationError):
    """No declaration of that name."""

    def __init__(self, kind: str, name: str, known: list[str], nearest: str | None) -> None:
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        super().__init__(f"no {kind} named {name!r}{hint} (known: {', '.join(known) or 'none'})")
        self.kind = kind
        self.name = name
        self.known = known


class ShippedChanged(DeclarationError):
    """Nobody has compared the workspace's copy with the profile as it is shipped now."""

    def __init__(self, own: str, shipped: str, why: str) -> None:
        super().__init__(
            f"{own} is not verified: {why}; carry the changes of {shipped} over, take [verified] out of the copy,"
            " give it the shipped version's number, and verify again"
        )
        self.own = own
        self.shipped = shipped


class UnsafeDeclaration(DeclarationError):
    """The declaration would allow what is allowed only elsewhere."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(f"{file}: refused: {why}")
        self.file = file
        self.why = why
