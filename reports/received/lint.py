"""What a notice in free words lacks under a profile, by the codes of our own rules; and what no text can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.profile import Element, Profile
from reports.formats.urls import is_one_address
from reports.received.reading import Kind, ReadNotice
from reports.received.statements import Said
from reports.rules.location import SESSION_NAMES
from reports.rules.table import CODE_OF_ELEMENT

_HAS: dict[Element, Callable[[ReadNotice], bool]] = {
    Element.CLAIMANT_NAME: lambda read: read.signature is not None,
    Element.CLAIMANT_EMAIL: lambda read: read.contact is not None,
    Element.CLAIMANT_CONTACT: lambda read: read.contact is not None,
    Element.CLAIMANT_ADDRESS: lambda read: read.contact is not None,
    Element.CLAIMANT_PHONE: lambda read: read.contact is not None,
    Element.SIGNATORY: lambda read: read.signature is not None,
    Element.WORK: lambda read: read.work is not None,
    Element.WORK_AUTHORISED: lambda read: bool(read.work_urls),
    Element.URL: lambda read: bool(read.material),
    Element.EXPLANATION: lambda read: read.work is not None and bool(read.material),
    Element.EXCEPTIONS: lambda read: Said.FAIR_USE in read.statements,
    Element.GOOD_FAITH: lambda read: Said.GOOD_FAITH in read.statements,
    Element.ACCURACY: lambda read: Said.ACCURACY in read.statements,
    Element.AUTHORITY: lambda read: Said.AUTHORITY in read.statements,
}
NOT_IN_A_TEXT = (
    "RIGHT", "TERR", "CLASS", "SELLER", "MATCH", "EVID", "DUP", "HOLD",
)  # fmt: skip
"""Families of rules that ask of registers, captures and earlier notices: a letter alone cannot pass or fail them."""

_COUNTER: dict[str, tuple[str, Callable[[ReadNotice], bool]]] = {
    "CN-A": ("a signature", lambda read: read.signature is not None),
    "CN-B": ("the material and where it was", lambda read: bool(read.material)),
    "CN-C": ("the statement of mistake or misidentification", lambda read: Said.MISTAKE in read.statements),
    "CN-D": (
        "name, contact and consent to jurisdiction",
        lambda read: read.contact is not None and Said.JURISDICTION in read.statements,
    ),
}  # 17 U.S.C. § 512(g)(3)(A) to (D)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """One thing that a letter lacks, under the code of the rule that would refuse it."""

    code: str
    element: str
    because: str


def judged_elements(profile: Profile) -> tuple[Element, ...]:
    """The elements of a profile that a text can show."""
    return tuple(element for element in profile.required if element in _HAS)


def has_element(read: ReadNotice, element: Element) -> bool:
    """Whether a letter says it."""
    return _HAS[element](read)


def lint(read: ReadNotice, profile: Profile) -> tuple[Lack, ...]:
    """What a notice lacks under the profile; of a counter-notice, what 17 U.S.C. 512(g)(3) asks. Empty: nothing."""
    if read.kind is Kind.RETRACTION:
        return ()
    if read.kind is Kind.COUNTER_NOTICE:
        return tuple(
            Lack(code=code, element=words, because=f"it does not hold {words}")
            for code, (words, has) in _COUNTER.items()
            if not has(read)
        )
    lacks = [
        Lack(
            code=CODE_OF_ELEMENT[element],
            element=element.value,
            because=f"{profile.regime}: {element.value} is missing",
        )
        for element in judged_elements(profile)
        if not has_element(read, element)
    ]
    lacks += [
        Lack(code=code, element=Element.URL.value, because=f"{why}: {url}")
        for url in read.material
        for code, why in _of_address(url)
    ]
    return tuple(lacks)


def _of_address(url: str) -> list[tuple[str, str]]:
    """What LOC asks of an address by itself, without the platform's home beside it."""
    whole = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname
    except ValueError:
        return [("LOC-1", "the address cannot be read as a URL")]
    found = []
    if not url.startswith(("http://", "https://")) or not host or not is_one_address(whole):
        found.append(("LOC-1", "it is not an absolute http or https address"))
    elif parts.path.strip("/") == "" and not parts.query:
        found.append(("LOC-1", "it leads to a start page, not to one item"))
    names = {part.partition("=")[0].casefold() for part in parts.query.split("&")}
    if parts.username is not None or names & SESSION_NAMES:
        found.append(("LOC-2", "the address carries a session or key"))
    return found
