"""The outer doors on a ledger where every page has something to draw, and the address of each of their pages."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from starlette.testclient import TestClient

from console.linking import make_link
from console.outer_access import TABLES
from console.web.desk import Desk
from store.db import tables
from store.db.batches import Batches
from store.db.rows import row_of
from store.records.doors import Entrance
from store.records.ids import new_id
from store.records.review import Standing
from store.records.scope import EVERYTHING
from store.records.uploads import Upload
from tests import factories as make
from tests.console.web.browser.addresses import is_page
from tests.console.web.browser.staging import full_desk
from tests.console.web.conftest import Now, open_desk

PAGES = {
    door: tuple(
        access.path
        for access in TABLES[door]
        if is_page(access) and (not access.is_open or access.path == "/login") and "/files/" not in access.path
    )
    for door in (Entrance.HOLDER, Entrance.PLATFORM)
}
"""What people open as pages at each door, the way in and downloads left out."""


def staged_home(fresh_home: Path, target: Path) -> Path:
    """A workspace of a busy desk: cases in every standing, a question to the holder, a notice in a sealed batch."""
    home = Path(shutil.copytree(fresh_home, target))
    app = open_desk(home, Now())
    with TestClient(app):
        full_desk(app.state.desk)
        desk: Desk = app.state.desk
        upload = Upload(
            id=new_id(),
            holder=make.an_id("party"),
            by="Dr. Zeit",
            kind="products",
            is_trial=False,
            rows=900,
            done=200,
            added=200,
            at=desk.clock(),
        )
        with desk.workspace.database.write() as connection:
            connection.execute(tables.upload.insert(), row_of(upload, tables.upload))
    return home


def address(desk: Desk, template: str) -> str:
    """The template with its parts filled from the ledger. Raises `LookupError` for a part that is not known here."""
    item, notice = tables.review_item.c, tables.notice.c
    with desk.workspace.database.read() as connection:

        def first(query: object) -> object:
            return connection.execute(query).scalar()  # type: ignore[call-overload]  # each query is a select

        batch = connection.execute(select(tables.batch).order_by(tables.batch.c.number.desc())).first()
        if batch is None:
            raise LookupError("the ledger holds no batch")
        asked = first(select(notice.number).where(notice.id == batch.notices[0]))
        known = {
            "finding": first(select(item.finding).where(item.standing == Standing.NEEDS_HOLDER.value)),
            "right": first(select(func.min(item.right))),
            "reference": first(select(func.min(tables.reference.c.id))),
            "upload": first(select(func.max(tables.upload.c.id))),
            "kind": "products",
            "notices": asked,
            "batches": batch.number,
            "item": f"{batch.number}-1",
            "receipt": first(select(func.max(tables.answer_receipt.c.id))),
        }

    def fill(found: re.Match[str]) -> str:
        name = template.split("/")[1] if found[1] == "number" else found[1]
        if known.get(name) is None:
            raise LookupError(f"{template}: there is no record for {name}; say where to find one in this module")
        return str(known[name])

    return re.sub(r"\{(\w+)\}", fill, template)


def link_to_the_batch(desk: Desk, **days: float) -> str:
    """The token of a fresh link to the last batch."""
    with desk.workspace.database.read() as connection:
        number = connection.execute(select(func.max(tables.batch.c.number))).scalar()
        batch = Batches(connection, EVERYTHING).numbered(int(number or 0))
    assert batch is not None
    until = desk.clock() + timedelta(**(days or {"days": 14}))
    return make_link(desk.workspace, batch, by="Jane Roe", until=until, clock=desk.clock, ids=new_id)[1]
