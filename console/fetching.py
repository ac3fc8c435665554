"""What platforms answered, fetched from where their files say: by command, or by a worker at each platform's pace."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from threading import Event
from typing import Any

from config.settings import Settings
from console.clocks import refresh
from console.errors import NotFound
from console.workspace import Workspace, open_workspace
from reports.answers.codes import read_answer_key
from reports.answers.fetching import asker, fetch
from reports.answers.inbox import Fetched, Inbox
from reports.answers.intake import Fate
from reports.outbox import MARQUE
from store.records.ids import new_id, utc_now

log = logging.getLogger(__name__)

CHANGES = frozenset({Fate.ENTERED, Fate.UNMAPPED})


def answering(workspace: Workspace) -> dict[str, float]:
    """Platforms that declare where their answers are, with the seconds between two looks."""
    platforms = workspace.declarations.platforms
    return {name: p.notify.answers.every_s for name, p in sorted(platforms.items()) if p.notify.answers is not None}


def fetch_answers(
    workspace: Workspace, platforms: Sequence[str], *, by: str, stop: Event | None = None
) -> list[Fetched]:
    """Fetch and enter what these platforms answered; none named: all. Raises `NotFound`."""
    known = answering(workspace)
    for name in platforms:
        if name not in known:
            raise NotFound("way back from platform", name, "declare [notify.answers] in its file")
    settings = workspace.settings
    inbox = Inbox(
        database=workspace.database,
        vault=workspace.vault,
        declarations=workspace.declarations,
        home=settings.home,
        key=read_answer_key(settings.keys),
        by=by,
        clock=utc_now,
        ids=new_id,
    )
    ask = asker(
        secret=settings.secret,
        user_agent=settings.user_agent,
        inner=workspace.declarations.policy.network.inner_hosts,
    )
    found = fetch(inbox, list(platforms or known), ask=ask, secret=settings.secret, pause=(stop or Event()).wait)
    if any(taken.fate in CHANGES for each in found for taken in each.taken):
        refresh(workspace)  # an answer begins clocks and ends them
    return found


def told(fetched: Fetched) -> dict[str, Any]:
    """One letter, sheet or answer for a table and for a machine."""
    lines = [{**asdict(each), "fate": each.fate.value, "code": each.code.value if each.code else None}
             for each in fetched.taken]  # fmt: skip
    return {
        "platform": fetched.platform,
        "source": fetched.source,
        "batch": fetched.batch,
        "fault": fetched.fault,
        "lines": lines,
    }


class Looks:
    """When a worker looked at each platform's answers last."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def due(self, settings: Settings, stop: Event) -> int:
        """Fetch from every platform whose time has come; gives how many words were entered."""
        entered = 0
        with open_workspace(settings) as workspace:
            now = time.monotonic()
            known = answering(workspace)
            waiting = [name for name, every in known.items() if now - self._at.get(name, -every) >= every]
            if not waiting:
                return 0
            self._at |= dict.fromkeys(waiting, now)
            for each in fetch_answers(workspace, waiting, by=MARQUE, stop=stop):
                entered += sum(taken.fate in CHANGES for taken in each.taken)
                if each.fault is not None:
                    log.warning("answers not read: %s", each.fault, extra={"platform": each.platform})
        return entered
