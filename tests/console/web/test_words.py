"""Every word a person reads can be translated: the pseudo-locale shows what cannot."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from fastapi import FastAPI

from console.access import ROUTES
from console.web.assets import our_assets
from console.web.desk import Desk
from console.web.showing import make_templates
from console.web.words import PSEUDO, choose, dress, gettext, ngettext, speak
from store.records.accounts import Role
from tests.console.web.conftest import SETUP, Browser, SignIn
from tests.console.web.worlds import busy_day

VOID = {"meta", "link", "input", "img", "br", "hr", "path"}
READ_ALOUD = ("alt", "aria-label", "title", "placeholder")
LETTERS = re.compile(r"[A-Za-zÀ-ž]{2,}")
NAMES = re.compile(r"Marque")  # the product's own name stays in every language


class Plain(HTMLParser):
    """Collects words outside the brackets of the pseudo-locale and outside what says it is a value."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[bool] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        silent = (self.stack[-1] if self.stack else False) or values.get("translate") == "no"
        silent = silent or tag in ("script", "style")
        for name in READ_ALOUD:
            if not silent and values.get(name):
                self._check(str(values[name]))
        if tag not in VOID:
            self.stack.append(silent)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.stack:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not (self.stack and self.stack[-1]):
            self._check(data)

    def _check(self, text: str) -> None:
        rest = NAMES.sub("", re.sub(r"⟦[^⟧]*⟧", "", text))
        self.found += LETTERS.findall(rest)


def untranslated(text: str) -> list[str]:
    """Words of a page that no translation reaches."""
    parser = Plain()
    parser.feed(text)
    return parser.found


PAGES = [access.path for access in ROUTES if access.method == "GET" and "{" not in access.path]
PAGES = [p for p in PAGES if not re.search(r"\.(json|csv)$|/next$|^/(healthz|readyz|metrics|openapi)", p)]


def test_no_page_holds_a_word_that_cannot_be_translated(desk: Desk, signed_in: SignIn) -> None:
    busy_day(desk)
    browser = signed_in(Role.ADMIN, Role.OFFICER)
    missed = {}
    for path in PAGES:
        page = browser.get(path, params={"token": SETUP}, headers={"accept-language": PSEUDO})
        assert "⟦" in page.text or page.status_code == 303, path
        if words := untranslated(page.text):
            missed[path] = words
    assert missed == {}


def test_strangers_pages_are_translated_too(app: FastAPI) -> None:
    headers = {"accept-language": PSEUDO}
    for path in ("/login", f"/setup?token={SETUP}", "/cases", "/welcome?token=none"):
        page = Browser(app).get(path, headers=headers)
        assert untranslated(page.text) == [], path
    assert untranslated(Browser(app).get("/login", headers={"host": "evil", **headers}).text) == []


def test_the_pseudo_locale_keeps_named_places() -> None:
    assert dress("%(n)s more names") == "⟦%(n)s móré ñáméš⟧".replace("š", "s")
    speak(PSEUDO)
    assert gettext("Today") == "⟦Tódáý⟧"
    assert ngettext("%(num)s page", "%(num)s pages", 2) % {"num": 2} == "⟦2 págés⟧"
    speak("en")
    assert gettext("Today") == "Today"


def test_the_best_known_language_is_chosen() -> None:
    assert choose("xx-YY,en-GB;q=0.8", None) == "en"
    assert choose("", None) == "en"
    assert choose("en", PSEUDO) == PSEUDO
    assert choose("en", "no-such") == "en"


def test_the_words_of_a_template_are_the_readers_and_escape_what_stands_in_them() -> None:
    page = make_templates(our_assets()).from_string(
        '{{ _("of %(name)s, 5%%", name=x) }}|{{ _("all <of> it, 5%%") }}|'
        '{{ ngettext("%(num)s look at %(name)s", "%(num)s looks at %(name)s", n, name=x) }}'
    )
    crawled = "<b>&amp;"
    kept = "&lt;b&gt;&amp;amp;"
    assert page.render(x=crawled, n=1) == f"of {kept}, 5%|all <of> it, 5%|1 look at {kept}"
    speak(PSEUDO)
    try:
        dressed = page.render(x=crawled, n=2).split("|")
    finally:
        speak("en")
    assert dressed == [f"⟦óf {kept}, 5%⟧", "⟦áll <óf> ít, 5%⟧", f"⟦2 lóóks át {kept}⟧"]
    assert page.render(x=1, n=2) == "of 1, 5%|all <of> it, 5%|2 looks at 1"
