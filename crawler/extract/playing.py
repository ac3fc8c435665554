"""Who put a recording up and how long it runs, on pages nobody wrote rules for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from crawler.extract.document import Document, node_text
from crawler.extract.headings import heading, layout_of
from crawler.extract.layout import Layout, Region, Text
from crawler.extract.text import clean_text, fold

MAX_NAME_CHARS = 60  # longer is a sentence
MAX_SCRIPT_CHARS = 2_000_000  # of one page's scripts searched

_NAMED = (
    "[rel=author]", "[itemprop=author]", "[itemprop=byArtist]", "[class*=uploader]", "[class*=username]",
    "[class*=channel-name]", "[class*=channelName]", "[class*=user-name]", "[class*=author-name]", "[class*=artist]",
    "[class*=speaker] a", "[class*=owner]", "[data-e2e*=username]",
    'a[href^="/@"]', 'a[href*="/channel/"]', 'a[href*="/artist/"]', 'a[href*="/user/"]', 'a[href*="/profile/"]',
)  # fmt: skip
_BY = re.compile(
    r"(?:^|\s)(?:by|von|par|por|di|van|av|af)\s+(\S[^|·•\u2013\u2014]{0,58}?)\s*(?:$|[|·•\u2013\u2014]|\son\s)"
)
_HANDLE = re.compile(r"^/@([\w.-]{2,40})/\w")
_NO_NAME = re.compile(
    r"^\W*(profile|follow(ing|ers)?|subscribe|channel|home|log ?in|sign ?(in|up)|account|user)\W*$", re.I
)
_STATE_NAME = re.compile(
    r'\\?"(?:author|uploader|channel|owner|user|creator|artist|broadcaster)(?:_?[nN]ame)?\\?"\s*:\s*'
    r'(?:\{[^{}]{0,600}?\\?"(?:nickname|display_?[nN]ame|user_?[nN]ame|unique_?[iI]d|login|name|title)\\?"\s*:\s*)?'
    r'\\?"((?:[^"\\]|\\u[0-9a-fA-F]{4}){2,60})\\?"'
)
_STATE_UNIQUE = re.compile(r'"author"\s*:\s*\{[^{}]{0,400}?"uniqueId"\s*:\s*"([\w.-]{2,40})"')
_STATE_LENGTH = re.compile(
    r'\\?"(?P<key>(?:full_?)?(?:video_?|media_?|track_?)?(?:duration|length|runtime)(?:_?(?:in_?)?'
    r'(?:s|sec|secs|seconds|ms|millis|milliseconds))?|approxDurationMs)\\?"\s*:\s*\\?"?(?P<value>\d{1,9}(?:\.\d{1,6})?'
    r'|PT(?:\d+[HMS.]?)+S?)\\?"?\s*[,}\\]',
    re.IGNORECASE,
)
_LENGTH_NAMES = re.compile(
    r"(?<![a-z])(durations?|runtime|running-?time|length|dauer|laufzeit|duree|duracion|durata)(?![a-z])"
)
_NOT_LENGTH = re.compile(r"(?<![a-z])(current|elapsed|position|remaining|related|thumb|preview|next|playlist)")
_LENGTH_LABEL = re.compile(
    r"^\W*(?:run(?:ning)? ?time|duration|length|dauer|laufzeit|spieldauer|länge|durée|duración|duração|durata|duur"
    r"|speelduur|längd|speltid|varighed|spilletid|varighet|kesto|czas trwania|délka|stopáž|dĺžka|játékidő|durată"
    r"|продолжительность|длительность|время|тривалість|süre|時間|再生時間|时长|片长|時長|상영시간|משך)\s*(?:\([^)]*\))?\s*[:：]?\s*"
    r"(?P<value>\S.{0,30})?$",
    re.IGNORECASE,
)
_MINUTES = re.compile(
    r"(?<![\d.,])(?:(?P<hours>\d{1,2})\s?(?:hours?|hrs?|h|std\.?|stunden?|heures?|horas?|ore|uur|tim(?:mar)?|godz\.?|hod\.?"
    r"|ч\.?|時間)\s?(?:,|and|und|et|y|e)?\s?)?(?P<minutes>\d{1,3})\s?(?:minutes?|minuten|minutos?|minuti|mins?\.?|m(?=\b)"
    r"|мин\.?|perc|分)(?![^\W\d_])(?:\s?(?:,|and|und|et|y|e)?\s?(?P<seconds>\d{1,2})\s?(?:s|sec|sek|сек|秒)\w*)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\d:])(?:\d{1,2}:)?\d{1,3}:\d{2}(?![\d:])")
_CLOCK_PAIR = re.compile(r"^\W*(?:\d{1,2}:)?\d{1,2}:\d{2}\s*/\s*((?:\d{1,2}:)?\d{1,3}:\d{2})\W*$")


def uploaders(document: Document) -> Iterator[tuple[str, str]]:
    """
    Names of who put the page's recording up or made it, the likeliest first, with where each stood.

    A link or element named so, the page's title behind "by", then the state in its scripts where the page shows the
    name as well.
    """
    shown = fold(" ".join(text.text for text in layout_of(document).texts)[:200_000])
    titles = [document.title, *document.metas.get("og:title", ())[:1], *document.metas.get("twitter:title", ())[:1]]
    named = heading(document)
    matter = fold(clean_text(layout_of(document).words(named, 1_000), 300)) if named is not None else ""
    for title in titles:
        match = _BY.search(clean_text(title, 300))
        if match is not None and fold(match[1]) != matter:
            yield match[1].strip(), "title, behind by"
    handle = _HANDLE.match(urlsplit(document.url).path)
    if handle is not None:
        yield handle[1], "address"
    for selector in _NAMED:
        for node in document.tree.css(selector)[:4]:
            text = clean_text(node.attributes.get("content") or node_text(node, 400), 120)
            text = re.sub(r"\s+\d[\d.,]*[KMkm]?( (followers|subscribers|videos?|uploads))?$", "", text).lstrip("@")
            if _NO_NAME.match(text):
                continue
            if 1 < len(text) <= MAX_NAME_CHARS and fold(text) not in matter and not text.startswith("http"):
                yield text, selector
    for script in _scripts(document):
        for pattern in (_STATE_UNIQUE, _STATE_NAME):
            for match in list(pattern.finditer(script))[:6]:
                name = clean_text(_unescaped(match[1]), MAX_NAME_CHARS)
                if len(name) > 1 and fold(name) in shown and fold(name) not in matter and not name.isdecimal():
                    yield name, "script"
    for name in ("video:director", "music:musician", "article:author"):
        for said in document.metas.get(name, ())[:1]:
            last = unquote(urlsplit(said).path.rstrip("/").rpartition("/")[2]) if said.startswith("http") else said
            if 1 < len(last) <= MAX_NAME_CHARS and not re.fullmatch(r"[0-9A-Za-z]{20,}", last):
                yield last, f"meta {name}"
    described = next(iter(document.metas.get("og:description", ())), "")
    parts = [part.strip() for part in re.split(r"\s[·•]\s", clean_text(described, 200))]
    if len(parts) >= 3 and len(parts[0]) <= MAX_NAME_CHARS:
        yield parts[0], "meta og:description"


def lengths(document: Document) -> Iterator[tuple[str, str]]:
    """
    Words that say how long the page's recording runs, the likeliest first, with where each stood; seconds where the
    page counts in thousandths.
    """
    layout = layout_of(document)
    for number, text in enumerate(layout.texts):
        if len(text.text) > 60 or layout.places[text.inside].region is Region.FRAME:
            continue
        label = _LENGTH_LABEL.match(text.text)
        if label is not None:
            following = [t.text for t in layout.texts[number + 1 : number + 3]]
            for said in [label["value"] or "", *following]:
                found = _length(said) if len(said) <= 24 else None
                if found is not None and (label["value"] or text.text.rstrip()[-1:] in ":：" or _pairs(layout, text)):
                    yield found, "label"
                    break
        pair = _CLOCK_PAIR.match(text.text)
        if pair is not None:
            yield pair[1], "player"
    for place in layout.places:
        marks = " ".join((place.name, place.attributes.get("itemprop") or "", *_data_marks(place.attributes))).lower()
        if not _LENGTH_NAMES.search(marks) or _NOT_LENGTH.search(marks) or place.region is not Region.MAIN:
            continue
        for said in (place.attributes.get("datetime"), place.attributes.get("content"), layout.words(place, 80)):
            found = _length(said or "")
            if found is not None:
                yield found, f"{place.tag} named a length"
                break
    for script in _scripts(document):
        for match in list(_STATE_LENGTH.finditer(script))[:3]:
            value = match["value"]
            if not value[0].isdigit():
                yield value, "script"
                continue
            amount = float(value)
            # No recording runs for a day; a track of a minute has 60,000 thousandths.
            thousandths = "m" in match["key"].lower().rpartition("n")[2] or amount >= 86_400
            seconds = amount / 1_000 if thousandths else amount
            if seconds >= 2:
                yield str(int(seconds)), "script"
    near = heading(document)
    if near is not None:
        for text in layout.texts:
            if -40 <= text.inside - near.order <= 200 and len(text.text) <= 80:
                spoken = _MINUTES.search(text.text)
                if spoken is not None and int(spoken["minutes"]) >= 2:
                    yield _spelled(spoken), "beside the heading"
    for name in ("og:description", "description"):
        for said in document.metas.get(name, ())[:1]:
            spoken = _MINUTES.search(said[:400])
            if spoken is not None and int(spoken["minutes"]) >= 10:
                yield _spelled(spoken), f"meta {name}"


def _pairs(layout: Layout, text: Text) -> bool:
    """Whether words stand where labels do: in a cell of heads, a list of terms, or marked strong."""
    return layout.places[text.inside].tag in ("th", "dt", "b", "strong", "label", "td")


def _length(text: str) -> str | None:
    """A length in these words, spelled plainly; None without one."""
    text = clean_text(text, 80)
    if re.fullmatch(r"P(?:\d+D)?T(?:\d+[HMS])+", text, re.IGNORECASE):
        return text
    match = _MINUTES.search(text)
    if match is not None:
        return _spelled(match)
    clock = _CLOCK.search(text)
    return clock.group() if clock is not None and len(text) <= 30 else None


def _spelled(match: re.Match[str]) -> str:
    return f"PT{match['hours'] or 0}H{match['minutes']}M{match['seconds'] or 0}S"


def _data_marks(attributes: dict[str, str | None]) -> Iterator[str]:
    return (f"{name} {value or ''}"[:80] for name, value in attributes.items() if name.startswith("data-"))


def _scripts(document: Document) -> Iterator[str]:
    left = MAX_SCRIPT_CHARS
    for script in document.scripts:
        if left <= 0:
            return
        if '"' in script:
            yield script[:left]
            left -= len(script)


def _unescaped(text: str) -> str:
    """A name out of a script's string, its escapes undone."""
    if "\\u" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text
