"""The first page: what the day asks for, each with its next step."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from config.declarations import load_declarations
from console.access import access_to, may
from console.web.agenda import gather
from console.web.desk import Here, Visit, go, render
from console.web.errors import Missing
from console.web.words import gettext as _
from store.db.audit import AuditTrail, act_of
from store.db.notices import Notices
from store.db.rows import upsert
from store.db.tables import answer_read, outcome

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(request: Request, here: Here) -> Response:
    """What can be lost by not being looked at, the most pressing first."""
    now = here.desk.clock()
    # Read anew: a declaration mended a minute ago shall not be called broken.
    declarations = load_declarations(here.desk.workspace.settings)
    with here.read() as connection:
        agenda = gather(connection, here.person, here.scope, declarations, here.desk.workspace.settings.keys, now)
    release = access_to("POST", "/budget/release")
    may_release = release is not None and may(here.account, release)
    return render(request, "today.html", agenda=agenda, now=now, link=links_of(here), may_release=may_release)


def links_of(here: Visit) -> Callable[[str, str | int], str]:
    """
    `link("/runs/{id}", id)`: the address, or nothing where there is no such page or it is shut to the reader.

    A query may follow: `link("/review?band=notice", "")`.
    """

    def link(template: str, value: str | int = "") -> str:
        access = access_to("GET", template.partition("?")[0])
        if access is None or not may(here.account, access):
            return ""
        head, brace, rest = template.partition("{")
        return head + (f"{value}{rest.partition('}')[2]}" if brace else "")

    return link


@router.post("/answers/{kind}/{id}/read")
def mark_read(here: Here, kind: str, id: str) -> Response:
    """A person has read an answer; it leaves the first page and stays in its notice."""
    now = here.desk.clock()
    with here.desk.workspace.database.write() as connection:
        row = connection.execute(select(outcome.c.notice).where(outcome.c.id == id)).first()
        if kind != "outcome" or row is None or Notices(connection, here.scope).get(row.notice) is None:
            raise Missing(_("There is no such answer."))
        values = {"subject_kind": kind, "subject": id, "account": here.person.id, "at": now}
        upsert(connection, answer_read, [values], ["subject_kind", "subject"], replace=False)
        act = act_of(here.by, "read_answer", kind, id, clock=here.desk.clock, ids=here.desk.ids)
        AuditTrail(connection, here.scope).add(act)
    return go("/")
