"""Release names tell title, year, season and episode, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.release_names import read_release

CASES = {
    "Nordlicht.S02E05.1080p.WEB.x264-GRP": ("Nordlicht", None, 2, 5),
    "The.Last.Harbour.2019.1080p.BluRay.x264-GRP.mkv": ("The Last Harbour", 2019, None, None),
    "The Last Harbour (2019) [720p]": ("The Last Harbour", 2019, None, None),
    "Nordlicht 2x05 The Ferry.avi": ("Nordlicht", None, 2, 5),
    "Series/Nordlicht/Season 2/05 - The Ferry.mkv": ("Nordlicht", None, 2, 5),
    "Nordlicht - Temporada 2 Capitulo 5 [HDTV]": ("Nordlicht", None, 2, 5),
    "Nordlicht.Staffel.2.Folge.5.German.DVDRip": ("Nordlicht", None, 2, 5),
    "[Group] Nordlicht - 07v2 [720p][ABCD1234].mkv": ("Nordlicht", None, None, 7),
    "Nordlicht.205.HDTV.XviD-GRP": ("Nordlicht", None, 2, 5),
    "The.Last.Harbour.2019.BDRip-GRP/grp-tlh.mkv": ("The Last Harbour", 2019, None, None),
    "Nordlicht.S01.COMPLETE.1080p.WEBRip": ("Nordlicht", None, 1, None),
    "1917.2019.1080p.BluRay": ("1917", 2019, None, None),
    "The Last Harbour": ("The Last Harbour", None, None, None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_release_name_is_read(name: str) -> None:
    told = read_release(name)
    assert (told.title, told.year, told.season, told.episode) == CASES[name]


@given(st.text(max_size=120))
def test_any_text_is_read_without_an_error(name: str) -> None:
    told = read_release(name)
    assert told.title is None or told.title.strip()


@given(
    st.sampled_from(["Nordlicht", "The Last Harbour", "Kvarter"]),
    st.integers(1, 30),
    st.integers(1, 99),
    st.sampled_from(["1080p", "720p.HDTV", "WEB.x264-GRP", "German.DVDRip"]),
)
def test_season_and_episode_survive_what_stands_behind_them(title: str, season: int, episode: int, tail: str) -> None:
    told = read_release(f"{title.replace(' ', '.')}.S{season:02}E{episode:02}.{tail}")
    assert (told.title, told.season, told.episode) == (title, season, episode)
