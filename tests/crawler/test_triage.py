"""Cards first: what is opened, what is kept of the rest, and that nothing unopened is ever called gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings, load_settings
from crawler.run import crawl
from crawler.triage import Suspicion, is_drawn, says_the_same
from store.db.session import Database
from store.db.tables import listing, observation
from store.records.listings import ListingFields, ListingState
from store.records.runs import Run, RunState
from store.records.seen import Seen
from tests.crawler.site import Answer, Page, Site, declare, offer_page, shop
from tests.ledgers import new_ledger

ITEMS = 12


def cards(path: str, count: int, *, skip: int | None = None, renamed: int | None = None) -> Answer:
    """A first page of all offers, with a picture each; one may be left out, one may bear another title."""
    del count
    if "page=1" not in path:
        return Answer(body=b"<html><body><ul></ul></body></html>")
    body = "".join(
        f"<li class='card'><a class='title' href='/item/{n}'>{'Other' if n == renamed else 'Watch'} {n}</a>"
        f"<img src='/photo/{n}.png'><b class='price'>EUR {n % 90 + 10}.50</b></li>"
        for n in range(ITEMS)
        if n != skip
    )
    return Answer(body=f"<html><body><ul>{body}</ul></body></html>".encode())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace with its schema."""
    made = load_settings(tmp_path, {})
    with Database(made.database_url) as database:
        new_ledger(database)
    return made


def lay_out(settings: Settings, site: Site, sample: float = 0.0) -> None:
    """Declare the site under triage."""
    declare(settings.home, site)
    path = settings.platforms / "shop.toml"
    text = path.read_text("utf-8").replace("[look]\n", f'[look]\nopen = "suspicious"\nsample = {sample}\n')
    text = text.replace(
        'title = "a.title"\n', 'title = "a.title"\nimage = { css = "img", attr = "src", as = "url" }\n'
    )
    path.write_text(text, "utf-8")


def pages() -> dict[str, Page]:
    """The shop with pictures on its cards."""
    return {**shop(ITEMS), "/list": cards, "/search": cards}


class Picks:
    """A judge that suspects the listings of given item ids, once they were seen."""

    def __init__(self, settings: Settings, *items: str) -> None:
        self.settings, self.items = settings, items
        self.asked = 0

    def __call__(self, runs: Sequence[Run]) -> dict[str, list[Suspicion]]:
        self.asked += 1
        with Database(self.settings.database_url) as database, database.read() as connection:
            ids = connection.execute(select(listing.c.id).where(listing.c.platform_item_id.in_(self.items))).scalars()
            wanted = [Suspicion(listing=id, why="name_or_photo") for id in ids]
        return {run.id: wanted for run in runs}


def opened(site: Site) -> list[str]:
    """The offers whose pages were asked for, in order."""
    return [path.rsplit("/", 1)[1] for path in site.paths() if path.startswith("/item/")]


def test_only_suspicious_cards_are_opened_and_the_others_are_kept(settings: Settings) -> None:
    """Every offer is a listing with a title, a price and a photo; two have more, because their pages were opened."""
    with Site(pages()) as site:
        lay_out(settings, site)
        (run,) = crawl(settings, ["shop"], judge=Picks(settings, "3", "7"))
        assert sorted(opened(site)) == ["3", "7"]
        assert sum(path.startswith("/photo/") for path in site.paths()) == ITEMS
    assert run.state is RunState.COMPLETE, run.alarms
    assert (run.counts["on_cards"], run.counts["only_on_cards"]) == (ITEMS, ITEMS - 2)
    assert (run.counts["opened_name_or_photo"], run.counts["listings"]) == (2, 2)
    with Database(settings.database_url) as database, database.read() as connection:
        states = list(connection.execute(select(listing.c.state)).scalars())
        looks = list(connection.execute(select(observation.c.on_card, observation.c.fields)))
    assert states == [ListingState.LIVE.value] * ITEMS
    assert sum(on_card for on_card, _ in looks) == ITEMS
    assert all("title" in fields and "price" in fields for _, fields in looks)
    assert [("description" in fields) for on_card, fields in looks if not on_card] == [True, True]


