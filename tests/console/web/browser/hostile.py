"""Words that would run if a page let them: a seeded grammar of breaking out, acting, hiding; and scenes of them."""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from dataclasses import fields as fields_of
from dataclasses import replace
from urllib.parse import quote

from store.records.comparisons import SignFamily
from store.records.listings import ListingFields, StreamLink
from store.records.sites import FactKind, Gap, Site, SiteFact, Strength
from tests import factories as make
from tests.console.web.review.stock import site_look

# Out of where the words may stand: text, attributes, titles, raw text, comments, scripts.
BREAKS = (
    "", "", "", '">', "'>", '" ', "' ", "</title>", "</textarea>", "</script>", "</style>", "</pre>", "</code>",
    "-->", "]]>", "</option></select>", "</noscript>", "</svg>", "</math>", "`>", "*/", "\\\">", "\\'>", "</time>",
)  # fmt: skip
# What an attacker does; each leaves its mark on the window, which is how a run of it is seen.
ACTS = (
    "__hit=1",
    "window.__hit=1",
    "top.__hit=1",
    "self['__h'+'it']=1",
    "alert(__hit=1)",
    "confirm(__hit=1)",
    "prompt(__hit=1)",
    "eval('__hit=1')",
    "Function('__hit=1')()",
    "[1].map(()=>__hit=1)",
    "(()=>{window.__hit=1})()",
    "setTimeout('__hit=1')",
)
WAYS = (
    "<script>{act}</script>",
    "<script >{act}//",
    "<sCrIpT>{act}</ScRiPt>",
    "<script src=data:text/javascript,{act}></script>",
    "<img src=x onerror={act}>",
    '<img src=x onerror="{act}">',
    "<img/src/onerror={act}>",
    "<image src=x onerror={act}>",
    "<svg onload={act}>",
    "<svg/onload={act}>",
    "<svg><script>{act}</script></svg>",
    "<svg><animate onbegin={act} attributeName=x dur=1s>",
    "<svg><style><img src=x onerror={act}></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror={act}>",
    "<body onload={act}>",
    "<iframe src='javascript:parent.{act}'></iframe>",
    "<iframe srcdoc='<script>parent.__hit=1</script>'></iframe>",
    "<iframe onload={act}></iframe>",
    "<object data='javascript:{act}'></object>",
    "<embed src='javascript:{act}'>",
    "<details open ontoggle={act}>x",
    "<input autofocus onfocus={act}>",
    "<select autofocus onfocus={act}>",
    "<textarea autofocus onfocus={act}>",
    "<a href='javascript:{act}'>x</a>",
    "<a href=' &#106;avascript:{act}'>x</a>",
    "<a href='java\tscript:{act}'>x</a>",
    "<form action='javascript:{act}'><button id=x>x</button></form>",
    "<video src=x onerror={act}>",
    "<video><source onerror={act}>",
    "<audio src=x onerror={act}>",
    "<marquee onstart={act}>x",
    "<style onload={act}></style>",
    "<link rel=stylesheet href=//evil.invalid onerror={act}>",
    "<base href=//evil.invalid/>",
    "<meta http-equiv=refresh content='0;url=javascript:{act}'>",
    "<style>@import '//evil.invalid/x.css';</style>",
    "<p style='background:url(//evil.invalid)'>x",
    "<p hx-get=/live/runs hx-trigger=load hx-on::load='{act}'>x",
    "<p hx-on:htmx:load='{act}' hx-trigger=load>x",
    "<button data-key=c data-opens=reject onclick={act}>x",
    "onmouseover={act} x=",
    "autofocus tabindex=1 onfocus={act} x=",
    "javascript:{act}",
    "JaVaScRiPt:{act}",
    "data:text/html,<script>{act}</script>",
    "//evil.invalid/{act}",
    "{{{{ {act} }}}}",
    "{{% for x in ().__class__.__mro__ %}}{act}{{% endfor %}}",
    "${{{act}}}",
    "<noscript><p title='</noscript><img src=x onerror={act}>'>",
    "<template><img src=x onerror={act}></template><img src=x onerror={act}>",
    "<!--><img src=x onerror={act}>",
    "<![CDATA[><img src=x onerror={act}>]]>",
    "<?xml-stylesheet href='javascript:{act}'?>",
    "<time datetime='\"><img src=x onerror={act}>'>",
)


def _mixed(text: str) -> str:
    return "".join(sign.upper() if place % 2 else sign for place, sign in enumerate(text))


