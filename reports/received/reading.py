"""
Reads a notice or counter-notice in free words: what it says, each with the words it rests on.

Forms put questions and answers under each other, letters put sentences; both are parts with headings here. A
question that quotes a statement to be copied proves nothing until the answer holds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from reports.received.sections import Part, split_parts, unmarked, without_preamble
from reports.received.statements import Said, find_statements

HIDDEN = re.compile(r"\[\s*(?:private|redacted|removed|omitted)[^\]]*\]", re.IGNORECASE)
"""What a recipient that publishes letters writes in the place of a name or number."""

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'`\])]+[^\s<>\"'`\]).,;:!?*_]", re.IGNORECASE)
_START = re.compile(r"(?:https?://)?[^/?#]+/?", re.IGNORECASE)
_BARE = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|edu|gov)/(?:[\w./%-]*[\w/%-])?", re.IGNORECASE)
_TO_COPY = re.compile(r"\b(?:type|copy|paste|write|include)\b.*\bfollowing\b", re.IGNORECASE)
_NUMBERED = r"(?:^|\n)\s*"

_ABOUT_MATERIAL = re.compile(
    r"take[n]? down|infringing (?:material|file|work|content|repositor|url|link|site|page)|is infringing|"
    r"alleged(?:ly)? infring|(?:file|repository|specific|full)[^?]{0,40}urls?|"
    r"identif\w* [^?]{0,60}(?:material|repositor|url)|removed?\b|disable|unauthori[sz]ed cop|location",
    re.IGNORECASE,
)
_ABOUT_WORK = re.compile(
    r"original|copyrighted (?:work|material)|copyright work|work (?:that|which|is|has)|description of|describe|"
    r"nature of your copyright",
    re.IGNORECASE,
)
_ABOUT_CONTACT = re.compile(r"get back|contact|phone|telephone|tel\b|mobile|e-?mail|address|reach", re.IGNORECASE)
_NOT_OURS = re.compile(r"infringer|alleged infring|other (?:party|person)|licen[cs]e|fork|ticket", re.IGNORECASE)
_ABOUT_NAME = re.compile(
    r"full (?:legal )?name|signature|sign(?:ed)?\b|electronic(?:ally)? sign|^name$|undersigned", re.IGNORECASE
)
_CLOSING = re.compile(
    r"(?:sincerely|regards|respectfully|faithfully|truly|best wishes|signed|signature|"
    r"thank(?:s| you)[^.\n]{0,60}|/s/)"
    r"[\s,.:!]*\n*\s*(\S[^\n]{1,80})",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+|(?:tel|phone|mobile|fax|e-?mail|address)[^\n]{0,12}[:\s][^\n]{0,40}|"
    r"\+?\d[\d ().-]{7,}\d",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"(?:(?:our|my) (?:client|copyright\w*|work|book|software|source code|code|repo\w*|game|site|content|product|"
    r"project|own)|copyright (?:owner|holder)|owner of|belongs? to|(?:work|software|book|code|game|product) "
    r"(?:is|called|titled|entitled|named|of|owned)|proprietary|original (?:work|code|author|repo\w*|content))"
    r"[^\n]{8,}",
    re.IGNORECASE,
)

_OWN = re.compile(
    r"original|our (?:site|website|page|repo)|my (?:site|website|page|repo)|official|owner of|published (?:at|on|by)",
    re.IGNORECASE,
)
_SENTENCE_CHARS = 1000  # chosen: longer than any sentence; a list of 4,000 addresses is not read 4,000 times
_SWORN = re.compile(r"or its agent|or the law|perjury|authori[sz]ed to act|described above", re.IGNORECASE)
"""Words of the statements of law, which name an owner and a work without saying which."""


class Kind(Enum):
    """What a letter is."""

    NOTICE = "notice"
    COUNTER_NOTICE = "counter_notice"
    RETRACTION = "retraction"  # taken back by its sender, or set aside by its recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNotice:
    """What a letter says; None or empty where it doesn't."""

    kind: Kind
    work: str | None  # the words that describe it
    work_urls: tuple[str, ...]
    material: tuple[str, ...]  # addresses of what is complained of, or was taken down
    owner: str | None  # the words by which the sender is, or acts for, the owner
    contact: str | None
    signature: str | None
    statements: dict[Said, str]


def read_notice(text: str) -> ReadNotice:
    """Everything a letter says, by sense and place. Never raises: any text is a letter that may say nothing."""
    own = without_preamble(text)
    parts = split_parts(own)
    said = find_statements("\n".join(_sworn(part) for part in parts))
    work_urls = tuple(
        dict.fromkeys(
            url
            for part in parts
            for url in urls_in(part.body)
            if _is_work(part) or (not _is_material(part) and _own_site(part.body, url))
        )
    )
    material = _material(parts, set(work_urls))
    return ReadNotice(
        kind=_kind(own, said),
        work=_work(parts),
        work_urls=work_urls,
        material=material,
        owner=_owner(parts, own),
        contact=_contact(parts, own),
        signature=_signature(parts, own),
        statements=said,
    )


def urls_in(text: str) -> tuple[str, ...]:
    """Addresses in a text, in order, each once; those written without a scheme too."""
    flat = text.replace("\\_", "_")
    found = [*_URL.findall(flat)]
    held = " ".join(found)
    found += [url for url in _BARE.findall(flat) if url not in held]
    return tuple(dict.fromkeys(url.rstrip("/*") for url in found))


def _sworn(part: Part) -> str:
    """What a part states: a question that says what to copy states nothing itself."""
    if _TO_COPY.search(part.heading):
        return part.body
    return f"{part.heading}\n{part.body}"


