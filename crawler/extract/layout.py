"""Where things stand on a page: what is shown, in what order, and what belongs to the frame around the matter."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extract.document import BLOCK, SILENT, Document, hides
from crawler.extract.memory import remembers
from crawler.extract.patterns import finder, remembered
from crawler.extract.text import fold

MAX_NODES = 60_000  # elements walked; the largest real page seen has 21,000

MAX_SIDE_SHARE = 0.4
"""An element with a larger share of the page's elements is no side matter, whatever it is called. Chosen."""

_FRAMES = frozenset(("nav", "footer", "header"))
_FRAME = (
    r"(?<![a-z])(nav|navbar|navigation|main-?menu|mega-?menu|menu|footer|foot|breadcrumbs?|crumbs?|mini-?(cart"
    r"|basket)|minibasket|top-?(bar|nav|cart|link|menu)|shopping-?cart|cart-(summary|total|link|count|box|block"
    r"|preview)|header-?cart|newsletter|cookies?|consent|login|signin|sign-in|search-?(form|box|bar)"
    r"|language|currencies|copyright|social|share)(?![a-z])"
)
_BASKET = r"(?<![a-z])(basket|warenkorb|panier|carrito|koszyk)(?![a-z])"
_CURRENCY = r"(?<![a-z])currency(?![a-z])"
_BUYING = (
    r"(?<![a-z])(add|addto|to|do|in|in-?_?den|au|al|ajout(er)?|agregar|anadir|aggiungi|dodaj|buy|btn|button"
    r"|form|product"
    r"|price|prices|amount|value|symbol|cena|preis|prix|precio)(?![a-z])"
)
_HEAD = r"(?<![a-z])(site-?header|page-?header-?top|header)(?![a-z])"
_RELATED = (
    r"related|recommend|similar|also-?_?(like|bought|viewed|buy|love)|cross-?_?sell|up-?_?sell|recent(ly)?-?_?view"
    r"|viewed|last-?seen|you-?_?may|youmay|best-?_?sell|other-?_?(products|items)|more-?_?(from|items|products"
    r"|like)|complete-?the|accessor(y|ies)|sponsor|suggest|frequently|sidebar|side-?bar|testimonial|top-?sell"
    r"|similai|(ä|ae?)hnlich|relacionad|parecid|correlat|collegat|gerelateerd|relaterad|liknande|podobn|souvisej"
    r"|powi(ą|a)zan"
    r"|empfehl|recomend|consigli|aanbevolen|anbefal|rekommend|zuletzt|vistos|visti(?![a-z])|history|what.?s-?new"
    r"|whatsnew"
    r"|neuheiten|zubehoer|upsells?|(?<![a-z])(bundles?|compatible|aside|widget|teasers?|promos?|banners?|reviews?"
    r"|comments?|feedback|questions?|popular)(?![a-z])"
)
_OTHERS = (
    r"(?<![a-z])(related|recommend|similar|also-?_?(like|bought|viewed|buy|love)|cross-?_?sell|up-?_?sell"
    r"|recently-?_?viewed|you-?_?may|customers-?_?also)"
)
_OTHERS_HEADED = remembered(
    r"^\W*((you|customers|others|people|shoppers) (may|might|will|who|also)? ?(also|like|love|enjoy"
    r"|be interested|bought|viewed)|(our )?(related|similar|recommended"
    r"|suggested|comparable) (products?|items?|offers?|ads?|listings?|articles?)|recommended|recommendations"
    r"|(inspired|based on|because) (by |on )?(your|you)|recently viewed|your (browsing|recently)|last viewed"
    r"|frequently bought|complete (the|your)|goes (well )?with|pairs well|more (from|items|products|like|to love|ads)"
    r"|(popular|trending|featured) (products|items|now|right now)|best ?sellers?\W*$|new arrivals\W*$|also bought"
    r"|(ä|ae)hnliche|kunden (kauften|haben|die)|wird oft|passend dazu|passende|das könnte|zuletzt (an)?gesehen"
    r"|empfehlungen|empfohlen|dazu passt|weitere (artikel|produkte|angebote)|unsere empfehlung|beliebte"
    r"|vous (aimerez|pourriez)|(produits|articles|annonces) (similaires|associés|liés|complémentaires)"
    r"|ces (annonces|produits)"
    r"|les clients|nos (suggestions|coups)|récemment (vus|consultés)|dans la même|nouveautés\W*$"
    r"|(productos|artículos|anuncios) (relacionados|similares|recomendados|vistos)|también te|quizás|te puede"
    r"|(produtos|anúncios) (relacionados|semelhantes|similares|vistos|recomendados)|quem (viu|comprou)|você (também"
    r"|pode)|aproveite também|(prodotti|articoli|annunci) (correlati|simili|consigliati|visti)|potrebbe|ti potrebbero"
    r"|chi ha|gerelateerde|vergelijkbare|anderen (bekeken|kochten)|(ook )?interessant|aanbevolen|bekijk ook"
    r"|relaterade|liknande|rekommenderade|andra (köpte|kunder)|lignende|relaterte|relaterede|andre kunder|anbefalte"
    r"|samankaltaisia|suosittelemme|(podobne|polecane|powiązane)|klienci|inni klienci|podobné|související|mohlo by"
    r"|doporučujeme|zákazníci|hasonló|kapcsolódó|ajánlott|produse (similare|recomandate)|похожие|рекомендуем"
    r"|с этим|вас (может|также)|схожі|benzer|ilgili ürün|bunu alan|関連商品|おすすめ(商品)?\W*$|この商品を(買|見)"
    r"|最近(チェック|見た)|相关|推荐|猜你|看了又看|관련 ?상품|추천 ?상품|최근 본|sản phẩm (liên quan|tương tự|khác)"
    r"|produk (terkait|serupa|lainnya)|สินค้า(ที่เกี่ยวข้อง|แนะนำ)|σχετικά|παρόμοια|منتجات (ذات|مشابهة)"
    r"|מוצרים (דומים|נוספים))"
)
"""How the headings of other offers begin, folded; whatever names their elements carry."""
_HEADING_TAGS = frozenset(("h2", "h3", "h4", "h5", "h6", "div", "span", "p", "strong", "b", "legend", "td", "th"))
_RANKED = frozenset(("h2", "h3", "h4", "h5", "h6"))
_HEADING_CHARS = 60

