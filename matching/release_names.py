"""
Reads release names: title, year, season and episode out of "Nordlicht.S02E05.1080p.WEB.x264-GRP" and its many kin.

    read_release("Series/Nordlicht/Season 2/05 - The Ferry.mkv") -> Nordlicht, season 2, episode 5

A name is cut at the first thing that is no title: a season and episode, a year, or a word of releases (resolution,
source, codec, language). Folders above the file speak where the file itself does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from matching.normalise import fold
from matching.vocabulary import vocabulary

FIRST_YEAR, LAST_YEAR = 1920, 2049

_EXTENSION = re.compile(
    r"\.(?:mkv|mp4|avi|m4v|mov|wmv|flv|mpe?g|ts|m2ts|iso|srt|sub|ass|idx|nfo|webm|ogm|divx|torrent|nzb|rar|zip|par2|vob)$",
    re.IGNORECASE,
)
_SEASON_WORD = (
    r"seasons?|saisons?|staffeln?|temporadas?|stagion[ei]|seizoen|sasong|säsong|sæson|sesong|sezonul|sezona?|kausi|série"
    r"|évad|сезони?|シーズン|시즌|series(?![ ._]*\d{3})|serie(?![ ._]*\d{3})|tem|cap(?=\d)"
)
_EPISODE_WORD = (
    r"[eé]pisodes?|folgen?|episodios?|episódios?|episodi|capitulos?|capítulos?|aflevering|avsnitt|afsnit|jakso|odcinek"
    r"|odc|epizoda|díl|bölüm|сери[яи]|серій|выпуск|эпизод|epi?|cap"
)
_NUMBERS_SAID = (
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    ("uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci"),
    ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
)
_SAID = "|".join(sorted({word for words in _NUMBERS_SAID for word in words}, key=lambda word: -len(word)))
_COUNTED = r"[一二三四五六七八九十]{1,3}"
_PARTS = (
    # s02e05, s02.e05, s02e05e06, s02 ep 5, s03e01-02, s2x05
    re.compile(r"(?<![a-z0-9])s(?P<s>\d{1,4})[ ._\-]*(?:ep?|x|d)[ ._\-]*(?P<e>\d{1,4})(?!\d)", re.IGNORECASE),
    # t02e05, as Spanish and Portuguese names have it
    re.compile(r"(?<![a-z0-9])t(?P<s>\d{1,2})[ ._]?e(?P<e>\d{1,3})(?!\d)", re.IGNORECASE),
    # 2x05, 02x05-06, 2016x03; no resolution
    re.compile(r"(?<![a-z0-9])(?P<s>\d{1,2}|(?:19|20)\d\d)(?: x |x)(?P<e>(?!26[45])\d{1,3})(?!\d)", re.IGNORECASE),
    # season 2 episode 5, temporada 2 capitulo 5
    re.compile(
        rf"(?<![a-z])(?:{_SEASON_WORD})[ ._\-]*(?P<s>\d{{1,4}})\D{{0,12}}?"
        rf"(?:{_EPISODE_WORD})[ ._\-]*(?P<e>\d{{1,2}})(?!\d)",
        re.IGNORECASE,
    ),
    # 3. Sezon 12. Bölüm, 2 сезон: 1-8 серии
    re.compile(
        rf"(?<!\d)(?P<s>\d{{1,2}})[.ºª]?[ ._\-]*(?:{_SEASON_WORD})[ ._:,\-]{{0,3}}"
        rf"(?P<e>\d{{1,4}})(?:[ ._]?-[ ._]?\d{{1,4}})?[.ºª]?[ ._\-]*(?:{_EPISODE_WORD}|rész)(?![^\W\d_])",
        re.IGNORECASE,
    ),
    # cap.102
    re.compile(r"(?<![a-z])cap[ ._]*(?P<s>\d{1,2})(?P<e>\d{2})(?!\d)", re.IGNORECASE),
)
_SEASON = re.compile(
    rf"(?<![a-z])(?:{_SEASON_WORD})[ ._:\-]*(?P<s>\d{{1,4}}|[ivx]{{1,5}}(?![a-z]))(?!\d)"
    r"|(?<![a-z0-9])s(?P<s2>\d{1,4})(?![a-z0-9])"
    r"|(?<!\d)(?P<s3>\d{1,2})(?:st|nd|rd|th|ª|a|e|ème)[ ._]?(?:season|temporada|saison|stagione)"
    rf"|(?<!\d)(?P<s4>\d{{1,2}})[.]?[ ._](?:{_SEASON_WORD}|évad)(?![^\W_])"
    rf"|第[ ._]?(?P<s5>\d{{1,2}}|{_COUNTED})[ ._]?[季期部]|(?<!\d)(?P<s6>\d{{1,2}})xall(?![a-z])"
    rf"|(?<![^\W_])(?:seasons?|saisons?|staffel|temporada|stagione)[ ._](?P<s7>{_SAID})(?![^\W_])",
    re.IGNORECASE,
)
_EPISODE = re.compile(
    rf"(?<![a-z0-9])(?:(?:{_EPISODE_WORD})[ ._:\-]*|e)(?P<e>\d{{1,4}})(?![0-9a-z])"
    rf"|第[ ._]?(?P<e2>\d{{1,4}}|{_COUNTED})[ ._]?[話话集回]|[제 ._](?P<e3>\d{{1,4}})[화회](?![^\W_])"
    rf"|(?<![\d.])(?P<e4>\d{{1,4}})(?:[ ._]?-[ ._]?\d{{1,4}})?[.]?[ ._](?:bölüm|сери[яий]|rész|díl)(?![^\W_])"
    r"|(?<![^\W_])(?P<e5>\d{1,3})[ ._]?of[ ._]?\d{1,3}(?![^\W_])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(19[2-9]\d|20[0-4]\d)(?![\dpix])")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GROUP_BEFORE = re.compile(r"^\s*(?:\[[^\]]*\]|\{[^}]*\}|【[^】]*】)[ ._\-]*")
_SITE_BEFORE = re.compile(r"^\s*(?:www[. ][\w\-]+[. ]\w{2,4}|\w+[. ](?:com|org|net|tv))\s*[-–_ ]\s*", re.IGNORECASE)
_BARE_EPISODE = re.compile(r"(?:[ ._]+-[ ._]+|[ ._]#|[ ._](?=0\d[ ._]))(?P<e>\d{1,4})(?:v\d)?(?=$|[ ._\[(~\-])")
_NUMBER_FIRST = re.compile(r"^(?P<e>\d{1,3})(?:-\d{1,3})?(?:[ ._]*-|\.(?= ))[ ._]*(?=[^\W\d])")
_NUMBER_LAST = re.compile(
    r"[ ._]+(?P<e>\d{2,4})(?:v\d)?(?:-\d{2,4})?(?:[ ._]*[&+,][ ._]*\d{2,4}(?:-\d{2,4})?)*(?=[ ._]*$|[ ._]+-[ ._])"
)
_GROUPED_FIRST = re.compile(r"^(?P<e>\d{2,3})[ ._]+(?=[^\W\d])")
_IN_BRACKETS = re.compile(r"\[(?P<e>\d{1,4})(?:v\d|-\d{1,4})?\]")
_AFTER_SEASON = re.compile(r"^[ ._\-\])]*(?:of[ ._]?\d+)?[ ._]+-[ ._]+(?P<e>\d{1,4})(?:v\d)?(?=$|[ ._\[(~])")
_AFTER_YEAR = re.compile(r"^[)\]]?[ ._\-]+(?P<s>\d)(?P<e>\d\d)(?=[ ._\-]+[^\W\d])")
_RANGE_LAST = re.compile(r"[ ._]\d{1,4}-\d{1,4}$")
_COMPLETE_LAST = re.compile(r"[ ._](?:the[ ._])?(?:complete|compl[eè]te|completa|complet|komplett)$", re.IGNORECASE)
_ULTIMATE = r"(?:ultimate|special|collector'?s?|deluxe|limited|anniversary|fan)"
_BONUS = re.compile(
    r"[ ._\-]x\d{2}(?=[ ._\-])|[ ._]part[ ._]?(?:\d|i{1,3}\b)|[ ._]edition[ ._]collector"
    rf"|(?:[ ._]{_ULTIMATE}){{1,3}}[ ._](?:collection|edition)"
    r"|[ ._]director'?s?[ ._]cut|[ ._]\d{2}[-.]\d{2}[-.](?:19|20)\d\d",
    re.IGNORECASE,
)
_SCENE_BEFORE = re.compile(r"^[a-z0-9]{2,8}-(?=[a-z0-9]+[.])")
_SHELVES = frozenset(
    (
        *("movies", "movie", "films", "film", "series", "serie", "tv", "videos", "video", "shows", "show", "anime"),
        *("downloads", "home", "mnt", "media", "share", "data", "disk", "public", "torrents", "complete"),
    )
)
_COUNTRY_AFTER = re.compile(r"[ (]+(?:US|UK|AU|NZ|CA)\)?$")
_AIRED = ("hdtv", "pdtv")
_STANDS_FIRST = ("hd", "uhd", "hevc", "4k")
_FANSUB = re.compile(r"vostfr|fansub", re.IGNORECASE)
_AKA = re.compile(
    r"[ ._]+(?:aka|a\.k\.a)[ ._]+.*|[ ._]+/[ ._]+.*|(?<=\w)[ ._]*--[ ._]*.*"
    r"|(?<=\w)[ ._]+[\-–~][ ._]+.*|(?<=\w)[ ._]*[(\[].*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a release name tells; None where it tells nothing."""

    title: str | None = None
    year: int | None = None
    season: int | None = None
    episode: int | None = None
    marked: bool = False  # something else than a title stood there
    bare: bool = False  # the episode was a number alone


