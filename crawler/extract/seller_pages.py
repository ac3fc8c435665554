"""
Pages about a seller: a profile, a shop front with its own words and its offers.

Told from a page of results by what a seller says of themselves, and from an offer by having none at its heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.extract.document import Document, types_of
from crawler.extract.headings import heading, layout_of, overlap
from crawler.extract.labels import labelled
from crawler.extract.products import name_of
from crawler.extract.text import clean_text, clip_raw, fold
from crawler.extract.traders import TRADER_FIELDS, trader_details
from store.records.seen import Seen
from store.records.sellers import SellerFields

MIN_SCORE = 3.0
"""An address of a seller's alone is none: shops call their departments so. It takes words of a seller as well."""

_OWN = re.compile(
    r"/(?P<kind>sellers?|users?|usr|profiles?|profil|members?|people|merchants?|vendors?|dealers?|shops?|stores?|str"
    r"|sprzedawca|uzytkownik|anbieter|verkaeufer|haendler|bestandsliste|vendeur|vendedor|perfil|usuario|venditore"
    r"|utente|gebruiker|verkoper|medlem|saljare|boutiques?|lojas?|tiendas?|negozi|prodavec|obchod)"
    r"/(?P<id>[^/?#]{2,80})(?:/(?P<rest>[^?#]*))?$",
    re.IGNORECASE,
)
_NOT_ONE = re.compile(
    r"^(login|log-in|signin|register|settings|search|all|new|edit|password|help|index|category|categories|men"
    r"|women|kids"
    r"|sale|home|about|list|top|browse)(\.\w+)?$",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"(?:member|seller|joined|registered|on \w+|selling|active|open)(?: since| in|:)?:? (?:since )?"
    r"(?P<en>(?:\d{1,2} )?(?:[A-Z][a-z]{2,8}\.?,? )?(?:\d{1,2}, )?(?:19|20)\d\d)"
    r"|(?:mitglied seit|aktiv seit|dabei seit|membre depuis|inscrit depuis|miembro desde|membro d[ae]l?|membro desde"
    r"|iscritto dal|lid sinds|actief sinds|medlem sedan|medlem siden|jäsen vuodesta|na \w+ od|členem od"
    r"|tagság kezdete"
    r"|membru din|на сайте с|开店时间|入驻时间|注册时间|登録日)\W{0,3}(?P<other>[^|•·<]{4,24}?(?:19"
    r"|20)\d\d(?:[年./-]\d{1,2})?"
    r"(?:月|[./-]\d{1,2})?)",
    re.IGNORECASE,
)
_FEEDBACK = re.compile(
    r"positive (?:feedback|ratings?|reviews?)|feedback (?:score|ratings?)|seller rating|positive bewertungen"
    r"|évaluations? positives?|votos positivos|valoraciones positivas|feedback positiv|好评率|店铺评分"
    r"|followers|seguidores"
    r"|abonnés|response (?:rate|time)|items? sold|antwortet|antwortrate|taux de réponse",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"about (?:the |this )?(?:seller|shop|store|vendor|maker|owner)|seller (?:profile|information)|über (?:den"
    r"|diesen)"
    r" (?:verkäufer|anbieter|shop)|à propos (?:du vendeur|de la boutique)|sobre (?:el vendedor|la tienda|o vendedor)"
    r"|informazioni sul venditore|over (?:de )?(?:verkoper|deze winkel)|om (?:säljaren|butiken|sælgeren)|o sprzedawcy"
    r"|contact (?:the )?seller|verkäufer kontaktieren|contacter le vendeur|店铺介绍|掌柜档案",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"(?P<share>\d{1,3}(?:[.,]\d{1,2})?)\s?%\s?(?:positive|positiv|évaluations|de votos"
    r"|valoraciones|好评)",
    re.IGNORECASE,
)
_STARS = re.compile(
    r"(?<![\d.,])(?P<stars>[0-5][.,]\d{1,2})\s?(?:/\s?5|out of 5|von 5|sur 5|de 5|su 5|★|stars?"
    r"|\()",
    re.IGNORECASE,
)
_SOLD = re.compile(
    r"(?P<sold>\d[\d.,\s]{0,9}k?)\s?(?:items? sold|sales|verkauft|ventes|vendidos|venduti"
    r"|verkocht|sålda|sprzedanych|продаж)",
    re.IGNORECASE,
)
_PERSONS = frozenset(("person", "organization", "onlinestore", "store", "localbusiness", "brand"))
_LOCATION_CHARS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerSigns:
    """What makes a page one about a seller."""

    id: str | None  # in its address
    name: str
    item: dict[str, Any] | None  # the seller in its structured data. Any: JSON values
    said: tuple[str, ...]


