"""
Every word a person reads, in their language.

Python marks strings with `_()` (now) or `mark()` (a constant, translated where it is shown); templates with `_()` and
`ngettext()`. Catalogues are gettext `.po` files under `locale/<language>/marque.po`, read with Babel at start. The
pseudo-locale `qps` dresses every translated string, so that a test sees what was not translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po

PSEUDO = "qps"  # BCP 47 keeps qaa..qtz for private use; qps is the customary pseudo-locale
SOURCE = "en"
LOCALES = Path(__file__).parent / "locale"

_DRESSED = str.maketrans("aeiouycnAEIOUYCN", "áéíóúýçñÁÉÍÓÚÝÇÑ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One language: its messages by their English text, plural forms in order."""

    language: str
    messages: Mapping[str, tuple[str, ...]]

    def singular(self, message: str) -> str:
        """The message in this language, or itself where it is not translated."""
        if self.language == PSEUDO:
            return dress(message)
        found = self.messages.get(message)
        return found[0] if found and found[0] else message

    def plural(self, one: str, many: str, n: int) -> str:
        """The form for `n`. Languages with more than two forms need their rule in the catalogue's reader."""
        if self.language == PSEUDO:
            return dress(one if n == 1 else many)
        found = self.messages.get(one)
        if not found or not all(found):
            return one if n == 1 else many
        return found[0 if n == 1 else -1]


def dress(message: str) -> str:
    """The message with accents and brackets; named places such as `%(n)s` stay as they are."""
    parts: list[str] = []
    rest = message
    while "%(" in rest:
        before, _, after = rest.partition("%(")
        name, _, rest = after.partition(")")
        parts.append(f"{before.translate(_DRESSED)}%({name}){rest[:1]}")
        rest = rest[1:]
    return "⟦" + "".join(parts) + rest.translate(_DRESSED) + "⟧"


def read_catalogues(folder: Path = LOCALES) -> dict[str, Catalogue]:
    """English, the pseudo-locale, and every language with a file. Raises Babel's error for a broken one."""
    found = {
        SOURCE: Catalogue(language=SOURCE, messages={}),
        PSEUDO: Catalogue(language=PSEUDO, messages={}),
    }
    for path in sorted(folder.glob("*/marque.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parent.name)
        messages: dict[str, tuple[str, ...]] = {}
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            words = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            messages[key] = words
        found[path.parent.name] = Catalogue(language=path.parent.name, messages=messages)
    return found


_CATALOGUES = read_catalogues()
_language: ContextVar[str] = ContextVar("language", default=SOURCE)


def speak(language: str) -> None:
    """Use this language from here on in this request."""
    _language.set(language if language in _CATALOGUES else SOURCE)


def spoken() -> str:
    """The language of this request."""
    return _language.get()


def languages() -> Sequence[str]:
    """Languages a person may choose."""
    return [language for language in _CATALOGUES if language != PSEUDO]


def choose(accept_language: str, wished: str | None) -> str:
    """The best language we have: the account's wish, else the browser's first that is known, else English."""
    if wished in _CATALOGUES:
        return wished
    for part in accept_language.split(","):
        code = part.split(";")[0].strip().lower()
        for known in (code, code.split("-")[0]):
            if known in _CATALOGUES:
                return known
    return SOURCE


def gettext(message: str) -> str:
    """The message in the language of this request."""
    return _CATALOGUES[spoken()].singular(message)


def ngettext(one: str, many: str, n: int) -> str:
    """The form for `n` in the language of this request."""
    return _CATALOGUES[spoken()].plural(one, many, n)


def mark(message: str) -> str:
    """The message itself, found by the extraction; whoever shows it translates it."""
    return message
