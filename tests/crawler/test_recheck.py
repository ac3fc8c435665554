"""Listings are looked at again, twice and beside control pages, and only proof takes one from the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from config.settings import Settings, load_settings
from crawler.recheck import recheck
from crawler.run import crawl
from store.db.captures import Captures
from store.db.rechecks import Rechecks
from store.db.session import Database
from store.db.tables import audit_entry, listing, observation
from store.records.listings import ListingState
from store.records.rechecks import Presence, Recheck, RecheckPurpose, SightRole
from store.records.runs import RunState
from store.records.scope import EVERYTHING
from tests.crawler.site import Answer, Site, declare, offer_page, shop
from tests.ledgers import new_ledger

GONE = Answer(
    body=b"<html lang='en'><head><title>Shop</title></head><body><h1>This offer was removed</h1></body></html>"
)


@pytest.fixture(scope="module")
def shop_seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Site]]:
    """A workspace whose one crawl saw twelve offers, and its site. No browser is looked for."""
    home = tmp_path_factory.mktemp("seen")
    settings = load_settings(home, {"MARQUE_BROWSER": "/nowhere"})
    with Database(settings.database_url) as database:
        new_ledger(database)
    with Site(shop(12)) as site:
        declare(home, site, photos="false", attempts=1)
        file = home / "platforms" / "shop.toml"
        file.write_text(file.read_text() + '\n[gone]\nstatus = [410]\ntext = ["This offer was removed"]\n')
        assert crawl(settings, ["shop"])[0].state is RunState.COMPLETE
        yield settings, site


def look(settings: Settings, numbers: list[int], purpose: RecheckPurpose) -> dict[int, Recheck]:
    """Offers of the shop, looked at again, by their number."""
    with Database(settings.database_url) as database, database.read() as connection:
        rows = connection.execute(select(listing.c.platform_item_id, listing.c.id)).all()
    ids = {int(row.platform_item_id): row.id for row in rows}
    found = recheck(settings, [ids[number] for number in numbers], purpose=purpose, by="Jane Roe")
    return dict(zip(numbers, found, strict=True))


def states(settings: Settings) -> dict[int, str]:
    """How each offer stands in the ledger."""
    with Database(settings.database_url) as database, database.read() as connection:
        rows = connection.execute(select(listing.c.platform_item_id, listing.c.state)).all()
    return {int(row.platform_item_id): row.state for row in rows}


def cloaked(path: str, count: int) -> Answer:
    """An offer that is shown to whoever asks second alone."""
    del path
    return GONE if count % 2 else Answer(body=offer_page(8, "/"))


STANDS, REMOVED, CLOAKED, CHANGED = 1, 2, 8, 9
NO_SIGN = {  # answers that are not this platform's word for gone
    3: Answer(status=404, body=b"<html><body><h1>Not found</h1></body></html>"),  # its file says 410
    4: Answer(status=302, headers={"Location": "/"}),
    5: Answer(status=403, body=b"<html><body>Access denied</body></html>"),
    6: Answer(status=500, body=b"oops"),
    7: Answer(body=b"<html lang='en'><body><main><h2>Watch</h2></main></body></html>"),
}


def test_what_looks_and_control_pages_prove_stands_in_the_ledger(shop_seen: tuple[Settings, Site]) -> None:
    settings, site = shop_seen
    well = dict(site.pages)
    site.pages |= {f"/item/{number}": answer for number, answer in NO_SIGN.items()}
    site.pages["/"] = Answer(body=b"<html lang='en'><body><h1>Shop</h1></body></html>")
    site.pages[f"/item/{REMOVED}"] = GONE
    site.pages[f"/item/{CLOAKED}"] = cloaked
    site.pages[f"/item/{CHANGED}"] = Answer(body=offer_page(9, "/").replace(b"EUR 19.50", b"EUR 5.00"))
    found = look(settings, list(range(1, 10)), RecheckPurpose.SENDING)

    assert found[STANDS].presence is Presence.PRESENT, found[STANDS]
    roles = [each.role for each in found[STANDS].sights]
    assert roles == [SightRole.FIRST, SightRole.SECOND, SightRole.CONTROL, SightRole.CONTROL]
    first, second = asked(site, f"/item/{STANDS}")
    assert first["User-Agent"] == second["User-Agent"], "the second look says who asks, like the first"
    assert first["Accept-Language"] != second["Accept-Language"]

    assert found[REMOVED].presence is Presence.ABSENT, found[REMOVED]
    assert "the words 'This offer was removed'" in found[REMOVED].reasons[0]
    assert sum(reason.startswith("control ") for reason in found[REMOVED].reasons) == 2

    for number in NO_SIGN:
        assert (found[number].presence, found[number].divergent) == (Presence.UNKNOWN, False), found[number]

    assert (found[CLOAKED].presence, found[CLOAKED].divergent) == (Presence.UNKNOWN, True), found[CLOAKED]
    assert "did not" in found[CLOAKED].differences[0]

    assert found[CHANGED].presence is Presence.CHANGED, found[CHANGED]
    assert any("costs 5.00 EUR, when it was captured 19.50 EUR" in each for each in found[CHANGED].differences)

    gone = {number for number, state in states(settings).items() if state == ListingState.GONE.value}
    assert gone == {REMOVED}
    with Database(settings.database_url) as database, database.read() as connection:
        record = found[STANDS]
        kept = {each.id for each in Captures(connection, EVERYTHING).of_run(record.run)}
        assert set(record.captures) <= kept
        assert Rechecks(connection, EVERYTHING).of_listing(record.listing) == [record]
        acts = {tuple(row) for row in connection.execute(select(audit_entry.c.action, audit_entry.c.actor))}
        looks = (
            connection.execute(select(observation.c.capture).where(observation.c.run == record.run)).scalars().all()
        )
    assert ("recheck_listing", "Jane Roe") in acts
    assert record.sights[0].capture in looks and record.sights[1].capture not in looks, "the second look only checks"

    site.pages = {**well, "*": GONE}  # from now on the platform says so of everything
    unwell = look(settings, [STANDS], RecheckPurpose.REMOVAL)[STANDS]
    assert unwell.presence is Presence.UNKNOWN
    assert "control pages were not well" in unwell.reasons[-1]
    assert states(settings)[STANDS] == ListingState.LIVE.value

    site.pages = well
    back = look(settings, [REMOVED], RecheckPurpose.REMOVAL)[REMOVED]
    assert back.presence is Presence.PRESENT, "held against what it was before it went"
    assert states(settings)[REMOVED] == ListingState.LIVE.value


def asked(site: Site, path: str) -> tuple[dict[str, str], dict[str, str]]:
    """The headers of the last two requests for a path."""
    found = [headers for (_, there), headers in zip(site.asked, site.headers, strict=True) if there == path]
    return found[-2], found[-1]
