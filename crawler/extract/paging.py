"""The page after this one: told by relation, words in many languages, arrows, or the number that comes next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from crawler.extract.addresses import absolute_url, canonical_listing_url, host_of
from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Layout, Place
from crawler.extract.text import clean_text, fold

MIN_SCORE = 4.0
"""A word for "next" in a pager scores 6 and more, the next number in one 5, a carousel's arrow 3. Chosen."""

_WORDS = re.compile(
    r"^\W*(next( page| \d+| results?| items?)?|go to (the )?next page|older( posts"
    r"| entries| items)?|more results|(show|load|view|see) more( results| products"
    r"| items)?|continue|forward|nächste( seite)?|weiter(e ergebnisse)?|vor(wärts)?"
    r"|mehr (anzeigen|laden)|suivante?s?|page suivante|suiv\.?|plus de résultats"
    r"|siguientes?|página siguiente|ver más|próxim[oa]s?( página)?|proxima|seguinte"
    r"|página seguinte|avançar|ver mais|carregar mais|successiv[oai]|pagina successiva"
    r"|avanti|prossim[oa]|volgende( pagina)?|meer (laden|tonen)|nästa( sida)?|visa fler"
    r"|næste( side)?|vis flere|neste( side)?|seuraava( sivu)?|następn[yae]( strona)?|dalej"
    r"|kolejna|další( strana)?|ďalš(ia|í)|následující|následujúca|következő( oldal)?"
    r"|tovább|următo(area|rul)|înainte|pagina următoare|следующ(ая|ие|ий)( страница)?"
    r"|след\.?|далее|дальше|вперед|вперёд|показать ещё|показать еще|наступна|далі|напред"
    r"|следваща|sonraki( sayfa)?|ileri|επόμενη|επόμενο|tiếp( theo)?|sau|berikutnya"
    r"|selanjutnya|lanjut|ถัดไป|次へ?|次のページ(へ)?|次の\d+件|もっと見る|下一[页頁]|下一个|下[页頁]|后一页|後一頁|加载更多"
    r"|다음( 페이지)?|더보기|הבא|לעמוד הבא|التالي|الصفحة التالية)\W*$"
)
_SIGN = re.compile(r"^\W{0,2}[>›»▶►→≫❯⟩⇒⏵]+\W{0,2}$")
_FAST = re.compile(
    r"^(»|≫|>>|››|⏭|>\||»»|last|letzte|dernière|última?|ultima|laatste|sista|ostatnia|poslední|последняя)"
)
_BACK = re.compile(
    r"prev|back|zurück|précéd|anterior|preced|vorige|föreg|forrige|poprzedn|předchoz|előző|назад|пред|前|上一|이전"
)
_NEXT_NAME = re.compile(
    r"(?<![a-z])(next(?!el)|nxt|pager?-?next|forward|weiter|naechste|suivante?|siguiente|proxima?|volgende|nasta"
    r"|arrow-?right|right-?arrow|chevron-?right|angle-?right|caret-?right|icon-?right)(?![a-z])"
)
_PAGER_NAME = re.compile(
    r"pag(er|ing|ina|e-?n|enav|elist|elink)|(?<![a-z])pages?(?![a-z])|seiten|blaettern|toolbar|pgn"
)
_OFF_NAME = re.compile(r"(?<![a-z])(disabled?|inactive|unavailable|off)(?![a-z])")
_NOT_PAGES = re.compile(
    r"carousel|slider|swiper|slick|gallery|calendar|(?<![a-z])(month|week|tab|step|rev(iew)?s?)(?![a-z])"
)
_COUNTER = re.compile(
    r"^_?(p|pg|pgn|page|pagina|pagenum(ber)?|page_?no|page_?num|page_?nr|pageindex|currentpage|paged|seite|sida|side"
    r"|strona|strana|pn|pno|pagenr|page_id|start|startindex|start_?row|offset|from|first|skip|nao|no|b_start|o|begin"
    r"|beginindex|rstart|index|limitstart|fr|results?start|pageoffset|st|idx|n|listingoffset)$",
    re.IGNORECASE,
)
_PATH_PAGE = re.compile(
    r"(?:(?:^|[/_.;,-])(?:pages?|pg|seite|pagina|p|strona|sida|side|str|stranica)[-_/=.:]?(\d{1,5})(?=$|[/._;,-]|\.\w+$))",
    re.IGNORECASE,
)
_LAST_NUMBER = re.compile(r"[-_/,.](\d{1,5})(?:/|\.\w{2,5})?$")


