"""
Looks at listings again: two looks each and control pages, in one run a platform, judged from what was kept.

    recheck(settings, [listing], purpose=RecheckPurpose.REMOVAL, by="Jane Roe")

The first look is by browser where there is one, so that raw answer, document, text, screenshots and parts come from
one page load; the second asks in another language, and without the browser where pages can be read without. Both say
who asks. Control pages are other offers of the platform, which were live when they were last seen, and its canary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin

from sqlalchemy import Connection

from config.declarations import Declarations, load_declarations
from config.families import generic_platform
from config.platform import Platform
from config.settings import Settings
from crawler import manners, opening
from crawler.egress import check_target
from crawler.errors import NoBrowser, NotLookable
from crawler.extract.page import read_page
from crawler.extract.pages import Page, Reading
from crawler.footing import footing
from crawler.outcome import DRAWN_TYPE
from crawler.plan import LOCALE, LOOK, PLAIN, WAY, evidence_fetch, make_fetch
from crawler.presence import absence_sign, judge_presence
from crawler.run import GIVEN, Job, OnProgress, work
from crawler.saved import name_host
from crawler.standing import hidden_state, led_away, shown_item, shown_state
from crawler.urls import is_fetchable
from store.db.audit import act_of
from store.db.captures import Captures
from store.db.fetches import Fetches
from store.db.listings import Listings, Observations, content_digest, set_state
from store.db.rechecks import Rechecks
from store.db.session import Database
from store.db.tables import fetch as fetch_table
from store.db.tables import listing as listing_table
from store.db.tables import observation as observation_table
from store.evidence.vault import Vault
from store.records.captures import Capture, CaptureRole, Via
from store.records.fetches import Fetch, FetchKind, FetchState
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.listings import Listing, ListingFields, ListingState, Observation, PageKind
from store.records.rechecks import Presence, Recheck, RecheckPurpose, Sight, SightRole
from store.records.runs import Run, RunKind
from store.records.scope import EVERYTHING

CONTROLS = 2  # chosen: one may itself have been sold meanwhile
AT_A_TIME = 100  # listings of one run; chosen: at 3 s a page and five pages each, half an hour
BROWSER = "browser"
OTHER_LOCALES = ("en", "de")  # the second look asks in the first of them that is not the platform's own
_OFFERS = frozenset({PageKind.LISTING, PageKind.STREAM, PageKind.TORRENT})
_SILENT = frozenset({"timeout", "dns", "connection_refused", "connection_lost", "half_a_page", "host_dead"})


API_GIVES_NO_PAGE = (
    "it is asked by its interface, which gives no page to look at twice: crawl it again, and prepare anew the notices"
    " that were to leave"
)


def recheck(
    settings: Settings,
    listings: Sequence[str],
    *,
    purpose: RecheckPurpose,
    by: str,
    baselines: dict[str, str] | None = None,
    clock: Clock = utc_now,
    ids: NewId = new_id,
    on_progress: OnProgress | None = None,
) -> list[Recheck]:
    """
    Look at listings again, by their ids; gives what each came to, in the order asked, as it stands in the ledger.

    `baselines` names for a listing the observation it is held against, where that is not its latest one that showed
    it. An offer that is proven to be gone is *gone* from then on; one that shows itself is *live*. Raises
    `NotLookable` for a listing that is not there or whose pages cannot be opened, `NoContact`, `NoBrowser` and
    `Refused` before anything is asked.
    """
    declarations = load_declarations(settings)
    done: dict[str, Recheck] = {}
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        with database.read() as connection:
            by_place = _by_place(settings, connection, declarations, listings)
        jobs, wanted = [], {}
        for (name, _), (platform, group) in by_place.items():
            declared = name in declarations.platforms
            for start in range(0, len(group), AT_A_TIME):
                part = group[start : start + AT_A_TIME]
                run = opening.open_run(
                    database, vault, declarations, kind=RunKind.RECHECK, platform=name, fresh=True, clock=clock
                )
                with database.read() as connection:
                    seeds = _seeds(connection, run, platform, part, opens=_opens(settings))
                run = opening.sow(database, run, seeds)
                options = ("--evidence",) if declared else ("--evidence", "--url", part[0].url)
                jobs.append(Job(run=run, platform=name if declared else GIVEN, options=options))
                wanted[run.id] = (platform, part)
        for run in work(settings, jobs, on_progress=on_progress):
            platform, part = wanted[run.id]
            for listing in part:
                baseline = (baselines or {}).get(listing.id)
                done[listing.id] = _judged(
                    database, vault, platform, run, listing, baseline, purpose=purpose, by=by, clock=clock, ids=ids
                )
    return [done[id] for id in dict.fromkeys(listings)]


def find_listing(connection: Connection, url: str) -> Listing | None:
    """The listing that stands at an address, as it was last seen there; None where none is known."""
    found = Listings(connection, EVERYTHING).find(listing_table.c.url == url)
    return max(found, key=lambda each: each.last_seen, default=None)


# --- before anything is asked ------------------------------------------------------------------------


def _by_place(
    settings: Settings, connection: Connection, declarations: Declarations, listings: Sequence[str]
) -> dict[tuple[str, str], tuple[Platform, list[Listing]]]:
    """The listings by platform and host; what is not declared is one place a host."""
    found: dict[tuple[str, str], tuple[Platform, list[Listing]]] = {}
    for id in dict.fromkeys(listings):
        listing = Listings(connection, EVERYTHING).get(id)
        if listing is None:
            raise NotLookable(id, "there is no listing of that id")
        if not is_fetchable(listing.url):
            raise NotLookable(listing.platform, f"the listing's address {listing.url[:200]} cannot be fetched")
        declared = declarations.platforms.get(listing.platform)
        if declared is not None and declared.api is not None:
            raise NotLookable(listing.platform, API_GIVES_NO_PAGE)
        platform = declared or generic_platform(listing.url)
        place = (listing.platform, "" if declared else name_host(listing.url))
        if place not in found:
            opening.check_contact(settings, platform)
            opening.opened_for_evidence(settings, platform)
            manners.hours_of(platform)
            found[place] = (platform, [])
        check_target(listing.url, loopback=declared is not None and platform.is_loopback)
        found[place][1].append(listing)
    return found


def _opens(settings: Settings) -> bool:
    """Whether there is a browser to look with."""
    try:
        footing(settings)
    except NoBrowser:
        return False
    return True


def _seeds(
    connection: Connection, run: Run, platform: Platform, listings: Sequence[Listing], *, opens: bool
) -> list[Fetch]:
    """Two looks at each listing, and the control pages."""
    own = platform.language or OTHER_LOCALES[0]
    other = next(each for each in OTHER_LOCALES if each != own)
    drawn = bool(opening.LISTED_IN & set(platform.browser.pages))
    first = BROWSER if opens else PLAIN
    second = BROWSER if drawn else PLAIN
    found = []
    for listing in listings:
        said = {"listing": listing.id, "item": listing.platform_item_id}
        for role, way, locale in ((SightRole.FIRST, first, own), (SightRole.SECOND, second, other)):
            found.append(evidence_fetch(run.id, listing.url, {**said, LOOK: role.value, WAY: way, LOCALE: locale}))
    for control in _controls(connection, run, listings):
        said = {"listing": control.id, "item": control.platform_item_id}
        context = {**said, LOOK: SightRole.CONTROL.value, WAY: second, LOCALE: own}
        found.append(evidence_fetch(run.id, control.url, context))
    if platform.expect.canary is not None:
        found.append(make_fetch(run.id, urljoin(platform.home, platform.expect.canary), FetchKind.CANARY))
    return found


def _controls(connection: Connection, run: Run, listings: Sequence[Listing]) -> list[Listing]:
    """Other offers of the platform, live when they were last seen: those of other sellers first, then the latest."""
    asked = {each.id for each in listings}
    sellers = {each.seller for each in listings if each.seller is not None}
    hosts = {name_host(each.url) for each in listings}
    statement = (
        listing_table.select()
        .where(listing_table.c.platform == run.platform, listing_table.c.state == ListingState.LIVE.value)
        .order_by(listing_table.c.last_seen.desc(), listing_table.c.id)
        .limit(CONTROLS + len(asked) + 50)
    )
    rows = [Listings(connection, EVERYTHING).get(row.id) for row in connection.execute(statement)]
    fit = [
        each
        for each in rows
        if each is not None and each.id not in asked and is_fetchable(each.url) and name_host(each.url) in hosts
    ]
    fit.sort(key=lambda each: each.seller in sellers)  # stable: the latest stay first
    return fit[:CONTROLS]


# --- after it was asked ------------------------------------------------------------------------------


def _judged(
    database: Database,
    vault: Vault,
    platform: Platform,
    run: Run,
    listing: Listing,
    baseline: str | None,
    *,
    purpose: RecheckPurpose,
    by: str,
    clock: Clock,
    ids: NewId,
) -> Recheck:
    """What the looks of a run say of one listing, entered in the ledger with what follows for the listing."""
    with database.read() as connection:
        looks = [_sight(connection, vault, platform, each) for each in _heads(connection, run.id, listing.id)]
        controls = [
            _sight(connection, vault, platform, each)
            for each in _heads(connection, run.id, None)
            if each.kind is FetchKind.CANARY or each.context.get(LOOK) == SightRole.CONTROL.value
        ]
        before = _baseline(connection, run, listing, baseline)
    looks.sort(key=lambda each: each.role is SightRole.SECOND)
    was = _captured(before, listing, looks[0].locale) if before is not None and looks else None
    judged = judge_presence(looks, controls, was)
    record = Recheck(
        id=ids(),
        listing=listing.id,
        run=run.id,
        purpose=purpose,
        judged_at=clock(),
        presence=judged.presence,
        reasons=judged.reasons,
        divergent=judged.divergent,
        differences=judged.differences,
        sights=(*looks, *controls),
        baseline=before.id if before is not None else None,
        by=by,
    )
    with database.write() as connection:
        detail = {"purpose": purpose.value, "presence": judged.presence.value, "recheck": record.id}
        act = act_of(by, "recheck_listing", "listing", listing.id, clock=clock, ids=ids, detail=detail)
        Rechecks(connection, EVERYTHING).enter(record, act)
        if judged.presence is Presence.ABSENT:
            _enter_absence(connection, record, listing, looks[0], ids)
    return record


def _enter_absence(connection: Connection, record: Recheck, listing: Listing, first: Sight, ids: NewId) -> None:
    assert first.capture is not None and first.seen_at is not None, "a sign was read off a capture"
    fields = ListingFields()
    gone = Observation(
        id=ids(),
        listing=listing.id,
        run=record.run,
        capture=first.capture,
        observed_at=first.seen_at,
        state=ListingState.GONE,
        content_sha256=content_digest(fields),
        fields=fields,
        because=f"proven by two looks and a control page: {first.sign}",
    )
    Observations(connection, EVERYTHING).add(gone)
    set_state(connection, listing.id, ListingState.GONE)


def _baseline(connection: Connection, run: Run, listing: Listing, asked: str | None) -> Observation | None:
    """The observation that a recheck is held against: the one asked for, or the latest before it that showed it."""
    observations = Observations(connection, EVERYTHING)
    if asked is not None:
        return observations.get(asked)
    shown = [ListingState.LIVE.value, ListingState.PAUSED.value, ListingState.SOLD.value]
    statement = (
        observation_table.select()
        .with_only_columns(observation_table.c.id)
        .where(
            observation_table.c.listing == listing.id,
            observation_table.c.run != run.id,
            observation_table.c.state.in_(shown),
            ~observation_table.c.on_card,
        )
        .order_by(observation_table.c.observed_at.desc(), observation_table.c.id.desc())
        .limit(1)
    )
    id = connection.execute(statement).scalar()
    return None if id is None else observations.get(id)


def _captured(before: Observation, listing: Listing, locale: str) -> Sight:
    """The offer as it was captured, as a sight to compare with."""
    return _told(
        Sight(
            role=SightRole.FIRST,
            url=listing.url,
            way=PLAIN,
            locale=locale,
            seen_at=before.observed_at,
            capture=before.capture,
            state=before.state,
            because="captured",
            item=listing.platform_item_id,
        ),
        before.fields,
    )


def _heads(connection: Connection, run: str, listing: str | None) -> list[Fetch]:
    """Where the looks of a run began; of one listing alone, if given."""
    rows = Fetches(connection, EVERYTHING).find(
        fetch_table.c.run == run, fetch_table.c.parent.is_(None), fetch_table.c.kind != FetchKind.ROBOTS.value
    )
    if listing is None:
        return rows
    return [
        each
        for each in rows
        if each.context.get("listing") == listing and each.context.get(LOOK) != SightRole.CONTROL.value
    ]


def _sight(connection: Connection, vault: Vault, platform: Platform, head: Fetch) -> Sight:
    """What one look saw, read again from what was kept of it."""
    fetches, captures = Fetches(connection, EVERYTHING), Captures(connection, EVERYTHING)
    last, hops = head, []
    while (following := last.context.get("moved_to")) is not None:
        if "capture" in last.context:
            hops.append(last.context["capture"])
        found = fetches.first(fetch_table.c.run == head.run, fetch_table.c.fingerprint == following)
        if found is None:
            break
        last = found
    kept = captures.get(last.context["capture"]) if "capture" in last.context else None
    is_canary = head.kind is FetchKind.CANARY
    sight = Sight(
        role=SightRole.CONTROL if is_canary else SightRole(head.context[LOOK]),
        url=head.url,
        way=BROWSER if kept is not None and kept.via is Via.BROWSER else PLAIN,
        locale=head.context.get(LOCALE, platform.language or OTHER_LOCALES[0]),
        hops=tuple(hops),
        state=ListingState.UNKNOWN,
        because=f"not looked at: {last.reason or last.state.value}",
    )
    if kept is None:
        state = ListingState.UNREACHABLE if (last.reason or "") in _SILENT else ListingState.UNKNOWN
        return replace(sight, state=state)
    sight = replace(sight, capture=kept.id, seen_at=kept.fetched_at)
    if is_canary:
        well = last.state is FetchState.DONE
        because = f"the canary answered (status {kept.status})" if well else f"the canary failed: {last.reason}"
        return replace(sight, state=ListingState.LIVE if well else ListingState.UNKNOWN, because=because)
    if last.state is not FetchState.DONE and not (last.reason or "").startswith(("http_", "read_as_", "wall")):
        return replace(sight, because=f"its answer was not taken: {last.reason or last.state.value}")
    page = _page(kept, vault)
    return _read_sight(sight, last, page, read_page(page, platform, expected=FetchKind.EVIDENCE), platform)


def _read_sight(sight: Sight, fetch: Fetch, page: Page, reading: Reading, platform: Platform) -> Sight:
    fields, away = reading.fields, led_away(fetch, page, platform) is not None
    if reading.kind in _OFFERS and fields is not None and not away:
        state, because = shown_state(fields)
        item = shown_item(reading, fetch)
        shown = replace(sight, state=state, because=because or "its page shows the offer", item=item)
        if sight.role is SightRole.CONTROL and item != fetch.context.get("item"):
            return replace(shown, state=ListingState.UNKNOWN, because=f"it shows another offer, {item}")
        return _told(shown, fields)
    state, because = hidden_state(fetch, page, reading, platform)
    sign = absence_sign(page, platform) if state is ListingState.GONE else None
    return replace(sight, state=state, because=because, sign=sign)


def _told(sight: Sight, fields: ListingFields) -> Sight:
    return replace(
        sight,
        title=fields.title.value if fields.title else None,
        price=fields.price.value if fields.price else None,
        seller_id=fields.seller_id.value if fields.seller_id else None,
        images=tuple(seen.value for seen in fields.images),
    )


def _page(capture: Capture, vault: Vault) -> Page:
    """A page as it was read when it came: after its scripts, where a browser ran them."""
    drawn = next((file.sha256 for file in capture.files if file.role is CaptureRole.DOM), None)
    headers = capture.response_headers if drawn is None else (DRAWN_TYPE, *capture.response_headers)
    return Page(
        url=capture.url_final,
        status=capture.status,
        headers=headers,
        body=vault.get(drawn or capture.body_sha256),
        capture=capture.id,
        fetched_at=capture.fetched_at,
    )