def read_release(name: str) -> Release:
    """Read one release name, with the folders above it where there are any."""
    # A slash between spaces parts two titles of one work, not a folder from a file.
    parts = [part for part in re.split(r"(?<!\s)[/\\]+|[/\\]+(?!\s)", name.strip()) if part.strip()]
    if not parts:
        return Release()
    told = [_read_part(_EXTENSION.sub("", part), below=place > 0) for place, part in enumerate(parts)]
    last = told[-1]
    for above, folder in zip(reversed(told[:-1]), reversed(parts[:-1]), strict=True):
        if _is_generic(folder):
            last = replace(last, season=last.season if last.season is not None else above.season)
            continue
        # A file called anything lies in a folder called like the release.
        told_more = above.season is not None and above.episode is not None
        if above.marked and (not last.marked or (told_more and (last.bare or last.season is None))):
            return above
        if last.title is None or (last.season or last.episode) is not None:
            title = above.title if last.title is None or not _agrees(above.title or "", last.title) else last.title
            if last.title is not None and last.season is not None and not last.bare:
                title = last.title
            last = replace(last, title=title or last.title)
        elif above.year is not None and last.year is None and above.title:
            last = replace(last, title=above.title)
        return replace(
            last,
            year=last.year if last.year is not None else above.year,
            season=last.season if last.season is not None else above.season,
        )
    return last