MAX_HEADED_SHARE = 0.55  # the same of a page without a heading of its own: there it may be the page's list. Chosen

MAX_OTHERS_SHARE = 0.75
"""The same of an element that says that its offers are others: a short page has more of them than its own."""
_STRUCK_TAGS = frozenset(("del", "s", "strike"))
_EARLIER = (
    r"(?<![a-z])(old|was|before|strike|struck|strikethrough|crossed|line-?through|list-?price|rrp|msrp|uvp|retail"
    r"|compare|original|previous|prev|regular|reg-?price|standard|ancien|avant|barre|tachado|anterior"
    r"|durchgestrichen|statt|alt|ord|ordinarie|førpris|stara|stary)(?![a-z])|oldprice|wasprice|listprice"
    r"|price_?old|price_?was|pricewas|standardprice|price-?standard|strike_?price|regular-?price|price-?regular"
    r"|priceold"
)

_holds_cents = remembered(
    r"(?<![a-z])(cents?|decimals?|fraction|minor|kurus|centavos|centimes|centimos|grosze|grosz)(?![a-z])"
)

_UNNAMED = (False, False, False, False, False, False)
_names = finder(_FRAME, _HEAD, _RELATED, _EARLIER, _BASKET, _BUYING, _CURRENCY, _OTHERS)
_BESIDE_AMOUNT = 4  # elements of what is called currency and stands in an amount; a choice of currencies holds more


@remembers(20_000)  # pages repeat their names on every element
def _named(name: str) -> tuple[bool, bool, bool, bool, bool, bool]:
    """Whether a name is of a page's frame, head, side matter, an earlier price, a currency, other offers."""
    found = _names(name) or ()
    basket = 4 in found and 5 not in found
    return 0 in found or basket, 1 in found, 2 in found, 3 in found, 6 in found and 0 not in found, 7 in found


class Region(Enum):
    """Which part of a page an element stands in."""

    MAIN = "main"
    RELATED = "related"  # other offers, reviews, side columns
    FRAME = "frame"  # head, menus, basket, foot


