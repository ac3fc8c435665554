"""Manifests give their variants, segments, length and hosts, or say why they cannot."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.errors import ManifestError
from crawler.extract.manifest import ManifestKind, read_manifest
from tests.crawler.extract.pages_made import page

MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1280000\nlow/index.m3u8\n#EXT-X-STREAM-INF:RESOLUTION=1x1\nhttps://cdn2.example/high.m3u8\n"
MEDIA = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\n1.ts\n#EXTINF:4.5,\nhttps://seg.example/2.ts\n"
DASH = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1M"><BaseURL>https://cdn.example/v/</BaseURL>
<Period><AdaptationSet><SegmentTemplate media="$Number$.m4s" duration="4" timescale="1"/><Representation id="a"/><Representation id="b"><BaseURL>b/</BaseURL></Representation>
</AdaptationSet></Period></MPD>"""
URL = "https://site.example/live/master.m3u8"


def test_a_master_list_names_its_variants() -> None:
    manifest = read_manifest(page(MASTER, URL))
    assert manifest.kind is ManifestKind.HLS
    assert manifest.variants == ("https://site.example/live/low/index.m3u8", "https://cdn2.example/high.m3u8")
    assert manifest.hosts == ("site.example", "cdn2.example")


def test_an_open_list_is_live_and_a_closed_one_has_a_length() -> None:
    live = read_manifest(page(MEDIA, URL))
    closed = read_manifest(page(MEDIA + "#EXT-X-ENDLIST\n", URL))
    assert (live.live, live.duration_s, live.segments) == (True, None, 2)
    assert (closed.live, closed.duration_s) == (False, 10.5)
    assert closed.hosts == ("site.example", "seg.example")


def test_a_dash_manifest_counts_its_segments() -> None:
    manifest = read_manifest(page(DASH, "https://site.example/x.mpd"))
    assert (manifest.kind, manifest.segments, manifest.duration_s, manifest.live) == (
        ManifestKind.DASH,
        15,
        60.0,
        False,
    )
    assert manifest.variants == ("https://cdn.example/v/", "https://cdn.example/v/b/")


def test_broken_lines_do_not_hide_a_list() -> None:
    broken = MASTER.replace("#EXT-X-STREAM-INF:RES", "#EXT-X-DATERANGE:START=1\n#EXT-X-STREAM-INF:RES")
    assert len(read_manifest(page(broken, URL)).variants) == 2


BAD = {
    "html": "<html></html>", "empty list": "#EXTM3U\n", "nothing": "", "torn": DASH[:200],
    "entities": DASH.replace("<MPD", '<!DOCTYPE MPD [<!ENTITY a "aaaa">]><MPD'), "no representation": "<MPD></MPD>",
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_manifest_says_so(case: str) -> None:
    with pytest.raises(ManifestError):
        read_manifest(page(BAD[case], URL))


@given(st.sampled_from([MASTER, MEDIA, DASH]), st.integers(0, 400), st.text(max_size=12))
def test_damage_raises_nothing_else(text: str, at: int, noise: str) -> None:
    try:
        read_manifest(page((text[:at] + noise + text[at + 3 :]).encode("utf-8", "replace"), URL))
    except ManifestError:
        return


@pytest.mark.real_data
def test_every_real_manifest_is_read_or_refused(real_data: Path) -> None:
    files = sorted((real_data / "ref" / "streaming").iterdir())
    refused = []
    for file in files:
        try:
            manifest = read_manifest(page(file.read_bytes(), f"https://cdn.example/v/{file.name}"))
        except ManifestError:
            refused.append(file.name)
            continue
        assert manifest.hosts and (manifest.variants or manifest.segments)
    assert len(files) > 30
    assert len(refused) <= len(files) // 20
