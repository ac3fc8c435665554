"""What a page's source can hold at all, told in one pass: what is not there is not looked for."""

from __future__ import annotations

from enum import Enum

from crawler.extract.patterns import Fingerprints


class Trace(Enum):
    """A kind of thing, by the least its spelling needs. RE2 over UTF-8; a trace found proves nothing yet."""

    PACKED = r"eval\(|p,a,c,k"
    """A program packed by Dean Edwards's packer."""
    BASE64 = (
        r"(?:atob|decode64|[bB](?:64|ase64)\.?_?[dD]ecode)\s*\(\s*['\"][A-Za-z0-9+/=_-]{16}"
        r"|['\"](?:aHR0c|PGlmcm|PElGUk|bWFnbmV0O|eyJ|Ly9|L2Vt)[A-Za-z0-9+/=_-]{12}"
    )
    """Text in base64 that a script decodes, or that begins as an address or an object does."""
    ESCAPED = r"(?:unescape|decodeURI(?:Component)?)\s*\(\s*['\"][^'\"\s]*%|['\"=]https?%3A%2F%2F"
    """Text in percent escapes."""
    CODES = r"(?:\\(?:x|u00)[0-9a-fA-F]{2}){4}"
    """Text in JavaScript's escapes."""
    HANDED = (
        r"(?i)<iframe[^>]*\sdata-(?:lazy-|litespeed-)?src|data-(?:url|embed|embed-url|player|player-url|video|video-url"
        r"|iframe|frame|link|hash|stream|file|source|server)[\s=/>]"
    )
    """An attribute in which an element hands a player's address to a script."""
    TEMPLATE = (
        r"(?i)<script\b[^>]*\btype\s*=\s*[\"']?(?:text/(?:x-)?(?:template|html|html-template|x-magento-template)"
        r"|x-template|application/template)"
    )
    """Markup in a script, for the browser to put in place."""
    MANIFEST = r"(?i)\.(?:m3u8|mpd)"
    """An HLS or DASH manifest."""
    MAGNET = r"magnet:"
    """A magnet link."""
    TORRENT = r"torrent"
    """A torrent file, in the case that addresses spell it."""
    SWARM = r"(?i)torrent|seed|magnet|leech|торрент|раздач"
    """The words of a list of torrents."""
    STATE = (
        r"(?i)[\s:@][\w:.-]*(?:product|item|variation|offer|props|state|ecommerce|gtm|track|config|json|model|options)"
        r"[\w:.-]*=[\"']\s?[\[{]"
    )
    """An object or a list in an attribute named as state is."""
    CURRENCY = r"urrency"
    """A currency named by markup or scripts."""


_TRACES = tuple(Trace)
_PRINTS = Fingerprints(tuple(trace.value for trace in _TRACES))


def traces_in(text: str) -> frozenset[Trace]:
    """The traces that a text bears."""
    return frozenset(_TRACES[number] for number in _PRINTS.found_in(text.encode("utf-8", "replace")))
