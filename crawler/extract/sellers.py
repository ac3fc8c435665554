"""Who sells: the name beside an offer, on markets and in advertisements, and the address of the seller's own page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.extract.addresses import absolute_url, host_of
from crawler.extract.document import Document
from crawler.extract.headings import heading, layout_of
from crawler.extract.labels import labelled
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.patterns import remembered
from crawler.extract.text import clean_text, fold, squash

MAX_NAME_CHARS = 60
MAX_NAME_WORDS = 7

_NAMES = re.compile(
    r"(?<![a-z])(seller|vendor|merchant|advertiser|verk(ä|ae)ufer|anbieter|vendeur|vendedor|anunciante|venditore"
    r"|verkoper"
    r"|s(ä|ae?)ljare|sælger|selger|myyj(ä|a)|sprzedawca|sprzedaj|prodejce|prodavac|hirdeto|elado|vanzator|sold-?_?by"
    r"|host|shop-?_?owner|member|trader|dealer)-?_?(name|nick|user(name)?|title|link|shop|store|id|login|info|box"
    r"|details?"
    r"|card|profile|data|content|block|section|panel)?(?![a-z])|(?<![a-z])(shop|store|user|owner|contact|author"
    r"|profile"
    r"|company)-?_?name(?![a-z])|(?<![a-z])(userinfo|user-?_?info|username|owner)(?![a-z])|store-?info"
    r"|shop-?info|(user|profile|author|owner|dealer|shop)-?_?(card|box|panel|block|tile)(?![a-z])"
)
_BLURRED = r"related|review|comment|recommend|similar|also|menu|nav|categor|brand|filter|sort|banner|promo|blog|news"
_sells, _blurred = remembered(_NAMES.pattern), remembered(_BLURRED)
_NARROW = re.compile(r"name|nick|login|title|link|user")
_PATH = re.compile(
    r"/(seller|sellers|users?|u|usr|profile|profiles|profil|members?|people|merchants?|vendors?|dealers?"
    r"|sprzedawca|uzytkownik"
    r"|anbieter|verkaeufer|haendler|vendeur|vendedor|perfil|usuario|venditore|utente|gebruiker|verkoper|medlem"
    r"|saljare"
    r"|shops?|stores?|boutiques?|lojas?|loja|tiendas?|negozi|s-bestandsliste|prodavec|obchod)/(?P<id>[^/?#]{2,80})/?",
    re.IGNORECASE,
)
_OWN_PATH = re.compile(
    r"/(seller|sellers|users?|u|usr|profile|profiles|profil|members?|people|merchants?|vendors?|sprzedawca|uzytkownik"
    r"|anbieter|verkaeufer|haendler|vendeur|vendedor|perfil|usuario|venditore|utente|gebruiker|verkoper|medlem"
    r"|saljare)/",
    re.IGNORECASE,
)
_QUERY_IDS = frozenset((
    "seller", "sellerid", "seller_id", "merchant", "merchantid", "user", "userid", "user_id", "shop_id", "store",
))  # fmt: skip
_BEFORE = re.compile(
    r"(^|\W)(sold( and shipped| & shipped)? by|(ships from and )?sold by|seller|hosted by|your host|posted by"
    r"|listed by"
    r"|offered by|verkauft von|verkauf durch|anbieter|verkäufer|inserent|vendu( et expédié)? par|vendeur|annonceur"
    r"|vendido por|vendedor|anunciante|venduto da|venditore|inserzionista|verkocht door|verkoper|aanbieder|säljs av"
    r"|säljare|sælges af|sælger|selges av|selger|myyjä|sprzedawca|sprzedaje|ogłoszeniodawca|prodává|prodejce|inzerent"
    r"|eladó|hirdető|vândut de|vânzător|продавец|продаёт|продавець|satıcı|販売元|出品者|卖家|掌柜|店铺"
    r"|판매자|מוכר|user|пользователь|користувач|użytkownik|usuario|utente|utilisateur|benutzer|gebruiker|penjual|toko"
    r"|người bán|ผู้ขาย|πωλητής|продавач|prodavač|prodajalec|البائع|المعلن|advertiser|private seller|trader"
    r"|vendor|merchant"
    r"|privat|particulier|meet (your|the) seller|about the seller|seller information|informations? vendeur"
    r"|info sul venditore"
    r"|acerca del vendedor"
    r"|o prodejci|о продавце|контактное лицо|ansprechpartner|vendu et expédié par|expédié par|gönderici|mağaza|店名)"
    r"\s*[:：]?\s*$"
)
_MEMBER = re.compile(
    r"(member|on .{2,20}|joined|active|registered) since|mitglied seit|aktiv seit|angemeldet seit|membre depuis"
    r"|inscrit depuis|miembro desde|membro desde|utente da|iscritto d|lid sinds|medlem (siden|sedan|sen)|siden \d{4}"
    r"|jäsen|(na|w) .{2,20} od \d|od \d{4}|na trhu od|tag \d{4}|на .{2,20} с \d|на сайте с|з нами з|üyelik|会員|注册"
    r"|\d+ (ads?|listings|annonces?|anzeigen|anuncios|annunci|advertenties|annonser|ogłosze\w+|объявлени\w+)(?!\w)"
)
_BEFORE_LINK = re.compile(r"(^|\W)(by|von|par|por|da|door|av|af|from|bei|przez|od|от|owner of)\s*[:：]?\s*$")
_LABEL_IN_FRONT = re.compile(
    r"^(sold( and shipped)? by|seller( name)?|vendor|hosted by|by|merchant|store|shop|verkauft von|verkäufer"
    r"|anbieter|vendu par"
    r"|vendeur|vendido por|vendedor|venduto da|venditore|verkoper|säljare|sælger|selger|sprzedawca"
    r"|продавец)\s*[:：]\s*"
    r"|^(sold( and shipped)? by|hosted by|verkauft von|vendu par|vendido por|venduto da|verkocht door) ",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"contact|profil|sign ?in|log ?in|register|view|visit|see |more|follow|message|send|call|show|rating|feedback"
    r"|positive"
    r"|review|verified|policy|about|information|details|seller|vendor|items?\b|other|cart|wishlist|help|report"
    r"|member since"
    r"|kontakt|anzeigen|nachricht|bewertung|weitere|alle |voir |contacter|ver (m[aá]s|todos|perfil)|contactar|mensaje"
    r"|vedi|contatta|bekijk|toon|stel |visa |fler|zobacz|wyświetl|napisz|pokaż|показать|написать|отзыв|объявлен"
    r"|^(by|from|the|and|or|shop|store|brand|home|user|author|admin|guest|free|new|used|name|email|e-mail)$"
    r"|[@!?{}<>]|https?:"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """A seller as the page names one."""

    name: str
    url: str | None
    where: str


def seller_of(document: Document) -> Seller | None:
    """The seller the page names beside its offer; None where it names none."""
    return document.once("seller", lambda: _seller(document))


def seller_id(url: str) -> str | None:
    """What tells a seller apart in the address of the seller's page: a path's part or a query's number."""
    if "/" not in url and "?" not in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    match = _PATH.search(parts.path)
    if match is not None:
        return unquote(match["id"])[:80]
    return next((value for name, value in parse_qsl(parts.query) if name.lower() in _QUERY_IDS and value), None)


