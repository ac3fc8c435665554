"""
A recording from an officer's own browser becomes captures and listings like any other, marked as the officer's.

Nothing is asked of any site. The file itself is not kept, because it holds the officer's session; its SHA-256, size
and name stand in the audit trail, so the file that the officer keeps can be held against them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from config.declarations import load_declarations
from config.platform import Platform
from config.settings import Settings
from crawler.archives import Recorded, Skipped, read_archive
from crawler.commit import write_looks
from crawler.extract.page import read_page
from crawler.extract.pages import Page
from crawler.intake import desk_of, finish, look_of_page, platform_at
from crawler.urls import canonical, is_fetchable
from crawler.visit import Look
from store.db.audit import AuditTrail, act_of
from store.db.captures import add_captures
from store.db.listings import Observations, fill_images, images_of
from store.db.session import Database
from store.evidence.errors import BarredContent
from store.evidence.vault import Vault
from store.records.captures import Capture, Via
from store.records.fetches import RobotsVerdict
from store.records.ids import Clock, NewId, new_id, utc_now
from store.records.runs import Run, RunKind
from store.records.scope import EVERYTHING

ANSWERS_AT_ONCE = 100  # of one transaction
AHEAD = timedelta(days=1)  # chosen: a clock may be off; an answer from further ahead is made up


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a recording."""

    run: Run
    sha256: str  # of the whole file
    captures: tuple[Capture, ...]
    observations: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    left_out: int  # headers that carried a session


def take_archive(settings: Settings, path: Path, *, by: str, clock: Clock = utc_now, ids: NewId = new_id) -> Taken:
    """
    Take a HAR, WARC or WACZ file: each answer a capture, each page read, photos joined to their listings.

    `by` is whoever brings it. Raises `BadArchive` for a file that is cut, changed or none; nothing of it is kept.
    """
    sha256, entries = read_archive(path)
    now = clock()
    skipped = [each for each in entries if isinstance(each, Skipped)]
    good: list[Recorded] = []
    for each in entries:
        if isinstance(each, Recorded):
            why = _refusal(each, late=each.at > now + AHEAD)
            if why is None:
                good.append(each)
            else:
                skipped.append(Skipped(place=each.place, url=each.url, why=why))
    left_out = sum(each.left_out for each in good)
    declarations = load_declarations(settings)
    captures: list[Capture] = []
    seen: list[str] = []
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        desk, run = desk_of(settings, database, vault, declarations, RunKind.IMPORT, None)
        with database.write() as connection:
            detail = {"file": path.name, "sha256": sha256, "bytes": str(path.stat().st_size)}
            act = act_of(by, "import_recording", "run", run.id, clock=clock, ids=ids, detail=detail)
            AuditTrail(connection, EVERYTHING).add(act)
        for start in range(0, len(good), ANSWERS_AT_ONCE):
            kept: list[Capture] = []
            looks: list[tuple[Look, Capture]] = []
            for each in good[start : start + ANSWERS_AT_ONCE]:
                try:
                    capture = _capture(run, each, vault, ids)
                except BarredContent as barred:
                    skipped.append(Skipped(place=each.place, url=each.url, why=str(barred)))
                    continue
                kept.append(capture)
                look = _look(run, each, capture, platform_at(declarations, each.url)) if _is_page(each) else None
                if look is not None:
                    looks.append((look, capture))
            vault.flush()
            with database.write() as connection:
                with_look = {capture.id for _, capture in looks}
                add_captures(connection, [each for each in kept if each.id not in with_look])
                seen += [each.id for each in write_looks(connection, desk, looks, clock())]
            captures += kept
        photos = _join_photos(database, captures, seen)
        counts = {
            "captures": len(captures),
            "observations": len(seen),
            "photos": photos,
            "skipped": len(skipped),
            "headers_left_out": left_out,
        }
        said = [f"{path.name}, SHA-256 {sha256}: {left_out} headers that carry a session were left out"]
        with database.write() as connection:
            run = finish(connection, run, counts, said)
    return Taken(
        run=run,
        sha256=sha256,
        captures=tuple(captures),
        observations=tuple(seen),
        skipped=tuple(skipped),
        left_out=left_out,
    )


def _refusal(answer: Recorded, *, late: bool) -> str | None:
    if not is_fetchable(answer.url):
        return "its address is none of http or https"
    if late:
        return f"it says it came at {answer.at.isoformat()}, which is to come"
    return None


def _is_page(answer: Recorded) -> bool:
    kind = next((value for name, value in answer.response_headers if name.lower() == "content-type"), "")
    return answer.method == "GET" and answer.status == 200 and "html" in kind.lower()


def _capture(run: Run, answer: Recorded, vault: Vault, ids: NewId) -> Capture:
    return Capture(
        id=ids(),
        run=run.id,
        url_requested=answer.url,
        url_final=answer.url,
        fetched_at=answer.at,
        status=answer.status,
        request_headers=answer.request_headers,
        response_headers=answer.response_headers,
        server_ip=answer.server_ip,
        body_sha256=vault.put(answer.body),
        body_bytes=len(answer.body),
        robots_verdict=RobotsVerdict.NOT_ASKED,
        via=Via.OFFICER,
    )


def _look(run: Run, answer: Recorded, capture: Capture, platform: Platform) -> Look | None:
    page = Page(
        url=answer.url,
        status=answer.status,
        headers=answer.response_headers,
        body=answer.body,
        capture=capture.id,
        fetched_at=answer.at,
    )
    return look_of_page(run, platform, page, read_page(page, platform, expected=None))


def _join_photos(database: Database, captures: Sequence[Capture], looks: Sequence[str]) -> int:
    """Give listings the photos that the recording holds; gives how many."""
    if not looks:
        return 0
    photos = {
        _key(each.url_final): each for each in captures if each.status == 200 and each.body_bytes and _is_photo(each)
    }
    with database.write() as connection:
        observations = Observations(connection, EVERYTHING)
        listings = [look.listing for id in looks if (look := observations.get(id)) is not None]
        filled = [
            dataclasses.replace(image, capture=found.id, sha256=found.body_sha256)
            for image in images_of(connection, list(dict.fromkeys(listings)))
            if image.sha256 is None and (found := photos.get(_key(image.url))) is not None
        ]
        fill_images(connection, filled)
    return len(filled)


def _is_photo(capture: Capture) -> bool:
    kind = next((value for name, value in capture.response_headers if name.lower() == "content-type"), "")
    return kind.lower().startswith("image/")


def _key(url: str) -> str:
    try:
        return canonical(url)
    except ValueError:
        return url
