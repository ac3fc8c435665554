"""
Sites without an end: recognised by their addresses and by pages that bring nothing new, and left.

Some addresses can be told by sight: paths that repeat themselves, queries that grow. For the rest a page leaves a
print of what it brought: the offer, the set of its cards, or, where it brought neither, its words. When many pages
of one form of address in a row bring what was seen before, the form goes round and round, and nothing more of it is
fetched: an endless calendar, the last result page served for ever, a catalogue under ever new session ids. Honest
deep pages bring other offers each time, so they are never taken for one, however many there are.

Nothing here keeps more than a bounded number of prints, and every step takes time in proportion to the page.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from crawler.extract.pages import Page, Reading
from crawler.visit import Visit
from store.records.fetches import Fetch, FetchKind
from store.records.listings import PageKind

IN_A_ROW = 16  # chosen: pages of one form that bring nothing new before the form is left
NEAR_BITS = (
    6  # chosen in tests/crawler/test_traps.py: two months of an empty calendar; two shops are 20 and more apart
)
WORDS_READ = 5_000  # of one page: what follows is rarely what makes it another
FORMS_KEPT = 2_000
PRINTS_KEPT = 200_000  # over all forms
NEAR_KEPT = 64  # prints of words that a page of the form is held against
SEGMENTS_MAX = 24  # chosen: four times the depth of any shop in the real set
TIMES_IN_A_ROW = 3  # /a/a/a; what honest sites repeat, they repeat twice
TIMES_AT_ALL = 5
PARAMETERS_MAX = 24  # chosen: the most of any honest search page seen is 14
SAME_PARAMETER_MAX = 3  # name and value alike
NESTED_MAX = 3  # an address in a query in an address in a query
TRAP = "trap"
PRINT = "print"
_FOLLOWED = frozenset({FetchKind.RESULTS, FetchKind.LISTING, FetchKind.TITLE_PAGE, FetchKind.PLAYER})
_LONG = re.compile(r"[0-9A-Za-z_]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SESSION = re.compile(
    r"(?:^|[_-])(?:sid|sess|session|sessid|sessionid|token|nonce|ts|timestamp|rand|cb)$", re.IGNORECASE
)
_SPREAD = [sum(1 << 16 * bit for bit in range(8) if octet >> bit & 1) for octet in range(256)]
_PARAMETER = re.compile(r"[?&]([^?&=]+)=")
_DIGITS = re.compile(r"\d+")
_HIDDEN = re.compile(rb"!--|(?:script|style|noscript|template)(?=[\s>/])")
_TEXT_MAX = 512 * 1024  # of one page
_WORD = re.compile(rb"[^\s\x00-\x2f:-@\[-`{-\x7f]+")


def by_sight(url: str) -> str | None:
    """Why an address is one that a site makes without an end, as the word for its reason; None for any other."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) > SEGMENTS_MAX or _repeats(segments):
        return "trap_path"
    if parts.query and _grows(parts.query):
        return "trap_query"
    return None


def form_of(fetch: Fetch) -> str:
    """What addresses of one making have in common: numbers and session ids left out, of a search its term kept."""
    parts = urlsplit(masked(fetch.url))
    names = sorted({pair.partition("=")[0] for pair in parts.query.split("&") if pair})
    form = f"{parts.netloc}{_DIGITS.sub('{n}', parts.path)}" + (f"?{'&'.join(names)}" if names else "")
    asked = fetch.context.get("term") or fetch.context.get("category")
    form = f"{form} {asked}" if asked else form
    return form if len(form) <= 300 else f"{form[:230]} {_digest(form)}"


