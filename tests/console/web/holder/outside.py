"""The holders' portal as a process of its own on loopback, for proofs and figures: its memory is its own."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn
from starlette.testclient import TestClient

from config.settings import load_settings
from console.web.app import create_app
from console.web.desk import csrf_token_of
from console.web.limits import RateLimit
from store.db import tables
from store.records.accounts import Role
from store.records.doors import Entrance
from store.records.ids import utc_now
from tests.console.web.browser.serving import cookie_of
from tests.console.web.conftest import QUICK

STARTS_S = 120  # a busy machine takes its time to import everything
ANSWERS_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A signed-in holder's client, and the process it talks to."""

    client: httpx.Client
    token: str
    pid: int
    host: str
    port: int

    def submit(self, path: str, *, files: Any = None, **fields: str) -> httpx.Response:  # Any: as httpx takes files
        """Send a form as a page of the portal would."""
        return self.client.post(path, data={"csrf_token": self.token, **fields}, files=files)

    @property
    def peak_mb(self) -> int:
        """The most memory the portal's process ever held."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def _app(home: Path, origin: str) -> Any:  # Any: the application
    limit = RateLimit(utc_now, strangers_per_minute=60_000, accounts_per_minute=60_000)
    settings = load_settings(home, {})
    return create_app(settings, origin=origin, clock=utc_now, hasher=QUICK, limit=limit, entrance=Entrance.HOLDER)


def _serve(home: Path, port: int) -> None:
    uvicorn.run(
        _app(home, f"http://127.0.0.1:{port}"), host="127.0.0.1", port=port, log_config=None, access_log=False
    )


@contextmanager
def portal_of(home: Path) -> Iterator[Outside]:
    """The portal on the workspace at `home`, and an expert of the first holder registered there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    app = _app(home, origin)
    with TestClient(app):
        desk = app.state.desk
        with desk.workspace.database.read() as connection:
            holder = connection.execute(tables.party.select().order_by(tables.party.c.id)).first()
        cookie = cookie_of(desk, "Dr. Uhr", Role.HOLDER_EXPERT, holder=holder.id)
        name = desk.cookie
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(home, port))
    process.start()
    try:
        headers = {"accept": "text/html"}
        with httpx.Client(base_url=origin, cookies={name: cookie}, headers=headers, timeout=ANSWERS_S) as client:
            _wait(client)
            yield Outside(
                client=client, token=csrf_token_of(cookie), pid=int(process.pid or 0), host="127.0.0.1", port=port
            )
    finally:
        process.terminate()
        process.join(10)


def _wait(client: httpx.Client) -> None:
    until = time.monotonic() + STARTS_S
    while True:
        try:
            client.get("/healthz").raise_for_status()
            return
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
