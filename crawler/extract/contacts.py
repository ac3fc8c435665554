"""Ways to reach or pay a seller that a page shows, and the accounts behind its advertising, each as an address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

import phonenumbers

from crawler.extract.checksums import is_base58check, is_bech32, is_ethereum
from crawler.extract.document import Document

MAX_CONTACTS = 60  # of one page; the richest imprint seen has 14
MAX_PHONES_TRIED = 40

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_HIDDEN_MAIL = re.compile(
    r"(?<![\w.+-])([\w.+-]{2,64})\s?[\[({]\s?(?:at|ät|@|arroba)\s?[\])}]\s?((?:[\w-]{1,63}\s?(?:\."
    r"|[\[({]\s?(?:dot|punkt)\s?[\])}])\s?)"
    r"{1,3}[a-z]{2,24})(?![\w-])",
    re.IGNORECASE,
)
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
# fmt: off
_HANDLES = (
    ("https://t.me/", re.compile(r"//(?:t|telegram)\.me/(?!share|joinchat|s/|iv\?)(\w{4,40})", re.IGNORECASE)),
    ("https://wa.me/", re.compile(r"(?:wa\.me/|whatsapp\.com/send/?\?\S{0,80}phone=)\+?(\d{7,15})", re.IGNORECASE)),
    ("viber:", re.compile(r"viber://(?:chat|add)\?number=%?2?B?(\d{7,15})", re.IGNORECASE)),
    ("skype:", re.compile(r"skype:([\w.,:-]{4,40})\?", re.IGNORECASE)),
    ("https://line.me/", re.compile(r"//line\.me/((?:R/)?ti/p/[@~\w%-]{3,40})", re.IGNORECASE)),
    ("weixin:", re.compile(r"(?:wechat|weixin|微信号?)\s?(?:id)?\s?[:：]\s?([a-zA-Z][\w-]{5,19})", re.IGNORECASE)),
    ("https://m.me/", re.compile(r"//m\.me/([\w.]{3,60})", re.IGNORECASE)),
    ("https://discord.gg/", re.compile(r"discord(?:\.gg|app\.com/invite|\.com/invite)/(\w{4,20})", re.IGNORECASE)),
)
# fmt: on
_PAYMENTS = re.compile(
    r"(?:https?:)?//(?:www\.)?((?:paypal\.me|paypal\.com/paypalme|cash\.app/\$|venmo\.com/(?:u/)?"
    r"|buy\.stripe\.com|checkout\.square\.site"
    r"|ko-fi\.com|buymeacoffee\.com|revolut\.me|monzo\.me|qiwi\.com/n|yoomoney\.ru/to|liberapay\.com"
    r"|patreon\.com)/?[\w.-]{2,60})",
    re.IGNORECASE,
)
_WALLETS = re.compile(
    r"(?<![\w/=.-])(?:(?P<eth>0x[0-9a-fA-F]{40})|(?P<bech>(?:bc1|ltc1)[02-9ac-hj-np-z]{11,87})"
    r"|(?P<base>[13LMD][1-9A-HJ-NP-Za-km-z]{25,34}"
    r"|T[1-9A-HJ-NP-Za-km-z]{33}))(?![\w/=-])"
)
_ACCOUNTS = (
    ("google-analytics", re.compile(r"(?<![\w-])(UA-\d{4,10}-\d{1,4})(?!\d)")),
    ("google-analytics", re.compile(r"[\"'=/](G-[A-Z0-9]{8,12})(?=[\"'&])")),
    ("google-tag-manager", re.compile(r"(?<![\w-])(GTM-[A-Z0-9]{4,9})(?![\w-])")),
    ("google-ads", re.compile(r"(?<![\w-])(AW-\d{8,12})(?!\d)")),
    ("google-adsense", re.compile(r"(?<![\w-])(?:ca-)?(pub-\d{14,18})(?!\d)")),
    ("facebook-pixel", re.compile(r"fbq\(\s?[\"']init[\"']\s?,\s?[\"']?(\d{12,18})")),
    ("facebook-pixel", re.compile(r"facebook\.com/tr/?\?id=(\d{12,18})")),
    ("tiktok-pixel", re.compile(r"ttq\.load\(\s?[\"']([A-Z0-9]{15,25})")),
    ("yandex-metrica", re.compile(r"mc\.yandex\.ru/watch/(\d{5,10})")),
    ("yandex-metrica", re.compile(r"(?<![\w.])ym\(\s?(\d{5,10})\s?,\s?[\"']init")),
    ("matomo", re.compile(r"setSiteId[\"'],\s?[\"']?(\d{1,6})")),
    ("hotjar", re.compile(r"hjid\s?[:=]\s?(\d{5,9})")),
    ("baidu-tongji", re.compile(r"hm\.baidu\.com/hm\.js\?([0-9a-f]{32})")),
    ("statcounter", re.compile(r"sc_project\s?=\s?(\d{5,9})")),
)


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
    if "@" in shown:
        for match in _MAIL.finditer(shown):
            if not _NOT_A_MAIL.search(match.group()):
                yield f"mailto:{match.group().lower()}", f"text {match.start()}"
    for match in _HIDDEN_MAIL.finditer(shown):
        host = re.sub(r"\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?|\s?\.\s?", ".", match[2], flags=re.IGNORECASE)
        yield f"mailto:{match[1]}@{host}".lower(), f"text {match.start()}"
    yield from _phones(shown, country)
    plain = unescape(text) if "&amp;" in text else text
    for prefix, pattern in _HANDLES:
        for match in pattern.finditer(plain):
            yield prefix + match[1], f"source {match.start()}"
    for match in _PAYMENTS.finditer(plain):
        yield "https://" + match[1].lower(), f"source {match.start()}"
    for match in _WALLETS.finditer(shown):
        wallet = _wallet(match)
        if wallet is not None:
            yield wallet, f"text {match.start()}"
    for name, pattern in _ACCOUNTS:
        for match in pattern.finditer(text):
            yield f"{name}:{match[1]}", f"source {match.start()}"


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
