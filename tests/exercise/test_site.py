"""Every listing is reachable, its page says what the world says, and the declared rules read it."""

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from config.platform import Platform
from config.rule import Rule
from exercise.drafts import PLATFORMS
from exercise.records import Listing, World
from exercise.serve import ServedWorld
from exercise.shelf import show_price
from exercise.site import BROKEN_ID, GONE_ID, GONE_WORDS, LISTING_PATH, Reply, Site, listing_path
from exercise.workspace import write_inputs


@pytest.fixture(scope="module")
def sites(small_world: World) -> dict[str, Site]:
    return {platform: Site(small_world, platform) for platform in PLATFORMS}


@pytest.fixture(scope="module")
def declared(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Platform]:
    folder: Path = tmp_path_factory.mktemp("inputs")
    write_inputs(small_world, dict.fromkeys(PLATFORMS, "http://127.0.0.1:1"), folder)
    return {
        path.stem: Platform.model_validate(tomllib.loads(path.read_text("utf-8")))
        for path in (folder / "platforms").glob("*.toml")
    }


def html(reply: Reply) -> LexborHTMLParser:
    return LexborHTMLParser(reply.body.decode())


def read(rules: tuple[Rule, ...], node: object) -> list[str]:
    """What the CSS rules of a declaration find: enough of a reader to see that they fit the pages."""
    for rule in rules:
        if rule.css is None:
            continue
        found = []
        for hit in node.css(rule.css):  # type: ignore[attr-defined]  # a test's own shape of the call
            text = hit.attributes.get(rule.attr) if rule.attr else hit.text(separator=" ").strip()
            if rule.re and text is not None:
                match = re.search(rule.re, text)
                text = match.group(match.lastindex or 0) if match else None
            if text:
                found.append(text)
        if found:
            return found
    return []


def test_every_listing_is_reachable_by_categories(
    sites: dict[str, Site], declared: dict[str, Platform], small_world: World
) -> None:
    for platform, site in sites.items():
        rules, seen = declared[platform].read.results, set()
        for template in declared[platform].look.category:
            target: str | None = template.format(page=1)
            for page in range(1, declared[platform].look.pages + 1):
                if target is None:
                    break
                tree = html(site.answer(target))
                assert rules.card is not None
                cards = tree.css(rules.card)
                if page == 1:
                    assert len(cards) >= declared[platform].expect.cards.min
                for card in cards:
                    assert read(rules.title, card) and read(rules.image, card)
                    path = urlsplit(read(rules.link, card)[0]).path
                    seen.add(read(rules.platform_item_id, card)[0])
                    assert site.answer(path).status == 200
                following = read(rules.next, tree)
                target = following[0] if following else None
            assert target is None, f"{platform} {template} has more pages than declared"
        assert seen == {one.id for one in small_world.listings if one.platform == platform}


def test_the_declared_rules_read_every_page(
    sites: dict[str, Site], declared: dict[str, Platform], small_world: World
) -> None:
    sellers = {(one.platform, one.id): one for one in small_world.sellers}
    for listing in small_world.listings:
        tree = html(sites[listing.platform].answer(listing_path(listing)))
        if listing.stream is not None:
            stream = declared["filmhamn"].read.stream
            assert read(stream.platform_item_id, tree) == [listing.id]
            assert read(stream.title, tree) == [listing.title]
            assert read(stream.year, tree) == [str(listing.stream.year)]
            assert read(stream.episode, tree) == ([str(listing.stream.episode)] if listing.stream.episode else [])
            assert read(stream.uploader, tree) == [listing.seller_id]
            assert len(read(stream.links, tree)) == len(listing.stream.mirrors)
            continue
        rules = declared[listing.platform].read.listing
        assert read(rules.platform_item_id, tree) == [listing.id]
        assert read(rules.title, tree) == [" ".join(listing.title.split())]
        assert read(rules.description, tree) == [listing.description]
        assert read(rules.seller_id, tree) == [listing.seller_id]
        assert read(rules.seller_name, tree) == [sellers[listing.platform, listing.seller_id].name]
        assert len(read(rules.images, tree)) == len(listing.photos)
        assert read(rules.colour, tree) == ([listing.colour] if listing.colour else [])
        assert read(rules.size, tree) == ([listing.size] if listing.size else [])
        price = read(rules.price, tree)
        assert price == ([show_price(listing.platform, listing.price)] if listing.price else [])
        if listing.platform != "shopnest":
            assert read(rules.mpn, tree) == ([listing.mpn] if listing.mpn else [])