def masked(url: str) -> str:
    """An address without what looks like a session id, in its path or its query; what is no address as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    pairs = []
    for pair in parts.query.split("&"):
        name, sign, value = pair.partition("=")
        pairs.append(f"{name}={{t}}" if sign and _SESSION.search(name) else f"{name}{sign}{_without_tokens(value)}")
    query = f"?{'&'.join(pairs)}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{_without_tokens(parts.path)}{query}"


def _without_tokens(text: str) -> str:
    """Long runs of letters and digits mixed, as no word is."""

    def replace(found: re.Match[str]) -> str:
        run = found.group(0)
        is_mixed = any(character.isdigit() for character in run) and any(character.isalpha() for character in run)
        return "{t}" if is_mixed else run

    return _LONG.sub(replace, text)


def marked(visit: Visit, page: Page, reading: Reading) -> Visit:
    """The visit with the print of what its page brought; as it is where that says nothing of traps."""
    fetch = visit.lease.fetch
    status = page.status or 200
    if fetch.kind not in _FOLLOWED or not 200 <= status < 300 or reading.kind in (PageKind.GONE, PageKind.WALL):
        return visit
    return dataclasses.replace(visit, context={**visit.context, PRINT: print_of(page, reading)})


def print_of(page: Page, reading: Reading) -> str:
    """What a page brought: `o` its offer, `c` its cards, exactly; `w` its words, where near ones count as alike."""
    fields = reading.fields
    if fields is not None:
        said = (fields.title, fields.price, fields.seller_id, fields.description, *fields.images[:5])
        values = [masked(page.url), *("" if seen is None else masked_text(str(seen.value)) for seen in said)]
        return "o" + _digest("\n".join(values))
    if reading.cards:
        keys = {card.platform_item_id or masked(card.url or "") or str(card.title) for card in reading.cards}
        return "c" + _digest("\n".join(sorted(keys)))
    return f"w{simhash(page.body):016x}"


def masked_text(text: str) -> str:
    """A value without session ids, where it is an address."""
    return masked(text) if text.startswith(("http://", "https://")) else text[:2_000]


def simhash(body: bytes) -> int:
    """
    64 bits over a page's words and pairs of neighbours, numbers left out: few bits apart means nearly the same.

    Source: Charikar 2002, as Manku, Jain and Das Sarma use it for crawls (WWW 2007).
    """
    words = []
    for found in _WORD.finditer(_words(body[:_TEXT_MAX].lower())):
        words.append(found.group(0))
        if len(words) >= WORDS_READ:
            break
    features = [word for word in words if not word.isdigit()]
    features += [one + b" " + other for one, other in itertools.pairwise(features)]
    distinct = set(features)
    counts = [
        0
    ] * 8  # for each octet of the digests, how many have which bit: eight counters of 16 bits in one number
    for name in distinct:
        for place, octet in enumerate(hashlib.blake2b(name, digest_size=8).digest()):
            counts[place] += _SPREAD[octet]
    result = 0
    for place, packed in enumerate(counts):
        for bit in range(8):
            if 2 * (packed >> 16 * bit & 0xFFFF) > len(distinct):
                result |= 1 << (8 * place + bit)
    return result


def _words(body: bytes) -> bytes:
    """A page in lower case without its tags, scripts and comments; one that does not end hides the rest."""
    shown, at = [], 0
    while (tag := body.find(b"<", at)) >= 0:
        shown.append(body[at:tag])
        hidden = _HIDDEN.match(body, tag + 1)
        end = b">"
        if hidden is not None:
            end = b"-->" if hidden.group(0) == b"!--" else b"</" + hidden.group(0)
        at = body.find(end, tag + 1)
        if at < 0:
            return b" ".join(shown)
        at += len(end)
    shown.append(body[at:])
    return b" ".join(shown)


@dataclass(slots=True)
class _Form:
    """What pages of one form of address brought."""

    seen: set[str] = field(default_factory=set)
    near: deque[int] = field(default_factory=lambda: deque(maxlen=NEAR_KEPT))
    in_a_row: int = 0  # pages that brought nothing new, since the last that did


@dataclass(slots=True)
class Traps:
    """One process's memory of a run: what forms of address brought, and which are left."""

    left: set[str] = field(default_factory=set)
    _forms: OrderedDict[str, _Form] = field(default_factory=OrderedDict)
    _kept: int = 0

    def remember(self, rows: Iterable[tuple[Fetch, Mapping[str, str]]]) -> None:
        """Take up what pages brought before this process began."""
        for fetch, context in rows:
            if PRINT in context:
                self._is_new(self._form(form_of(fetch)), context[PRINT])

    def note(self, fetch: Fetch, mark: str | None, *, leads_nowhere: bool) -> str | None:
        """
        Take in what a page brought; gives the form of its address when that is to be left from now on.

        `leads_nowhere`: it leads on, and only to what is left already.
        """
        if mark is None:
            return None
        name = form_of(fetch)
        form = self._form(name)
        is_new = self._is_new(form, mark) and not leads_nowhere
        form.in_a_row = 0 if is_new else form.in_a_row + 1
        if form.in_a_row < IN_A_ROW or name in self.left:
            return None
        self.left.add(name)
        return name

    def refuses(self, fetch: Fetch) -> str | None:
        """Why a fetch is left out; None for one that is not, and for where a run begins."""
        if fetch.kind not in _FOLLOWED or fetch.parent is None:
            return None
        return TRAP if self.left and form_of(fetch) in self.left else by_sight(fetch.url)

    def _form(self, name: str) -> _Form:
        form = self._forms.setdefault(name, _Form())
        self._forms.move_to_end(name)
        while len(self._forms) > 1 and (len(self._forms) > FORMS_KEPT or self._kept > PRINTS_KEPT):
            _, old = self._forms.popitem(last=False)
            self._kept -= len(old.seen)
        return form

    def _is_new(self, form: _Form, mark: str) -> bool:
        if mark.startswith("w"):
            words = int(mark[1:], 16)
            is_near = any((words ^ other).bit_count() <= NEAR_BITS for other in form.near)
            if not is_near:
                form.near.append(words)
            return not is_near
        if mark in form.seen:
            return False
        if self._kept < PRINTS_KEPT:
            form.seen.add(mark)
            self._kept += 1
        return True


def _repeats(segments: list[str]) -> bool:
    """Whether a path goes round: the same steps three times in a row, or one of them again and again."""
    for length in range(1, 5):
        for start in range(len(segments) - TIMES_IN_A_ROW * length + 1):
            block = segments[start : start + length]
            if all(step.isdigit() for step in block):
                continue  # photos and archives are filed under /1/1/1
            times = range(1, TIMES_IN_A_ROW)
            if all(segments[start + n * length : start + (n + 1) * length] == block for n in times):
                return True
    return any(not step.isdigit() and segments.count(step) >= TIMES_AT_ALL for step in set(segments))


def _grows(query: str) -> bool:
    pairs = [pair for pair in query.split("&") if pair]
    if len(pairs) > PARAMETERS_MAX:
        return True
    if any(pairs.count(pair) >= SAME_PARAMETER_MAX for pair in set(pairs)):
        return True
    names = Counter(pair.partition("=")[0] for pair in pairs)
    nested = Counter(_PARAMETER.findall(f"?{unquote(unquote(unquote(query)))}"))
    return any(nested[name] - times >= NESTED_MAX for name, times in names.items())


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
