"""What a page without a declaration is: an offer, results, a stream, a work, torrents, or nothing of the kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.extract.blocks import Block, find_blocks
from crawler.extract.descriptions import headed_description
from crawler.extract.document import Document
from crawler.extract.headings import buy_buttons, heading, layout_of
from crawler.extract.labels import labelled, pairs
from crawler.extract.layout import Region, Struck
from crawler.extract.offered import Offered, offered
from crawler.extract.prices import PriceSpot, asked_price, price_spots
from crawler.extract.products import PRODUCT_OG, Markup, has_offer, main_product, name_of, read_markup
from crawler.extract.refusals import says_missing
from crawler.extract.screened import MIN_BESIDE_PLAYER, MIN_SIGNS, film_list, screened
from crawler.extract.state_fields import state_words
from crawler.extract.states import product_state
from crawler.extract.streams import find_manifests, find_players
from crawler.extract.tally import AMOUNT, tally_of
from crawler.extract.text import clean_text, fold
from crawler.extract.torrents import MIN_ROWS, find_magnets, find_torrent_files, info_hash, torrent_rows
from crawler.extract.watched import watch_ways
from store.records.fetches import FetchKind
from store.records.listings import PageKind

_VIDEO_TYPES = frozenset(("videoobject", "clip", "musicvideoobject", "broadcastevent", "tvepisode", "episode"))
_WORK_TYPES = frozenset((
    "movie", "tvseries", "tvseason", "musicalbum", "musicrecording", "musicrelease", "book", "photograph",
    "videogame", "creativeworkseries",
))  # fmt: skip
_PROSE_TYPES = frozenset((
    "article", "newsarticle", "blogposting", "blog", "recipe", "localbusiness", "restaurant",
    "discussionforumposting", "qapage", "faqpage", "profilepage", "jobposting", "event", "howto",
    "reportagenewsarticle", "aboutpage", "contactpage",
))  # fmt: skip
_PROSE_OG = re.compile(
    r"^(article|blog|profile|activity|business\.business|restaurant|event|quiz|[a-z]+:(project|photo)$)",
    re.IGNORECASE,
)
_VIDEO_OG = re.compile(
    r"^(video(\.(other|movie|episode|tv_show))?|music\.song|[a-z]+:sound|movie)$",
    re.IGNORECASE,
)
_WORK_OG = re.compile(r"^(video\.(movie|tv_show)|music\.album|book|books\.book|.*photos?:photo)$", re.IGNORECASE)
_NOT_OFFER_PATH = re.compile(
    r"(product-?_?reviews?|write-?review|/reviews?(/|$)|log-?in|sign-?in|signup|register|forgot|password|account"
    r"|coupon|kupong|gutschein|voucher|/blog(/|$)|/news(/|$)|/forum|/threads?/|/topic|/article|privacy|terms"
    r"|impressum|contact|about|faq|help|checkout|/cart|wishlist)",
    re.IGNORECASE,
)
_BASKET_PATH = re.compile(
    r"/(cart|basket|bag|checkout|warenkorb|kasse|panier|carrito|carrello|carrinho|winkelwagen|winkelmand(je)?"
    r"|varukorg|kundvagn|kurv|koszyk|kosik|kosar|sepet|korzina|wish-?list|favou?rites)(\.\w{2,4})?/?$",
    re.IGNORECASE,
)
_FEW_OTHERS = 24  # offers beside "not found"; a longer list is a site's whole range under a careless heading. Chosen
_OFFER_PATH = re.compile(
    r"(/product/|/products/[^/?]+|/item/|/itm/|/dp/|/gp/product|/p/[^/]+|/pd/|/pdp/|/listing/\d|/offers?/[^/]+"
    r"|/ad/|/annonce|/anzeige|/inzer[aá]t/|/inserat/|/ogloszenie/|/annunci[oi]/|/anuncio/|/advert/|/item\.htm|productid=|product_id=|[?&]item=|/t/[a-z0-9-]+|[-_/,]\d{4,}[^/]*\.html?$)",
    re.IGNORECASE,
)
_COUNT_FIELDS = (
    "input[name*=qty]:not([type=hidden]), input[name*=quantity]:not([type=hidden]), "
    "input[id*=qty]:not([type=hidden]), input[name*=Qty], "
    "select[name*=qty], select[name*=quantity], input[name*=menge], input[name*=anzahl]"
)
_STREAM_PATH = re.compile(
    r"/(watch|videos?|v|clips?|episodes?|film|films|movies?|embed|play|stream|series?|tv|anime|live)([-_/.]|$)",
    re.IGNORECASE,
)
_STREAM_TITLE = re.compile(
    r"\bs\d{1,2} ?e\d{1,3}\b|\b(season|staffel|saison|temporada|stagione|sezon) ?\d+|\b(episode|folge|épisode"
    r"|episodio|odcinek) ?\d+|\bwatch\b.{0,80}\b(online|free|full|hd|streaming)\b|\bfull movie\b|\bstream(ing"
    r"|en)?\b|\b(ver|voir|regarder|guarda|assistir)\b.{0,80}\b(online|gratis|en ligne|streaming)\b"
    r"|\bonline (anschauen|sehen|kijken|zdarma)\b|смотреть онлайн",
    re.IGNORECASE,
)
_RESULTS_PATH = re.compile(
    r"(/search|/s\?|[?&](q|query|search|keyword|keywords|k|_nkw|ntt|term|s)=|/categor|/collections?/[^/]+/?$"
    r"|/catalogsearch|/browse|/shop/?$|/tienda/?$|/c/|/list|/tag/|/brand)",
    re.IGNORECASE,
)


_AT_BUTTON = 60  # elements between the price and the button that buys at it. Chosen
MIN_OFFER_SCORE = 5.0
"""On 135 saved pages 43 of 48 offers score as much, and of 87 others one, which its markup calls an article."""

MIN_RESULTS_SCORE = 3.0
"""On the same pages 30 of 34 lists score as much, and of 101 others three home pages, which are told by address."""


_SPEAKS = 2.0  # an amount that scores less is postage or a condition. Chosen
_DRAWN_TEXTS = 60  # runs of words on a page whose matter is drawn by scripts: menus and a foot. Chosen
_FEW_AMOUNTS = 2  # shown on a page whose list is drawn by scripts: a basket, free postage from somewhat. Chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a page is and why, with the cards found on the way."""

    kind: PageKind
    because: str
    block: Block | None = None
    offered: tuple[Offered, ...] = ()  # of a list that the page's data alone spells


