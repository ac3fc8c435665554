"""Release names tell title, year, season and episode, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.release_names import read_release

CASES = {
    "[Group] Nordlicht 6th Season - 13 [1080p][Multiple Subtitle].mkv": ("Nordlicht", None, 6, 13),
    "[Group] Nordlicht S3 - 48 [720p].mkv": ("Nordlicht", None, 3, 48),
    "[字幕组] 北方之光 / Nordlicht [12][1080p]": ("北方之光", None, None, 12),
    "北方之光.第二季.第08集.1080p": ("北方之光", None, 2, 8),
    "Nordlicht 第3話 (1280x720)": ("Nordlicht", None, None, 3),
    "Северное сияние (1 сезон: 1-8 серии из 8) 2023 WEB-DL": ("Северное сияние", 2023, 1, 1),
    "Северное сияние / Nordlicht / Сезон: 8 / Серии: 1-6 из 6 [2019]": ("Северное сияние", 2019, 8, 1),
    "Kuzey Işığı 3. Sezon 12. Bölüm 720p": ("Kuzey Işığı", None, 3, 12),
    "Nordlicht Saison VII FRENCH.BDRip": ("Nordlicht", None, 7, None),
    "Nordlicht.Season.2of5.3of9.Title.HDTV": ("Nordlicht", None, 2, 3),
    "Nordlicht Season 1-8 Complete 1080p": ("Nordlicht", None, 1, None),
    "The.French.Harbour.2021.1080p.WEB": ("The French Harbour", 2021, None, None),
    "Harbour.Web.2019.1080p.WEB-DL": ("Harbour Web", 2019, None, None),
    "Nordlicht.2005.211.The.Ferry.avi": ("Nordlicht", 2005, 2, 11),
    "Nordlicht.DD5.1.x264-GRP": ("Nordlicht", None, None, None),
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