def _is_generic(folder: str) -> bool:
    """Whether a folder names a shelf and no work: "Movies", "Season 2"."""
    words = [word.lower() for word in _WORD.findall(folder)]
    return (
        not words
        or all(word in _SHELVES or word.isdigit() for word in words)
        or _SEASON.fullmatch(folder.strip()) is not None
    )


def _agrees(title: str, other: str) -> bool:
    ours, theirs = _plain(title), _plain(other)
    return ours.startswith(theirs) or theirs.startswith(ours)


def _plain(text: str) -> str:
    return "".join(char for char in fold(text).text if char.isalnum())


def _read_part(text: str, *, below: bool) -> Release:
    """Read a file's or a folder's name; `below` where a folder stands above it."""
    bare = text
    while (stripped := _SITE_BEFORE.sub("", _GROUP_BEFORE.sub("", bare))) != bare:
        bare = stripped
    grouped = bare != text or _FANSUB.search(text) is not None
    bare = _strip_tags_before(_SCENE_BEFORE.sub("", bare or text))
    season = episode = None
    cuts: list[int] = []
    hit = next((found for pattern in _PARTS if (found := pattern.search(bare)) is not None), None)
    if hit is not None:
        season, episode = int(hit["s"]), int(hit["e"])
        cuts.append(hit.start())
    if (found := _SEASON.search(bare)) is not None and (season is None or found.start() < cuts[0]):
        season = _number(next(said for said in found.groups() if said))
        cuts.append(found.start())
        if episode is None and (after := _AFTER_SEASON.search(bare[found.end() :])) is not None:
            episode = int(after["e"])
    if episode is None:
        of_all = _OF.match(bare, found.end()) if found is not None else None  # "season 2 of 5"
        start = of_all.end() if of_all is not None else 0
        if (found := _EPISODE.search(bare, start)) is not None:
            episode = _number(next(said for said in found.groups() if said))
            cuts.append(found.start())
    tag = _first_tag(bare, [*cuts, *(found.start() for found in _YEAR.finditer(bare) if found.start())])
    if (found := _BONUS.search(bare)) is not None and found.start() > 0:
        tag = found.start() if tag is None else min(tag, found.start())
    years = [found for found in _YEAR.finditer(bare) if found.start() > 0 or tag is not None]
    before = [found for found in years if tag is None or found.start() < tag]
    year = (before or years)[-1] if years else None
    if year is not None and season is None and episode is None:
        after = _AFTER_YEAR.search(bare[year.end() :])
        if after is not None:
            season, episode = int(after["s"]), int(after["e"])
    alone = _IN_BRACKETS.search(bare) if grouped and season is None and episode is None else None
    if alone is not None and not _YEAR.fullmatch(alone["e"]):
        episode = int(alone["e"])
        cuts.append(alone.start())
    cuts += [cut for cut in (tag, year.start() if year else None) if cut]
    head = bare[: min((cut for cut in cuts if cut > 0), default=len(bare))] if 0 not in cuts else ""
    if tag is not None and bare[tag : tag + 8].lower() == "complete":
        head = re.sub(r"[ ._]the[ ._]*$", "", head, flags=re.IGNORECASE)
    head = _COMPLETE_LAST.sub("", head.rstrip(" ._-([{"))
    if season is not None:
        head = _RANGE_LAST.sub("", head)
    is_bare = False
    if season is None and episode is None:
        found = _NUMBER_FIRST.search(head) or (_GROUPED_FIRST.search(head) if grouped else None)
        if found is not None and not _YEAR.fullmatch(found["e"]):
            episode, is_bare = int(found["e"]), True
            head = "" if below else head[found.end() :]
        else:
            aired = tag is not None and bare[tag : tag + 4].lower() in _AIRED
            season, episode, head, is_bare = _read_number(head, grouped=grouped, aired=aired)
    title = _clean(_AKA.sub("", head)) or _clean(head)
    return Release(
        title=title or None,
        year=int(year[1]) if year is not None else (season if season is not None and season >= FIRST_YEAR else None),
        season=season,
        episode=episode,
        marked=bool(cuts) or episode is not None,
        bare=is_bare,
    )


