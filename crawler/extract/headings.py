"""The two landmarks of an offer's page: the element that names it, and the buttons that buy it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.extract.addresses import absolute_url, host_of
from crawler.extract.document import Document
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.memory import remembers
from crawler.extract.money import AMOUNT_WORDS
from crawler.extract.patterns import remembered
from crawler.extract.text import clean_text, fold, squash

BUY_WORDS = re.compile(
    r"add(ed)? to (my |your |the )?(cart|bag|basket|trolley|shopping|order)|buy( it)? (now|online)|buy with"
    r"|^buy( this| it)?$"
    r"|place (a |your )?bid|^bid( now)?$|^order( now| online| this)?$|purchase|^(make an|best) offer$"
    r"|in den (waren|einkaufs)(korb|wagen)|jetzt kaufen|ajouter au (panier|chariot)|acheter|añadir (al|a la"
    r"|a mi) (carrit?o|cesta|bolsa)|agregar al carr|comprar|lo quiero|aggiungi al|acquista|adicionar ao carrinho"
    r"|in (mijn )?winkel(wagen|mand)|in winkelmandje|lägg i|köp( nu)?$|læg i (kurv|indkøb)|legg i (handle|kurv)"
    r"|kjøp|lisää ostoskoriin|(dodaj )?do koszyka|kup teraz|do koš[ií]ka|do košíku|kosárba|vásárlás|adaugă în co"
    r"|в корзин|купить|до кошика|купити|sepete ekle|satın al|カートに|買い物かご|購入|加入购物|加入購物|立即购买"
    r"|장바구니|구매|주문하기|הוסף לסל|הוספה לסל|קנה|أضف|أضِف|اشتر|افزودن به سبد|خرید"
    r"|^beli( sekarang)?$|masukkan (ke )?keranjang|tambah ke (keranjang|troli)|mua (ngay|hàng)|thêm vào giỏ"
    r"|cho vào giỏ"
    r"|ใส่ตะกร้า|หยิบใส่|ซื้อ|สั่งซื้อ|sifariş|səbətə|savatga|себетке|kosarica|košaric[ae]|u košaricu|dodaj u|krepšel"
    r"|lisa korvi|osta( kohe)?$|grozā|στο καλάθι|αγορά|добави в|купи|кошничк|кошик|в количк|замовити|заказать"
    r"|add to quote"
    r"|l[äa]gg (ett )?bud|gi bud|bieten|gebot abgeben|enchérir|pujar|ofertar|licytuj|podbij|plaats (een )?bod|bieden"
    r"|fai un.offerta|делать ставку|сделать ставку|入札|出价|commander|reservar|bestell|objednat|objednávka|megrendel"
    r"|rendelés|kosárba|zamów|zamawiam|tilaa|beställ|bestil|comanda|cumpără|ajout(er)? panier|ajouter à mon panier"
    r"|mettre (dans|au) (le )?panier|metti nel carrello|nel carrello|al carrito|a la cesta|a cistella|ao carrinho"
    r"|na sacola|no cesto|kaufen$|in den korb|kassieren|handlekurv|i kurven|varukorg|kundvagn|vognen|winkelmand"
    r"|^buy (the |this )?(record|vinyl|cd|cassette|album|digital|track|tickets?|book|e-?book|print|licen[sc]e)"
    r"|कार्ट|खरीद|কার্ট|কিনুন|购买|購買|放入购物车|ご注文|買う|注文する"
)
BUY_NAMES = re.compile(
    r"add-?_?to-?_?(cart|bag|basket)|addcart|btn-?_?cart|buy-?_?(now|button|box|btn|it)|cart-?_?(button|btn|add)"
    r"|product-?form|single_add_to_cart|cart_quantity"
)


_buys_by_name = remembered(BUY_NAMES.pattern)
_says_buy = remembered(BUY_WORDS.pattern)


@remembers(10_000)
def says_buy(words: str) -> bool:
    """Whether words are those of a button that buys."""
    return _says_buy(fold(words)[:120].strip())


_HEADING_NAMES = re.compile(
    r"page-?_?head(ing)?|(product|item|goods|prod|article|title)-?_?(name|title|head(ing)?)|(?<![a-z])(title|name"
    r"|heading)(?![a-z])"
)
_ACTS = frozenset(("button", "input", "a", "form"))
_NO_HEADINGS = frozenset(("a", "li", "option", "td", "label"))
_AN_AMOUNT = re.compile(AMOUNT_WORDS)
_AMOUNT_LETTERS = 10  # of an amount with its sign and a word such as `only`
_SITE_NAME = 2.5  # what a first-level heading loses by being the site's name; a second-level one then outdoes it
_RANKS = {"h1": 1.8, "h2": 0.8, "h3": 0.6, "h4": 0.5, "h5": 0.4, "h6": 0.3}
_STRONG_PARTS = re.compile(r"\s*[|·•»]\s*|\s::\s")
_PARTS = re.compile(r"\s+[-–—|·•:»]+\s+|\s*\|\s*| :: ")


def layout_of(document: Document) -> Layout:
    """The page's layout, made once a page."""
    return document.once("layout", lambda: _laid_out(document))


