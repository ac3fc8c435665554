"""Where things stand on a page: what is shown, in what order, and what belongs to the frame around the matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from selectolax.lexbor import LexborNode

from crawler.extract.document import SILENT, Document, is_hidden

MAX_NODES = 60_000  # elements walked; the largest real page seen has 21,000

_FRAME_TAGS = frozenset(("nav", "footer"))
_FRAME = re.compile(
    r"(?<![a-z])(nav|navbar|navigation|main-?menu|mega-?menu|menu|footer|foot|breadcrumbs?|crumbs?|mini-?(cart"
    r"|basket)|minibasket|top-?(bar|nav|cart|link"
    r"|menu)|shopping-?cart|cart-(summary|total|link|count|box|block|preview)|header-?cart|basket|newsletter"
    r"|cookies?|consent|login|signin|sign-in|search"
    r"-?(form|box|bar)|language|currenc(y|ies)|site-?header|page-?header-?top|header|copyright|social|share"
    r"|warenkorb|panier|carrito|koszyk)(?![a-z])"
)
_RELATED = re.compile(
    r"(related|recommend|similar|also-?_?(like|bought|viewed|buy|love)|cross-?_?sell|up-?_?sell|recent(ly)?-?_?view"
    r"|viewed|last-?seen|you-?_?may|youmay"
    r"|best-?_?sell|other-?_?(products|items)|more-?_?(from|items|products|like)|complete-?the|accessor(y|ies)"
    r"|sponsor|suggest|bundle|frequently|compatible"
    r"|sidebar|side-?bar|aside|widget|teaser|promo|banner|upsells?|reviews?|comments?|testimonial|feedback|question"
    r"|popular|top-?sell|neuheiten|zubehoer)"
)
_STRUCK_TAGS = frozenset(("del", "s", "strike"))
_STRUCK = re.compile(
    r"(?<![a-z])(old|was|before|strike|struck|strikethrough|crossed|line-?through|list-?price|rrp|msrp|uvp|retail"
    r"|compare|original|previous|prev"
    r"|regular|reg-?price|standard|ancien|avant|barre|tachado|anterior|durchgestrichen|statt|alt|ord|ordinarie"
    r"|førpris|stara|stary)(?![a-z])"
    r"|oldprice|wasprice|listprice|price_?old|price_?was|pricewas|standardprice|price-?standard|strike_?price"
    r"|regular-?price|price-?regular|priceold"
)
_STYLE_STRUCK = re.compile(r"line-through", re.IGNORECASE)


class Region(Enum):
    """Which part of a page an element stands in."""

    MAIN = "main"
    RELATED = "related"  # other offers, reviews, side columns
    FRAME = "frame"  # head, menus, basket, foot


@dataclass(frozen=True, slots=True)
class Place:
    """One shown element."""

    node: LexborNode
    order: int
    above: int | None  # order of the element it stands in
    name: str  # its classes and id, lower case
    region: Region
    struck: bool  # crossed out, or named as an earlier price


@dataclass(frozen=True, slots=True)
class Text:
    """One shown run of words."""

    text: str
    inside: int  # order of the element it stands in


class Layout:
    """The shown elements and texts of a page in order, made in one walk."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places: list[Place] = []
        self.texts: list[Text] = []
        body = document.tree.body
        if body is not None:
            self._walk(body)

    def _walk(self, body: LexborNode) -> None:
        places, texts = self.places, self.texts
        stack: list[tuple[LexborNode, int | None, Region, bool]] = [(body, None, Region.MAIN, False)]
        while stack and len(places) < MAX_NODES:
            node, above, region, struck = stack.pop()
            if node.is_text_node:
                text = node.text_content
                if above is not None and text and not text.isspace():
                    texts.append(Text(" ".join(text.split())[:2_000], above))
                continue
            tag = node.tag or ""
            if not node.is_element_node or tag in SILENT:
                continue
            attributes = node.attributes
            if above is not None and is_hidden(node):
                continue
            name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
            if above is not None:
                region = self._region(node, tag, name, region)
            struck = struck or tag in _STRUCK_TAGS or bool(_STRUCK.search(name))
            style = attributes.get("style")
            struck = struck or bool(style and _STYLE_STRUCK.search(style))
            order = len(places)
            places.append(Place(node, order, above, name, region, struck))
            stack.extend((child, order, region, struck) for child in reversed(list(node.iter(include_text=True))))

    def _region(self, node: LexborNode, tag: str, name: str, above: Region) -> Region:
        if above is Region.FRAME:
            return above
        if tag in _FRAME_TAGS or (tag != "body" and name != " " and _FRAME.search(name)) or tag == "header":
            # A page that puts its very matter inside something called a header keeps it.
            if node.css_first("h1, [itemprop=price]") is None:
                return Region.FRAME
            return above
        if above is Region.MAIN and (tag == "aside" or (name != " " and _RELATED.search(name))):
            return above if node.css_first("h1") is not None else Region.RELATED
        return above

    def chain(self, order: int, levels: int = 8) -> list[Place]:
        """The element and those it stands in, inner first, at most `levels`."""
        found: list[Place] = []
        step: int | None = order
        while step is not None and len(found) < levels:
            place = self.places[step]
            found.append(place)
            step = place.above
        return found

    @cached_property
    def order_of(self) -> dict[int, int]:
        """The order of an element by its identity in the tree."""
        return {place.node.mem_id: place.order for place in self.places}
