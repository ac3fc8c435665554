"""A site is visited, its platform file and first cases are drafted, and the draft proves itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.declarations import load_declarations
from config.errors import WrongKey
from config.platform import PlatformKind
from config.settings import Settings, load_settings
from console.proving import examine_platform
from crawler.draft import page_parameter, search_form
from crawler.errors import BadCase, BadTip
from crawler.extract.page import read_page
from crawler.extract.pages import Page
from crawler.front import front_of
from crawler.proof import cases_of
from crawler.scout import Scouted, scout
from exercise.site import Site
from exercise.world import build_world
from store.records.fetches import FetchKind
from tests.crawler.extract.pages_made import HTML, SEEN_AT

HOME = "http://127.0.0.1:1"
NAMES = ["Canvas bag", "Leather boots", "Woollen scarf", "Copper kettle", "Oak table", "Linen shirt"]


def card(number: int) -> str:
    return (
        f'<li class="tile"><a class="pic" href="/item/{number}"><img src="/photo/{number}.jpg" alt="x"></a>'
        f'<h3 class="name"><a href="/item/{number}">{NAMES[number - 1]}</a></h3>'
        f'<b class="cost">{number}9.50 &euro;</b></li>'
    )


HEAD = '<form action="/find"><input type="hidden" name="shop" value="1"><input name="q"></form>'
RESULTS = (
    f"<html lang='en'><head><title>Everything</title></head><body>{HEAD}<h1>Everything</h1>"
    f'<ul class="tiles">{"".join(card(n) for n in range(1, 7))}</ul>'
    '<a rel="next" href="/all?p=2">Next</a></body></html>'
)


def offer(number: int) -> str:
    return (
        f"<html lang='en'><head><title>{NAMES[number - 1]} - Loom</title></head><body>{HEAD}<main><div class='offer'>"
        f'<div class="photo"><img class="large" src="/photo/{number}.jpg" width="600"></div>'
        f'<h1 class="name">{NAMES[number - 1]}</h1><p class="cost">{number}9.50 &euro;</p>'
        f"<button>Add to basket</button><p class='text'>Sturdy and plain, number {number} of six.</p>"
        "</div></main></body></html>"
    )


class Shop:
    """A shop that answers what it has, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, address: str) -> Page:
        self.asked.append(address)
        path = address.removeprefix(HOME)
        if path.startswith("/item/"):
            return self._page(address, offer(int(path.removeprefix("/item/"))))
        if path in ("/all", "/find?shop=1&q=leather", "/find?shop=1&q=canvas"):
            return self._page(address, RESULTS)
        raise BadTip(address, "not fetched: nothing there")

    def _page(self, url: str, markup: str) -> Page:
        return Page(url=url, status=200, headers=HTML, body=markup.encode(), fetched_at=SEEN_AT)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path, {})


@pytest.fixture
def found(settings: Settings) -> Scouted:
    return scout(settings, "loom", f"{HOME}/all", Shop())


def test_an_unknown_engine_s_rules_are_drafted_from_what_was_seen(found: Scouted, settings: Settings) -> None:
    platform = load_declarations(settings).platform("loom")
    assert found.family == "generic"
    assert platform.read.results.card == "li.tile"
    assert platform.look.search == "/find?shop=1&q={term}&p={page}"
    assert platform.look.start == (f"{HOME}/all",)
    assert platform.expect.cards.min == 3
    assert [rule.css for rule in platform.read.listing.price] == ["p.cost"]
    assert platform.read.listing.platform_item_id[0].url is not None
    assert (platform.reach.by, platform.reach.terms_read_on) == (
        "crawl",
        None,
    )  # loopback: the exercise, not a stranger


def test_a_number_that_titles_hold_too_tells_no_offers_apart(settings: Settings) -> None:
    """A slug ends in the model's number: another seller's offer of the model must not count as this one."""

    class Slugs(Shop):
        def __call__(self, address: str) -> Page:
            self.asked.append(address)
            path = address.removeprefix(HOME)
            number = next((n for n in range(1, 7) if path.endswith(f"-{100 + n}")), None)
            markup = offer(number) if number else RESULTS
            for n, name in enumerate(NAMES, 1):
                markup = markup.replace(f"/item/{n}", f"/item/{name.lower().replace(' ', '-')}-{100 + n}")
                markup = markup.replace(f"{name}<", f"{name} {100 + n}<")
            return self._page(address, markup)

    scout(settings, "loom", f"{HOME}/all", Slugs())
    read = load_declarations(settings).platform("loom").read
    assert all(rule.url is None for rule in read.listing.platform_item_id)
    assert read.results.platform_item_id == ()
    assert examine_platform(settings, "loom", None)["problems"] == []


def test_the_draft_holds_on_its_own_cases_and_says_that_nobody_checked_them(
    found: Scouted, settings: Settings
) -> None:
    data = examine_platform(settings, "loom", None)
    assert data["problems"] == []
    assert data["held"] == data["expectations"] > 20
    assert any("compare it with the pages" in remark for remark in data["remarks"])
    prices = [h for case in data["cases"] for h in case["held"] if h["field"] == "price"]
    assert {h["rule"] for h in prices} == {"loom: listing.price[0]"}


def test_a_broken_rule_is_named_with_what_it_read(found: Scouted, settings: Settings) -> None:
    found.path.write_text(found.path.read_text().replace("p.cost", "p.text"))
    problems = examine_platform(settings, "loom", None)["problems"]
    assert any("price is None" in problem for problem in problems)


def test_a_second_visit_changes_and_asks_nothing(found: Scouted, settings: Settings) -> None:
    before = found.path.read_bytes()
    shop = Shop()
    again = scout(settings, "loom", f"{HOME}/all", shop)
    assert again.existed
    assert shop.asked == []
    assert found.path.read_bytes() == before


