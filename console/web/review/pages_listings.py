"""Pages about what is offered: listings over time, accounts, and the pictures they show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Request, Response
from fastapi import Query as Asked

from console.web.desk import LARGEST, Here, Visit
from console.web.errors import Missing
from console.web.facets import Narrowing, narrowing
from console.web.review import lists
from console.web.review.domains import site_of_account, sites_in_sight
from console.web.review.drawing import read_region
from console.web.review.looking import enter_look
from console.web.review.near import NearPictures
from console.web.review.pages_review import guard_of, show
from console.web.review.pictures import Busy, NoPicture, Pictures
from console.web.review.records import view_listing, view_same_picture, view_seller
from console.web.review.search import Query, find_listings, parse_query
from console.web.review.seeing import sees_picture
from console.web.words import gettext as _
from store.db.rechecks import Rechecks
from store.records.listings import Listing

router = APIRouter(include_in_schema=False)

PAGE = 50
MOST_RECHECKS = 10  # of one listing, the newest first
LISTING_HEADS = (
    "listing",
    "platform",
    "platform_item_id",
    "kind",
    "state",
    "url",
    "seller",
    "first_seen",
    "last_seen",
)


@router.get("/picture/{sha256}")
async def picture(
    request: Request,
    here: Here,
    sha256: str,
    side: Annotated[int, Asked(ge=1, le=LARGEST)] = 720,
    box: str = "",
    clear: bool = False,
    cut: bool = False,
) -> Response:
    """
    One picture, decoded and written anew, with a region framed where one is asked for, or cut out with `cut`.

    What the guard flags is blurred unless `clear` asks for it. While it is drawn, no thread of the server waits.
    """
    is_blurred = await run_sync(_stays_blurred, request, here, sha256) and not clear
    pictures: Pictures = request.app.state.pictures
    try:
        data = await pictures.wait_for(
            sha256, side_px=side, region=read_region(box), is_blurred=is_blurred, is_cut=cut
        )
    except NoPicture as error:
        raise Missing(_("This picture cannot be shown safely.")) from error
    except Busy:
        return Response(status_code=503, headers={"retry-after": "5"})
    # The address names the bytes, so that what it shows changes only with the guard's list; private, because who
    # may see it does.
    return Response(data, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600, immutable"})


def _stays_blurred(request: Request, here: Visit, sha256: str) -> bool:
    """Whether the guard flags a picture that the reader may see. Raises `Missing` for any other."""
    with here.read() as connection:
        if not sees_picture(connection, here.scope, sha256):
            raise Missing(_("There is no such picture, or none you may see."))
        return sha256 in guard_of(request).flagged(connection, [sha256])


@router.get("/pictures/{sha256}")
def same_picture(request: Request, here: Here, sha256: str) -> Response:
    """Everything that shows this picture, or nearly."""
    with here.read() as connection:
        view = view_same_picture(connection, here.scope, sha256, _near(request))
        flagged = guard_of(request).flagged(connection, [sha256])
    if view is None:
        raise Missing(_("There is no such picture, or none you may see."))
    return show(request, "same.html", view=view, flagged=flagged, clear=request.query_params.get("clear") == "true")


@router.get("/listings")
def listings(request: Request, here: Here) -> Response:
    """Listings, the newest first."""
    found, following, ways = _page(request, here)
    return show(
        request,
        "listings.html",
        listings=found,
        following=following,
        q=request.query_params.get("q", ""),
        narrowing=ways,
    )


@router.get("/listings.json")
def listings_json(request: Request, here: Here) -> Response:
    """Listings as JSON."""
    found, following = _listings(request, here, ".json")
    return lists.as_json("listings", map(_listing_cells, found), following=following)


@router.get("/listings.csv")
def listings_csv(request: Request, here: Here) -> Response:
    """Listings as a table."""
    found, following = _listings(request, here, ".csv")
    return lists.as_csv("listings", LISTING_HEADS, map(_listing_cells, found), following=following)


@router.get("/listings/{listing}")
def listing(request: Request, here: Here, listing: str) -> Response:
    """One listing over time."""
    with here.read() as connection:
        view = view_listing(connection, here.scope, listing, before=request.query_params.get("before", ""))
        site = sites_in_sight(connection, here.scope, [view.host]).get(view.host) if view else None
        rechecks = Rechecks(connection, here.scope).of_listing(listing)[: -MOST_RECHECKS - 1 : -1] if view else []
    if view is None:
        raise Missing(_("There is no such listing, or none you may see."))
    return show(request, "listing.html", view=view, site=site, rechecks=rechecks)


@router.get("/sellers/{seller}")
def seller(request: Request, here: Here, seller: str) -> Response:
    """One account, its name kept back."""
    with here.read() as connection:
        view = view_seller(connection, here.scope, seller)
        site = site_of_account(connection, here.scope, seller) if view else None
    if view is None:
        raise Missing(_("There is no such account, or none you may see."))
    return show(request, "seller.html", view=view, site=site)


@router.post("/sellers/{seller}/reveal")
def reveal(request: Request, here: Here, seller: str, reason: Annotated[str, Form(max_length=500)]) -> Response:
    """Show an account's name once, for a reason that is kept with who looked."""
    with here.desk.workspace.database.write() as connection:
        view = view_seller(connection, here.scope, seller, sealer=here.desk.workspace.sealer)
        if view is None:
            raise Missing(_("There is no such account, or none you may see."))
        enter_look(connection, here, "seller", seller, reason)
    return show(request, "seller.html", view=view)