def test_structured_data_is_only_where_it_is_said_to_be(sites: dict[str, Site], small_world: World) -> None:
    for listing in small_world.listings:
        tree = html(sites[listing.platform].answer(listing_path(listing)))
        scripts = tree.css('script[type="application/ld+json"]')
        if listing.platform != "shopnest":
            assert not scripts
            continue
        data = json.loads(scripts[0].text())
        assert (data["@type"], data["name"], data["sku"]) == ("Product", listing.title, listing.id)
        assert data.get("mpn", "") == listing.mpn
        if listing.price:
            assert data["offers"]["price"] == str(listing.price.amount)
            condition = "UsedCondition" if listing.condition == "used" else "NewCondition"
            assert data["offers"]["itemCondition"] == f"https://schema.org/{condition}"


def test_catalogue_pages_show_their_other_sellers(sites: dict[str, Site], small_world: World) -> None:
    for listing in small_world.listings:
        if listing.other_offers:
            page = sites[listing.platform].answer(listing_path(listing)).body.decode()
            assert all(other.seller_id in page for other in listing.other_offers)


def follow(site: Site, listing: Listing, number: int) -> list[Reply]:
    """Walk from the player page through the frames to the manifest, as a reader would."""
    replies = [site.answer(f"/play/{listing.id}/{number}")]
    while frames := html(replies[-1]).css("iframe.player"):
        replies.append(site.answer(frames[0].attributes["src"] or ""))
    player = html(replies[-1]).css_first("#player")
    if player is not None:
        replies.append(site.answer(player.attributes["data-manifest"] or ""))
    return replies


def test_live_links_lead_to_segments_and_dead_ones_say_so(sites: dict[str, Site], small_world: World) -> None:
    site = sites["filmhamn"]
    for listing in small_world.listings:
        if listing.stream is None:
            continue
        for number, mirror in enumerate(listing.stream.mirrors):
            replies = follow(site, listing, number)
            assert len(replies) == 2 + mirror.nested + mirror.alive
            if not mirror.alive:
                assert b"removed by its uploader" in replies[-1].body
                assert site.answer(f"/hls/{listing.id}/{number}/master.m3u8").status == 404
                continue
            assert replies[-1].body.startswith(b"#EXTM3U")
            media = site.answer(urljoin(f"/hls/{listing.id}/{number}/master.m3u8", "media.m3u8"))
            assert b"segment0.ts" in media.body


def test_a_real_segment_is_served(sites: dict[str, Site], small_world: World) -> None:
    listing = next(one for one in small_world.listings if one.stream and one.stream.mirrors)
    reply = sites["filmhamn"].answer(f"/hls/{listing.id}/0/segment0.ts")
    assert (reply.status, reply.content_type, reply.body[:1]) == (200, "video/mp2t", b"G")
    assert sites["filmhamn"].answer(f"/hls/{listing.id}/0/segment9.ts").status == 404


@pytest.mark.parametrize("platform", PLATFORMS)
def test_noise_of_real_sites_is_there(sites: dict[str, Site], platform: str) -> None:
    site = sites[platform]
    gone = site.answer(LISTING_PATH[platform].format(slug="item", id=GONE_ID))
    assert gone.status == 410 and GONE_WORDS[platform] in gone.body.decode()
    broken = site.answer(LISTING_PATH[platform].format(slug="item", id=BROKEN_ID))
    assert broken.status == 200 and b"</html>" not in broken.body
    assert site.answer("/nothing/here").status == 404
    assert site.answer("/c/nothing").status == 404
    assert site.answer("/about").status == 200
    assert b"Disallow: /cart" in site.answer("/robots.txt").body
    assert site.answer("/").status == 200 and site.answer("/style.css").status == 200


ODD = ("/search?q=", "/search", "/search?q=%00%ff", "/c/home?page=x", "/c/home?page=99999", "//", "//[")


@pytest.mark.parametrize("target", ODD)
def test_odd_requests_get_an_ordinary_answer(sites: dict[str, Site], target: str) -> None:
    assert sites["shopnest"].answer(target).status in (200, 404)


def test_search_is_plain_and_misses_disguises(sites: dict[str, Site], small_world: World) -> None:
    site = sites["shopnest"]
    hits = site.shelf.search("KESTRANE", 1).listings
    assert hits and all("kestrane" in f"{one.title} {one.description} {one.brand}".lower() for one in hits)
    hidden = {answer.item_id for answer in small_world.answers if answer.kind in ("disguised_title", "both")}
    assert not hidden & {one.id for one in hits}


def test_served_pages_carry_the_live_address(served: ServedWorld, small_world: World) -> None:
    assert set(served.sites) == set(PLATFORMS)
    assert all(base.startswith("http://127.0.0.1:") for base in served.sites.values())
