"""The ways from a page to a stream: players, manifests, magnets, file hosts."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import unquote, urlsplit

from config.platform import Platform
from crawler.extract.addresses import absolute_url, host_of
from crawler.extract.document import Document, types_of
from crawler.extract.pages import Link
from crawler.extract.patterns import searcher
from crawler.extract.presence import Trace
from crawler.extract.protectors import TARGETS_MAX, targets
from crawler.extract.rules import RuleReader, Word, address_in
from crawler.extract.text import clean_text
from crawler.extract.torrents import find_magnets, find_torrent_files, info_hash
from crawler.extract.unwrapped import decode, hidden_texts
from crawler.extract.values import PageValues
from store.records.fetches import FetchKind
from store.records.listings import StreamLink

MAX_LINKS = 200  # ways kept of one page; a title page with every episode of a long series has about 150

_SCHEMES = ("http", "https", "magnet")
_MANIFEST = re.compile(
    r"""(?:https?:)?(?:\\?/){2}[^\s"'<>\\]{3,}(?:\\/[^\s"'<>\\]*)*?\.(?:m3u8|mpd)(?![\w.-])[^\s"'<>\\)]{0,1500}""",
    re.IGNORECASE,
)
_MANIFEST_PATH = re.compile(
    r"""["']((?:\\?/|\.{1,2}/)?[\w./\\%~-]{1,300}\.(?:m3u8|mpd)(?:\?[^\s"'<>\\]{0,1500})?)["']""", re.IGNORECASE
)
_MANIFEST_END = re.compile(r"\.(?:m3u8|mpd)$", re.IGNORECASE)

MEDIA_TYPES = frozenset(("videoobject", "clip", "audioobject", "musicvideoobject", "musicrecording", "mediaobject"))
_FRAMES = "iframe, embed, object[data], video[src], video source[src], video[data-src], audio[src], audio source[src]"

# Frames that are never a player of the page's own matter.
_NO_PLAYER = re.compile(
    r"(doubleclick|googlesyndication|googletagmanager|google\.[a-z.]+/(maps|recaptcha)|recaptcha|hcaptcha"
    r"|facebook\.com/(plugins|tr)|platform\.twitter|twitter\.com/i/|disqus|adservice|amazon-adsystem|criteo|adnxs"
    r"|taboola|outbrain|addthis|sharethis|accounts\.google|consent|cookie|captcha|challenges\.cloudflare|hotjar"
    r"|fls\.|livechat|zendesk|intercom|/ads?/|banner|pinterest|instagram\.com/embed|widgets?\.|gravatar|comments?"
    r"|chat|about:|stripe\.com|paypal|maps\.)",
    re.IGNORECASE,
)
_HANDED_NAMES = frozenset((
    "data-src", "data-url", "data-embed", "data-player", "data-video", "data-iframe", "data-frame", "data-link",
    "data-hash", "data-stream", "data-file", "data-lazy-src", "data-litespeed-src", "data-embed-url",
    "data-video-url", "data-player-url", "data-source", "data-server", "data-href",
))  # fmt: skip
_HANDED = "iframe[data-src], iframe[data-lazy-src], iframe[data-litespeed-src], " + ", ".join(
    f"[{name}]" for name in sorted(_HANDED_NAMES - {"data-src", "data-lazy-src", "data-href"})
)
_FRAME_SOURCE = searcher(r"""(?i)<iframe[^>]*?\ssrc\s*=\s*\\?["']([^"'\\\s<>]{8,})""")
_FRAME_ALONE = re.compile(
    r"https?://[^\s/\"'<>]{3,100}/(?:e|v|embed|embed-[^\s\"'<>]+|player)(?:[/?.][^\s\"'<>]{0,1000})?"
)
_PLAYS = re.compile(r"embed|play|video|stream|iframe|mp4", re.IGNORECASE)
_MAGNET = re.compile(r"magnet:\?[^\s\"'<>\\]{20,4000}")
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]{6,2000}")
_MEDIA_END = re.compile(r"\.(?:mp4|webm|mkv|m4v|mov|flv|ogv|mp3|m4a)(?:[?#]|$)", re.IGNORECASE)
# By RE2: of the words before it Python's own search would try every one at every letter of every script.
_SOURCE = searcher(
    r"""(?i)\b(file|src|source|sources|play_?(?:addr|url)|video_?(?:url|src|source)|embed_?(?:url|src)"""
    r"""|iframe(?:_?(?:url|src))?|player_?(?:url|src)|stream_?(?:url|src)|contentUrl|hls|mp4)["']?\s*[:=]\s*\\?["']"""
    r"""((?:https?:)?(?:\\?/|\\u002F){2}[^"'\s<>]{6,}?)\\?["']"""
)
PLAYER_HINT = re.compile(r"(embed|player|video|watch|stream|vod|/e/|/v/|iframe)", re.IGNORECASE)
_FILE_HOSTS = re.compile(
    r"(rapidgator|nitroflare|uploaded|ul\.to|turbobit|1fichier|mega\.nz|mega\.co|mediafire|ddownload|katfile|k2s"
    r"|keep2share|filefactory|zippyshare|uptobox|share-online|oboom|filefox|hitfile|gofile|krakenfiles|pixeldrain"
    r"|alfafile|usersdrive|clicknupload|dropgalaxy)",
    re.IGNORECASE,
)