def find_next(document: Document) -> tuple[str, str] | None:
    """
    The address of the next page of a list and what gave it away; None on the last page and where nothing says.

    A link counts by its words, its arrow, its name or the number after the current one, and only when its address
    is this page's with another count.
    """
    layout = layout_of(document)
    here = document.url
    current = _current(layout, here)
    best: tuple[float, str, str] | None = None
    for place in layout.places:
        href = _href(place)
        if href is None:
            continue
        told = _told(layout, place, current)
        url = absolute_url(document.base, href) if told is not None else None
        if told is None or url is None:
            continue
        scored = _score(layout, place, here, url, current, told)
        better = scored is not None and (best is None or scored[0] > best[0])
        if scored is not None and better and canonical_listing_url(url) != canonical_listing_url(here):
            best = (scored[0], url, scored[1])
    if best is None or best[0] < MIN_SCORE:
        return None
    return best[1], best[2]


def _href(place: Place) -> str | None:
    attributes = place.attributes
    href = attributes.get("href") if place.tag == "a" else None
    href = (
        href or attributes.get("data-next-url") or attributes.get("data-next-page-url") or attributes.get("data-next")
    )
    if not href or href[:1] == "#" or href[:11].lower() == "javascript:":
        return None
    return href


@dataclass(frozen=True, slots=True)
class _Told:
    """What a link says of itself: how much it is one to the next page, and why; an arrow needs a pager around it."""

    score: float
    said: str
    needs_pager: bool


def _told(layout: Layout, place: Place, current: int) -> _Told | None:
    """What a link's words, names and marks say; None for links that say nothing of a next page, or lead back."""
    attributes = place.attributes
    text = fold(clean_text(layout.words(place, 200), 60))
    titled = [fold(attributes[n] or "") for n in ("title", "aria-label", "data-title") if attributes.get(n)]
    inner = layout.places[place.order + 1 : min(place.end, place.order + 4)]
    titled += [fold(p.attributes.get("alt") or p.attributes.get("title") or "") for p in inner if p.tag == "img"]
    fast = _FAST.match(text)
    if "data-next-url" in attributes or "data-next-page-url" in attributes or attributes.get("rel") == "next":
        told = _Told(5.0, "link to the next page", needs_pager=False)
    elif fast is not None:
        if fast.group() not in ("»", "≫", ">>", "››"):
            return None
        told = _Told(2.5, "arrow to the next page", needs_pager=True)
    elif _WORDS.match(text):
        told = _Told(4.0, "link to the next page", needs_pager=False)
    elif any(_WORDS.match(part) for part in titled):
        told = _Told(3.5, "link to the next page", needs_pager=False)
    elif _SIGN.match(text):
        told = _Told(3.0, "arrow to the next page", needs_pager=False)
    elif text == str(current + 1):
        told = _Told(2.5, f"link to page {current + 1}", needs_pager=False)
    elif len(text) <= 12 and not text.isdecimal() and _NEXT_NAME.search(" ".join(p.name for p in (place, *inner))):
        told = _Told(2.5, "link named next", needs_pager=False)
    else:
        return None
    return None if _BACK.search(text) or any(_BACK.search(said) for said in titled) else told


