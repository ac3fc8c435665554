"""
A new platform, visited and drafted: its file and its first saved cases in the workspace.

Every page is fetched as a tip is, so manners, robots.txt and the egress guard hold, and each stays as a capture. At
most `MAX_VISITS` pages are asked for: the one given, often a front page, a page of results, and a few offers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit

from config.declaration import check, read_toml
from config.declarations import SHIPPED
from config.families import GENERIC
from config.platform import Platform
from config.settings import Settings
from crawler.draft import Visited, draft_tables, engine_name, expected_of, search_form, visited
from crawler.errors import BadTip
from crawler.extract.addresses import canonical_listing_url
from crawler.extract.pages import Page
from crawler.front import front_of, terms_of
from crawler.intake import capture_tip
from crawler.manners import is_loopback_host
from crawler.proof import EXPECTED, PAGE, SOURCE
from crawler.saved import name_host
from crawler.urls import is_fetchable
from store.evidence.vault import Vault
from store.records.fetches import FetchKind
from store.records.ids import utc_now
from store.records.listings import PageKind

MAX_VISITS = 9  # chosen: a front page, three searches or departments and three offers, and two refused on the way
OFFERS = 3  # chosen: three show what a platform's offers have in common
TERMS = 2  # chosen: a word of the site's own titles finds something; the second is for a box that knows no such word
DEPARTMENTS = 2

Ask = Callable[[str], Page]
"""Gives the page at an address. Raises `BadTip` where it is not to be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scouted:
    """What a visit brought."""

    path: Path
    family: str
    cases: tuple[str, ...]  # folders of saved cases, by name
    visits: tuple[str, ...]  # addresses asked for, with what they were read as
    open_questions: tuple[str, ...]  # what a person has to settle before the platform is used
    existed: bool  # it was declared already, and nothing was fetched or written


def scout(settings: Settings, name: str, url: str, ask: Ask) -> Scouted:
    """
    Visit the site at `url` and write `platforms/<name>.toml` with its cases; a second call changes nothing.

    Pages come from `ask`: in a workspace from `ask_politely`.

    Raises `BadTip` for an address that is none or a name that another site has, the declaration's mistake for an
    impossible name, and whatever fetching a page raises.
    """
    if not is_fetchable(url):
        raise BadTip(url, "the address cannot be read")
    home = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
    loopback = is_loopback_host(home)
    path = settings.platforms / f"{name}.toml"
    for known in (path, SHIPPED / "platforms" / path.name):
        if known.exists():
            declared = check(Platform, {**read_toml(known), "read": {}}, str(known))
            if name_host(declared.home) != name_host(home):
                raise BadTip(url, f"{known.name} is declared for {declared.home}; choose another name")
            return _as_it_is(settings, known, declared)
    # A site on this machine is asked only if it is declared, so a stand-in says so until the draft is written.
    stand_in = _stand_in(name, home, loopback)
    check(Platform, stand_in, path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tomlkit.dumps(stand_in), encoding="utf-8")
    try:
        pages = _Visits(ask).walk(url)
        form = next((found for visit in pages if (found := search_form(visit.page)) is not None), None)
        tables = draft_tables(name, home, url, pages, form, utc_now().date(), loopback)
        check(Platform, {**tables, "family": None}, path.name)
    except BaseException:
        path.unlink()
        raise
    cases = _save_cases(settings.platforms / name, pages)
    path.write_text(_as_toml(tables), encoding="utf-8")
    return Scouted(
        path=path,
        family=tables["family"],
        cases=tuple(cases),
        visits=tuple(f"{visit.page.url}: {visit.reading.kind.value}" for visit in pages),
        open_questions=tuple(_questions(tables, pages, loopback)),
        existed=False,
    )


def _stand_in(name: str, home: str, loopback: bool) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "marketplace",
        "family": GENERIC,
        "home": home,
        "manners": {"delay_s": 0.0 if loopback else 3.0},
        "look": {"photos": False},
    }


def _as_it_is(settings: Settings, path: Path, declared: Platform) -> Scouted:
    cases = sorted(each.name for each in (settings.platforms / declared.name).glob("*/"))
    return Scouted(
        path=path,
        family=declared.family or "none",
        cases=tuple(cases),
        visits=(),
        open_questions=(),
        existed=True,
    )


def ask_politely(settings: Settings, address: str) -> Page:
    """The page at an address, fetched and captured as a tip is. Raises `BadTip`, and whatever fetching raises."""
    tip = capture_tip(settings, address)
    capture = tip.page
    if capture is None:
        raise BadTip(address, f"not fetched: {tip.why}")
    with Vault(settings.vault) as vault:
        body = vault.get(capture.body_sha256)
    return Page(
        url=capture.url_final,
        status=capture.status,
        headers=capture.response_headers,
        body=body,
        capture=capture.id,
        fetched_at=capture.fetched_at,
    )