def _laid_out(document: Document) -> Layout:
    layout = Layout(document)
    document.shown = layout.shown()  # one walk serves both
    return layout


def heading(document: Document) -> Place | None:
    """
    The element that names the page's matter.

    Of several first-level headings the one that the title element repeats, else the first in the main part; with none
    the lower heading or other short element whose whole words the title element repeats.
    """
    return document.once("heading", lambda: _heading(document))


def _heading(document: Document) -> Place | None:
    layout = layout_of(document)
    title = fold(clean_text(document.title or next(iter(document.metas.get("og:title", ())), ""), 400))
    best: tuple[float, Place] | None = None
    for place in layout.places:
        tag = place.tag
        ranked = tag in _RANKS
        if not ranked and (
            len(title) < 4
            or place.end - place.order > 3
            or place.last <= place.first
            or tag in _NO_HEADINGS
            or not _may_begin(layout, place, title)
            or not _may_cover(layout, place, len(title))
        ):
            continue
        text = _folded(layout.words(place, 2_000))
        if len(text) < 2 or _is_amount(text):
            continue
        covered = min(1.0, len(text) / len(title)) if title and text in title else 0.0
        if ranked:
            score = _RANKS[tag] + 2.5 * overlap(text, title) + covered
        elif covered >= 0.35:
            score = 1.0 + 2.5 * covered
        else:
            continue
        score -= {Region.MAIN: 0.0, Region.RELATED: 1.5, Region.FRAME: 2.0}[place.region]
        if ranked and _names_site(document, layout, place, text):
            score -= _SITE_NAME
        if best is None or score > best[0]:
            best = (score, place)
    return best[1] if best is not None and best[0] >= 1.5 else _unranked(document)


def _names_site(document: Document, layout: Layout, place: Place, text: str) -> bool:
    """Whether a heading is the site's own name: by its words, or by leading to the front page."""
    said = squash(text)
    names = {squash(name) for name in document.metas.get("og:site_name", ())}
    names.add(squash(host_of(document.url).rsplit(".", 1)[0].split(".")[-1]))
    if len(said) > 2 and said in names:
        return True
    around = layout.chain(place.order, 3)[1:]
    for link in (*around, *layout.places[place.order + 1 : min(place.end, place.order + 3)]):
        href = (link.attributes.get("href") or "").strip() if link.tag == "a" else ""
        if href and (url := absolute_url(document.base, href)) is not None and urlsplit(url).path in ("", "/"):
            return urlsplit(url).query == "" and host_of(url) == host_of(document.url)
    return False


def _may_begin(layout: Layout, place: Place, title: str) -> bool:
    """Whether the title holds the first letters of an element's words, as it must hold all of them."""
    first = layout.texts[place.first].text[:6]
    return not first.isascii() or first.lower() in title


def _may_cover(layout: Layout, place: Place, chars: int) -> bool:
    """Whether an element's words can be a good part of so many characters; folding seldom changes their length."""
    shown = sum(len(text.text) + 1 for text in layout.texts[place.first : min(place.last, place.first + 40)])
    return 0.2 * chars <= shown <= 3 * chars + 20


@remembers(10_000)
def _is_amount(text: str) -> bool:
    """Whether words are an amount of money and no more: what a page asks names nothing."""
    match = _AN_AMOUNT.search(text) if len(text) <= 40 else None
    return match is not None and len(re.findall(r"[^\W\d_]", text)) <= _AMOUNT_LETTERS


@remembers(10_000)
def _folded(words: str) -> str:
    return fold(clean_text(words, 400))


