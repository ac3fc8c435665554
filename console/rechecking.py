"""Listings looked at again as people ask for it: by address, notice, batch or case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from cases.decisions import current_decision
from console.errors import NotFound
from console.workspace import Workspace
from crawler.recheck import find_listing, recheck
from crawler.run import OnProgress
from store.db.batches import Batches
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.findings import Findings
from store.db.listings import Observations
from store.db.notices import Notices
from store.db.tables import observation as observation_table
from store.records import codec
from store.records.cases import Verdict
from store.records.notices import NoticeItem
from store.records.rechecks import Recheck, RecheckPurpose
from store.records.scope import EVERYTHING

_ITEM = re.compile(r"(\d+)(?:-(\d+))?")  # a notice by its number, or one item of it


def look_again(
    workspace: Workspace,
    what: Iterable[str],
    *,
    case: int | None = None,
    batch: int | None = None,
    purpose: RecheckPurpose | None = None,
    by: str,
    on_progress: OnProgress | None = None,
) -> list[Recheck]:
    """
    Recheck listings named by their address, a notice (`12`), an item of one (`12-3`), a case or a batch.

    Without a purpose it is that of what was named. Raises `NotFound`, and what a recheck raises.
    """
    with workspace.database.read() as connection:
        wanted, why = _wanted(connection, what, case, batch)
    return recheck(
        workspace.settings,
        list(wanted),
        purpose=purpose or why,
        by=by,
        baselines={listing: known for listing, known in wanted.items() if known is not None},
        on_progress=on_progress,
    )


def recheck_json(record: Recheck) -> dict[str, Any]:
    """One recheck as it is printed."""
    return {**codec.to_json(record), "captures": list(record.captures)}


def _wanted(
    connection: Connection, what: Iterable[str], case: int | None, batch: int | None
) -> tuple[dict[str, str | None], RecheckPurpose]:
    """Listings with the observation each is held against (None: the latest that showed it), and what for."""
    found: dict[str, str | None] = {}
    purpose = RecheckPurpose.CASE
    items: list[NoticeItem] = []
    for each in what:
        if each.startswith(("http://", "https://")):
            listing = find_listing(connection, each)
            if listing is None:
                raise NotFound("listing", each, "capture it first: marque capture URL")
            found.setdefault(listing.id, None)
        else:
            items += _items(connection, each)
    if batch is not None:
        sealed = Batches(connection, EVERYTHING).numbered(batch)
        if sealed is None:
            raise NotFound("batch", str(batch), "`marque batches list` names them")
        notices = [Notices(connection, EVERYTHING).get(id) for id in sealed.notices]
        items += [item for notice in notices if notice is not None for item in notice.items if not item.refusals]
    if items:
        purpose = RecheckPurpose.SENDING
    for item in items:
        found[item.listing] = captured_as(connection, item)
    if case is not None:
        found |= dict.fromkeys(_of_case(connection, case))
    return found, purpose


def captured_as(connection: Connection, item: NoticeItem) -> str | None:
    """The observation that an item of a notice was drafted from: its page is the first of its captures."""
    if not item.captures:
        return None
    looked = Observations(connection, EVERYTHING).first(
        observation_table.c.listing == item.listing, observation_table.c.capture == item.captures[0]
    )
    return looked.id if looked is not None else None


def _items(connection: Connection, name: str) -> list[NoticeItem]:
    found = _ITEM.fullmatch(name)
    notice = Notices(connection, EVERYTHING).numbered(int(found[1])) if found else None
    if found is None or notice is None:
        raise NotFound("notice", name, "name an address, a notice like 12 or an item like 12-3")
    if found[2] is None:
        return [item for item in notice.items if not item.refusals]
    place = int(found[2])
    if not 1 <= place <= len(notice.items):
        raise NotFound("item", name, f"the notice has {len(notice.items)}")
    return [notice.items[place - 1]]


def _of_case(connection: Connection, number: int) -> list[str]:
    """Listings of a case's findings, but of those that stand rejected."""
    case = Cases(connection, EVERYTHING).numbered(number)
    if case is None:
        raise NotFound("case", str(number), "`marque cases list` names them")
    decisions = Decisions(connection, EVERYTHING).of_findings(case.findings)
    listings = []
    for id in case.findings:
        standing = current_decision(decisions.get(id, ()))
        finding = Findings(connection, EVERYTHING).get(id)
        if finding is not None and (standing is None or standing.verdict is not Verdict.REJECT):
            listings.append(finding.listing)
    return listings
