"""Pages that show no offer whatever their markup says: errors, walls, halves, and pages that say it is gone."""

from __future__ import annotations

import re

from config.platform import Platform
from crawler.extract.document import Document
from crawler.extract.pages import Page
from crawler.extract.text import fold
from store.records.listings import ListingFields

HTML_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "application/xml",
    "text/xml",
    "text/plain",
    "application/octet-stream",
)
SHORT_PAGE_WORDS = 250  # words shown; a challenge or consent page is shorter, an offer with its frame longer

# In lower case, looked for as plain words: a pattern of as many takes twenty times as long.
_CHALLENGE_SIGNS = (
    "cf-challenge", "cf_chl_", "challenge-platform/h/", "challenges.cloudflare.com", "/cdn-cgi/challenge",
    "px-captcha", "_pxcaptcha", "captcha-delivery.com", "geo.captcha", "distil_r_captcha", "g-recaptcha", "h-captcha",
    "hcaptcha.com/1", "arkoselabs", "validatecaptcha", "incapsula incident", "sec-if-cpt", "awswaf",
    "_incapsula_resource", "ddos-guard", "__ddg",
)  # fmt: skip
_CHALLENGE_WORDS = re.compile(
    r"are you (a )?(human|robot)|verify (that )?you('re| are)( a)? (human|not a robot)|not a robot|unusual traffic"
    r"|automated (access|queries|requests)|just a moment|checking your browser|access denied"
    r"|access to this page has been denied|pardon our interruption|request blocked|security check"
    r"|enter the characters you see|type the characters|please enable (javascript and )?cookies to continue"
    r"|complete the (captcha|security check)|sicherheitsüberprüfung|kein roboter|bist du ein mensch|pas un robot"
    r"|no soy un robot|no eres un robot|non sono un robot|inte en robot|ikke en robot|nie jestem robotem"
    r"|я не робот|ロボットではありません|人机验证|验证码|安全验证"
)
_LOGIN_WORDS = re.compile(
    r"\b(log ?in|sign ?in|log on|sign up|register|create (an )?account|forgot(ten)? password|reset password"
    r"|your account|members? only|anmelden|einloggen|registrieren|passwort vergessen|mein konto|connexion"
    r"|connectez-vous|se connecter|identifiez-vous|mot de passe oublié|mon compte|iniciar sesión|inicia sesión"
    r"|acceder|identifícate|regístrate|mi cuenta|accedi|registrati|entrar|iniciar sessão|inloggen|aanmelden"
    r"|logga in|mitt konto|logg inn|log ind|kirjaudu|zaloguj|logowanie|zapomniałeś hasła|přihlásit|přihlášení"
    r"|prihlásenie|bejelentkezés|autentificare|вход|войти|авторизация|увійти|giriş|ログイン|登录|登入|로그인)\b"
)
_CONSENT_WORDS = re.compile(
    r"before you continue|we value your privacy|bevor (du|sie) fortf|vor dem weiterlesen|avant (d'accéder"
    r"|de continuer)|antes de continuar|prima di continuare|voordat (je|u) (verdergaat|doorgaat)"
    r"|innan du fortsätter|før du fortsetter|før du fortsætter|zanim przejdziesz|are you (over|at least) 18"
    r"|i am (over )?18|age verification|bist du (schon )?18|vous avez plus de 18"
)
_MISSING_WORDS = re.compile(
    r"\b404\b|\b410\b|(page|item|product|listing|offer|article|video|file|content|site) (you (requested"
    r"|are looking for) )?((was|is|could|can) ?not (be )?(found|available)|not found"
    r"|(is )?no longer (exists|available)"
    r"|(has been|was) (removed|deleted)|does(n't| not) exist|unavailable)|not found|nicht gefunden|existiert nicht"
    r"|nicht mehr verfügbar|introuvable|n'existe (pas|plus)|n'est plus disponible|no (se )?encontr(ada|ado|ó|amos)"
    r"|no existe|ya no está disponible|non trovat[ao]|non esiste|não encontrad[ao]|não existe|niet gevonden"
    r"|bestaat niet|hittades inte|finns inte|kunde inte hittas|ikke funnet|ikke fundet|finnes ikke|findes ikke"
    r"|ei löytynyt|nie (została |został )?znalezion|nie istnieje|nenalezen|neexistuje|nem található|не найден"
    r"|не существует|не знайдено|bulunamadı|見つかりません|不存在|找不到|찾을 수 없"
)
_ERROR_WORDS = re.compile(
    r"^\W*(internal server error|server error|service (temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|error (establishing a database connection|5\d\d)|50[0234]\b.*|database error|application error"
    r"|an error (has )?occurred|oops.{0,40}(wrong|error)|runtime error|fatal error.*|under maintenance"
    r"|scheduled maintenance|wartungsarbeiten|en maintenance|en mantenimiento)\W*$|^(50[0234]) "
)


def refused_by_server(page: Page, platform: Platform) -> tuple[str, str] | None:
    """`("gone" | "wall" | "none", sentence)` when the status alone says that there is no offer; None otherwise."""
    status = page.status
    if status is None or 200 <= status < 300:
        if status in (204, 205):
            return "none", f"the server sent no content (status {status})"
        return None
    if status in platform.gone.status:
        return "gone", f"the server says it is gone (status {status})"
    if status in (401, 403, 407, 429, 451):
        reason = {401: "asks for a log-in", 403: "refuses", 407: "asks for a proxy log-in", 429: "is asked too often"}
        return "wall", f"the server {reason.get(status, 'withholds it for legal reasons')} (status {status})"
    if status == 503 and _challenged(page.body[:200_000].decode("latin-1").lower()):
        return "wall", "a challenge stands before the page (status 503)"
    if 300 <= status < 400:
        return "none", f"a redirect, not a page (status {status})"
    return "none", f"an error page (status {status})"