def decide(document: Document, expected: FetchKind | None = None) -> Decision:
    """
    What the page is. A page fetched as results may be a front page with a list; nothing else follows from `expected`.

    An offer needs a price or a product's markup that agrees with the page's heading; markup on a log-in, a coupon, a
    news page or a home page makes none. When in doubt: NONE, with the reason.
    """
    markup = read_markup(document)
    path = urlsplit(document.url)
    front = expected is not FetchKind.RESULTS and path.path in ("", "/") and not path.query and bool(path.hostname)
    barred = _NOT_OFFER_PATH.search(path.path)
    product = _described(document, markup)
    if product is not None and not barred and not front:
        return Decision(kind=PageKind.LISTING, because=f"its markup describes one product, {product!r}")
    torrents = _torrents(document)
    if torrents is not None:
        return torrents
    # A list counts below by the amounts of two cards at least: without as many it need not be looked for.
    blocks = find_blocks(document) if tally_of(document).priced >= 2 else []
    main = blocks[0] if blocks else None
    prose = _prose(document, markup)
    if (
        prose
        and main is not None
        and main.region is Region.MAIN
        and main.priced >= 5
        and 2 * main.priced >= len(main.members)
    ):
        prose = prose if _leads_away(document, main) else None  # shops leave such markup on their lists
    if prose and _advertises(document, markup):
        prose = None  # and advertisement sites on their advertisements
    stream = _stream(document, markup)
    if stream is not None and product is None:
        return stream
    asked = asked_price(document)
    score, said = _offer_score(document, markup, asked, main)
    results = _results_score(document, markup, main, asked)
    listed = expected is FetchKind.RESULTS and results >= MIN_RESULTS_SCORE
    if not front and not barred and not prose and not listed and score >= MIN_OFFER_SCORE and score >= results:
        return Decision(kind=PageKind.LISTING, because="it shows " + ", ".join(said))
    if main is not None and not prose and not front and results >= MIN_RESULTS_SCORE and _only_speaks(document, main):
        return Decision(kind=PageKind.NONE, because="its cards speak of amounts; none asks one")
    missing = says_missing(document)
    if main is not None and missing is not None and len(main.members) <= _FEW_OTHERS and results >= MIN_RESULTS_SCORE:
        return Decision(kind=PageKind.NONE, because=f"its heading says {missing!r}; what it shows are other offers")
    if _BASKET_PATH.search(path.path) and results >= MIN_RESULTS_SCORE and expected is not FetchKind.RESULTS:
        return Decision(kind=PageKind.NONE, because="a basket, by its address; what it shows are other offers")
    if main is not None and not prose and not front and results >= MIN_RESULTS_SCORE:
        because = f"{len(main.members)} cards alike, {main.priced} with a price"
        return Decision(kind=PageKind.RESULTS, because=because, block=main)
    if len(markup.products) > 3 and not front and not prose:
        because = f"its markup lists {len(markup.products)} products; none of their cards carries a link"
        return Decision(kind=PageKind.RESULTS, because=because, offered=offered(document))
    listing_path = _RESULTS_PATH.search(document.url) is not None and not (prose or barred or front)
    asked_for = expected is FetchKind.RESULTS or (listing_path and expected is None)
    if asked_for and not markup.products and missing is None and (films := film_list(document)) is not None:
        because = f"{len(films.members)} pictured cards alike, most of them called as films are"
        return Decision(kind=PageKind.RESULTS, because=because, block=films)
    if prose:
        return Decision(kind=PageKind.NONE, because=prose)
    if front:
        return Decision(kind=PageKind.NONE, because="a front page: no one offer, no one list")
    if barred:
        return Decision(kind=PageKind.NONE, because=f"its address names {barred.group()!r}")
    if len(price_spots(document)) <= _FEW_AMOUNTS and (spelled := offered(document)):
        because = f"it shows no list; {spelled[0].where} lists {len(spelled)} offers"
        return Decision(kind=PageKind.RESULTS, because=because, offered=spelled)
    shows = ", ".join(said) or "nothing of either"
    return Decision(kind=PageKind.NONE, because=f"neither an offer nor a list: it shows {shows}")


