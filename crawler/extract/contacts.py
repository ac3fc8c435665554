"""Ways to reach or pay a seller that a page shows, and the accounts behind its advertising, each as an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import phonenumbers

from crawler.extract.checksums import is_base58check, is_bech32, is_ethereum
from crawler.extract.document import Document
from crawler.extract.patterns import Fingerprints

MAX_CONTACTS = 60  # of one page; the richest imprint seen has 14
MAX_PHONES_TRIED = 40

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_HIDDEN_MAIL = re.compile(
    r"(?<![\w.+-])([\w.+-]{2,64})\s?[\[({]\s?(?:at|ät|@|arroba)\s?[\])}]\s?((?:[\w-]{1,63}\s?(?:\."
    r"|[\[({]\s?(?:dot|punkt)\s?[\])}])\s?)"
    r"{1,3}[a-z]{2,24})(?![\w-])",
    re.IGNORECASE,
)
_AT = re.compile(r"[\[({]\s?(?:at|ät|@|arroba)\s?[\])}]", re.IGNORECASE)
_NOT_A_MAIL = re.compile(
    r"\.(png|jpe?g|gif|webp|svg|css|js)$|@(example|domain|email|sentry|\d+x)\b|^(u003e|x22)", re.IGNORECASE
)
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|00|\()?\d[\d ()./\u00a0-]{6,20}\d(?![\w-])")
_PHONE_LABEL = re.compile(
    r"(tel|phone|mobile?|handy|fax|call|hotline|t[eé]l[eé]phone|tel[eé]fono|telefone|telefon|celular|cellulare"
    r"|whats ?app|viber"
    r"|тел|телефон|電話|电话|전화|טלפון)\W{0,12}$",
    re.IGNORECASE,
)
_WINDOW = 160  # characters around a sign in which its address stands
_MAX_SIGNS = 200  # of one kind on one page

# What to look for first, as plain words, then the address around it. Searching for plain words alone is quick.
_HANDLES = (
    (".me/", "https://t.me/", re.compile(r"//(?:t|telegram)\.me/(?!share|join|s/|iv\?)(\w{4,40})", re.IGNORECASE)),
    ("wa.me/", "https://wa.me/", re.compile(r"wa\.me/\+?(\d{7,15})", re.IGNORECASE)),
    ("phone=", "https://wa.me/", re.compile(r"whatsapp(?:\.com/send|://send)/?\?\S{0,80}phone=\+?(\d{7,15})")),
    ("viber://", "viber:", re.compile(r"viber://(?:chat|add)\?number=%?2?B?(\d{7,15})", re.IGNORECASE)),
    ("skype:", "skype:", re.compile(r"skype:([\w.,:-]{4,40})\?", re.IGNORECASE)),
    ("line.me/", "https://line.me/", re.compile(r"//line\.me/((?:R/)?ti/p/[@~\w%-]{3,40})", re.IGNORECASE)),
    ("m.me/", "https://m.me/", re.compile(r"//m\.me/([\w.]{3,60})", re.IGNORECASE)),
    ("discord", "https://discord.gg/", re.compile(r"discord(?:\.gg|(?:app)?\.com/invite)/(\w{4,20})", re.IGNORECASE)),
)  # fmt: skip
_WECHAT = re.compile(r"(?:wechat|weixin|微信号?)\s?(?:id)?\s?[:：]\s?([a-zA-Z][\w-]{5,19})", re.IGNORECASE)
_PAYMENTS = tuple(
    (sign, re.compile(rf"//(?:www\.)?({re.escape(sign)}/?[\w.-]{{2,60}})", re.IGNORECASE))
    for sign in (
        "paypal.me", "paypal.com/paypalme", "cash.app/$", "venmo.com/", "buy.stripe.com", "checkout.square.site",
        "ko-fi.com", "buymeacoffee.com", "revolut.me", "monzo.me", "qiwi.com/n", "yoomoney.ru/to", "liberapay.com",
        "patreon.com",
    )
)  # fmt: skip
_WALLET_CHARS = 26  # no wallet's address is shorter
_WALLET = re.compile(
    r"(?<![\w/=.-])(?:(?P<eth>0x[0-9a-fA-F]{40})|(?P<bech>(?:bc1|ltc1)[02-9ac-hj-np-z]{11,87})"
    r"|(?P<base>[13LMD][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33}))(?![\w/=-])"
)
_ACCOUNTS = (
    ("UA-", "google-analytics:", re.compile(r"(?<![\w-])(UA-\d{4,10}-\d{1,4})(?!\d)")),
    ("G-", "google-analytics:", re.compile(r"[\"'=/](G-[A-Z0-9]{8,12})(?=[\"'&])")),
    ("GTM-", "google-tag-manager:", re.compile(r"(?<![\w-])(GTM-[A-Z0-9]{4,9})(?![\w-])")),
    ("AW-", "google-ads:", re.compile(r"(?<![\w-])(AW-\d{8,12})(?!\d)")),
    ("pub-", "google-adsense:", re.compile(r"(?<![\w-])(?:ca-)?(pub-\d{14,18})(?!\d)")),
    ("fbq(", "facebook-pixel:", re.compile(r"fbq\(\s?[\"']init[\"']\s?,\s?[\"']?(\d{12,18})")),
    ("facebook.com/tr", "facebook-pixel:", re.compile(r"facebook\.com/tr/?\?id=(\d{12,18})")),
    ("ttq.load", "tiktok-pixel:", re.compile(r"ttq\.load\(\s?[\"']([A-Z0-9]{15,25})")),
    ("mc.yandex.ru/watch/", "yandex-metrica:", re.compile(r"mc\.yandex\.ru/watch/(\d{5,10})")),
    ("ym(", "yandex-metrica:", re.compile(r"(?<![\w.])ym\(\s?(\d{5,10})\s?,\s?[\"']init")),
    ("setSiteId", "matomo:", re.compile(r"setSiteId[\"'],\s?[\"']?(\d{1,6})")),
    ("hjid", "hotjar:", re.compile(r"hjid\s?[:=]\s?(\d{5,9})")),
    ("hm.baidu.com", "baidu-tongji:", re.compile(r"hm\.baidu\.com/hm\.js\?([0-9a-f]{32})")),
    ("sc_project", "statcounter:", re.compile(r"sc_project\s?=\s?(\d{5,9})")),
)
_SIGNED = (*_HANDLES, *_ACCOUNTS, *((sign, "https://", pattern) for sign, pattern in _PAYMENTS))
_SIGNS = Fingerprints(tuple(re.escape(sign) for sign, _, _ in _SIGNED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to a person or account: an address with a scheme, and where it stood."""

    address: str  # `mailto:`, `tel:`, `bitcoin:`, `google-analytics:`, or a messenger's https address
    where: str


