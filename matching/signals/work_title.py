"""A work's title on the page, with year, season and episode, also in the spelling of release names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from config.platform import PlatformKind
from matching.names import NameHit, NameKind, is_ordinary
from matching.pair import Look, Pair, Place
from matching.release_names import read_release
from matching.signals.examples import Example
from matching.spelling import Spelling
from matching.vocabulary import vocabulary
from matching.wording import Wording, words_of
from store.records.comparisons import Sign, SignFamily
from store.records.listings import PageKind
from store.records.works import Work, WorkKind

NAME = "work_title"
YEAR = "work_year"
PART = "work_part"

_SLIP = 0.8
_RELEASE = 1.0  # the title, and nothing else but the words of a release
_AMONG_OTHERS = 0.35  # the title among other words: also a mention, a namesake, a line of a song (chosen)
_ELSEWHERE = 0.8  # on a page that streams and shares nothing, a title is rather spoken of (chosen)
_ORDINARY = 0.5  # a title of ordinary words needs a year, an episode or a stream beside it (chosen)

_YEAR = re.compile(r"(?<!\d)(19[2-9]\d|20[0-4]\d)(?!\d)")
_PART = re.compile(r"s\d{1,2}e\d{1,3}|\d{1,2}x\d{2,3}")


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says beside the title; None where it says nothing."""

    year: int | None
    season: int | None
    episode: int | None


def read(pair: Pair) -> list[Sign]:
    """
    The page names the work. The title counts fully when the page's heading holds nothing else but words of a
    release (year, resolution, language, "watch online"), little when it stands among other words, and less when it
    is an ordinary word. Year, season and episode speak for it when they agree and against it when they differ.
    """
    if pair.work is None:
        return []
    hits = [p.hit for p in pair.names if p.place is Place.TITLE and p.hit.name.kind is NameKind.TITLE]
    if not hits:
        return []
    best = max(hits, key=lambda hit: (hit.last - hit.first, hit.spelling is not Spelling.MISSPELT))
    title = pair.look.title
    whole = _is_release_of(title, best) or _is_episode_of(title, best)
    strength = _RELEASE if whole else _AMONG_OTHERS
    if not is_stream_page(pair) and not pair.look.fields.streams:
        strength *= _ELSEWHERE
    if best.spelling is Spelling.MISSPELT:
        strength *= _SLIP
    if is_ordinary(best.name.text) and len(best.name.text.split()) == 1:
        strength *= _ORDINARY
    beside = "and nothing else" if whole else "among other words"
    signs = [
        Sign(
            signal=NAME,
            family=SignFamily.TEXT,
            strength=strength,
            because=f'The page names the work "{best.name.text}" {beside}.',
            ours=best.name.text,
            theirs=best.quoted,
            capture=pair.look.title_capture,
            raw={"start": str(best.start), "end": str(best.end), "spelling": best.spelling.value},
        )
    ]
    told = read_told(pair.look, pair.work)
    signs += _year(pair, told)
    signs += _part(pair, told)
    return signs


def read_told(look: Look, work: Work) -> Told:
    """The year, season and episode that fields or title tell; years of the work's own name are no year."""
    fields = look.fields
    raw = look.title.raw
    own = {int(year) for name in (work.title, *work.other_titles) for year in _YEAR.findall(name)}
    in_title = {int(found) for found in _YEAR.findall(raw)} - own
    year = fields.year.value if fields.year else (min(in_title) if len(in_title) == 1 else None)
    season = fields.season.value if fields.season else None
    episode = fields.episode.value if fields.episode else None
    release = read_release(raw)
    if not release.bare:  # a number alone is an episode in a release, and anything in a title
        season = season if season is not None else release.season
        episode = episode if episode is not None else release.episode
    return Told(year, season, episode)


def agreement(look: Look, work: Work) -> int:
    """How many of year, season and episode agree, less those that differ: tells episodes of one title apart."""
    told = read_told(look, work)
    known = [(told.year, work.year), (told.season, work.season), (told.episode, work.episode)]
    return sum(1 if theirs == ours else -1 for theirs, ours in known if theirs is not None and ours is not None)