def _read_number(head: str, *, grouped: bool, aired: bool) -> tuple[int | None, int | None, str, bool]:
    """Read the number of an episode that stands alone: three digits are season and episode, but not with fansubs."""
    found = _BARE_EPISODE.search(head) or _NUMBER_LAST.search(head)
    if found is None or _YEAR.fullmatch(found["e"]) or found.start() == 0:
        return None, None, head, False
    digits = found["e"]
    parted = found.re is _BARE_EPISODE
    if len(digits) >= 3 and not grouped:
        return int(digits[:-2]), int(digits[-2:]), head[: found.start()], True
    if grouped or aired or parted or digits.startswith("0") or "-" in found.group():
        return None, int(digits), head[: found.start()], True
    return None, None, head, False


def _strip_tags_before(text: str) -> str:
    """Take away words of releases that stand before the title."""
    for word, start in _words(text):
        if word not in _STANDS_FIRST and not _RESOLUTION.fullmatch(word):
            return text[start:]
    return text


def _first_tag(text: str, marks: list[int]) -> int | None:
    """
    Give where the first word of releases stands that is no part of the title; None where none does. `marks` are the
    places of years, seasons and episodes, before which titles end.
    """
    strong = vocabulary().release_cuts
    words = list(_words(text))
    for at, (word, start) in enumerate(words):
        if not at:
            continue
        if _RESOLUTION.fullmatch(word):
            return start
        if word in strong and not _is_in_title(words, at, marks, strong):
            return start
    return None


