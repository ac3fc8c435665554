"""
Answers from what was saved instead of from the network: the same spiders, captures and readers, and no socket.

A replay takes a folder of saved pages with an index, or the captures of an earlier run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from sqlalchemy import select

from crawler.errors import BadReplay, Refused, UnknownRun
from crawler.outcome import DRAWN_TYPE
from crawler.saved import read_index
from crawler.urls import canonical
from store.db.captures import Captures
from store.db.session import Database
from store.db.tables import capture as capture_table
from store.evidence.vault import Vault
from store.records.captures import CaptureRole
from store.records.scope import EVERYTHING

SAVED_FILE = "saved_file"  # the flag of a response that no server sent
# The body is kept as it was after decompression, so what describes the compressed one no longer holds.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """An answer as it was kept."""

    status: int | None  # None: a file, no server sent it
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Shelf(Protocol):
    """Where saved answers stand."""

    def find(self, url: str) -> Saved | None:
        """The answer to a URL; None when it was not saved."""


class FolderShelf:
    """Saved pages in a folder, by the URLs that its index gives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._files = {_key(url): self._inside(file) for file, url in read_index(folder)}

    def find(self, url: str) -> Saved | None:
        """The saved page of a URL."""
        path = self._files.get(_key(url))
        return None if path is None else Saved(status=None, headers=(), body=path.read_bytes())

    def _inside(self, file: str) -> Path:
        path = (self._folder / file).resolve()
        if not path.is_relative_to(self._folder):
            raise BadReplay(self._folder, f"its index names {file!r}, which is outside the folder")
        return path


class RunShelf:
    """The captures of an earlier run; of several answers to one URL the last."""

    def __init__(self, database_url: str, vault: Vault, run: str) -> None:
        self._database = Database(database_url)
        self._vault = vault
        with self._database.read() as connection:
            rows = connection.execute(
                select(capture_table.c.id, capture_table.c.url_requested)
                .where(capture_table.c.run == run)
                .order_by(capture_table.c.fetched_at, capture_table.c.id)
            ).all()
        if not rows:
            raise UnknownRun(run, "it has no captures to replay")
        self._captures = {_key(row.url_requested): row.id for row in rows}

    def find(self, url: str) -> Saved | None:
        """The last answer that the run had from a URL."""
        id = self._captures.get(_key(url))
        if id is None:
            return None
        with self._database.read() as connection:
            captures = Captures(connection, EVERYTHING)
            capture = captures.get(id)
            if capture is not None and capture.unchanged_since is not None:
                capture = captures.get(capture.unchanged_since)  # its bytes came with that answer's headers
        if capture is None:
            return None
        headers = tuple(pair for pair in capture.response_headers if pair[0].lower() not in _WIRE_HEADERS)
        drawn = next((file.sha256 for file in capture.files if file.role is CaptureRole.DOM), None)
        if drawn is not None:  # what was read of it was the document after its scripts
            headers = (DRAWN_TYPE, *(pair for pair in headers if pair[0].lower() != "content-type"))
        return Saved(status=capture.status, headers=headers, body=self._vault.get(drawn or capture.body_sha256))


class ReplayHandler(BaseDownloadHandler):
    """Takes the place of every download handler, so that a replay cannot reach the network."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._shelf: Shelf | None = None

    async def download_request(self, request: Request) -> Response:
        """The saved answer. Raises `Refused` (not_saved) where there is none."""
        saved = self._open().find(request.url)
        if saved is None:
            raise Refused("not_saved", request.url, "the replay holds no answer to it")
        headers: dict[str, list[str]] = {}
        for name, value in saved.headers:
            headers.setdefault(name, []).append(value)
        return Response(
            request.url,
            status=saved.status or 200,
            headers=headers,
            body=saved.body,
            flags=[SAVED_FILE] if saved.status is None else [],
        )

    def _open(self) -> Shelf:
        if self._shelf is None:
            settings = self.crawler.settings
            folder = settings.get("MARQUE_REPLAY_FOLDER")
            if folder:
                self._shelf = FolderShelf(Path(folder))
            else:
                scheduler = self.crawler.engine.scheduler
                place = scheduler.workplace  # type: ignore[union-attr]  # the scheduler is ours, see settings.py
                self._shelf = RunShelf(place.settings.database_url, place.vault, settings["MARQUE_REPLAY_RUN"])
        return self._shelf


def _key(url: str) -> str:
    try:
        return canonical(url)
    except ValueError:
        return url
