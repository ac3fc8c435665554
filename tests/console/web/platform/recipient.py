"""A browser at a platform: it comes by links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from console.linking import make_link
from console.web.app import LOCAL
from console.web.desk import Desk, csrf_token_of
from store.db.batches import Batches
from store.records.ids import new_id
from store.records.scope import EVERYTHING

COOKIE = "marque-platform"


class Recipient(TestClient):
    """A browser that stays where it is sent from and carries its form token."""

    def __init__(self, app: FastAPI, cookie: str = "") -> None:
        super().__init__(app, base_url=LOCAL, follow_redirects=False, headers={"accept": "text/html"})
        self.desk: Desk = app.state.desk
        if cookie:
            self.cookies.set(COOKIE, cookie)

    @property
    def token(self) -> str:
        if COOKIE not in self.cookies:
            self.get("/open/none")
        return csrf_token_of(self.cookies[COOKIE])

    def submit(self, path: str, *, files: Any = None, **fields: Any) -> Any:
        return self.post(path, data={"csrf_token": self.token, **fields}, files=files)

    def link(self, number: int = 1, **days: float) -> str:
        """The token of a fresh link to a batch."""
        with self.desk.workspace.database.read() as connection:
            batch = Batches(connection, EVERYTHING).numbered(number)
        assert batch is not None
        until = self.desk.clock() + timedelta(**(days or {"days": 14}))
        return make_link(self.desk.workspace, batch, by="Ann", until=until, clock=self.desk.clock, ids=new_id)[1]

    def open(self, number: int = 1) -> None:
        """Open the batch in this browser."""
        answer = self.submit(f"/open/{self.link(number)}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/batches/{number}")
