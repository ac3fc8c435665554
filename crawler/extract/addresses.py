"""Addresses as they stand on pages: made absolute, cleaned of what names a visitor, hashed where no id is given."""

from __future__ import annotations

import hashlib
import html
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

from crawler.extract.memory import remembers

_MAX_KEPT_CHARS = 600  # of an address and the page's own, kept with what they mean together
MAX_URL_CHARS = 4_096  # browsers and servers refuse longer ones; a longer "address" is data
FETCHABLE = ("http", "https")

# Parameters that say who came and from where, never what is shown. Source: the lists of ClearURLs and w3lib, plus
# session names of PHP, ASP, ColdFusion, Java, osCommerce, Magento and xt:Commerce shops.
_TRACKING = re.compile(
    r"^(utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|ysclid|twclid|ttclid"
    r"|igshid|igsh"
    r"|mc_[ce]id|_ga|_gl|_hs\w+|cm_(re|sp|mmc\w*|cr)|icid|intcid|ref_?src|referr?er|spm|scm|algo_\w+|btsid|ws_ab_test"
    r"|pvid|trk\w*|tracking_?id|_trkparms|_trksid|hash|amdata|epik|srsltid|s_kwcid|ef_id|zanpid|awc|irclickid|cjevent"
    r"|jsessionid|phpsessid|aspsessionid\w*|cfid|cftoken|sid|session_?id|sessid|oscsid|zenid|xtcsid|modsid|___sid"
    r"|s)$",
    re.IGNORECASE,
)
_KEPT_NAMES = re.compile(
    r"^(.*(item|product|prod|listing|offer|article|sku|hash)_?(id)?|id|pid|v|q|k)$", re.IGNORECASE
)
_SESSION_VALUE = re.compile(r"^(?:[0-9a-v]{26}|[0-9a-f]{32})$")  # PHP's two usual lengths
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid|cfid|cftoken)=[^/?#;]*", re.IGNORECASE)
_MAY_HOLD_SESSION = re.compile(r"sess|sid=|cfid|cftoken|zenid", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9:/?@!$&'()*+,;=._~#-]*")  # nothing to encode; a percent sign may need it
_SPACE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")


# Addresses that joining and cleaning leave as they are: nine of ten on real pages, for a tenth of the time.
_PATH_PART = r"(?:/(?:[A-Za-z0-9_~!$'()*+,:@=-][A-Za-z0-9_.~!$'()*+,:@=-]*)?)"
_REST = r"(?:\?[A-Za-z0-9/_.~!$'()*+,:@=-]+)?(?:#[A-Za-z0-9/_.~!=-]+)?"
_WHOLE = re.compile(rf"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*{_PATH_PART}*{_REST}")
_ROOTED = re.compile(rf"(?:/[A-Za-z0-9_~!$'()*+,:@=-][A-Za-z0-9_.~!$'()*+,:@=-]*)+/?{_REST}")


@remembers(256)
def _root(base: str) -> str | None:
    """Scheme and host of an address whose own spelling nothing changes; None for any other."""
    match = re.match(r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?=[/?#]|$)", base)
    return match.group() if match else None


def absolute_url(base: str, href: str, schemes: tuple[str, ...] = FETCHABLE) -> str | None:
    """
    The absolute address `href` means on a page at `base`; None when it is no address of one of `schemes`.

    Undoes HTML entities left after parsing, drops control characters as browsers do, refuses credentials in front of
    the host.
    """
    text = href.strip()
    if not text or len(text) > MAX_URL_CHARS:
        return None  # among them pictures spelled in the page
    if len(text) + len(base) > _MAX_KEPT_CHARS:
        return _absolute(base, text, schemes)
    return _kept_absolute(base, text, schemes)


def _absolute(base: str, text: str, schemes: tuple[str, ...]) -> str | None:
    root = "" if _WHOLE.fullmatch(text) else _root(base) if _ROOTED.fullmatch(text) else None
    if root is not None and "https" in schemes and "http" in schemes:
        return root + text
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = _SPACE.sub(lambda m: "%20" if m.group() == " " else "", text.strip())
    if text.startswith("magnet:"):
        return text if "magnet" in schemes else None
    try:
        joined = urljoin(base, text)
        parts = urlsplit(joined)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
        return None
    if port == 0 or any(c in parts.netloc for c in '\\<>"^`{|}%'):
        return None
    if _PLAIN.fullmatch(joined):
        return joined
    try:
        return safe_url_string(joined)
    except ValueError:  # a host that IDNA refuses
        return None


_kept_absolute = lru_cache(maxsize=8_192)(_absolute)
"""A page names its listings again and again: picture, title, button."""


@remembers(8_192)
def canonical_listing_url(url: str) -> str:
    """
    One spelling for one page: without fragment, visitor, campaign and session; host in lower case, query sorted.

    A fragment that routes (`#!/item/5`) stays. An address that cannot be parsed comes back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _names_visitor(name, value)
    ]
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}.get(parts.scheme)
    netloc = host if port in (None, default) else f"{host}:{port}"
    path = _SESSION_PATH.sub("", parts.path) or "/"
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    plain = urlunsplit((parts.scheme, netloc, path, urlencode(kept), fragment))
    try:
        return str(canonicalize_url(plain, keep_fragments=bool(fragment)))
    except ValueError:
        return plain


_SESSION_NAME = re.compile(
    r"^(jsessionid|phpsessid|aspsessionid\w*|cfid|cftoken|session_?id|sessid|oscsid|zenid|xtcsid|modsid|___sid|sid)$",
    re.IGNORECASE,
)


def without_session(url: str) -> str:
    """The address as the page spells it, without the visit's own number in path or query."""
    if not _MAY_HOLD_SESSION.search(url):
        return url
    url = _SESSION_PATH.sub("", url)
    start, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hashed, fragment = rest.partition("#")
    kept = [part for part in query.split("&") if not _is_session(*part.partition("=")[::2])]
    return start + ("?" + "&".join(kept) if kept else "") + hashed + fragment


def _is_session(name: str, value: str) -> bool:
    if not _SESSION_NAME.match(name):
        return False
    return name.lower() != "sid" or bool(_SESSION_VALUE.match(value))


def _names_visitor(name: str, value: str) -> bool:
    if _TRACKING.match(name):
        return name.lower() not in ("s", "hash") or bool(_SESSION_VALUE.match(value))
    if _SESSION_VALUE.match(value) and not _KEPT_NAMES.match(name):
        digits = sum(map(str.isdigit, value))
        return 4 <= digits <= len(value) - 4
    return False


ADDRESS_ID = "url-"
"""How an id begins that is a digest of an address, and not the platform's own."""


def stands_in_title(item: str, title: str) -> bool:
    """Whether what tells an offer apart is a word of its title: a model's number, which other offers carry too."""
    return item.casefold() in re.findall(r"[^\W_]+", title.casefold())


def fallback_item_id(canonical: str) -> str:
    """A stable id for a listing whose platform gives none: a digest of its canonical address, scheme left out."""
    _, _, rest = canonical.partition("://")
    return ADDRESS_ID + hashlib.sha256(rest.encode("utf-8", "replace")).hexdigest()[:24]


def is_split(url: str) -> bool:
    """Whether an address can be taken apart at all: a bracket that is no IPv6 host cannot."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


@remembers(8_192)
def host_of(url: str) -> str:
    """The host of an address in lower case, without `www.`; empty when there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").rstrip(".")
