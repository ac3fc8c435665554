"""Saved pages answered from a folder: every row read, every unsaved link said, nothing fetched."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings
from crawler.errors import BadReplay, UnknownRun
from crawler.progress import Beat
from crawler.run import replay
from crawler.saved import UNKNOWN, folder_seeds, read_index
from store.db.session import Database
from store.db.tables import capture, fetch, listing
from store.records.runs import RunKind, RunState
from tests.crawler.site import Site, declare, offer_page
from tests.ledgers import new_ledger


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty workspace."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    return settings


def save(folder: Path, **pages: tuple[str, bytes]) -> Path:
    """A replay folder: file names with the URL and the bytes of each."""
    folder.mkdir()
    rows = ["language,file,url"]
    for name, (url, body) in pages.items():
        (folder / f"{name}.html").write_bytes(body)
        rows.append(f"en,{name}.html,{url}")
    (folder / "index.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_folder_is_read_by_declaration_or_by_the_generic_family(settings: Settings, tmp_path: Path) -> None:
    """The declared shop's pages under its name, with links followed as far as they were saved."""
    with Site() as site:
        declare(tmp_path, site, photos="false")
    home = site.home
    cards = "".join(f"<li class='card'><a class='title' href='/item/{n}'>Watch {n}</a></li>" for n in (1, 2))
    folder = save(
        tmp_path / "saved",
        list=(f"{home}list?page=1", f"<html><body><ul>{cards}</ul></body></html>".encode()),
        one=(f"{home}item/1", offer_page(1, "/")),
        other=("https://else.example/about", b"<html><body><h1>About us</h1><p>We like watches.</p></body></html>"),
    )
    beats: list[Beat] = []
    run = replay(settings, folder=folder, on_progress=beats.append)
    assert (run.kind, run.platform) == (RunKind.REPLAY, None)
    assert run.state is RunState.COMPLETE, run
    assert beats[-1].event == "end" and beats[-1].done == 3
    with Database(settings.database_url) as database, database.read() as connection:
        listings = connection.execute(select(listing.c.platform, listing.c.platform_item_id)).all()
        states = {row.url: row.reason for row in connection.execute(select(fetch)).all()}
        captures = connection.execute(select(capture)).all()
    assert [tuple(row) for row in listings] == [("shop", "1")]
    assert states[f"{home}item/2"] == "not_saved" and states[f"{home}item/1"] is None
    assert {(row.via, row.status, row.robots_verdict) for row in captures} == {("replay", None, "not_asked")}
    assert site.paths() == []


def test_rows_without_an_address_stand_where_nothing_else_does(tmp_path: Path) -> None:
    """They are read all the same."""
    folder = save(tmp_path / "saved", a=("", b"x"))
    assert list(read_index(folder)) == [("a.html", f"{UNKNOWN}a.html")]
    assert len(folder_seeds(folder)) == 1


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (None, "cannot be read"),
        ("name,url\na,b\n", "no column file"),
        ("file,url\n,https://a.example/\n", "line 2 names no file"),
        ("file,url\na.html,ftp://a.example/\n", "none of http"),
    ],
)
def test_a_folder_that_can_not_be_replayed_says_why(tmp_path: Path, index: str | None, why: str) -> None:
    """With the line where it is one."""
    if index is not None:
        (tmp_path / "index.csv").write_text(index)
    with pytest.raises(BadReplay, match=why):
        folder_seeds(tmp_path)


def test_an_unknown_run_can_not_be_replayed(settings: Settings) -> None:
    """And a replay takes one source."""
    with pytest.raises(UnknownRun):
        replay(settings, run="nothing")
    with pytest.raises(ValueError, match="a folder or a run"):
        replay(settings)


@pytest.mark.slow
@pytest.mark.real_data
def test_real_saved_pages_are_all_answered(settings: Settings, real_data: Path, tmp_path: Path) -> None:
    """Twenty of them: each row is captured and comes to an end; no reader breaks on one."""
    chosen = list(read_index(real_data / "pages"))[::7][:20]
    folder = tmp_path / "saved"
    for file, _ in chosen:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(real_data / "pages" / file, folder / file)
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as index:
        csv.writer(index).writerows([("file", "url"), *chosen])
    run = replay(settings, folder=folder)
    assert run.counts["captures"] == run.counts["seeds"] == len(chosen)
    assert run.counts["fetches_left"] == 0
    assert not [name for name in run.counts if name.startswith("failed_reader:")], run.counts
