"""Links by which a title's page leads to where it plays: it embeds nothing and names its servers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.extract.addresses import absolute_url
from crawler.extract.document import Document
from crawler.extract.headings import layout_of
from crawler.extract.layout import Region
from crawler.extract.patterns import remembered
from crawler.extract.text import clean_text, fold

MAX_WAYS = 60  # of one page; a title with every server of every episode has about as many

_says_watch = remembered(
    r"^\W*(watch( (it|now|online|here|free|hd|full|movie|film|episode|stream))*|play( (now|video|movie|film"
    r"|episode))?"
    r"|stream( (now|online|it))?|(server|mirror|player|option|source|host(er)?|link|lien|lecteur|opci[oó]n|servidor"
    r"|плеер|сервер) ?#?\d{1,2}|(jetzt |online )?(ansehen|anschauen|streamen|gucken)|zum stream|ver (online|ahora"
    r"|pel[ií]cula)|reproducir|regarder|voir (en ligne|le film|l'épisode)|guarda( ora)?|in streaming"
    r"|assistir( online)?"
    r"|oglądaj( online)?|přehrát|sledovat|смотреть( онлайн)?|дивитися( онлайн)?|izle|hemen izle|kijk( nu)?"
    r"|titta( nu)?"
    r"|se nu|katso|tonton|xem (phim|ngay)|ดูหนัง|観る|再生|在线播放|立即播放|播放|재생|보기)\W*$"
)
_leads_to_player = remembered(
    r"/(play|player|watch|embed|stream|streaming|go|out|redirect|redir|link|links|open|server|video|e"
    r"|v)([/?._-]|\.php|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWay:
    """A link to where something plays."""

    url: str
    words: str


def watch_ways(document: Document) -> list[WatchWay]:
    """
    Links of the main part that say they play and lead to an address made for it or off the site, each once.

    Both are asked, for "Play" also starts a trailer and "Link 2" stands in every bibliography.
    """
    return document.once("watch ways", lambda: _watch_ways(document))


def _watch_ways(document: Document) -> list[WatchWay]:
    layout = layout_of(document)
    found: dict[str, WatchWay] = {}
    own = urlsplit(document.url)
    for place in layout.places:
        href = place.attributes.get("href") if place.tag == "a" and place.region is Region.MAIN else None
        if not href:
            continue
        words = clean_text(layout.words(place, 80), 60) or place.attributes.get("title") or ""
        if not words or not _says_watch(fold(words)):
            continue
        url = absolute_url(document.base, href)
        if url is None or url.split("#")[0] == document.url.split("#")[0]:
            continue
        parts = urlsplit(url)
        if parts.netloc != own.netloc or _leads_to_player(parts.path.lower()):
            found.setdefault(url, WatchWay(url=url, words=words))
        if len(found) >= MAX_WAYS:
            break
    return list(found.values())
