"""One capture: what was fetched, by which way, what it led to, and its bytes as picture or text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from console.web.review.seeing import sees_capture, sees_listing, sees_runs
from reports.formats.plain import plain
from reports.masking import mask, words_of_capture
from store.db import tables
from store.db.captures import Captures
from store.db.personal import Sealer
from store.db.rows import record_of
from store.db.runs import Runs
from store.evidence.errors import EvidenceError
from store.evidence.vault import Vault
from store.records.captures import Capture
from store.records.runs import Run
from store.records.scope import Scope

MOST_LINES = 60
TEXT_BYTES = 200_000  # of a captured page shown as text; the whole can be downloaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A host that was asked on the way to a page, or for what the page led to."""

    host: str
    address: str | None  # that answered; None where the transport does not say
    captures: int  # of this page's, from there


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureView:
    """What was fetched once, and where it is used."""

    capture: Capture
    run: Run | None
    is_picture: bool
    text: str | None  # of a page, as text; None for a picture or bytes that are no text
    is_masked: bool  # names, addresses and numbers of people were left out of the text
    is_cut: bool
    is_whole: bool  # the bytes are there and have their digest
    fault: str
    chain: tuple[Capture, ...]  # what led here, the first address first
    listings: tuple[tuple[str, str], ...]  # Listing id and platform
    led_to: tuple[Capture, ...]  # fetched because this page named it, the first first
    more_led_to: bool
    contacts: tuple[Contact, ...]


def view_capture(
    connection: Connection, vault: Vault, scope: Scope, id: str, *, sealer: Sealer, is_revealed: bool = False
) -> CaptureView | None:
    """
    A capture with its bytes checked against its digest; None where it is not in sight.

    What names a person is left out of its text unless `is_revealed`; the `sealer` opens what is to be left out.
    """
    captures = Captures(connection, scope)
    capture = captures.get(id)
    if capture is None or not sees_capture(connection, scope, id):
        return None
    body, fault = b"", ""
    try:
        body = vault.get(capture.body_sha256)
    except EvidenceError as error:
        fault = str(error)
    from matching.images import format_of  # imaging is slow to import, and this is its one small use here

    is_picture = format_of(body) is not None
    text = None if is_picture or not body else readable(body[:TEXT_BYTES])
    masked = mask(text, words_of_capture(connection, sealer, id)) if text else text
    chain: list[Capture] = []
    at = capture.parent
    while at is not None and len(chain) < MOST_LINES:
        parent = captures.get(at)
        if parent is None:
            break
        chain.append(parent)
        at = parent.parent
    look, image, listing = tables.observation, tables.listing_image, tables.listing
    ids = set(connection.execute(select(look.c.listing).where(look.c.capture == id).limit(MOST_LINES)).scalars())
    ids |= set(connection.execute(select(image.c.listing).where(image.c.capture == id).limit(MOST_LINES)).scalars())
    about = connection.execute(select(listing.c.id, listing.c.platform).where(listing.c.id.in_(ids))).all()
    led_to = _led_to(connection, scope, capture)
    return CaptureView(
        capture=capture,
        run=Runs(connection, scope).get(capture.run) if sees_runs(scope) else None,
        is_picture=is_picture,
        text=text if is_revealed else masked,
        is_masked=masked != text and not is_revealed,
        is_cut=len(body) > TEXT_BYTES,
        is_whole=not fault,
        fault=fault,
        chain=tuple(reversed(chain)),
        listings=tuple((row.id, row.platform) for row in about if sees_listing(connection, scope, row.id)),
        led_to=led_to[:MOST_LINES],
        more_led_to=len(led_to) > MOST_LINES,
        contacts=contacts_of((*reversed(chain), capture, *led_to[:MOST_LINES])),
    )


def _led_to(connection: Connection, scope: Scope, capture: Capture) -> tuple[Capture, ...]:
    """What was fetched next because of this page, in the same run; of it only what the reader may see."""
    table = tables.capture
    named = (
        select(table)
        .where(table.c.run == capture.run, table.c.parent == capture.id)
        .order_by(table.c.id)
        .limit(MOST_LINES + 1)
    )
    found = [record_of(Capture, row) for row in connection.execute(named)]
    return tuple(each for each in found if sees_capture(connection, scope, each.id))


def contacts_of(captures: Sequence[Capture]) -> tuple[Contact, ...]:
    """The hosts that these captures came from, in the order they were asked."""
    counts: dict[tuple[str, str | None], int] = {}
    for each in captures:
        host = urlsplit(each.url_final).netloc
        if host:
            counts[host, each.server_ip] = counts.get((host, each.server_ip), 0) + 1
    return tuple(Contact(host=host, address=ip, captures=n) for (host, ip), n in counts.items())


def readable(data: bytes) -> str | None:
    """Bytes as text where they are some; None for bytes that no one reads. Invisible letters are shown."""
    if b"\x00" in data[:4096]:
        return None
    text = data.decode("utf-8", "replace")
    return "\n".join(plain(line, 2000) for line in text.splitlines())