def _score(layout: Layout, place: Place, here: str, url: str, current: int, told: _Told) -> tuple[float, str] | None:
    """How surely a link that says so leads to the next page; None for one that cannot."""
    if host_of(here) and host_of(url) != host_of(here):
        return None
    around = layout.chain(place.order, 5)
    names = " ".join(p.name for p in around)
    if _NOT_PAGES.search(names) or place.attributes.get("aria-disabled") == "true":
        return None
    if _OFF_NAME.search(" ".join(p.name for p in around[:2])):
        return None
    pager = bool(_PAGER_NAME.search(names)) or "pag" in (place.attributes.get("rel") or "")
    step = _step(here, url, current)
    if (step is not None and step <= 0) or (told.needs_pager and not pager):
        return None
    score = told.score + 1.5 * pager
    if step is not None:
        score += 2.0 if step == 1 else 1.0
    elif not _alike(here, url):
        score -= 3.0
    return score, told.said


def _step(here: str, url: str, current: int) -> int | None:
    """How many counts an address is further than this page's; None where nothing in it counts pages."""
    mine, other = _count(here), _count(url)
    if other is None:
        return _path_step(here, url)
    if mine is not None and mine[0] == other[0]:
        difference = other[1] - mine[1]
        return 1 if difference > 1 and other[1] > 5 * current else difference  # offsets count offers, not pages
    if other[0].isdigit():
        return None
    return 1 if other[1] == current + 1 or other[1] > 5 else other[1] - current


def _path_step(here: str, url: str) -> int | None:
    """The difference of the one number in which two paths differ; None where they differ in more or less."""
    mine, other = (re.split(r"(\d+)", urlsplit(address).path) for address in (here, url))
    if mine[::2] != other[::2]:
        return None
    changed = [(a, b) for a, b in zip(mine[1::2], other[1::2], strict=True) if a != b]
    if len(changed) != 1 or len(changed[0][0]) > 4 or len(changed[0][1]) > 4:
        return None
    return int(changed[0][1]) - int(changed[0][0])


def _count(url: str) -> tuple[str, int] | None:
    """What counts pages in an address: the parameter's or path's name, and its number."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    for name, value in parse_qsl(parts.query):
        if value.isdecimal() and len(value) <= 6 and _COUNTER.match(name.rpartition("[")[2].rstrip("]")):
            return name, int(value)
    match = _PATH_PAGE.search(parts.path)
    return ("path", int(match[1])) if match else None


def _alike(here: str, url: str) -> bool:
    """Whether two addresses differ only in numbers, or in their query alone."""
    mine, other = urlsplit(here), urlsplit(url)
    if not host_of(here):
        return True
    bare = [re.sub(r"\d+", "", path).rstrip("/-_") for path in (mine.path, other.path)]
    if bare[0] == bare[1]:
        return mine.query != other.query or mine.path != other.path
    stems = [re.sub(r"(\.html?|\.php|\.aspx?|/index)$", "", path) for path in bare]
    return stems[1].startswith(stems[0].rstrip("/")) and _LAST_NUMBER.search(other.path) is not None


def _current(layout: Layout, here: str) -> int:
    """The number of this page: by its address, by the number its pager marks, else 1."""
    counted = _count(here)
    if (
        counted is not None
        and 0 < counted[1] <= 500
        and not re.search(r"start|offset|from|skip|nao|no$|row", counted[0], re.I)
    ):
        return counted[1]
    numbers: list[tuple[int, int, bool]] = []  # place among the texts, value, whether a link
    for place, text in enumerate(layout.texts):
        bare = text.text.strip(" |[]()·-,.")
        if bare.isdecimal() and len(bare) <= 3:
            numbers.append((place, int(bare), any(p.tag == "a" and _href(p) for p in layout.chain(text.inside, 3))))
    for step, (place, value, linked) in enumerate(numbers):
        if linked:
            continue
        beside = [*numbers[max(0, step - 1) : step], *numbers[step + 1 : step + 2]]
        if any(
            links and abs(other - place) <= 3 and number - value == (1 if other > place else -1)
            for other, number, links in beside
        ):
            return value or 1
    return 1
