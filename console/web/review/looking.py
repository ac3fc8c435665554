"""Entering why somebody looked at personal values: who, at what, when and for which reason."""

from __future__ import annotations

from sqlalchemy import Connection

from console.web.desk import Visit
from console.web.errors import Refused
from console.web.words import gettext as _
from store.db.accounts import Reveals
from store.db.audit import act_of
from store.records.accounts import Reveal

SHORTEST_REASON = 10  # letters of a reason to look at a name: a word or two, not a dot


def enter_look(connection: Connection, here: Visit, kind: str, subject: str, reason: str) -> None:
    """Keep who looked, when and why. Raises `Refused` for a reason that says nothing."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("Say why you need to see it; the reason is kept."))
    now = here.desk.clock()
    look = Reveal(
        id=here.desk.ids(),
        account=here.person.id,
        subject_kind=kind,
        subject=subject,
        reason=reason,
        at=now,
    )
    # The reason stands in its own table: people write names into it, and the audit holds none.
    act = act_of(here.by, "reveal_personal_values", kind, subject, clock=lambda: now, ids=here.desk.ids)
    Reveals(connection, here.scope).enter(look, act)