def _is_in_title(words: list[tuple[str, int]], at: int, marks: list[int], strong: frozenset[str]) -> bool:
    """Whether a word of releases belongs to the title here: "The French Dispatch 2021", "Spiders Web 2019 WEB-DL"."""
    word, start = words[at]
    if words[at - 1][0] in _ARTICLES:
        return True
    end = next((mark for mark in sorted(marks) if mark > start), None)
    if end is None:
        return False
    between = [said for said, place in words[at + 1 :] if place < end]
    if not between:
        # Right before the year it is the title's last word where it is said again as a tag.
        return word in [said for said, place in words if place > end]
    return not any(said in strong or said in _KINDS_OF_CUT or _RESOLUTION.fullmatch(said) for said in between)


_KINDS_OF_CUT = frozenset(("edition", "version", "cut"))  # "theatrical edition"
_ARTICLES = frozenset(
    (
        *("the", "a", "an", "le", "la", "les", "el", "los", "las", "il", "lo", "der", "die", "das", "den", "det"),
        *("my", "our", "that", "of", "o", "os", "as"),
    )
)


def _number(said: str) -> int:
    """Give the number that digits, Roman or Chinese numerals or a word say."""
    if said.isdecimal():
        return int(said)
    lower = said.lower()
    for words in _NUMBERS_SAID:
        if lower in words:
            return words.index(lower) + 1
    if lower[0] in _ROMAN:
        values = [_ROMAN[char] for char in lower]
        return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
    tens, ten, ones = said.rpartition("十")
    return (_CHINESE.index(tens) + 1 if tens else 1) * 10 * bool(ten) + (_CHINESE.index(ones) + 1 if ones else 0)


_ROMAN = {"i": 1, "v": 5, "x": 10}
_CHINESE = "一二三四五六七八九"
_OF = re.compile(r"[ ._]?of[ ._]?\d+")


_RESOLUTION = re.compile(
    r"\d{3,4}[pi]|\d{3,4}x\d{3,4}|[xh]26[45]|ac3|dd[p+]?\d*|dts\w*|aac\w*|hdtv\w*|\w*rip|\w*mux|\w*dvd\w*|bd\d*|blu-?ray"
)


def _words(text: str) -> Iterator[tuple[str, int]]:
    for hit in _WORD.finditer(text):
        yield hit.group().lower(), hit.start()


def _clean(text: str) -> str:
    """Give a title with spaces for its dots and lines, without brackets left open at its end."""
    spaced = text if " " in text.strip() and "." not in text.replace("...", "") else re.sub(r"[._]+", " ", text)
    spaced = spaced.replace("_", " ")
    if spaced.count("(") != spaced.count(")") or spaced.count("[") != spaced.count("]"):
        spaced = re.sub(r"[(\[{][^)\]}]*$", "", spaced)
    spaced = re.sub(r"[ ._](?:ep|episode)[ ._]*$", "", spaced, flags=re.IGNORECASE)
    return _COUNTRY_AFTER.sub("", " ".join(spaced.split()).strip(" -–_.,([{"))
