"""TARGET, EXC-2: nobody complains of the holder's own page, nor of one where a public body or a school speaks."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from reports.facts import ItemFacts
from reports.rules.contract import Example, Rule
from store.records.works import Work, WorkKind

SPEAKS_FOR_ITSELF = frozenset({"authority", "learning"})
"""Groups of protected domains whose pages are looked at by people, one by one, outside of notices."""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold().removeprefix("www.")
    except ValueError:
        return ""  # LOC-1 says so


def holders_own(facts: ItemFacts) -> str | None:
    """An authorised page is no infringement, whatever it shows."""
    url, host = facts.item.url.rstrip("/"), _host(facts.item.url)
    for named in facts.work.authorised_urls if facts.work else ():
        if named.rstrip("/") == url:
            return f"the holder names this address as one where “{facts.work.title if facts.work else ''}” may be had"
    site = facts.profile.holder_sites.get(facts.holder.legal_name)
    if site is not None and host and host == _host(site):
        return f"{host} is the site of {facts.holder.legal_name} itself"
    return None


def excluded_host(facts: ItemFacts) -> str | None:
    """Quotation, teaching, official records: what the law allows there is decided by people, not by a list."""
    group = facts.protected.group_of(_host(facts.item.url))
    if group not in SPEAKS_FOR_ITSELF:
        return None
    return f"{_host(facts.item.url)} belongs to a protected kind of site: {facts.protected.groups[group].because}"


def _own_page(facts: ItemFacts) -> ItemFacts:
    work = facts.work or Work(
        id="w", work_ref="w", holder=facts.holder.id, rights=(), title="A work", kind=WorkKind.OTHER
    )
    return replace(facts, work=replace(work, authorised_urls=(facts.item.url,)))


RULES = (
    Rule(
        code="TARGET-1",
        condition="the address is the holder's own, or one where the holder says that the work may be had",
        fix="reject the finding; the holder's list of authorised addresses is right or has to be corrected",
        because=holders_own,
        examples=(
            Example(name="an authorised address", change=_own_page),
            Example(
                name="the holder's site",
                change=lambda f: replace(
                    f,
                    item=replace(f.item, url="https://www.maker.example/item/1"),
                    profile=f.profile.model_copy(
                        update={"holder_sites": {f.holder.legal_name: "https://maker.example/"}}
                    ),
                ),
            ),
        ),
    ),
    Rule(
        code="EXC-2",
        condition="the page stands on a site of a public body, a university or a school",
        fix="ask that site by a letter of a person; no notice is made of it",
        because=excluded_host,
        examples=(
            Example(
                name="a university",
                change=lambda f: replace(f, item=replace(f.item, url="https://library.college.edu/item/1")),
            ),
            Example(
                name="a public body",
                change=lambda f: replace(f, item=replace(f.item, url="https://data.europa.eu/item/1")),
            ),
        ),
    ),
)