def find_players(document: Document) -> list[str]:
    """
    Players in page order: those the markup names, then embedded frames and media.

    Frames for advertising, maps, comments or log-ins are left out.
    """
    found: dict[str, None] = {}
    for address in _named_players(document):
        url = absolute_url(document.base, address)
        if url is not None and not _MANIFEST_END.search(urlsplit(url).path):
            found[url] = None
    for node in document.tree.css(_FRAMES):
        href = node.attributes.get("data") if node.tag == "object" else address_in(node)
        url = absolute_url(document.base, href or "")
        if url is None or _NO_PLAYER.search(url) or _MANIFEST_END.search(urlsplit(url).path):
            continue
        if node.tag in ("iframe", "embed") and not (PLAYER_HINT.search(url) or "allowfullscreen" in node.attributes):
            continue
        found[url] = None
        if len(found) >= MAX_LINKS:
            break
    for address in (*_in_attributes(document), *_in_sources(document)):
        url = absolute_url(document.base, address)
        if url is None or len(found) >= MAX_LINKS:
            continue
        if not _NO_PLAYER.search(url) and not _MANIFEST_END.search(urlsplit(url).path):
            found[url] = None
    return list(found)


def _in_attributes(document: Document) -> Iterator[str]:
    """Addresses that elements hand to a script which makes a player of them, plain or in base64."""
    for node in document.tree.css(_HANDED)[:MAX_LINKS] if Trace.HANDED in document.traces else ():
        for name, value in node.attributes.items():
            if name not in _HANDED_NAMES or not value or len(value) > 20_000:
                continue
            said = value.strip()
            plain = decode(said) if len(said) >= 16 and re.fullmatch(r"[A-Za-z0-9+/=_-]+", said) else None
            frame = next(_FRAME_SOURCE(html.unescape(plain or said)), None)
            address = frame[0] if frame is not None else (plain or said)
            if re.match(r"(?:https?:)?//[^/\s]+\.[^/\s]+/\S", address) and (
                PLAYER_HINT.search(address) or _MEDIA_END.search(address)
            ):
                yield address


def _in_sources(document: Document) -> Iterator[str]:
    """Players and recordings that scripts name: frames they write, sources of their players, decoded where hidden."""
    for number, text in enumerate((*document.scripts, *hidden_texts(document))):
        if number >= 400:
            return
        if "iframe" in text:
            yield from (html.unescape(frame[0]) for frame in islice(_FRAME_SOURCE(text), 20))
        if '"' in text or "'" in text:
            for key, spelled in islice(_SOURCE(text), 20):
                address = spelled.replace("\\u002F", "/").replace("\\u0026", "&").replace("\\/", "/")
                if _MEDIA_END.search(address) or _PLAYS.search(key):
                    yield address
        if _FRAME_ALONE.fullmatch(text):
            yield text


def _named_players(document: Document) -> list[str]:
    """Addresses that structured data and metas call a player or the recording itself."""
    named: list[str] = []
    for item in (*document.jsonld, *document.microdata):
        if types_of(item) & MEDIA_TYPES:
            named.extend(
                v for k in ("embedUrl", "embedURL", "contentUrl", "contentURL") if isinstance(v := item.get(k), str)
            )
    for name in (
        "og:video:secure_url",
        "og:video:url",
        "og:video",
        "og:audio",
        "twitter:player",
        "twitter:player:stream",
    ):
        named.extend(document.metas.get(name, ())[:3])
    return named


def find_manifests(document: Document) -> list[str]:
    """HLS and DASH manifests named anywhere in the page, in attributes or scripts, escaped or not."""
    hidden = hidden_texts(document)
    if Trace.MANIFEST not in document.traces and not any(".m3u8" in text or ".mpd" in text for text in hidden):
        return []
    text = html.unescape("\n".join((document.text, *hidden))).replace("\\u002F", "/")
    found: dict[str, None] = {}
    for match in [*_MANIFEST.finditer(text), *_MANIFEST_PATH.finditer(text)]:
        spelled = match.group(match.lastindex or 0).replace("\\/", "/").replace("\\u0026", "&")
        if "%3A%2F%2F" in spelled[:20]:
            spelled = unquote(spelled)
        url = absolute_url(document.base, spelled)
        if url is not None and _MANIFEST_END.search(urlsplit(url).path):
            found[url] = None
        if len(found) >= MAX_LINKS:
            break
    return list(found)