def _leads_away(document: Document, main: Block) -> bool:
    """Whether most of a list's cards lead to other sites alone: offers that the page recommends, not its own."""
    tally = tally_of(document)
    ways = [tally.ways_in(span) for span in main.members]
    away = sum(bool(found) and not any(way.own for way in found) for found in ways)
    return 2 * away > len(ways)


def _described(document: Document, markup: Markup) -> str | None:
    """The name of the one product the page's markup describes and sells; None when it does not."""
    item = main_product(document, markup)
    if item is None:
        return None
    if not has_offer(item) and asked_price(document) is None and not PRODUCT_OG.match(markup.og):
        return None
    return name_of(item)[:60] or "a product"


def _advertises(document: Document, markup: Markup) -> bool:
    """Whether a page only Open Graph calls an article asks a price, with a basket or at an offer's address."""
    asked, named = asked_price(document), heading(document)
    if asked is None or named is None or markup.types & _PROSE_TYPES or asked.score < 6.0:
        return False
    apart = abs(asked.place.order - named.order)
    buttons = [place for place in buy_buttons(document) if place.region is Region.MAIN and place.tag != "form"]
    sold = 0 < len(buttons) <= 2 and min(abs(place.order - asked.place.order) for place in buttons) <= _AT_BUTTON
    return (apart <= 15 and _OFFER_PATH.search(document.url) is not None) or (apart <= 60 and sold)


def _prose(document: Document, markup: Markup) -> str | None:
    """Why the page is something to read, or None."""
    if markup.products and markup.offers:
        return None
    found = markup.types & _PROSE_TYPES
    if found:
        return f"its markup says {sorted(found)[0]}"
    if _PROSE_OG.match(markup.og) and "product:price:amount" not in document.metas:
        return f"its markup says {markup.og[:40]!r}"
    return None


