"""Films, series, music, books, software: what copyright protects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class WorkKind(Enum):
    """Kinds of work."""

    MOVIE = "movie"
    SERIES = "series"
    EPISODE = "episode"
    MUSIC = "music"
    BOOK = "book"
    SOFTWARE = "software"
    GAME = "game"
    PHOTO = "photo"
    LIVE_EVENT = "live_event"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceWindow:
    """Where a work may lawfully be offered, and when."""

    platform: str
    territories: tuple[str, ...] = ()  # empty means everywhere
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One protected work."""

    id: str
    work_ref: str
    holder: str  # Party id
    rights: tuple[str, ...]  # Right ids
    title: str
    other_titles: tuple[str, ...] = ()
    kind: WorkKind
    year: int | None = None
    season: int | None = None
    episode: int | None = None
    identifiers: tuple[str, ...] = ()  # e.g. "eidr:10.5240/..."
    authorised_urls: tuple[str, ...] = ()
    licences: tuple[LicenceWindow, ...] = ()