class Struck(Enum):
    """Whether an amount is shown as an earlier one."""

    NO = "no"
    NAMED = "named"  # its class says so, which shops also leave on the only price they show
    CROSSED = "crossed"  # crossed out


@dataclass(slots=True)
class Place:
    """One shown element."""

    order: int
    above: int | None  # order of the element it stands in
    tag: str
    attributes: dict[str, str | None]
    name: str  # its classes and id, lower case
    first: int  # the first text inside it
    last: int = 0  # the text behind its last
    end: int = 0  # order behind its last inner element
    region: Region = Region.MAIN
    struck: Struck = Struck.NO

    def holds(self, order: int) -> bool:
        """Whether the element of that order is this one or stands inside it."""
        return self.order <= order < self.end


class Text(NamedTuple):
    """One shown run of words."""

    text: str
    inside: int  # order of the element it stands in
    gap: str  # what parts it from the words before: nothing, a blank, or U+2009 before something raised


class Layout:
    """The shown elements and texts of a page in order, made in one walk."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places: list[Place] = []
        self.texts: list[Text] = []
        self.unscripted: list[tuple[int, LexborNode]] = []  # what stands in for scripts, by the element it stands in
        body = document.tree.body
        if body is not None:
            self._walk(body)
            self._divide()

    def _walk(self, body: LexborNode) -> None:
        places, texts = self.places, self.texts
        open_nodes: list[tuple[LexborNode, Place]] = []  # entered
        node: LexborNode | None = body
        above: int | None = None
        gap = ""
        while node is not None and len(places) < MAX_NODES:
            if node.is_text_node:
                text = node.text_content
                if not text or text.isspace():
                    gap = gap or (" " if text else "")
                elif above is not None:
                    words = " ".join(text[:20_000].split())
                    if words:
                        gap = gap or (" " if text[0].isspace() else "")
                        if not gap and len(words) == 2 and texts and _parts_cents(words, above, texts[-1]):
                            gap = "\u2009"
                        texts.append(Text(words, above, gap))
                        gap = " " if text[-1].isspace() else ""
                    else:
                        gap = gap or " "
            elif node.is_element_node and (tag := node.tag or "") not in SILENT:
                attributes = node.attributes
                if (
                    above is None
                    or not attributes
                    or not ("hidden" in attributes or ("style" in attributes and hides(attributes)))
                ):
                    order = len(places)
                    name = _spelled_name(attributes) if "class" in attributes or "id" in attributes else " "
                    place = Place(order, above, tag, attributes, name, len(texts))
                    places.append(place)
                    if tag in BLOCK:
                        gap = " "
                    elif not gap and (tag == "sup" or (name != " " and _holds_cents(name))):
                        gap = "\u2009"
                    child = node.first_child
                    if child is not None:
                        open_nodes.append((node, place))
                        node, above = child, order
                        continue
                    place.end = order + 1
            elif above is not None and node.is_element_node and node.tag == "noscript":
                self.unscripted.append((above, node))
            following = node.next if open_nodes else None
            while following is None and open_nodes:
                node, place = open_nodes.pop()
                self._close(place)
                above = place.above
                if place.tag in BLOCK:
                    gap = gap or " "
                following = node.next if open_nodes else None
            node = following
        if node is not None:
            self.document.notes.append(f"cut: {MAX_NODES} elements looked at; what stands behind them was not")
        for _, place in open_nodes:
            self._close(place)

    def _close(self, place: Place) -> None:
        """Says of an element where it and its words end."""
        place.end = len(self.places)
        if len(self.texts) > place.first:
            place.last = len(self.texts)

    def shown(self) -> str:
        """The words of the whole page in order."""
        return "".join(part for text in self.texts for part in (text.gap, text.text))

    def words(self, place: Place, limit: int = 20_000) -> str:
        """The words shown inside an element, at most about `limit` characters."""
        if place.last - place.first == 1:
            return self.texts[place.first].text[:limit]
        pieces: list[str] = []
        left = limit
        for number in range(place.first, place.last):  # no slice: a page may hold all its words in one element
            text = self.texts[number]
            pieces.append(text.gap)
            pieces.append(text.text)
            left -= len(text.text) + 1
            if left <= 0:
                break
        return "".join(pieces).strip()[:limit]

    def _divide(self) -> None:
        """Says of each element which part of the page it is in, and whether it is struck."""
        places = self.places
        headings = [p.order for p in places if p.tag == "h1"]
        priced = [p.order for p in places if p.attributes and p.attributes.get("itemprop") == "price"]
        landmarks = sorted({*headings, *priced})
        first = headings[0] if headings else len(places)
        most, most_others = len(places) * MAX_SIDE_SHARE, len(places) * MAX_OTHERS_SHARE
        for place in places:
            if place.above is None:
                continue
            above = places[place.above]
            region, tag = above.region, place.tag
            frame, head, related, earlier, currency, others = _named(place.name) if place.name != " " else _UNNAMED
            frame = frame or (currency and place.end - place.order > _BESIDE_AMOUNT)
            if region is not Region.FRAME:
                beside = (related and not self._is_panel(place)) or tag == "aside"
                framed = frame or tag in _FRAMES or (head and place.order < first)
                if (framed or beside) and place.end - place.order <= (
                    most_others if others and first < place.order else most
                ):
                    if framed and not _any_within(landmarks, place):
                        region = Region.FRAME
                    elif region is Region.MAIN and beside and not _any_within(headings, place):
                        region = Region.RELATED
            place.region = region
            struck = above.struck
            if tag in _STRUCK_TAGS or _crosses(place.attributes):
                struck = Struck.CROSSED
            elif earlier and struck is Struck.NO:
                struck = Struck.NAMED
            place.struck = struck
        self._divide_headed(headings, most_others if headings else len(places) * MAX_HEADED_SHARE)

    def _is_panel(self, place: Place) -> bool:
        """Whether what is called a promotion is a line of the offer itself: it holds neither a link nor a picture."""
        if "promo" not in place.name:
            return False
        return not any(inner.tag in ("a", "img") for inner in self.places[place.order : place.end])

    def _divide_headed(self, landmarks: list[int], most: float) -> None:
        """Takes what stands under a heading such as `You may also like` for other offers."""
        places = self.places
        for number, text in enumerate(self.texts):
            if len(text.text) > _HEADING_CHARS or len(text.text) < 3:
                continue
            place = places[text.inside]
            if place.region is not Region.MAIN or place.tag not in _HEADING_TAGS:
                continue
            if not _OTHERS_HEADED(fold(text.text)):
                continue
            headed = place  # the largest element whose words begin with the heading
            while headed.above is not None:
                above = places[headed.above]
                if above.first != number or above.end - above.order > most or _any_within(landmarks, above):
                    break
                headed = above
            end = headed.end
            if headed.last - headed.first <= 1 and headed.above is not None:
                if headed.tag not in _RANKED:
                    continue  # a choice of how to sort, or a label
                end = self._next_headed(headed, landmarks)
            if end - headed.order <= most:
                for inner in places[headed.order : end]:
                    inner.region = Region.RELATED if inner.region is Region.MAIN else inner.region

    def _next_headed(self, heading: Place, landmarks: list[int]) -> int:
        """Where what stands behind a heading of its own ends: at the next such heading beside it."""
        places = self.places
        above = places[heading.above] if heading.above is not None else heading
        order = heading.end
        while order < above.end and places[order].tag != heading.tag and not _any_within(landmarks, places[order]):
            order = places[order].end
        return order

    def chain(self, order: int, levels: int = 8) -> list[Place]:
        """The element and those it stands in, inner first, at most `levels`."""
        found: list[Place] = []
        step: int | None = order
        while step is not None and len(found) < levels:
            place = self.places[step]
            found.append(place)
            step = place.above
        return found


def _parts_cents(words: str, inside: int, before: Text) -> bool:
    """Whether two digits in an element of their own, right behind a number, are its hundredths."""
    return words.isdigit() and inside != before.inside and len(before.text) <= 12 and before.text[-1].isdigit()


def _crosses(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return style is not None and "line-through" in style.lower()


def _spelled_name(attributes: dict[str, str | None]) -> str:
    """An element's classes and id in lower case."""
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()


def _any_within(orders: list[int], place: Place) -> bool:
    at = bisect_left(orders, place.order)
    return at < len(orders) and orders[at] < place.end
