"""The pictures of an offer: the main one beside the heading, then its gallery, each in the largest size offered."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.addresses import absolute_url
from crawler.extract.document import Document
from crawler.extract.headings import heading, layout_of, overlap
from crawler.extract.layout import Layout, Place, Region
from crawler.extract.text import clean_text, fold

MAX_PICTURES = 12
MAX_THUMB = 130  # pixels of a thumbnail's longer side; small main pictures of old shops begin at 150. Chosen
MIN_ALONE = 1.2  # of a page's only picture beside the heading that nothing names
MIN_SCORE = 2.0  # below it a picture has neither a gallery's name nor the offer's. Chosen on real pages.

_NAMES = re.compile(
    r"product|main|galler|galeri|slide|carou?s|visuel|zdjeci|zoom|hero|large|primary|media|photo|picture"
    r"|foto|bild|imag"
)
_SMALL_FILES = re.compile(
    r"thumb|(?<![a-z])icons?(?![a-z])|logo|sprite|banner|spacer|pixel|blank(?![a-z])|loading|placeholder|1x1|badge"
    r"|(?<![a-z])flags?(?![a-z])|rating|(?<![a-z])stars?(?![a-z])|avatar|payment|(?<![a-z])(button|btn)|\.gif$|\.svg$",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif)(?:$|\?)", re.IGNORECASE)
_CARRY = ("style", "data-zoom-image", "data-zoom", "data-large", "data-large-image", "data-full", "data-image",
    "data-image-large", "data-big", "data-bg", "data-background-image", "data-src")  # fmt: skip
_SHOWS = re.compile(r"background[^;]*url\(|\.(?:jpe?g|png|webp|avif)(?:$|\?)", re.IGNORECASE)
_KEPT_APART = re.compile(
    r"/(covers?|products?|prod|items?|large|big|photos?|fotos?|bilder|catalog(ue)?|goods|pictures?)[/_-]",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"background[^;]*url\(\s*['\"]?([^'\")]{4,1000})", re.IGNORECASE)
_STATED = re.compile(
    r"(?<!\d)(\d{2,4})x(\d{2,4})(?!\d)|[-_](\d{2,4})-(?:0|\d{2,4})(?=\.)|(?<![a-z0-9])(?:s|s-l|w|h|w_|h_|width=|w=|h="
    r"|height=|size=|_s[lxy])(\d{2,4})(?![\d])"
)
"""A picture's size as addresses state it: `100x100`, `-50-0.jpg`, `/s-l64/`, `?w=60`."""
_STATED_LARGE = re.compile(r"[_-](?:[2-9]\d\d|1\d{3})\.(?:jpe?g|png|webp)")
_SIZE_PART = re.compile(
    r"[-_@.]?(?<!\d)\d{2,4}x\d{0,4}(?:q\d+)?(?!\d)|[-_]\d{2,4}-(?:0|\d{2,4})(?=\.)|[-_](small|medium|large|thumb(nail)?|big|mini|zoom"
    r"|grande|compact|master|lg|md|sm|xl|th)(?=[.\-_]|$)|(\.(?:jpe?g|png|webp|avif))(?=[._]).*$"
)
_EXTENSION = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)$")
_THUMBS = re.compile(
    r"thumb|miniat|vignet|other-?_?pic|more-?_?(pic|view|image)|small-?_?(img|image|pic)|(?<![a-z])(mini|nav|tn)(?![a-z])"
)
_LARGE_NAMES = (
    "data-zoom-image", "data-zoom", "data-large", "data-large_image", "data-large-image", "data-full",
    "data-image-large", "data-original", "data-src-large", "data-old-hires", "data-big", "data-highres", "data-lazy",
    "data-lazy-src", "data-src", "data-image", "data-bg", "data-background-image", "src",
)  # fmt: skip


def pictures(document: Document) -> list[str]:
    """Addresses of the offer's pictures, the likeliest main one first, at most `MAX_PICTURES`."""
    layout = layout_of(document)
    named = heading(document)
    title = fold(clean_text(layout.words(named, 2_000), 300)) if named is not None else fold(document.title[:300])
    scored: list[tuple[float, str]] = []
    for place, depth in _pictured(layout):
        chain = layout.chain(place.order, 4)
        large = next((p.attributes.get("href") for p in chain[1 - depth : 3] if p.tag == "a"), None)
        large = large if large and _FILE.search(large) else None
        url = absolute_url(document.base, large or source_of(place))
        if url is None:
            continue
        score = _score(place, chain, url, title) + 2.0 * bool(large)
        if named is not None:
            score += 2.0 * math.exp(-abs(place.order - named.order) / 120)
        if score >= MIN_ALONE:
            scored.append((score, url))
    scored = _with_thumbs(scored)
    found = [(score, url) for score, url in scored if score >= MIN_SCORE] or scored[:1]
    found.sort(key=lambda item: -round(5.0 * item[0]))  # alike ones stay in page order: the first is the main one
    return _largest_first(list(dict.fromkeys(url for _, url in found)))[:MAX_PICTURES]


