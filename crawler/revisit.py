"""
Pages that were had before, asked for only if they changed, and what an answer "not modified" is worth.

Every page is asked with what its last answer gave to tell it by (`ETag`, `Last-Modified`; RFC 9110, section 13.1). A
304 is an answer like others: its headers are captured, its capture names the one whose bytes still stand, and these
are read again by the rules in force, so that a look comes of it and a changed rule takes effect at once. Nothing is
taken from a 304 that was not asked for, that names another version, or whose bytes are not in the vault any more:
the page is then asked in full. So it is in any case when its card says something else than its page did, and after
`look.full_every_days`, because a server may say "not modified" of a page that was.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from config.platform import Platform
from crawler.extract.pages import Page
from crawler.triage import CHANGED, OPENED
from crawler.visit import Errand, Visit
from store.records.captures import Capture, Via
from store.records.fetches import Fetch, FetchKind, FetchState, Validator

NOT_MODIFIED = 304
IN_FULL = "in_full"  # a fetch's context: asked without a condition, whatever is known of the page
KINDS = frozenset({FetchKind.RESULTS, FetchKind.LISTING, FetchKind.TITLE_PAGE, FetchKind.PHOTO})
"""Kinds that are asked on condition; evidence is always had in full, and players hand out passing addresses."""

# Source: RFC 9110, section 8.8.3. Longer ones than anybody needs are left out, as a header of every later request.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,500}"')
# Source: RFC 7232, section 2.2.2: a date less than a minute before the answer may name two versions of the page.
_DATE_SETTLES = timedelta(seconds=60)


def conditions(validator: Validator) -> dict[str, str]:
    """The request headers that ask for a page only if it changed."""
    headers = {}
    if validator.etag is not None:
        headers["If-None-Match"] = validator.etag
    if validator.last_modified is not None:
        headers["If-Modified-Since"] = validator.last_modified
    return headers


def may_ask(fetch: Fetch, platform: Platform) -> bool:
    """Whether a page may be asked on condition at all."""
    if fetch.kind not in KINDS or platform.look.full_every_days <= 0:
        return False
    if fetch.kind.value in platform.browser.pages:
        return False  # its document may stand while the data that its scripts ask for changed
    return IN_FULL not in fetch.context and fetch.context.get(OPENED) != CHANGED


def confirms(page: Page, validator: Validator) -> bool:
    """Whether a 304 speaks of the version that was asked about (RFC 9111, section 4.3.4)."""
    said = page.header("etag")
    if said is None or validator.etag is None:
        return True
    return _opaque(said) == _opaque(validator.etag)


def still_stands(errand: Errand, page: Page, before: Capture, body: bytes) -> Page:
    """The page whose bytes still stand, as read now; the errand's capture names the one that brought them."""
    assert errand.kept is not None, "an answer is read only after it was kept"
    errand.kept = dataclasses.replace(
        errand.kept,
        unchanged_since=before.id,
        body_sha256=before.body_sha256,
        body_bytes=before.body_bytes,
        wire_sha256=None,  # nothing came over the line
    )
    return dataclasses.replace(page, status=before.status, headers=before.response_headers, body=body)


def validator_of(errand: Errand, visit: Visit) -> Validator | None:
    """
    By what the page may be told next time; None where it gives nothing usable, or showed nothing.

    A page that was no offer, no photo and no list of any is not kept so: a wall would stand for ever.
    """
    capture, fetch = errand.kept, errand.lease.fetch
    if (
        errand.via is not Via.CRAWL
        or capture is None
        or capture.status != 200
        or capture.unchanged_since is not None
        or errand.drawn is not None
    ):
        return None
    if fetch.kind not in KINDS or visit.state is not FetchState.DONE or not _showed(fetch.kind, visit):
        return None
    headers = {name.lower(): value.strip() for name, value in reversed(capture.response_headers)}
    etag = headers.get("etag", "")
    validator = Validator(
        fingerprint=fetch.fingerprint,
        url=fetch.url,
        etag=etag if _ETAG.fullmatch(etag) else None,
        last_modified=_dated(headers, capture.fetched_at),
        capture=capture.id,
        kept_at=capture.fetched_at,
    )
    return validator if validator.etag or validator.last_modified else None


def _showed(kind: FetchKind, visit: Visit) -> bool:
    match kind:
        case FetchKind.PHOTO:
            return visit.moved_to is None
        case FetchKind.RESULTS:
            return "cards" in visit.context
        case _:
            return visit.look is not None and not visit.look.only_known


def _dated(headers: Mapping[str, str], fetched_at: datetime) -> str | None:
    """The Last-Modified, where it names one version: a date that lies a minute before the answer's own."""
    said = headers.get("last-modified")
    then = _date(said)
    now = _date(headers.get("date")) or fetched_at
    return said if then is not None and then <= now - _DATE_SETTLES else None


def _date(text: str | None) -> datetime | None:
    if text is None or len(text) > 100:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _opaque(etag: str) -> str:
    """What two tags are held against each other by: weak ones compare like strong ones (RFC 9110, 8.8.3.2)."""
    return etag.strip().removeprefix("W/")