def _stream(document: Document, markup: Markup) -> Decision | None:
    """A page that plays one thing, or describes one work; None when it does neither."""
    players = find_players(document)
    manifests = find_manifests(document)
    video = bool(markup.types & _VIDEO_TYPES) or bool(_VIDEO_OG.match(markup.og))
    work = bool(markup.types & _WORK_TYPES) or bool(_WORK_OG.match(markup.og))
    metas = document.metas
    carries = [
        name
        for name in ("og:video", "og:video:url", "og:video:secure_url", "twitter:player", "og:audio")
        if metas.get(name)
    ]
    article = bool(markup.types & (_PROSE_TYPES - {"event"}))
    primary = fold(" ".join(sorted(markup.types)))
    if work and not (markup.types & _VIDEO_TYPES and not markup.types & _WORK_TYPES):
        if markup.types & {"movie", "tvseries", "tvseason", "musicalbum", "book"} and not (
            manifests and not markup.types
        ):
            return Decision(kind=PageKind.WORK, because=f"its markup describes a work ({primary[:60]})")
        if not (video or carries):
            return Decision(kind=PageKind.WORK, because=f"its markup describes a work ({markup.og or primary[:60]})")
    if video and (not article or players or manifests):
        because = f"its markup describes a video or recording ({markup.og or primary[:60]})"
        return Decision(kind=PageKind.STREAM, because=because)
    if carries and (players or manifests) and not article:
        return Decision(kind=PageKind.STREAM, because=f"its metas name a player ({carries[0]})")
    path = urlsplit(document.url).path
    plays = players or manifests or document.tree.css_first("video") is not None
    named = _STREAM_PATH.search(path) or _STREAM_TITLE.search(document.title[:300])
    if plays and named and not article and not _NOT_OFFER_PATH.search(path) and path not in ("", "/"):
        return Decision(kind=PageKind.STREAM, because=f"it embeds a player and names {named.group().strip(' /')!r}")
    if article or markup.products or _PROSE_OG.match(markup.og) or _NOT_OFFER_PATH.search(path) or path in ("", "/"):
        return None
    if asked_price(document) is not None:
        return None
    signs = screened(document).signs
    if plays and len(signs) >= MIN_BESIDE_PLAYER:
        return Decision(kind=PageKind.STREAM, because="it embeds a player and shows " + ", ".join(signs))
    if len(signs) >= MIN_BESIDE_PLAYER and not buy_buttons(document) and (ways := watch_ways(document)):
        because = f"it leads to {len(ways)} player(s) ({ways[0].words!r}) and shows " + ", ".join(signs)
        return Decision(kind=PageKind.STREAM, because=because)
    if len(signs) >= MIN_SIGNS and not buy_buttons(document) and tally_of(document).priced < _FEW_AMOUNTS:
        return Decision(kind=PageKind.WORK, because="it shows " + ", ".join(signs))
    return None


def _torrents(document: Document) -> Decision | None:
    rows = torrent_rows(document)
    if len(rows) >= MIN_ROWS:
        return Decision(kind=PageKind.TORRENT_RESULTS, because=f"{len(rows)} rows of torrents")
    magnets = find_magnets(document)
    if magnets:
        return Decision(kind=PageKind.TORRENT, because="a magnet link")
    files = find_torrent_files(document)
    # Archives offer a torrent file beside the player of every recording.
    if any(info_hash(url) is not None for url in files) or (files and not find_players(document)):
        return Decision(kind=PageKind.TORRENT, because="a torrent file")
    return None