def _with_thumbs(scored: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """The pictures with what their thumbnails say of them: a picture shown large and small is one of the gallery."""
    small: dict[str, float] = {}
    for score, url in scored:
        if _is_small(url):
            small[_stem(url)] = max(score, small.get(_stem(url), score))
    return [
        (max(score, small[stem]) + 1.5, url) if (stem := _stem(url)) in small and not _is_small(url) else (score, url)
        for score, url in scored
    ]


def _largest_first(urls: list[str]) -> list[str]:
    """Each picture where it first stands, without a small size in its address where the page shows it larger."""
    shown: dict[str, str] = {}
    for url in urls:
        stem = _stem(url)
        known = shown.get(stem)
        if known is None or (_is_small(known) and not _is_small(url)):
            shown[stem] = url
    return [*shown.values()]


def _stem(url: str) -> str:
    """What the sizes of one picture have in common: the last part of its address without numbers of a size."""
    last = unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]).lower()
    bare = _EXTENSION.sub("", _SIZE_PART.sub("", last))
    return bare if len(bare) >= 4 else url  # `1.jpg` in another folder is another picture


def _is_small(url: str) -> bool:
    """Whether an address states a size that only a thumbnail has."""
    path = url[-300:].lower()
    stated = [max(int(size) for size in match.groups() if size) for match in _STATED.finditer(path)]
    if stated:
        return max(stated) <= MAX_THUMB
    return "thumb" in path and _STATED_LARGE.search(path) is None


def _pictured(layout: Layout) -> Iterator[tuple[Place, int]]:
    """
    What shows a picture in the main part, in page order, each with 1 where it stands inside the element of its order.

    Images, elements that carry a picture's address for a script or a background, and what stands in for scripts.
    """
    rest = iter(layout.unscripted)
    waiting = next(rest, None)
    for place in layout.places:
        while waiting is not None and waiting[0] < place.order:
            yield from _in_noscript(layout, *waiting)
            waiting = next(rest, None)
        if place.region is not Region.MAIN:
            continue
        if place.tag == "img" or (
            place.attributes and any(_SHOWS.search(value) for name in _CARRY if (value := place.attributes.get(name)))
        ):
            yield place, 0
    while waiting is not None:
        yield from _in_noscript(layout, *waiting)
        waiting = next(rest, None)


def _in_noscript(layout: Layout, order: int, node: LexborNode) -> Iterator[tuple[Place, int]]:
    """The pictures that stand in for scripts, as if they stood in the element of that order."""
    above = layout.places[order]
    if above.region is not Region.MAIN:
        return
    for image in node.css("img")[:MAX_PICTURES]:
        attributes = dict(image.attributes)
        around = image.parent
        if around is not None and around.tag == "a" and _FILE.search(around.attributes.get("href") or ""):
            attributes["data-zoom-image"] = around.attributes.get("href")
        yield Place(order, above.above, "img", attributes, above.name, above.first, above.last, above.end), 1


def _score(place: Place, chain: list[Place], url: str, title: str) -> float:
    attributes = place.attributes
    score = 1.5 * bool(_NAMES.search(" ".join(p.name for p in chain)))
    alt = attributes.get("alt")
    score += 3.0 * overlap(fold(alt), title) if alt else 0.0
    score += 1.0 * (attributes.get("itemprop") == "image")
    words = re.findall(r"\w{3,}", title)
    name = fold(unquote(url.rsplit("/", 1)[-1]))
    shared = sum(word in name for word in words) / len(words) if words else 0.0
    score += 1.5 * shared * (not alt) + 0.5 * bool(_KEPT_APART.search(url))
    small = _SMALL_FILES.search(url)
    score -= 3.0 * (
        small is not None and not (shared >= 0.5 and small.group().lower() not in ("thumb", ".gif", ".svg"))
    )
    score -= 2.5 * _is_small(url) or 1.5 * any(_THUMBS.search(p.name) for p in chain)
    for side in ("width", "height"):
        size = re.match(r"\d{1,5}", attributes.get(side) or "")
        if size:
            score += 1.0 if int(size.group()) >= 180 else -2.0 if int(size.group()) < 80 else 0.0
    return score


def source_of(place: Place) -> str:
    """The address of the largest picture an element offers; empty where it offers none."""
    attributes = place.attributes
    for name in ("data-srcset", "srcset"):
        widest = _widest(attributes.get(name) or "")
        if widest is not None:
            return widest
    named = next(
        (v for name in _LARGE_NAMES if (v := attributes.get(name)) and not v.startswith(("data:", "{", "["))), ""
    )
    if named or place.tag == "img":
        return named
    background = _BACKGROUND.search(attributes.get("style") or "")
    return background[1] if background is not None else ""


def _widest(srcset: str) -> str | None:
    """The widest picture of a `srcset`; None where no width is told, for then the plain source is as good."""
    best: tuple[float, str] | None = None
    for part in re.split(r",\s+|,(?=https?:|//)", srcset.strip())[:50]:
        pieces = part.split()
        size = re.fullmatch(r"(\d+(?:\.\d+)?)[wx],?", pieces[1]) if len(pieces) > 1 else None
        if size is not None and not pieces[0].startswith("data:") and (best is None or float(size[1]) > best[0]):
            best = (float(size[1]), pieces[0].strip(","))
    return best[1] if best is not None else None
