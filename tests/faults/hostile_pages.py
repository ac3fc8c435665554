"""Pages made to break a reader: one of each kind for each seed, the same every time."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import json
import random
from collections.abc import Callable

from tests.crawler.extract.pages_made import OFFER, RESULTS

Maker = Callable[[random.Random], bytes]

LARGE_BYTES = 5_000_000
"""What the large kinds grow to: pages beyond it are cut before they are read."""

PIECES = (
    "<div>", "</div>", "<h1>", "</h1", "<script>", "<script type='application/ld+json'>", "</script>", "<!--", "-->", "<![CDATA[",
    '{"@type":"Product","offers":{"price":', "1e999999999", "NaN", "Infinity", '"\\ud800"', "[[[[", "\\u0000", "<a href='http://[x'>",
    "<img srcset=', 1x,,'>", "\x00", "\ud83d", "<p class=price>", "9" * 40, "€", "$1,2.3,4", "<table><tr><td>", "&#x110000;", "&#0;", "&amp;" * 20,
    "<div itemscope itemtype=Product itemprop=offers itemref='a a a'>", "<meta property=og:price:amount content=-1>", "<meta charset=utf-7>",
    "<base href='javascript:1'>", "<html lang='\u202e'>", "<iframe src=x.m3u8>", "<input type=password>", "<select>", "<svg><title>", "<template>",
    "<noscript>", "\u202e\u2066", "<li><a href=/1>x</a>$1", "</html>", "<plaintext>", "<frameset>", "PT9999999999999H", "31/02/99999", "\ufeff",
)  # fmt: skip

CHARSETS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "shift_jis",
    "gb18030",
    "euc-jp",
    "koi8-r",
    "windows-1252",
    "utf-7",
)

BOMBS: tuple[tuple[str, str], ...] = (
    ("1,", "x"), ("1.", "€"), (" ", "$"), ("9", ""), ("$1 ", ""), ("a@", "a"), ("a.", "@b"), ("+49 ", ""), ("(", ")"), ("-", ">"), ("<", ""),
    ("&", ";"), ("\\", '"'), ("'", '"'), ("http://", "a"), ("12:", "00"), ("1/", "2"), ("was ", "$1"), ("%2", "F"), ("\n", "$1"), ("kr ", "1"),
    ("magnet:?xt=", "urn"), ("m3u8", "?"), ("price", ":"), ("1 234", " "), ("\u00a0", "1"), ("٣", "ر"), ("０", "円"), ("<b>1</b>", ""), ("<a>", "x"),
)  # fmt: skip


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _random_bytes(chance: random.Random) -> bytes:
    start = chance.choice(
        (b"", b"<html>", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b", b"%PDF-", b"\x00" * 64, b"<?xml ")
    )
    return start + chance.randbytes(chance.randrange(20_000))


def _soup(chance: random.Random) -> bytes:
    return _bytes("".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 400))))


def _damaged(chance: random.Random) -> bytes:
    body = bytearray((OFFER if chance.random() < 0.5 else RESULTS).encode())
    for _ in range(chance.randrange(1, 40)):
        at = chance.randrange(len(body) or 1)
        match chance.randrange(5):
            case 0 if body:
                body[at] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randrange(60)]
            case 2:
                body[at:at] = _bytes(chance.choice(PIECES))
            case 3:
                body[at:at] = body[at : at + chance.randrange(400)]
            case _:
                body = body[: chance.randrange(len(body) or 1)] if chance.random() < 0.1 else body
    return bytes(body)


def _deep(chance: random.Random) -> bytes:
    tags = (
        "div",
        "ul><li",
        "table><tr><td",
        "span",
        "b",
        "font",
        "a href=/x",
        "section",
        "div itemscope itemprop=a",
        "svg",
        "button",
        "form",
    )
    tag, depth = chance.choice(tags), chance.choice((300, 3_000, 30_000))
    return _bytes(f"<{tag}>" * depth + "<h1>deep</h1><p class=price>$12.00</p>")


def _wide(chance: random.Random) -> bytes:
    size = chance.choice((10_000, 200_000, 1_000_000))
    value = chance.choice(("x", "\\", "a b ", "1,", "&amp;", "/", "%20", "data:"))
    name = chance.choice(("class", "href", "style", "data-price", "itemprop", "srcset", "content", "id", "alt"))
    many = " ".join(f"a{n}=1" for n in range(chance.choice((0, 5_000))))
    return _bytes(
        f"<h1>wide</h1><p {many}><a {name}='{value * (size // len(value))}'>$1</a><img {name}=\"{value * 1000}\">"
    )


def _broken_data(chance: random.Random) -> bytes:
    item: dict[str, object] = {"@type": ["Product"], "@id": "#a", "name": "Bag", "isVariantOf": {"@id": "#a"}}
    price: object = chance.choice(
        (1e308, -1, "1e999999999", "NaN", [], {}, [[]] * 40, "1" * 5000, True, None, "1.2.3,4", {"@id": "#a"})
    )
    item["offers"] = chance.choice(({"price": price}, [{"price": price}] * 50, price, {"@id": "#a"}))
    item["image"] = chance.choice((price, {"url": price}, ["http://[", "//", "\x00", None]))
    text = json.dumps({"@graph": [item, item]})
    for _ in range(chance.randrange(6)):
        at = chance.randrange(len(text))
        text = (
            text[:at]
            + chance.choice(("[" * 50, "{", '"', ",", "\\u", "//", "/*", "</", "\n", "", "}"))
            + text[at + chance.randrange(6) :]
        )
    if chance.random() < 0.2:
        text = chance.choice(("[", '{"a":', "[{", '{"@graph":[')) * chance.choice((500, 50_000)) + text
    place = chance.choice(
        ("<script type='application/ld+json'>", "<script>window.__STATE__ = ", "<script>var data=JSON.parse('")
    )
    return _bytes(f"<h1>Bag</h1>{place}{text}</script><p class=price>$5.00</p>")


def _long_title(chance: random.Random) -> bytes:
    words = chance.choice(("Bag ", "\u202e", "\u0301", "A", "\U0001f45c", "&lt;", "\x01 ", "ﷺ", "$1 "))
    long = words * (chance.choice((10_000, 1_000_000)) // len(words))
    return _bytes(
        f"<title>{long}</title><meta property=og:title content='{long[:50_000]}'><h1>{long}</h1><p class=price>$1</p>"
    )


def _entities(chance: random.Random) -> bytes:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    match chance.randrange(4):
        case 0:
            return _bytes(
                f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">{bomb}]><rss><channel><item><title>&l11;</title></item></channel></rss>'
            )
        case 1:
            return _bytes("<h1>" + "&amp;" * 100_000 + "lt;</h1>")
        case 2:
            return _bytes("<h1>" + "".join(f"&#x{chance.randrange(0x120000):x};" for _ in range(20_000)) + "</h1>")
        case _:
            return _bytes(
                '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><html><h1>&f;</h1><p class=price>&f;</p></html>'
            )


def _encodings(chance: random.Random) -> bytes:
    said, told = chance.choice(CHARSETS), chance.choice((*CHARSETS, "none", "x-user-defined", "\x00", "9" * 500))
    body = OFFER.replace("<head>", f'<head><meta charset="{told}">').encode(said, "replace")
    return body[chance.randrange(4) :] + (
        RESULTS.encode(chance.choice(CHARSETS), "replace") if chance.random() < 0.5 else b""
    )


def _regex_bomb(chance: random.Random) -> bytes:
    piece, end = chance.choice(BOMBS)
    long = piece * (chance.choice((2_000, 50_000)) // len(piece)) + end
    place = chance.choice(
        (
            "<p class=price>{}</p>",
            "<h1>{}</h1>",
            "<script>{}</script>",
            "<a href='{}'>x</a>",
            "<dl><dt>SKU:</dt><dd>{}</dd></dl>",
            "<p>{}</p>",
        )
    )
    return _bytes("<h1>Bag</h1>" + place.format(long) + "<button>Add to cart</button>")


def _many(chance: random.Random) -> bytes:
    """Thousands of blocks alike, alike but for a word, or each alike with another."""
    count = chance.choice((500, 3_000))
    tag = chance.choice(("li", "div", "tr", "a", "p", "td"))
    card = chance.choice(
        (
            '<a href="/i/{}">Bag {}</a><img src="/{}.jpg"><b>${}.00</b>',
            "<b>{}</b>",
            "${} ",
            "<span class=c{}>1</span>",
            "<input name=q{}>",
        )
    )
    return _bytes(f"<h1>Bags</h1><{tag}>" + f"</{tag}><{tag}>".join(card.replace("{}", str(n)) for n in range(count)))


def _large(chance: random.Random) -> bytes:
    piece = chance.choice(
        (
            OFFER,
            RESULTS,
            "<p>words and $1.00 more</p>",
            "<script>var a={};</script>",
            "\x00 ",
            "<!-- -->",
            "<div><a href=/x>y</a>",
        )
    )
    return _bytes(piece * (LARGE_BYTES // len(piece)))


KINDS: dict[str, tuple[Maker, int]] = {
    "random bytes": (_random_bytes, 150),
    "markup soup": (_soup, 200),
    "damaged pages": (_damaged, 250),
    "deep nesting": (_deep, 40),
    "wide attributes": (_wide, 30),
    "broken structured data": (_broken_data, 150),
    "long titles": (_long_title, 20),
    "entities": (_entities, 40),
    "mixed encodings": (_encodings, 80),
    "regex bombs": (_regex_bomb, 100),
    "many blocks": (_many, 20),
    "large pages": (_large, 4),
}
"""Each kind's maker and its weight: what is slow to read is made less often."""


def hostile_page(seed: int, number: int) -> tuple[str, bytes]:
    """The kind and the bytes of one page of a run; the same for the same seed and number."""
    chance = random.Random(f"{seed}/{number}")
    names = list(KINDS)
    kind = chance.choices(names, [KINDS[name][1] for name in names])[0]
    return kind, KINDS[kind][0](chance)


def one_of_each(seed: int) -> list[tuple[str, bytes]]:
    """One page of every kind; the same for the same seed."""
    return [(kind, make(random.Random(f"{seed}/{kind}"))) for kind, (make, _) in KINDS.items()]
