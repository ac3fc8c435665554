"""The way out of a stop of sending: one person asks, a second one agrees the same day, each with a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from console.web.desk import Here, go
from console.web.dues import accuracy
from console.web.errors import Missing
from console.web.notices import acts
from console.web.words import gettext as _
from reports.budget.gate import release
from reports.budget.standing import Budget

router = APIRouter(include_in_schema=False)


@router.post("/budget/release")
def ask_or_agree(
    here: Here,
    platform: Annotated[str, Form(max_length=100)],
    account: Annotated[str, Form(max_length=100)],
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Ask that items leave today although the record is used up, or agree to what somebody else asked."""
    now, declarations = here.desk.clock(), acts.current(here).declarations
    with here.read() as connection:
        seen = accuracy(connection, here.scope, declarations, now)
    stopped = {(each.platform, each.account) for each in seen if each.stand.budget is Budget.STOPPED}
    if (platform, account) not in stopped:
        raise Missing(_("Sending has not stopped there, or you may not see that record."))
    release(
        here.desk.workspace.database,
        platform,
        account,
        by=here.by,
        because=because,
        clock=here.desk.clock,
        ids=here.desk.ids,
    )
    return go("/")