def _unranked(document: Document) -> Place | None:
    """
    What names the offer on a page that says it in no heading and no title: tables of old shops.

    Short words named as a heading, repeated by a picture, or first in the form that buys; two of the three.
    """
    layout = layout_of(document)
    pictured = {
        fold(alt)
        for place in layout.places
        if place.tag == "img" and place.region is Region.MAIN and len(alt := place.attributes.get("alt") or "") > 3
    }
    buttons = buy_buttons(document)
    forms = [place for place in buttons if place.tag == "form" and place.first < place.last]
    best: tuple[float, Place] | None = None
    for number, text in enumerate(layout.texts):
        place = layout.places[text.inside]
        words = fold(text.text)
        if place.region is not Region.MAIN or not 4 <= len(words) <= 150 or place.tag in ("a", "option", "label"):
            continue
        score = 1.2 * any(_HEADING_NAMES.search(above.name) for above in layout.chain(place.order, 2))
        score += 1.2 * (words in pictured)
        score += 1.0 * any(layout.texts[form.first] is text for form in forms)
        score += 0.2 * (place.tag in ("b", "strong", "font", "big"))
        if buttons and score < 2.0 and place.tag in ("b", "strong", "font", "big") and not _is_amount(words):
            score += _set_large(layout, place) + 1.0 * _leads_to_amount(layout, number)
        if score >= 2.0 and (best is None or score > best[0]):
            best = (score, place)
    return best[1] if best is not None else None


def _set_large(layout: Layout, place: Place) -> float:
    """How much an old page's own type sets an element above the words around it, 0 to 1."""
    sizes = (above.attributes.get("size") or "" for above in layout.chain(place.order, 2) if above.tag == "font")
    size = next((said for said in sizes if said), "")
    return 0.8 if re.fullmatch(r"\+[1-4]|[4-7]", size) else 0.0


def _leads_to_amount(layout: Layout, number: int) -> bool:
    """Whether one of the next runs of words is an amount of money."""
    return any(_AN_AMOUNT.search(text.text) for text in layout.texts[number + 1 : number + 6] if len(text.text) <= 40)


def page_title(document: Document) -> str:
    """The page's own title without the site's name: `Beans | The Shop` on the-shop.example is `Beans`."""
    site = {squash(name) for name in document.metas.get("og:site_name", ())}
    site.add(squash(host_of(document.url).rsplit(".", 1)[0].split(".")[-1]))
    said = next(iter(document.metas.get("og:title", ())), "") or document.title
    said = clean_text(said, 400)
    parts = [part for part in _PARTS.split(said) if part.strip()]
    own = [part for part in parts if not any(name in squash(part) for name in site if len(name) > 2)]
    if own and len(own) < len(parts):
        return max(own, key=len).strip()
    strong = [part for part in _STRONG_PARTS.split(said) if part.strip()]
    return max(strong or [said], key=len).strip()


def overlap(text: str, title: str) -> float:
    """How much of the heading's words the title element holds, 0 to 1; 1 when it holds them in one piece."""
    if not title:
        return 0.0
    if text in title:
        return 1.0 if len(text) >= 4 else 0.3
    words = set(re.findall(r"\w+", text))
    return len(words & set(re.findall(r"\w+", title))) / len(words) if words else 0.0


def buy_buttons(document: Document) -> list[Place]:
    """Shown buttons, links and form fields that put an offer in a basket."""
    return document.once("buy buttons", lambda: _buy_buttons(document))


def _buy_buttons(document: Document) -> list[Place]:
    layout = layout_of(document)
    found = []
    for place in layout.places:
        tag = place.tag
        if tag not in _ACTS or place.region is Region.FRAME:
            continue
        attributes = place.attributes
        if tag == "input" and (attributes.get("type") or "").lower() not in ("submit", "button", "image"):
            continue
        action = (attributes.get("action") or "") if tag == "form" else ""
        named = f"{place.name} {attributes.get('name') or ''} {action}".lower()
        words = ""
        if tag != "form":
            shown = attributes.get("value") if tag == "input" else layout.words(place, 300)
            words = f"{shown or ''} {attributes.get('title') or ''} {attributes.get('alt') or ''}"
        if _buys_by_name(named) or (len(words) > 2 and says_buy(words)):
            found.append(place)
    return found
