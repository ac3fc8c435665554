"""A page of results by its declared rules: one card an offer, read inside the card and nowhere else."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from config.platform import Platform
from crawler.extract.addresses import absolute_url, canonical_listing_url
from crawler.extract.document import Document
from crawler.extract.pages import Card
from crawler.extract.rules import RuleReader
from crawler.extract.text import fold
from crawler.extract.values import PageValues
from store.records.seen import Seen

MAX_CARDS = 1_000  # on one page; the longest real page of results seen has 240

_SPONSORED = re.compile(
    r"^\W*(sponsored|promoted|ad|advert|advertisement|anzeige|gesponsert|werbung|sponsorisé|annonce|publicité"
    r"|patrocinado|anuncio"
    r"|promocionado|sponsorizzato|gesponsord|advertentie|sponsrad|sponsrat|annons|sponset|sponsoreret|sponsorowane"
    r"|reklama|реклама"
    r"|sponsorlu|スポンサー|広告|赞助|廣告|广告|광고)\W*$"
)


def read_cards(document: Document, platform: Platform, reader: RuleReader, values: PageValues) -> tuple[Card, ...]:
    """
    The cards of a page of results, each once, in page order.

    A card without a followable link is left out and counted in a note; so is what lies beyond `MAX_CARDS` or the
    platform's own `look.max_links`.
    """
    rules = platform.read.results
    if rules.card is None:
        return ()
    nodes = document.select(rules.card, f"{platform.name}: results.card")
    limit = min(MAX_CARDS, platform.look.max_links)
    cards: dict[str, Card] = {}
    linkless = 0
    for node in nodes[:limit]:
        link = (
            reader.first("results.link", rules.link, values.url, node) if rules.link else _first_link(node, document)
        )
        if link is None:
            linkless += 1
            continue
        item = reader.first("results.platform_item_id", rules.platform_item_id, values.text, node)
        card = Card(
            url=link.value,
            platform_item_id=item.value if item is not None else None,
            title=reader.first("results.title", rules.title, values.text, node),
            price=reader.first("results.price", rules.price, values.money, node),
            image=reader.first("results.image", rules.image, values.url, node),
            sponsored=is_sponsored(node),
        )
        cards.setdefault(canonical_listing_url(link.value), card)
    if len(nodes) > limit:
        reader.notes.append(f"cut: {len(nodes)} cards, {limit} read")
    if linkless:
        reader.notes.append(f"results: {linkless} of {len(nodes)} cards carry no link")
    return tuple(cards.values())


def next_page(document: Document, platform: Platform, reader: RuleReader, values: PageValues) -> str | None:
    """The address of the next page of results by rule; None on the last page and where no rule says."""
    found = reader.first("results.next", platform.read.results.next, values.url)
    if found is None or canonical_listing_url(found.value) == canonical_listing_url(document.url):
        return None
    return found.value


def is_sponsored(node: LexborNode) -> bool:
    """Whether a card says that it was paid for: by attribute, by its link's `rel`, or by a label of that one word."""
    if node.css_matches(
        '[data-sponsored]:not([data-sponsored="false"]), [data-is-sponsored="true"], [data-ad], a[rel~=sponsored]'
    ):
        return True
    if node.css_first('[data-sponsored]:not([data-sponsored="false"]), a[rel~=sponsored]') is not None:
        return True
    for part in node.traverse(include_text=True):
        if part.is_text_node and says_sponsored(part.text_content or ""):
            return True
    return False


def says_sponsored(text: str) -> bool:
    """Whether words are a label of paid placement and nothing else."""
    text = text.strip()
    return 2 <= len(text) <= 24 and _SPONSORED.match(fold(text)) is not None


def _first_link(node: LexborNode, document: Document) -> Seen[str] | None:
    own = [node] if node.tag == "a" else []
    for link in [*own, *node.css("a[href]")]:
        url = absolute_url(document.base, link.attributes.get("href") or "")
        if url is not None:
            return Seen(value=url, raw=url[:500], rule="results: first link of the card", where="a[href]")
    return None