def contacts(document: Document, country: str | None) -> list[Contact]:
    """
    Mail addresses, telephone numbers, messengers, wallets, payment links and advertising accounts, each once.

    `country` (ISO 3166) reads numbers written without their country. A wallet counts only when its checksum holds.
    """
    found: dict[str, str] = {}
    for address, where in _all(document, country):
        found.setdefault(address, where)
        if len(found) >= MAX_CONTACTS:
            document.notes.append(f"cut: contacts kept {MAX_CONTACTS}")
            break
    return [Contact(address=address, where=where) for address, where in found.items()]


def accounts(document: Document) -> list[Contact]:
    """The advertising and analytics accounts alone, each once."""
    found: dict[str, str] = {}
    for words, prefix, pattern in _ACCOUNTS:
        for address, where in _around(document.text, words, prefix, pattern):
            found.setdefault(address, where)
    return [Contact(address=address, where=where) for address, where in list(found.items())[:MAX_CONTACTS]]


def _all(document: Document, country: str | None) -> Iterator[tuple[str, str]]:
    text = document.text
    shown = document.shown
    for node in document.tree.css('a[href^="mailto:"], a[href^="tel:"]')[:200]:
        scheme, _, rest = (node.attributes.get("href") or "").partition(":")
        rest = unquote(rest.split("?")[0]).strip()
        if scheme == "mailto" and _MAIL.fullmatch(rest):
            yield f"mailto:{rest.lower()}", "link"
        elif scheme == "tel" and (number := _number(rest, country)) is not None:
            yield f"tel:{number}", "link"
    for place in _signs(shown, "@"):
        start = max(0, place - 70)
        for match in _MAIL.finditer(shown, start, place + 200):
            if match.start() <= place < match.end() and not _NOT_A_MAIL.search(match.group()):
                yield f"mailto:{match.group().lower()}", f"text {match.start()}"
    for sign in _AT.finditer(shown):
        for match in _HIDDEN_MAIL.finditer(shown, max(0, sign.start() - 70), sign.end() + 90):
            host = re.sub(r"\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?|\s?\.\s?", ".", match[2], flags=re.IGNORECASE)
            yield f"mailto:{match[1]}@{host}".lower(), f"text {match.start()}"
    yield from _phones(shown, country)
    for wallet in (word for word in shown.split() if len(word) >= _WALLET_CHARS):
        held = _WALLET.search(wallet)
        address = _wallet(held) if held is not None else None
        if address is not None:
            yield address, f"text {shown.find(wallet)}"
    for match in _WECHAT.finditer(shown):
        yield "weixin:" + match[1], f"text {match.start()}"
    for which in sorted(_SIGNS.found_in(text.encode("utf-8", "replace"))):
        yield from _around(text, *_SIGNED[which])