def _seller(document: Document) -> Seller | None:
    layout = layout_of(document)
    named = heading(document)
    title = squash(layout.words(named, 500)) if named is not None else ""
    start = named.order if named is not None else 0
    best: tuple[float, Seller] | None = None
    linked_names: set[str] = set()
    for place in layout.places:
        if place.region is Region.FRAME or place.last - place.first > 12 or place.last == place.first:
            continue
        score = _speaks(layout, place)
        linked = place.tag == "a" and seller_id(place.attributes.get("href") or "") is not None
        if score <= 0.0 and not linked:
            continue
        text = _linked(layout, place) or _name(layout.words(place, 200))
        if text is None or (title and squash(text) in title and len(squash(text)) > 12):
            continue
        if linked and _closes(document.title, text):
            score += 2.0
        if score > 0.0 and place.tag == "a":
            score += 0.6 * (squash(text) in linked_names)
            linked_names.add(squash(text))
        score -= min(abs(place.order - start), 1_500) / 1_000
        score -= 0.5 * (place.region is Region.RELATED)
        if best is None or score > best[0]:
            best = (score, Seller(name=text, url=_address(document, layout, place), where=place.tag))
    values = [name for value in labelled(document, "seller") if (name := _name(value)) is not None]
    if values and (best is None or best[0] < 2.5):
        link = best[1].url if best is not None and squash(best[1].name) == squash(values[0]) else None
        return Seller(name=values[0], url=link, where="label")
    return best[1] if best is not None and best[0] >= 1.2 else None