def find_streams(
    document: Document, platform: Platform, reader: RuleReader, values: PageValues, *, on_the_way: bool = False
) -> tuple[tuple[StreamLink, ...], tuple[Link, ...]]:
    """
    The chain as seen on one page, and the addresses to fetch next.

    Where the platform declares players or manifests, its rules speak; where it declares none, frames are looked for.
    Manifests and magnets are looked for on every page. `on_the_way`: the page is a hop, so where it only leads on
    it is a protector's, and the place it leads to is taken: by the platform's rule, else as far as the page tells.
    """
    rules = platform.read.stream

    def url(word: Word) -> str | None:
        return values.url(word, _SCHEMES)

    players = [seen.value for seen in reader.every("stream.players", rules.players, url, MAX_LINKS)]
    manifests = [seen.value for seen in reader.every("stream.manifests", rules.manifests, url, MAX_LINKS)]
    pages = reader.every("stream.links", rules.links, url, MAX_LINKS)
    if not rules.players:
        players = find_players(document)
    manifests = list(dict.fromkeys([*manifests, *find_manifests(document)]))
    streams: dict[str, StreamLink] = {}
    links: dict[str, Link] = {}
    for target in manifests:
        streams[target] = StreamLink(role="manifest", url=target, found_in=reader.capture)
        links[target] = Link(url=target, kind=FetchKind.MANIFEST, label=None)
    for target in players:
        if target not in streams:
            streams[target] = StreamLink(role="player", url=target, found_in=reader.capture)
            links[target] = Link(url=target, kind=FetchKind.PLAYER, label=None)
    if on_the_way and not manifests:
        for target, way in _leads_on(document, platform, reader, url):
            if target not in streams:
                streams[target] = StreamLink(role="player", url=target, found_in=reader.capture)
            links[target] = Link(url=target, kind=FetchKind.PLAYER, label=None, through=way)
    for seen in pages:
        target = seen.value
        if target in streams:
            continue
        role = (
            "magnet"
            if target.startswith("magnet:")
            else "file_host"
            if _FILE_HOSTS.search(host_of(target))
            else "player"
        )
        streams[target] = StreamLink(role=role, url=target, found_in=reader.capture)
        if role == "player":
            links[target] = Link(url=target, kind=FetchKind.PLAYER, label=clean_text(seen.raw, 100) or None)
    for target in find_magnets(document):
        streams.setdefault(target, StreamLink(role="magnet", url=target, found_in=reader.capture))
    for text in hidden_texts(document):
        for spelled in islice(_MAGNET.finditer(text), 20):
            if info_hash(spelled.group()) is not None:
                streams.setdefault(
                    spelled.group(), StreamLink(role="magnet", url=spelled.group(), found_in=reader.capture)
                )
    if all(rule.guess is not None for rule in rules.links):
        for target in _file_hosts(document):
            streams.setdefault(target, StreamLink(role="file_host", url=target, found_in=reader.capture))
    for target in find_torrent_files(document):
        streams.setdefault(target, StreamLink(role="file_host", url=target, found_in=reader.capture))
    return tuple(streams.values())[:MAX_LINKS], tuple(links.values())[:MAX_LINKS]


def _file_hosts(document: Document) -> list[str]:
    """Links to files at hosts known for holding them, as the page shows or hides them."""
    found: dict[str, None] = {}
    shown = (node.attributes.get("href") or "" for node in document.tree.css("a[href]")[: 50 * MAX_LINKS])
    hidden = (match.group() for text in hidden_texts(document) for match in islice(_ADDRESS.finditer(text), 20))
    for address in (*shown, *hidden):
        if _FILE_HOSTS.search(address):
            url = absolute_url(document.base, address)
            if url is not None and _FILE_HOSTS.search(host_of(url)) and len(urlsplit(url).path) > 3:
                found[url] = None
        if len(found) >= MAX_LINKS:
            break
    return list(found)


def _leads_on(
    document: Document, platform: Platform, reader: RuleReader, url: Callable[[Word], str | None]
) -> list[tuple[str, str]]:
    """Where a protector's page leads, with the way: by its rule where there is one, which then speaks alone."""
    rules = platform.read.stream.protectors
    if rules or platform.read.unasked == "nothing":
        return [(seen.value, "rule") for seen in reader.every("stream.protectors", rules, url, TARGETS_MAX)]
    return [(target.url, target.way) for target in targets(document)]