def _is_work(part: Part) -> bool:
    heading = part.heading
    if not heading or _NOT_OURS.search(heading) or not _ABOUT_WORK.search(heading):
        return False
    return not _is_material(part)


def _is_material(part: Part) -> bool:
    heading = part.heading
    asks_of_work = re.search(r"original|nature of|changes?\b|solution|measures", heading, re.IGNORECASE)
    return bool(heading) and not asks_of_work and bool(_ABOUT_MATERIAL.search(heading))


def _material(parts: tuple[Part, ...], work_urls: set[str]) -> tuple[str, ...]:
    """Addresses under a heading that asks for them; else those that the letter complains of in its sentences."""
    named = [url for part in parts if _is_material(part) for url in (*urls_in(part.body), *urls_in(part.heading))]
    named = [url for url in named if url not in work_urls and not _is_guide(url)]
    if named:
        return _items(named)
    rest = [
        url
        for part in parts
        if not _is_work(part)
        for url in urls_in(part.body)
        if url not in work_urls and not _is_guide(url)
    ]
    return _items(rest or [url for part in parts for url in urls_in(part.body) if not _is_guide(url)])


def _items(urls: list[str]) -> tuple[str, ...]:
    """Each address once; a start page beside addresses of items names a platform or the sender, not an item."""
    once = list(dict.fromkeys(urls))
    deep = [url for url in once if _START.fullmatch(url) is None]
    return tuple(deep or once)


def _is_guide(url: str) -> bool:
    """Pages of help and policy that a form quotes."""
    return bool(re.search(r"//(?:help|docs|support|www\.lumendatabase)\.|/articles/|/site-policy/", url))


def _own_site(text: str, url: str) -> bool:
    """Whether the sentence before an address calls it the sender's own."""
    at = max(0, text.find(url))
    before = text[max(0, at - _SENTENCE_CHARS) : at]
    sentence = re.split(r"[.?!:]\s|\n\s*\n", before)[-1]
    accuses = re.search(r"infring|unauthori|without|cop(?:y|ied)\b(?!right)|stolen|remove", sentence, re.I)
    return accuses is None and bool(_OWN.search(sentence))


def _work(parts: tuple[Part, ...]) -> str | None:
    for part in parts:
        if _is_work(part) and not re.search(r"nature of", part.heading, re.I) and len(unmarked(part.body)) >= 3:
            return unmarked(part.body)[:500]
    told = "\n".join(part.body for part in parts)
    matches = (match for match in _CLAIM.finditer(told) if not _SWORN.search(match[0]))
    return next((unmarked(match[0])[:500] for match in matches), None)


def _owner(parts: tuple[Part, ...], own: str) -> str | None:
    for part in parts:
        asked = re.search(r"copyright (?:holder|owner)|owner of the content|authori[sz]ed to act", part.heading, re.I)
        if asked and re.match(r"\W*(?:yes|i am|we are|the |my )", part.body, re.I):
            return unmarked(part.body)[:300]
    match = re.search(
        r"[^.\n]{0,80}(?:copyright (?:owner|holder)|owner of|on behalf of|authori[sz]ed (?:agent|to act)|our client|"
        r"\bmy (?:own )?(?:book|work|code|repo\w*|software|project|copyright))[^.\n]{0,120}",
        own,
        re.IGNORECASE,
    )
    return unmarked(match[0])[:300] if match else None


def _contact(parts: tuple[Part, ...], own: str) -> str | None:
    for part in parts:
        if _ABOUT_CONTACT.search(part.heading) and not _NOT_OURS.search(part.heading):
            found = HIDDEN.search(part.body) or _CONTACT.search(part.body) or re.search(r"\S.{6,}", part.body)
            if found:
                return unmarked(found[0])[:200]
    match = _CONTACT.search(own)
    if match is not None:
        return unmarked(match[0])[:200]
    # Several hidden lines in a row are the block of whoever wrote.
    block = re.search(rf"(?:{_NUMBERED}{HIDDEN.pattern}[^\n]{{0,40}}){{3,}}", own, re.IGNORECASE)
    return unmarked(block[0])[:200] if block else None


def _signature(parts: tuple[Part, ...], own: str) -> str | None:
    for part in reversed(parts):
        if _ABOUT_NAME.search(part.heading) and not _NOT_OURS.search(part.heading) and part.body.strip():
            return unmarked(part.body.strip().splitlines()[0])[:120]
    for match in reversed(list(_CLOSING.finditer(own))):
        name = unmarked(match[1])
        if _CLOSING.match(f"{name}\n{name}") or name.casefold().startswith(("yours", "best", "kind")):
            continue
        if HIDDEN.search(name) or re.search(r"[A-Z][\w.'-]+", name):
            return name[:120]
    tail = [line.strip() for line in own.rstrip().splitlines()[-6:] if line.strip()]
    return next((unmarked(line)[:120] for line in reversed(tail) if HIDDEN.fullmatch(line.strip(" *,."))), None)


def _kind(own: str, said: dict[Said, str]) -> Kind:
    head = unmarked(own[:1500])
    if Said.MISTAKE in said and (Said.JURISDICTION in said or re.search(r"counter", head, re.I)):
        return Kind.COUNTER_NOTICE
    if re.search(
        r"\b(?:retract|withdr[ae]w|rescind|revers)\w*\b[^.]{0,80}\b(?:notice|notification|claim|request)", head, re.I
    ):
        return Kind.RETRACTION
    if (
        re.search(r"counter[- ]?(?:notice|notification|claim)", unmarked(own[:300]), re.I)
        and Said.GOOD_FAITH not in said
    ):
        return Kind.COUNTER_NOTICE
    return Kind.NOTICE