def _offer_score(
    document: Document, markup: Markup, asked: PriceSpot | None, main: Block | None
) -> tuple[float, list[str]]:
    """How much the page looks like one offer, and what speaks for it."""
    score = 0.0
    said: list[str] = []

    def speaks(weight: float, what: str) -> None:
        nonlocal score
        score += weight
        said.append(what)

    named = heading(document)
    if named is not None:
        words = fold(clean_text(layout_of(document).words(named, 1_000), 300))
        said_twice = len(words) >= 4 and words in fold(clean_text(document.title, 600))
        speaks(1.0 + 0.5 * said_twice + 0.5 * (len(words.split()) >= 4), "a heading")
    if asked is not None:
        speaks(1.0 + min(max(asked.score - 4.0, 0.0), 6.0) / 2.0, f"a price ({clean_text(asked.text, 30)!r})")
    buttons = [place for place in buy_buttons(document) if place.region is Region.MAIN and place.tag != "form"]
    if 0 < len(buttons) <= 4:
        speaks(1.5, "a buy button")
    elif len(buttons) > 4:
        score -= 1.0
    counts = document.tree.css(_COUNT_FIELDS)
    if 0 < len(counts) <= 3:
        speaks(1.0, "a field for how many")
    codes = [name for name in ("sku", "mpn", "gtin") if labelled(document, name)]
    if codes and (main is None or main.priced < 4 or main.region is not Region.MAIN):
        speaks(0.7 * len(codes[:2]), "an item number")
    if PRODUCT_OG.match(markup.og) or "product:price:amount" in document.metas:
        speaks(3.0, "a product's metas")
        if PRODUCT_OG.match(markup.og) and not {"product:price:amount", "og:price:amount"}.isdisjoint(document.metas):
            speaks(2.0, "a price in them")
    if len(markup.products) == 1:
        speaks(2.0, "a product's markup")
    elif len(markup.products) > 4:
        score -= 2.0
    if _OFFER_PATH.search(document.url):
        speaks(1.0, "an offer's address")
    if asked is not None:
        if named is not None and _in_path(document.url, words):
            speaks(0.7, "an address that repeats the heading")
        if headed_description(document) is not None:
            speaks(0.7, "a part headed as description")
        if re.sub(r"\D", "", asked.text)[:6] in re.sub(r"\D", "", document.title) and len(asked.text) > 2:
            speaks(0.7, "a title that spells the price")
        if any(_earlier(spot, asked) for spot in price_spots(document)):
            speaks(0.7, "an earlier price beside it")
        details = {name for pair in pairs(document) if pair.region is Region.MAIN for name in pair.names} & _DETAILS
        if details:
            speaks(min(0.4 * len(details), 1.2), "labelled details")
        if named is not None and _pictured(document, words):
            speaks(0.7, "a picture of the heading's name")
        layout = layout_of(document)
        if any(place.tag in ("a", "button") and _reaches_seller(layout.words(place, 80)) for place in layout.places):
            speaks(0.8, "a way to reach the seller")
    sold = score >= 0.0 and score < MIN_OFFER_SCORE and _sold_in_scripts(document)
    if sold:
        drawn = asked is None and len(layout_of(document).texts) <= _DRAWN_TEXTS
        speaks(4.0 if drawn else 2.0, "a product in its scripts")
    if _RESULTS_PATH.search(document.url):
        score -= 1.0
    if main is not None and main.region is Region.MAIN and main.priced >= 4:
        score -= 1.0
    if asked is not None and main is not None and _holds(main, asked):
        score -= min(0.6 * main.priced, 4.0)  # the price is one of a list, or of a few ways to buy
    if asked is None and not sold and not PRODUCT_OG.match(markup.og):
        score -= 1.0
    return score, said


_DETAILS = frozenset((
    "brand", "condition", "availability", "shipping_price", "ships_from", "seller", "colour", "size",
))  # fmt: skip


_REACHES = re.compile(
    r"^\W*((contact|message|call|email|ask|reply to|chat with) (the )?(seller|vendor|advertiser|owner)|(show|reveal"
    r"|view) (phone )?number"
    r"|reply|make (an )?offer|nachricht (schreiben|senden)|anbieter kontaktieren|verkäufer kontaktieren"
    r"|nummer anzeigen"
    r"|voir le num[ée]ro|envoyer un message|contacter( le vendeur)?|faire une offre|contactar( al? vendedor)?"
    r"|ver tel[eé]fono"
    r"|enviar mensaje|hacer oferta|contatta( il venditore)?|mostra numero|invia messaggio|ver n[uú]mero"
    r"|enviar mensagem"
    r"|stuur bericht|bericht sturen|bieden|toon nummer|skicka meddelande|visa nummer|send (en )?melding"
    r"|kirjoita myyjälle"
    r"|napisz wiadomość|zadzwoń|pokaż (numer|telefon)|kontaktovat prodejce|üzenet küldése|показать (номер|телефон)"
    r"|написать( сообщение| продавцу)?|позвонить( / sms)?|показать контакты|задать вопрос|出品者に質問|联系卖家"
    r"|chat|call now|whatsapp|send (a )?message|show contact( info)?|hubungi penjual|chat penjual|nhắn tin"
    r"|gọi điện|แชท(กับผู้ขาย)?"
    r"|mesaj (gönder|at)|telefonu göster|ara|επικοινωνία|изпрати съобщение|pošalji poruku|kontaktiraj"
    r"|اتصل( بالمعلن)?|مراسلة|שלח הודעה"
    r"|채팅하기|문의하기|napsat( zprávu| prodejci)?|odpovědět|odpísať|válasz|hívás|răspunde|trimite mesaj|sună"
    r"|ligar|chamar"
    r"|perguntar( ao vendedor)?|preguntar|llamar|appeler|chiama|bellen|ring|soita|lähetä viesti|ota yhteyttä"
    r"|skriv till säljaren"
    r"|anrufen|e-?mail schreiben|anfrage senden|kontakt aufnehmen)\W*$"
)