def wrong_content(page: Page) -> str | None:
    """Why the body cannot be a page, or None."""
    if not page.body.strip():
        return "the body is empty"
    said = (page.header("content-type") or "").split(";")[0].strip().lower()
    head = page.body[:16].lstrip()
    if head.startswith(
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"RIFF", b"\x1f\x8b", b"\x00\x00\x00")
    ):
        return "the bytes are a picture, an archive or a document, not a page"
    if page.body[:7] == b"#EXTM3U" or head.startswith(b"#EXTM3U"):
        return "an HLS manifest, not a page"
    if said and said not in HTML_TYPES and "json" not in said:
        return f"the content type is {said[:60]}, not HTML or JSON"
    sample = page.body[:2_000]
    if sample.count(0) > len(sample) // 20 and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the bytes are binary, not a page"
    return None


def half_page(document: Document, page: Page) -> str | None:
    """Why the page must have lost its end, or None. Pages that leave out closing tags by style are whole."""
    text = document.text
    tail = text[-2_000:].lower()
    if "</html" in tail or "</body" in tail:
        return None
    lower = document.lower
    if "<html" not in lower and "<body" not in lower:
        return None  # a fragment, as some servers answer in-page requests
    if "</html" in lower:
        return None
    length = page.header("content-length")
    if (
        length is not None
        and length.isdigit()
        and not page.header("content-encoding")
        and int(length) > len(page.body) + 1
    ):
        return f"{len(page.body)} of {length} bytes arrived"
    if lower.rfind("<") > lower.rfind(">"):
        return "the page ends inside a tag"
    if "</head>" in lower or "</p>" in lower or "</li>" in lower:
        return "the page has no end, though it closes what might stay open"
    for name in ("script", "style", "div", "table", "ul", "section", "main", "form"):
        opened = len(re.findall(rf"<{name}[\s>]", lower))
        if opened > lower.count(f"</{name}"):
            return f"the page has no end: {opened - lower.count(f'</{name}')} of {opened} <{name}> are never closed"
    return None


def is_challenge(document: Document) -> str | None:
    """Why the page is a CAPTCHA, a block or a consent wall instead of content, or None."""
    words = len(document.shown.split())
    if words > SHORT_PAGE_WORDS:
        return None
    shown = fold(document.shown[:8_000])
    title = fold(document.title[:300])
    said = _CHALLENGE_WORDS.search(title) or _CHALLENGE_WORDS.search(shown)
    marked = _challenged(document.lower[:400_000]) if said or words < 60 else None
    if said and (marked or words < 120):
        return f"a challenge stands before the page ({said.group()!r})"
    if marked and words < 60:
        return f"a challenge stands before the page ({marked!r} in its source)"
    consent = _CONSENT_WORDS.search(shown)
    if consent:
        return f"consent is asked before anything is shown ({consent.group()!r})"
    return None


def _challenged(source: str) -> str | None:
    """The sign of a challenge in a page's source in lower case, or None."""
    return next((sign for sign in _CHALLENGE_SIGNS if sign in source), None)


def is_login(document: Document) -> str | None:
    """Why the page is a log-in or registration, or None. A log-in box in the frame of a page is none."""
    headings = [fold(node.text(deep=True)[:200]) for node in document.tree.css("h1")[:4]]
    named = [fold(document.title[:200]), *headings]
    word = next((m.group() for text in named if (m := _LOGIN_WORDS.search(text))), None)
    password = document.tree.css_first("input[type=password]") is not None
    if word and password:
        return f"a log-in stands before the page ({word!r} and a password field)"
    if (
        password
        and len(document.shown.split()) < SHORT_PAGE_WORDS // 2
        and _LOGIN_WORDS.search(fold(document.shown[:4_000]))
    ):
        return "a log-in stands before the page (a password field and little else)"
    return None


def says_missing(document: Document) -> str | None:
    """The words in title or main heading that say there is nothing here, or None."""
    headings = [node.text(deep=True)[:200] for node in document.tree.css("h1, h2")[:3]]
    for text in (document.title[:200], *headings):
        match = _MISSING_WORDS.search(fold(text))
        if match:
            return match.group()
    return None


def says_error(document: Document) -> str | None:
    """The words in title or main heading that say the server failed, or None."""
    for text in (document.title[:120], *(node.text(deep=True)[:120] for node in document.tree.css("h1")[:1])):
        match = _ERROR_WORDS.search(fold(text))
        if match:
            return match.group()
    return None


def says_gone(document: Document, platform: Platform, fields: ListingFields | None) -> str | None:
    """
    The platform's own words for "no longer here", where a reader sees them; None when they are not said.

    Words that stand only in what the seller wrote (title, description) are the seller's: an offer cannot hide
    behind them.
    """
    if not platform.gone.text:
        return None
    body = document.tree.body
    whole = f"{document.title} {body.text(deep=True) if body is not None else ''}".casefold()  # hidden words too
    longest = [max(fold(words).split(), key=len, default="") for words in platform.gone.text]
    if not any(word in whole for word in longest):  # a quick look; most pages end here
        return None
    whole = " ".join(whole.split())
    candidates = [words for words in platform.gone.text if fold(words) in whole]
    if not candidates:
        return None
    shown = fold(f"{document.title} {document.shown}")
    written = [fold(seen.value) for seen in (fields.title, fields.description) if seen is not None] if fields else []
    for words in candidates:
        phrase = fold(words)
        said = shown.count(phrase)
        if said > sum(2 * text.count(phrase) if i == 0 else text.count(phrase) for i, text in enumerate(written)):
            return words
    return None