def test_a_name_that_another_site_has_is_refused(found: Scouted, settings: Settings) -> None:
    with pytest.raises(BadTip, match="choose another name"):
        scout(settings, "loom", "http://127.0.0.1:2/all", Shop())


def test_a_refused_visit_leaves_no_draft_behind(settings: Settings) -> None:
    with pytest.raises(BadTip, match="nothing there"):
        scout(settings, "loom", f"{HOME}/nothing", Shop())
    with pytest.raises(WrongKey, match="name"):
        scout(settings, "Loom & Latch", f"{HOME}/all", Shop())
    assert list(settings.platforms.glob("*")) == []


def test_a_case_whose_page_was_changed_is_no_case(found: Scouted, settings: Settings) -> None:
    page = next((settings.platforms / "loom").glob("*/page.html"))
    page.write_bytes(page.read_bytes() + b" ")
    with pytest.raises(BadCase, match="SHA-256 differs"):
        cases_of(settings.platforms / "loom")


def test_a_search_form_is_one_that_asks_for_words() -> None:
    page = Shop()(f"{HOME}/all")
    form = search_form(page)
    assert form is not None
    assert form.address("two words") == f"{HOME}/find?shop=1&q=two+words"
    assert page_parameter(f"{HOME}/all", f"{HOME}/all?p=2") == "p={page}"
    assert page_parameter(f"{HOME}/all", None) is None


FRONT = (
    f"<html lang='en'><head><title>Loom</title></head><body><header>{HEAD}"
    '<nav><a href="/account">Sign in</a><a href="/all">Everything</a></nav></header><h1>Good things</h1>'
    f'<ul class="tiles">{"".join(card(n) for n in range(1, 7))}</ul></body></html>'
)
BARE_FRONT = FRONT[: FRONT.index("<ul")] + "</body></html>"


class ShopWithFront(Shop):
    """The shop, with a front page of its own."""

    def __init__(self, front: str) -> None:
        super().__init__()
        self.front = front

    def __call__(self, address: str) -> Page:
        if address.removeprefix(HOME) == "/":
            self.asked.append(address)
            return self._page(address, self.front)
        return super().__call__(address)


@pytest.mark.parametrize("front", [FRONT, BARE_FRONT], ids=["shelves", "menu alone"])
def test_a_front_page_is_where_people_begin(settings: Settings, front: str) -> None:
    shop = ShopWithFront(front)
    found = scout(settings, "loom", f"{HOME}/", shop)
    assert "results-1" in found.cases
    assert "listing-3" in found.cases
    assert not any("account" in address for address in shop.asked)
    data = examine_platform(settings, "loom", None)
    assert data["problems"] == []
    assert data["held"] == data["expectations"] > 20


@pytest.fixture(scope="module")
def link_site() -> Site:
    site = Site(build_world(11, innocents=120, planted=32, traps_each=4), "filmhamn")
    site.base = HOME
    return site


def test_a_link_site_whose_films_cost_nothing_is_drafted_unaided(settings: Settings, link_site: Site) -> None:
    def ask(address: str) -> Page:
        reply = link_site.answer(address.removeprefix(HOME) or "/")
        return Page(url=address, status=reply.status, headers=HTML, body=reply.body, fetched_at=SEEN_AT)

    found = scout(settings, "berths", f"{HOME}/", ask)
    assert {"results-1", "stream-1", "stream-2", "stream-3"} <= set(found.cases)
    platform = load_declarations(settings).platform("berths")
    assert platform.kind is PlatformKind.STREAMING
    assert platform.look.search is not None and platform.look.search.startswith("/search?q={term}")
    assert platform.read.results.card == "div.film"
    data = examine_platform(settings, "berths", None)
    assert data["problems"] == []
    assert data["held"] == data["expectations"] >= 14
    case = next(each for each in cases_of(settings.platforms / "berths") if each.name == "stream-1")
    assert case.body is not None
    page = Page(url=case.url, status=200, headers=HTML, body=case.body, fetched_at=SEEN_AT)
    reading = read_page(page, platform, expected=FetchKind.TITLE_PAGE)
    assert reading.links and all("/play/" in link.url for link in reading.links)


def test_a_shop_of_pictures_without_prices_is_no_link_site(settings: Settings) -> None:
    tiles = "".join(
        f'<li class="tile"><a href="/item/{n}"><img src="/{n}.jpg" alt=""><b>Model {1990 + n}</b></a></li>'
        for n in range(1, 7)
    )

    def ask(address: str) -> Page:
        path = address.removeprefix(HOME)
        body = f"<html><body><ul>{tiles}</ul></body></html>" if path == "/" else "<html><h1>Model</h1></html>"
        return Page(url=address, status=200, headers=HTML, body=body.encode(), fetched_at=SEEN_AT)

    assert scout(settings, "models", f"{HOME}/", ask).cases == ()


def test_posters_without_a_price_lead_to_their_films() -> None:
    posters = "".join(
        f'<div><a href="/title/{n}"><img src="/p{n}.jpg" alt=""><span>{name} ({1990 + n})</span></a></div>'
        for n, name in enumerate(["The Salt Kingdom", "The Copper Kingdom", "Iron Letters"])
    )
    markup = f'<html><body><a href="/"><img src="/logo.png" alt=""></a><div>{posters}</div></body></html>'
    page = Page(url=f"{HOME}/", status=200, headers=HTML, body=markup.encode(), fetched_at=SEEN_AT)
    front = front_of(page)
    assert front.offers == tuple(f"{HOME}/title/{n}" for n in range(3))
    assert front.terms[0] == "kingdom"
