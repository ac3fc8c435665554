"""A stream's whole way, crawled on loopback: each hop a capture of its own kind, one look at the title, no loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from crawler.intake import capture_tip
from store.db.captures import Captures
from store.db.listings import Observations
from store.db.session import Database
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Answer, Page, Site
from tests.ledgers import new_ledger

TITLE = """<html lang="en"><body><h1>The Long Night (2019)</h1><ul class="mirrors">
<li><a href="/go/1">Server 1</a></li><li><a href="/round/1">Server 2</a></li></ul></body></html>"""
WAIT = '<html><body><p>5</p><script>setTimeout(function(){{location.href="{to}"}},5000)</script></body></html>'
PLAY = '<html><body><h2>Player</h2><iframe src="/embed/1" allowfullscreen></iframe></body></html>'
EMBED = '<html><body><script>var file = "/hls/master.m3u8";</script></body></html>'
MASTER = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nlow.m3u8\n"
MEDIA = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\nhttp://segments.example/1.ts\n#EXT-X-ENDLIST\n"
PLATFORM = """
name = "films"
kind = "streaming"
home = "{home}"
countries = ["SE"]
[reach]
by = "crawl"
robots_read_on = 2026-11-20
[manners]
delay_s = 0.0
hours = "00:00-24:00 Europe/Stockholm"
[look]
search = "/search?q={{term}}"
[read.stream]
title = "h1"
links = {{ css = ".mirrors a", attr = "href", as = "url", all = true }}
"""


@pytest.mark.slow
def test_a_stream_is_followed_to_the_host_of_its_segments(tmp_path: Path) -> None:
    settings: Settings = load_settings(tmp_path, {})
    with Database(settings.database_url) as database:
        new_ledger(database)
    hls = "application/vnd.apple.mpegurl"
    pages: dict[str, Page] = {
        "/watch/1": Answer(body=TITLE.encode()),
        "/go/1": Answer(status=302, headers={"Location": "/wait/1"}),
        "/wait/1": Answer(body=WAIT.format(to="/play/1").encode()),
        "/play/1": Answer(body=PLAY.encode()),
        "/embed/1": Answer(body=EMBED.encode()),
        "/hls/master.m3u8": Answer(body=MASTER.encode(), kind=hls),
        "/hls/low.m3u8": Answer(body=MEDIA.encode(), kind=hls),
        "/round/1": Answer(body=WAIT.format(to="/round/2").encode()),
        "/round/2": Answer(body=WAIT.format(to="/round/1").encode()),
    }
    with Site(pages) as site:
        (tmp_path / "platforms").mkdir()
        (tmp_path / "platforms" / "films.toml").write_text(PLATFORM.format(home=site.home), encoding="utf-8")
        tip = capture_tip(settings, f"{site.home}watch/1")
        asked = [path for path in site.paths() if path != "/robots.txt"]
    assert tip.run.state is RunState.COMPLETE, tip.why
    assert sorted(asked) == sorted(set(asked)) == sorted(pages)
    with Database(settings.database_url) as database, database.read() as connection:
        (look,) = Observations(connection, EVERYTHING).find()
        captures = {each.id: each for each in Captures(connection, EVERYTHING).of_run(tip.run.id)}
    way = {link.url.removeprefix(site.home): link for link in look.fields.streams if link.url != "127.0.0.1"}
    assert {url: link.role for url, link in way.items()} == {
        "go/1": "redirect",
        "wait/1": "protector",
        "play/1": "player",
        "embed/1": "player",
        "hls/master.m3u8": "manifest",
        "hls/low.m3u8": "manifest",
        "segments.example": "segment_host",
        "round/1": "protector",
        "round/2": "protector",
    }
    fetched = {url: captures[link.capture] for url, link in way.items() if link.capture is not None}
    assert set(fetched) == set(way) - {"segments.example"}
    for url, parent in {
        "wait/1": "go/1",
        "play/1": "wait/1",
        "embed/1": "play/1",
        "hls/low.m3u8": "hls/master.m3u8",
    }.items():
        assert fetched[url].parent == fetched[parent].id
        assert way[url].found_in == fetched[parent].id
