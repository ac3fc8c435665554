"""
In which state an offer's page shows it, and why: each state by its own sign, and absence only where it was said.

`gone` is the platform's word for it (status, declared or unmistakable text) or a redirect from the offer to the front
page or a list; a page that cannot be read, or that is kept from this country, is its own state and never `gone`.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from config.platform import Platform
from crawler.extract.addresses import ADDRESS_ID
from crawler.extract.fields import is_by_address
from crawler.extract.pages import Page, Reading
from store.records.fetches import Fetch, FetchKind
from store.records.listings import Availability, ListingFields, ListingState, PageKind

LEGAL_STATUS = 451  # RFC 7725: withheld for legal reasons, which in practice means in some countries
_GUESSED = "(guessed)"
_WALL_BYTES = 60_000  # chosen: words of a fence stand alone on a short page; a long one may quote them of shipping
_FENCED = re.compile(
    r"(?:not|isn't|is not|un)\s?(?:currently )?(?:available|accessible|offered) in your (?:country|region|location)"
    r"|blocked in your (?:country|region)|in (?:deinem|ihrem) land (?:leider )?nicht (?:verfügbar|erreichbar)"
    r"|(?:pas|non) (?:disponible|accessible) dans votre (?:pays|région)"
    r"|no est[aá] disponible en (?:tu|su) (?:país|región)|non (?:è )?disponibile nel (?:tuo|suo) paese"
    r"|niet beschikbaar in (?:je|jouw|uw) (?:land|regio)|inte tillgänglig[t]? i ditt land"
    r"|ikke tilgængelig i dit land|ikke tilgjengelig i ditt land|niedostępn[aey] w (?:twoim|państwa) kraju"
    r"|недоступ\w+ в (?:вашей стране|вашем регионе)"
)


def shown_state(fields: ListingFields) -> tuple[ListingState, str | None]:
    """
    The state of an offer whose page was read: live, or what its stock line says.

    A stock line that was only guessed changes nothing: a wrong `sold` would let a copy pass.
    """
    stock = fields.availability
    if stock is None or _GUESSED in (stock.where or "") or _GUESSED in stock.rule:
        return ListingState.LIVE, None
    because = f"its page says {stock.raw[:100]!r}"
    match stock.value:
        case Availability.SOLD_OUT | Availability.DISCONTINUED:
            return ListingState.SOLD, because
        case Availability.OUT_OF_STOCK:
            return ListingState.PAUSED, because
        case _:
            return ListingState.LIVE, None


def shown_item(reading: Reading, fetch: Fetch) -> str | None:
    """
    Which offer a page shows: by its own id, else by that of the card that led there, else by its address.

    None where the page shows none and nobody said which it should be.
    """
    asked = fetch.context.get("item")
    own = reading.platform_item_id
    by_address = reading.fields is not None and is_by_address(reading.fields)
    return asked if own is None or (by_address and asked and not asked.startswith(ADDRESS_ID)) else own


def hidden_state(fetch: Fetch, page: Page, reading: Reading, platform: Platform) -> tuple[ListingState, str]:
    """The state of an offer whose page came and does not show it, with the sign that says so."""
    status = page.status or 200
    if status == LEGAL_STATUS:
        return ListingState.GEO_FENCED, f"the server withholds it here (status {status})"
    fence = _fenced(page) if status not in platform.gone.status else None
    if fence is not None:
        return ListingState.GEO_FENCED, f"the page says {fence!r}"
    if reading.kind is PageKind.WALL:
        return ListingState.BLOCKED, reading.because
    if reading.kind is PageKind.GONE:
        return ListingState.GONE, reading.because
    if status >= 500:
        return ListingState.UNREACHABLE, f"the server failed (status {status})"
    if status >= 400:
        return (
            ListingState.UNKNOWN,
            f"the server refused (status {status}), which is not this platform's word for gone",
        )
    to = led_away(fetch, page, platform)
    if to is not None:
        return ListingState.GONE, f"its address leads to {to}"
    return ListingState.LAYOUT_CHANGED, f"no offer was read where one stood: {reading.because}"


def _fenced(page: Page) -> str | None:
    if len(page.body) > _WALL_BYTES:
        return None
    found = _FENCED.search(" ".join(page.body.decode("utf-8", "replace").lower().replace("’", "'").split()))
    return found.group(0) if found else None


def led_away(fetch: Fetch, page: Page, platform: Platform) -> str | None:
    """The front page or list that a redirect from the offer ended at; None where it ended elsewhere."""
    if fetch.hops == 0 or fetch.kind not in (FetchKind.LISTING, FetchKind.TITLE_PAGE, FetchKind.EVIDENCE):
        return None
    home, there = urlsplit(platform.home), urlsplit(page.url)
    if home.netloc != there.netloc:
        return None
    if there.path.rstrip("/") == home.path.rstrip("/") and not there.query:
        return "the front page"
    lists = {urlsplit(urljoin(platform.home, each)).path.rstrip("/") for each in platform.look.category}
    return f"the list {there.path}" if there.path.rstrip("/") in lists - {""} else None
