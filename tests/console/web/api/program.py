"""A program with a key."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from console.keys import make_key
from console.web.app import LOCAL
from console.web.desk import Desk
from store.db.parties import Parties
from store.records.doors import ApiKey, ApiScope
from store.records.ids import new_id
from store.records.scope import EVERYTHING

READS = tuple(scope for scope in ApiScope if scope.value.endswith(":read"))
UNITS_OWN = (ApiScope.ANSWERS_WRITE, ApiScope.SCHEDULES_WRITE)
EVERY = tuple(scope for scope in ApiScope if scope not in UNITS_OWN)
OF_A_PLATFORM = (ApiScope.BATCHES_READ, ApiScope.ANSWERS_READ, ApiScope.ANSWERS_WRITE)


class Program(TestClient):
    """Asks under a key; without scopes, under none."""

    key: ApiKey | None = None
    secret: str = ""

    def __init__(self, app: FastAPI, *scopes: ApiScope, holder: str | None = None, **more: Any) -> None:
        super().__init__(app, base_url=LOCAL, follow_redirects=False)
        desk: Desk = app.state.desk
        if scopes:
            name = None
            if holder:
                with desk.workspace.database.read() as connection:
                    party = Parties(connection, EVERYTHING).get(holder)
                assert party is not None
                name = party.legal_name
            asked = {"platform": None, "compartment": None, "until": None, **more}
            self.key, self.secret = make_key(
                desk.workspace, "Robot", scopes, holder=name, by="Ann", clock=desk.clock, ids=new_id, **asked
            )
            self.headers["authorization"] = f"Bearer {self.secret}"