def test_one_id_on_two_offers_is_nobody_s(settings: Settings) -> None:
    """Two addresses, two titles and one id: both pages are opened, and the run says that the rule is wrong."""

    def twins(path: str, count: int) -> Answer:
        return Answer(body=cards(path, count).body.replace(b"href='/item/5'", b"href='/other/item/4'"))

    twin = Answer(body=offer_page(5, "/"))
    with Site({**pages(), "/list": twins, "/search": twins, "/other/item/4": twin}) as site:
        lay_out(settings, site)
        (run,) = crawl(settings, ["shop"], judge=Picks(settings))
        assert {"/item/4", "/other/item/4"} <= set(site.paths())
    assert run.state is RunState.UNFIT
    assert any("'4'; mend the rule for platform_item_id" in said for said in run.alarms), run.alarms


def test_a_card_that_says_something_new_is_opened_and_one_that_is_missing_is_not_gone(settings: Settings) -> None:
    """The second crawl asks for no page whose card says what the page said; an offer that is not listed stays."""
    with Site(pages()) as site:
        lay_out(settings, site)
        crawl(settings, ["shop"], judge=Picks(settings, "3", "7"))
        site.asked.clear()
        site.pages["/list"] = lambda path, count: cards(path, count, skip=5, renamed=7)
        (run,) = crawl(settings, ["shop"], judge=Picks(settings))
        assert opened(site) == ["7"]
    assert run.state is RunState.COMPLETE, run.alarms
    assert run.counts["opened_changed"] == 1
    with Database(settings.database_url) as database, database.read() as connection:
        seen = {row.platform_item_id: row for row in connection.execute(select(listing))}
    assert {row.state for row in seen.values()} == {ListingState.LIVE.value}
    assert seen["5"].last_seen < run.started_at <= seen["4"].last_seen


def test_a_crawl_stopped_before_its_cards_were_judged_goes_on_there(settings: Settings) -> None:
    """It is not called complete, and the same command judges and opens."""

    def breaks(runs: Sequence[Run]) -> dict[str, list[Suspicion]]:
        raise RuntimeError("the power went")

    with Site(pages()) as site:
        lay_out(settings, site)
        with pytest.raises(RuntimeError):
            crawl(settings, ["shop"], judge=breaks)
        assert opened(site) == []
        judge = Picks(settings, "1")
        (run,) = crawl(settings, ["shop"], judge=judge)
        assert (opened(site), judge.asked) == (["1"], 1)
    assert run.state is RunState.COMPLETE, run.alarms


def test_unread_cards_are_opened_and_many_of_them_are_drift(settings: Settings) -> None:
    """A rule for cards that reads nothing any more costs pages, and is said; it hides no offer."""
    with Site(shop(ITEMS)) as site:  # its cards have no picture
        lay_out(settings, site)
        (run,) = crawl(settings, ["shop"], judge=Picks(settings))
        assert len(opened(site)) == ITEMS
    assert run.state is RunState.UNFIT
    assert any("12 of 12 cards lack" in alarm for alarm in run.alarms)


def test_without_a_judge_every_page_is_opened(settings: Settings) -> None:
    """As `scrapy crawl` does: nothing is left out because nobody could tell what is suspicious."""
    with Site(pages()) as site:
        lay_out(settings, site)
        (run,) = crawl(settings, ["shop"])
        assert len(opened(site)) == ITEMS
    assert run.counts["listings"] == ITEMS


def test_the_sample_is_drawn_by_the_run_alone() -> None:
    """The same run draws the same offers, another run draws others, and about as many as declared."""
    first = [item for item in map(str, range(4000)) if is_drawn("run 1", item, 0.05)]
    assert first == [item for item in map(str, range(4000)) if is_drawn("run 1", item, 0.05)]
    assert 150 < len(first) < 250
    assert first != [item for item in map(str, range(4000)) if is_drawn("run 2", item, 0.05)]
    assert not is_drawn("run", "1", 0.0)
    assert is_drawn("run", "1", 1.0)


@pytest.mark.parametrize(
    ("card", "page", "same"),
    [("Watch 7", "Watch 7", True), ("WATCH 7 wi…", "Watch 7 with strap", True), ("Watch 8", "Watch 7", False)],
)
def test_a_title_cut_short_is_the_same_title(card: str, page: str, same: bool) -> None:
    """Cards cut titles; that is no news."""

    def title(words: str) -> ListingFields:
        return ListingFields(title=Seen(value=words, raw=words, rule="t"))

    assert says_the_same(title(card), title(page)) is same
    assert says_the_same(ListingFields(), title(page))