class _Visits:
    """Pages asked for, each once."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._seen: dict[str, Visited] = {}

    def walk(self, url: str) -> list[Visited]:
        """The page given, pages of results, and offers they lead to. Raises `BadTip` where the first is refused."""
        first = self._visit(url)
        front = front_of(first.page)
        lists = [first] if first.reading.cards else []
        form = search_form(first.page)
        if form is not None:
            lists += self._lists(form.address(term) for term in front.terms[:TERMS])
        if not lists:
            lists += self._lists(front.departments[:DEPARTMENTS])
            if form is not None and lists:  # only now are words of its titles known
                lists += self._lists(form.address(term) for term in terms_of(lists[0].reading.cards)[:1])
        offers = [card.url for visit in lists for card in visit.reading.cards if card.url and not card.sponsored]
        own = [each for each in dict.fromkeys(offers or front.offers) if name_host(each) == name_host(url)]
        chosen = list(dict.fromkeys([*own[:1], *own[len(own) // 2 :][:1], *own[-1:]]))
        for address in chosen[:OFFERS]:
            if len(self._seen) < MAX_VISITS:
                self._try(address)
        return list(self._seen.values())

    def _lists(self, addresses: Iterable[str]) -> list[Visited]:
        """The first of the addresses that shows a list of offers, in a list; nothing where none does."""
        for address in addresses:
            found = self._try(address)
            if found is not None and found.reading.cards:
                return [found]
        return []

    def _try(self, url: str) -> Visited | None:
        """A further page; None where it is refused."""
        try:
            return self._visit(url)
        except BadTip:
            return None

    def _visit(self, url: str) -> Visited:
        key = canonical_listing_url(url)
        if key not in self._seen:
            self._seen[key] = visited(self._ask(url))
        return self._seen[key]


def _save_cases(folder: Path, pages: list[Visited]) -> list[str]:
    """Page, source and what was read of each page that says something; gives their names."""
    numbers: dict[str, int] = {}
    saved: list[str] = []
    for visit in pages:
        kind = visit.reading.kind
        if kind in (PageKind.NONE, PageKind.WALL, PageKind.GONE):
            continue
        numbers[kind.value] = numbers.get(kind.value, 0) + 1
        name = f"{kind.value.replace('_', '-')}-{numbers[kind.value]}"
        case = folder / name
        case.mkdir(parents=True, exist_ok=True)
        source = {
            "url": visit.page.url,
            "fetched_as": visit.fetched_as.value,
            "fetched_at": visit.page.fetched_at.isoformat(),
            "status": visit.page.status,
            "content_type": visit.page.header("content-type") or "text/html",
            "sha256": hashlib.sha256(visit.page.body).hexdigest(),
            "year": visit.page.fetched_at.year,
            "origin": f"fetched by marque, capture {visit.page.capture}",
            "checked_by_hand": False,
        }
        (case / PAGE).write_bytes(visit.page.body)
        for file, data in ((SOURCE, source), (EXPECTED, expected_of(visit.reading))):
            (case / file).write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        saved.append(name)
    return saved


def _as_toml(tables: dict[str, Any]) -> str:
    document = tomlkit.document()
    document.add(
        tomlkit.comment("Drafted from a visit. Compare the saved cases with their pages, then say so in each")
    )
    document.add(tomlkit.comment('source.json ("checked_by_hand": true), and try the rules: marque platforms check.'))
    if tables["reach"]["by"] == "none":
        document.add(tomlkit.comment('Crawled once a person has read the terms: reach.terms_read_on, by = "crawl".'))
    plain = {key: value for key, value in tables.items() if key != "read"}
    document.update(plain)
    text = tomlkit.dumps(document)
    for kind, rules in tables.get("read", {}).items():
        lines = [f"{field} = {_inline(rule)}" for field, rule in rules.items()]
        text += f"\n[read.{kind}]\n" + "\n".join(lines) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _inline(value: Any) -> str:  # Any: TOML values of any shape
    """A rule on one line, as people write it."""
    if isinstance(value, list):
        return f"[{', '.join(_inline(each) for each in value)}]" if len(value) != 1 else _inline(value[0])
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    text: str = tomlkit.item(value).as_string()
    return text


def _questions(tables: dict[str, Any], pages: list[Visited], loopback: bool) -> list[str]:
    questions = []
    if not loopback:
        questions.append("read the terms of use; then set reach.terms_read_on and reach.by")
    if "search" not in tables["look"]:
        questions.append("no search box was found; set look.search or look.category")
    elif "{page}" not in tables["look"]["search"]:
        questions.append("no second page of results was seen; add {page} to look.search")
    if not any(visit.reading.cards for visit in pages):
        questions.append("no page of results was read; set read.results")
    if not any(visit.fetched_as is not FetchKind.RESULTS and visit.reading.fields for visit in pages):
        questions.append("no offer was read; set read.listing")
    if not any(engine_name(visit.page) for visit in pages):
        questions.append("no known engine; its own rules were drafted from what was seen")
    questions.append("say to which countries its offers are directed, and check the saved cases by hand")
    return questions