def _closes(title: str, name: str) -> bool:
    """Whether the page's title ends in a name behind a word like `by`, or in the name's own part."""
    return bool(re.search(rf"(\b(by|von|par|por|de|from|van|av)|[-–|:])\s+{re.escape(fold(name))}\b", fold(title)))


def _speaks(layout: Layout, place: Place) -> float:
    """How much an element's names, address and the words before it say that it names a seller."""
    score = 0.0
    named = _NAMES.search(place.name) if _sells(place.name) else None
    linked = place.tag == "a"
    if named is None and not linked and "itemprop" not in place.attributes:
        return score
    if any(_blurred(p.name) for p in layout.chain(place.order, 6)):
        return score
    if place.attributes.get("itemprop") in ("seller", "offeredBy"):
        score += 2.5
    if named is not None:
        score += 1.5 + 0.8 * bool(_NARROW.search(named.group()))
    if linked:
        href = place.attributes.get("href") or ""
        path = _OWN_PATH.search(href)
        above = layout.chain(place.order, 6)[1:]
        around = any(_sells(p.name) for p in above)
        if path is not None:
            score += 1.0 + 1.0 * around
        elif around:
            score += 1.3 + 0.5 * (seller_id(href) is not None)
        before = fold(layout.texts[place.first - 1].text) if place.first else ""
        if len(before) <= 60 and _BEFORE.search(before):
            score += 1.8
        elif (path is not None or around) and len(before) <= 60 and _BEFORE_LINK.search(before):
            score += 1.2
        elif before.endswith("owner of") and seller_id(href) is not None:
            score += 1.8
        if path is not None and _MEMBER.search(fold(layout.words(layout.places[place.above or 0], 200))):
            score += 1.2
    return score


def _linked(layout: Layout, place: Place) -> str | None:
    """The name in the one link to a seller's page that an element holds; None where it holds none or several."""
    names = {
        name
        for inner in layout.places[place.order + 1 : place.end]
        if inner.tag == "a" and seller_id(inner.attributes.get("href") or "") is not None
        if (name := _name(layout.words(inner, 120))) is not None
    }
    return names.pop() if len(names) == 1 else None


def _name(text: str) -> str | None:
    """A seller's name without the label in front of it; None for words that name nobody."""
    text = _LABEL_IN_FRONT.sub("", clean_text(text, 200)).strip(" :–-|,•·")
    folded = fold(text)
    if not 2 <= len(text) <= MAX_NAME_CHARS or len(text.split()) > MAX_NAME_WORDS or not re.search(r"[^\W\d_]", text):
        return None
    digits = sum(map(str.isdigit, text))
    if _NOT_A_NAME.search(folded) or digits > len(text) / 2 or re.search(r"[$€£¥%]|\d{5,}", text):
        return None
    return text


def _address(document: Document, layout: Layout, place: Place) -> str | None:
    """The address of the seller's page: the element's own link, the link around it, or one inside it."""
    around = [p for p in layout.chain(place.order, 3) if p.tag == "a"]
    inside = [p for p in layout.places[place.order : place.end] if p.tag == "a"]
    for link in (*around, *inside):
        url = absolute_url(document.base, link.attributes.get("href") or "")
        if url is not None and urlsplit(url).path not in ("", "/") and url != document.url:
            return url
    return None


def same_as_shop(name: str, document: Document) -> bool:
    """Whether a seller's name is the site's own: a third party differs from the site by name."""
    names = {squash(said) for said in document.metas.get("og:site_name", ())}
    host = host_of(document.url).removeprefix("www.")
    names.update(squash(part) for part in host.split(".")[:-1] if len(part) > 3)
    said = squash(name)
    return any(len(known) > 2 and (known in said or said in known) for known in names)