def _is_release_of(title: Wording, hit: NameHit) -> bool:
    """Whether a heading holds the title and otherwise only words of a release."""
    tags = vocabulary().release_tags
    before = title.words[: hit.first]
    if any(word not in tags and not word.isdigit() for word in before):
        return False
    rest = title.words[hit.last + 1 :]
    strange = [word for word in rest if not _is_release_word(word, tags)]
    # A release ends with the name of its group, which can be any word.
    released = any(word in tags or _YEAR.fullmatch(word) for word in rest)
    return not strange or (released and len(strange) <= 2 and set(strange) <= set(rest[-3:]))


def _is_episode_of(title: Wording, hit: NameHit) -> bool:
    """Whether a heading is a release of one season or episode, whose own name may stand behind it."""
    release = read_release(title.raw)
    return (
        release.season is not None
        and not release.bare
        and release.title is not None
        and words_of(release.title) == tuple(title.words[hit.first : hit.last + 1])
    )


def _is_release_word(word: str, tags: frozenset[str]) -> bool:
    return (
        word in tags
        or word.isdigit()
        or bool(_PART.fullmatch(word))
        or bool(re.fullmatch(r"[sex]?\d+[a-z]{0,2}\d*", word))
    )


def _year(pair: Pair, told: Told) -> list[Sign]:
    assert pair.work is not None
    if told.year is None or pair.work.year is None or pair.work.kind in (WorkKind.SERIES, WorkKind.EPISODE):
        return []  # series run for years: a season's year says nothing
    apart = abs(told.year - pair.work.year)
    if apart == 1:
        return []  # premieres and releases of one film differ by a year
    agrees = apart == 0
    return [
        Sign(
            signal=YEAR,
            family=SignFamily.TEXT if agrees else SignFamily.MEANING,
            strength=1.0,
            against=not agrees,
            because=f"The page says {told.year}, the work is of {pair.work.year}.",
            ours=str(pair.work.year),
            theirs=str(told.year),
            capture=pair.look.title_capture,
        )
    ]


def _part(pair: Pair, told: Told) -> list[Sign]:
    work = pair.work
    assert work is not None
    ours = [(n, v) for n, v in (("season", work.season), ("episode", work.episode)) if v is not None]
    theirs = {"season": told.season, "episode": told.episode}
    known = [(name, value, theirs[name]) for name, value in ours if theirs[name] is not None]
    if not known:
        return []
    agrees = all(value == other for _, value, other in known)
    shown = ", ".join(f"{name} {other}" for name, _, other in known)
    return [
        Sign(
            signal=PART,
            family=SignFamily.TEXT if agrees else SignFamily.MEANING,
            strength=1.0,
            against=not agrees,
            because=f"The page says {shown}; the work is {', '.join(f'{n} {v}' for n, v, _ in known)}.",
            ours=", ".join(f"{name} {value}" for name, value, _ in known),
            theirs=shown,
            capture=pair.look.title_capture,
        )
    ]


def is_stream_page(pair: Pair) -> bool:
    """Whether the page stands where works are streamed or shared."""
    return pair.look.input.platform.kind in (
        PlatformKind.STREAMING,
        PlatformKind.TORRENT,
    ) or pair.look.input.listing.kind in (
        PageKind.STREAM,
        PageKind.TORRENT,
    )


EXAMPLES = (
    Example(why="the title", speaks=True, title="The Last Harbour", mark=None, work="The Last Harbour"),
    Example(
        why="a release name",
        speaks=True,
        title="The.Last.Harbour.2019.1080p.WEB.x264-GRP",
        mark=None,
        work="The Last Harbour",
        work_year=2019,
    ),
    Example(
        why="an episode",
        speaks=True,
        title="Nordlicht S02E05",
        mark=None,
        work="Nordlicht",
        work_season=2,
        work_episode=5,
    ),
    Example(
        why="an episode with a name of its own, in Spanish",
        speaks=True,
        title="Nordlicht - Temporada 2 Capitulo 5 El Viaje [HDTV 720p]",
        mark=None,
        work="Nordlicht",
        work_season=2,
        work_episode=5,
    ),
    Example(why="another film", speaks=False, title="The Last Harvest (2019)", mark=None, work="The Last Harbour"),
    Example(why="half of the title", speaks=False, title="Harbour", mark=None, work="The Last Harbour"),
)