# How the same words are written, so that whoever decodes once too often, or folds letters late, lets them through.
WRITINGS: tuple[tuple[int, Callable[[str], str]], ...] = (
    (20, lambda text: text),
    (1, lambda text: text.replace("<img", _mixed("<img")).replace("<svg", "<SvG")),
    (1, html.escape),
    (1, lambda text: html.escape(html.escape(text))),
    (1, lambda text: "".join(f"&#{ord(sign)};" for sign in text)),
    (1, lambda text: text.replace("<", "&#x3c").replace(">", "&#x3e;")),
    (1, quote),
    (1, lambda text: quote(quote(text))),
    (1, lambda text: text.replace("<", "\\u003c").replace(">", "\\u003e")),
    (1, lambda text: text.replace("<", "\\x3c")),
    (1, lambda text: text.replace("<", "＜").replace(">", "＞").replace('"', "＂")),
    (1, lambda text: text.replace("<", "+ADw-").replace(">", "+AD4-")),
    (1, lambda text: f"\u202e{text}\u202c"),
    (1, lambda text: text.replace(" ", "\n")),
    (1, lambda text: text.replace(" ", "/\t")),
    (1, lambda text: text.replace("<", "<\u200b")),
    (1, lambda text: f"\ufeff{text}\x0b"),
    (1, lambda text: f"e\u0301{text}\U0001f600"),
)


def hostile_words(count: int, seed: int) -> list[str]:
    """So many different texts; each ends in its own number, by which it is found on a page."""
    dice = random.Random(seed)
    writings = [write for weight, write in WRITINGS for _ in range(weight)]
    ways = list(WAYS)
    found: dict[str, None] = {}
    while len(found) < count:
        if len(found) % len(ways) == 0:
            dice.shuffle(ways)  # every way has its turn before any comes again
        text = dice.choice(BREAKS) + ways[len(found) % len(ways)].format(act=dice.choice(ACTS))
        found.setdefault(f"{dice.choice(writings)(text)} w{len(found)}w")
    return list(found)


def hostile_scene(number: int, text: str) -> make.Scene:
    """The scene of that number with `text` in every field that a page, its headers or its addresses fill."""
    scene = make.goods_scene(number)
    page = (text.encode() + b"\x00\xff\xfe" + text.encode("utf-16")) if number % 7 == 0 else text.encode()
    capture = scene.observation.capture
    seen = make.seen(text, text, capture=capture, where=text)
    said: dict[str, object] = {}
    for field in fields_of(ListingFields):
        if field.type == "Seen[str] | None":
            said[field.name] = seen
        elif field.type == "tuple[Seen[str], ...]":
            said[field.name] = (seen, seen)
    sign = make.sign("mark_in_title", SignFamily.TEXT, text, ours=text, theirs=text, capture=capture)
    photo = make.sign("same_photo", SignFamily.IMAGE, text, ours=text, theirs=text, raw={"region": text})
    link = StreamLink(role="player", url=text, capture=capture)
    headers = ((text, text), ("content-type", text), ("content-disposition", f"attachment; filename={text}"))
    captures = tuple(
        replace(
            each,
            url_requested=text,
            url_final=text,
            request_headers=headers,
            response_headers=headers,
            server_ip=text,
            tls=text,
            http_version=text,
        )
        for each in scene.captures
    )
    captures = (replace(captures[0], body_sha256=make.sha(page), body_bytes=len(page)), *captures[1:])
    seller = make.seller(number, platform_seller_id=text, url=text)
    return replace(
        scene,
        observation=replace(
            scene.observation,
            fields=replace(scene.observation.fields, **said, streams=(link,)),  # type: ignore[arg-type]  # as declared
        ),
        finding=replace(
            scene.finding,
            because=text,
            signs=(sign, photo),
            counter_signs=(replace(sign, against=True),),
            grounds=tuple(replace(ground, because=text) for ground in scene.finding.grounds),
        ),
        captures=captures,
        images=(
            replace(scene.images[0], url=text),
            replace(scene.images[0], position=1, url=text, sha256=None, capture=None, refused=text),
        ),
        listing=replace(scene.listing, platform_item_id=text, url=text, seller=seller.id),
        seller=seller,
        bodies=(*scene.bodies, page),
    )


def hostile_site(number: int, text: str) -> Site:
    """A look at a site with `text` in whatever servers, registries and pages say of it."""
    facts = tuple(
        SiteFact(kind=kind, value=text, of=text, source=text, at=make.NOW, note=text, strength=Strength.FAIR)
        for kind in FactKind
    )
    return site_look(number, *facts, domain=f"w{number}.example", gaps=(Gap(what=text, why=text),))