def _signs(text: str, sign: str) -> Iterator[int]:
    """Where plain words stand in a text, at most `_MAX_SIGNS` times."""
    place = text.find(sign)
    for _ in range(_MAX_SIGNS):
        if place < 0:
            return
        yield place
        place = text.find(sign, place + 1)


def _around(text: str, sign: str, prefix: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Addresses of one kind, looked for only where their sign stands."""
    for place in _signs(text, sign):
        match = pattern.search(text, max(0, place - _WINDOW), place + _WINDOW)
        if match is not None and match.start() <= place + len(sign) and place < match.end():
            yield prefix + match[1], f"source {match.start()}"


def _phones(shown: str, country: str | None) -> Iterator[tuple[str, str]]:
    """Numbers behind a telephone's label, and those written with their country's code."""
    tried = 0
    for match in _PHONE.finditer(shown):
        spelled = match.group()
        labelled = _PHONE_LABEL.search(shown[max(0, match.start() - 30) : match.start()])
        if not labelled and not spelled.startswith("+"):
            continue
        tried += 1
        if tried > MAX_PHONES_TRIED:
            return
        number = _number(spelled, country)
        if number is not None:
            yield f"tel:{number}", f"text {match.start()}"


def _number(spelled: str, country: str | None) -> str | None:
    """The number in international form; None when no network could connect it."""
    try:
        parsed = phonenumbers.parse(spelled, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _wallet(match: re.Match[str]) -> str | None:
    """The wallet as a payment address, where its checksum holds."""
    if match["eth"]:
        return f"ethereum:{match['eth']}" if is_ethereum(match["eth"]) else None
    if match["bech"]:
        scheme = "bitcoin" if match["bech"].startswith("bc1") else "litecoin"
        return f"{scheme}:{match['bech']}" if is_bech32(match["bech"]) else None
    spelled = match["base"]
    if not is_base58check(spelled):
        return None
    schemes = {"1": "bitcoin", "3": "bitcoin", "L": "litecoin", "M": "litecoin", "D": "dogecoin", "T": "tron"}
    return f"{schemes[spelled[0]]}:{spelled}"