def _near(request: Request) -> NearPictures:
    """The codes of this desk's pictures, kept with the application."""
    state = request.app.state
    if not hasattr(state, "near"):
        state.near = NearPictures()
    found: NearPictures = state.near
    return found


def _page(request: Request, here: Visit) -> tuple[list[Listing], str | None, Narrowing]:
    """One page, and the ways to narrow it by platform: counted among the newest, since a million would hold it up."""
    query, chosen = _asked(request)
    after = request.query_params.get("after")
    most = lists.MOST_ROWS
    with here.read() as connection:
        wide = replace(query, platform=None) if chosen["platform"] else query
        newest = find_listings(connection, here.scope, wide, limit=most + 1)
        rows = newest
        if after or chosen["platform"]:
            rows = find_listings(connection, here.scope, query, after=after, limit=PAGE + 1)
    groups = Counter((listing.platform,) for listing in newest[:most])
    ways = narrowing(groups.items(), chosen, lambda _name, value: value)
    kept = {"q": request.query_params.get("q", "")}
    return (
        rows[:PAGE],
        _following(request, rows, PAGE, ""),
        replace(ways, kept=kept, newest=most if len(newest) > most else None),
    )


def _listings(request: Request, here: Visit, suffix: str) -> tuple[list[Listing], str | None]:
    query, _chosen = _asked(request)
    after, most = request.query_params.get("after"), lists.MOST_ROWS
    with here.read() as connection:
        rows = find_listings(connection, here.scope, query, after=after, limit=most + 1)
    return rows[:most], _following(request, rows, most, suffix)


def _following(request: Request, rows: Sequence[Listing], most: int, suffix: str) -> str | None:
    if len(rows) <= most:
        return None
    asked = {name: request.query_params.get(name, "") for name in ("q", "platform")}
    return lists.address_of(f"/listings{suffix}", {**asked, "after": rows[most - 1].id})


def _asked(request: Request) -> tuple[Query, dict[str, str]]:
    """The search, narrowed to the platform that was chosen beside it; where the box names one, it speaks alone."""
    query = parse_query(request.query_params.get("q", ""))
    chosen = {"platform": "" if query.platform else request.query_params.get("platform", "")}
    return replace(query, platform=query.platform or chosen["platform"] or None), chosen


def _listing_cells(listing: Listing) -> dict[str, Any]:  # Any: JSON values
    return {
        "listing": listing.id,
        "platform": listing.platform,
        "platform_item_id": listing.platform_item_id,
        "kind": listing.kind.value,
        "state": listing.state.value,
        "url": listing.url,
        "seller": listing.seller,
        "first_seen": listing.first_seen.isoformat(),
        "last_seen": listing.last_seen.isoformat(),
    }