def seller_signs(document: Document, *, priced: int = 0) -> SellerSigns | None:
    """Why the page is one about a seller; None when it is not. `priced` cards of a list speak for a shop front."""
    path = urlsplit(document.url).path
    own = _OWN.search(unquote(path))
    if own is not None and (_NOT_ONE.match(own["id"]) or (own["rest"] or "").count("/") > 1):
        own = None
    profile = own is not None or "ProfilePage" in document.text
    if not profile and not any(said.lower().startswith("profile") for said in document.metas.get("og:type", ())):
        return None
    named = heading(document)
    title = clean_text(layout_of(document).words(named, 300), 120) if named is not None else ""
    item = _described(document, title)
    name = (name_of(item) if item is not None else "") or title
    if not name:
        return None
    words = document.shown[:60_000]
    score, said = 0.0, []
    for weight, speaks, what in (
        (2.0, own is not None, "a seller's address"),
        (2.0, item is not None, "a seller's markup"),
        (1.5, _SINCE.search(words) is not None, "since when it is there"),
        (1.0, _FEEDBACK.search(words) is not None, "feedback"),
        (1.0, _ABOUT.search(words) is not None, "words about the seller"),
        (0.5, priced >= 3, "offers of its own"),
    ):
        if speaks:
            score += weight
            said.append(what)
    if score < MIN_SCORE or (own is None and priced < 3 and not _ABOUT.search(words)):
        return None
    return SellerSigns(id=own["id"] if own is not None else None, name=name, item=item, said=tuple(said))


def _described(document: Document, title: str) -> dict[str, Any] | None:  # Any: JSON values
    """The person or shop that a profile page's markup, or a name like the heading's, says the page is about."""
    items = (*document.jsonld, *document.microdata, *document.annotated)
    for item in items:
        main = item.get("mainEntity")
        if "profilepage" in types_of(item) and isinstance(main, dict):
            return main
    for item in items:
        if (
            types_of(item) & _PERSONS
            and name_of(item)
            and title
            and overlap(fold(name_of(item)), fold(title)) >= 0.75
        ):
            return item
    return None


def read_seller(document: Document, signs: SellerSigns, rule: str, capture: str | None) -> SellerFields:
    """What the page says of its seller; `rule` is the name under which each value stands."""

    def seen(field: str, value: str | None, raw: str, where: str) -> Seen[str] | None:
        value = clean_text(value or "", 500)
        if not value:
            return None
        return Seen(value=value, raw=clip_raw(raw), rule=f"{rule}: seller.{field}", capture=capture, where=where)

    item, words = signs.item or {}, document.shown[:60_000]
    rated = item.get("aggregateRating")
    rated = rated if isinstance(rated, dict) else {}

    def found(field: str, pattern: re.Pattern[str], made: Callable[[str], str] = str) -> Seen[str] | None:
        match = pattern.search(words)
        if match is None:
            return None
        text = next(part for part in match.groups() if part is not None)
        return seen(field, made(text.strip(" ,")), match.group(), f"text {match.start()}")

    address = item.get("address")
    place = address.get("addressLocality") or address.get("addressCountry") if isinstance(address, dict) else address
    where = next((value for value in labelled(document, "ships_from") if len(value) <= _LOCATION_CHARS), None)
    stars = rated.get("ratingValue")
    details = trader_details(document)
    trader = {
        name: tuple(
            s for each in details.get(name, ()) if (s := seen(f"trader_{name}", each.text, each.raw, each.where))
        )
        for name in TRADER_FIELDS
    }
    about = item.get("description")
    return SellerFields(
        platform_seller_id=seen("platform_seller_id", signs.id, signs.id or "", "url"),
        name=seen("name", signs.name, signs.name, "structured data" if signs.item else "main heading"),
        url=seen("url", document.url, document.url, "page address"),
        rating=seen("rating", str(stars), str(stars), "structured data")
        if isinstance(stars, int | float | str)
        else found("rating", _SHARE, lambda share: f"{share.replace(',', '.')}%") or found("rating", _STARS),
        since=found("since", _SINCE),
        sold_count=found("sold_count", _SOLD),
        location=seen("location", place, place, "structured data")
        if isinstance(place, str)
        else seen("location", where, where or "", "label"),
        about=seen("about", about, about, "structured data") if isinstance(about, str) else None,
        trader_name=next(iter(trader["name"]), None),
        trader_address=next(iter(trader["address"]), None),
        trader_mail=next(iter(trader["mail"]), None),
        trader_phone=next(iter(trader["phone"]), None),
        trader_vat=next(iter(trader["vat"]), None),
        trader_numbers=trader["numbers"],
    )