def _reaches_seller(words: str) -> bool:
    return 1 < len(words) < 40 and _REACHES.match(fold(words)) is not None


def _in_path(url: str, heading_words: str) -> bool:
    """Whether the last part of the path spells most of the heading's words."""
    last = fold(unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]))
    words = [word for word in re.findall(r"\w+", heading_words) if len(word) > 2]
    return len(words) >= 2 and sum(word in last for word in words) >= 0.6 * len(words)


def _earlier(spot: PriceSpot, asked: PriceSpot) -> bool:
    near = abs(spot.place.order - asked.place.order) <= 40 and spot.place.region is asked.place.region
    return spot.struck is not Struck.NO and near and spot.amount > asked.amount


def _pictured(document: Document, heading_words: str) -> bool:
    """Whether a picture in the main part is described by the heading's own words."""
    return any(
        place.tag == "img"
        and place.region is Region.MAIN
        and len(alt := fold(place.attributes.get("alt") or "")) >= 4
        and (alt in heading_words or heading_words in alt)
        for place in layout_of(document).places
    )


def _sold_in_scripts(document: Document) -> bool:
    """Whether the page's scripts hold an object of the heading's name that names a price."""
    state = product_state(document)
    return state is not None and state.agreement >= 0.8 and bool(state_words(document, "price"))


def _holds(block: Block, spot: PriceSpot) -> bool:
    """Whether the amount stands in one of the block's cards."""
    listed = block.priced >= 3 and 2 * block.priced >= len(block.members)
    return listed and any(place.holds(spot.place.order) for place in block.members)


_CONDITIONS = re.compile(
    r"\b(orders?|spend|minimum|over|above|code|coupons?|vouchers?|bestellwert|mindest\w*|gutscheine?|achats?|commande"
    r"|compras?|pedidos?|mínim[oa]|ordini|minimo|zamówie\w*|objedn\w*|заказ\w*)\b"
)
_MOST_LETTERS = 14  # beside an amount that is asked; more is a sentence that happens to hold one


def _only_speaks(document: Document, main: Block) -> bool:
    """Whether the list's amounts stand in sentences and conditions alone: posts of a thread, coupons."""
    tally = tally_of(document)
    layout = tally.layout
    spoken = 0
    for span in main.members:
        asked = any(
            len(re.findall(r"[^\W\d_]", spot.text)) <= _MOST_LETTERS and not _CONDITIONS.search(fold(spot.text))
            for spot in tally.spots_in(span)
        )
        if asked:
            return False
        said = [text for text in layout.texts[span.first : span.last] if AMOUNT.search(text.text)]
        if any(above.tag == "a" for text in said for above in layout.chain(text.inside, 4)):
            return False  # advertisers write the price into the offer's name
        spoken += bool(said)
    return spoken >= 2


def _results_score(document: Document, markup: Markup, main: Block | None, asked: PriceSpot | None) -> float:
    """How much the page looks like a list of offers."""
    if main is None or main.priced < 2:
        return 0.0
    score = min(main.priced, 12) / 2.0
    beside = find_blocks(document)[1:]
    covers = main.pictured >= main.priced == len(main.members) and all(
        any(member.holds(spot.place.order) for member in main.members)
        for spot in price_spots(document)
        if spot.struck is Struck.NO and spot.place.region is Region.MAIN and spot.score > _SPEAKS
    )
    if main.region is not Region.MAIN:
        score -= 4.0
    if covers and not _NOT_OFFER_PATH.search(urlsplit(document.url).path) and says_missing(document) is None:
        score += 1.0 + 0.5 * (asked is None)  # every amount that the page asks stands in one of a few pictured cards
    if len(markup.products) > 3:
        score += 2.0
    if _RESULTS_PATH.search(document.url):
        score += 1.5
    spots = [spot for spot in price_spots(document) if spot.struck is Struck.NO and spot.place.region is Region.MAIN]
    if asked is not None and spots:
        if _holds(main, asked):
            score += 1.0
        elif not any(_holds(block, asked) for block in beside):
            score -= 3.0  # it is asked for something that stands in no list
    return score
