"""Seals captures of an open workspace: when asked to, during crawls, and after them."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TypedDict

from config.errors import DeclarationError
from console.stamping import asker
from console.workspace import Workspace
from reports.exhibits.sealing import ask_again, authorities_of, seal_new_captures
from store.evidence.errors import EvidenceError
from store.evidence.seal import load_key
from store.evidence.timestamp import Ask
from store.records.ids import Clock, new_id, utc_now

log = logging.getLogger(__name__)

SEAL_EVERY = timedelta(minutes=5)  # half of what the verifier allows between capture and token


class Sealed(TypedDict):
    """What one round of sealing did: seals made, and seals that lack a token."""

    sealed: int
    lacking: int


def seal_captures(workspace: Workspace, *, ask: Ask | None = None, clock: Clock = utc_now) -> Sealed:
    """Seal what is in no seal yet; ask again for every token that is missing, over the network unless told how."""
    ask = ask or asker(workspace)
    authorities = authorities_of(workspace.settings.home)
    made = seal_new_captures(
        workspace.database,
        workspace.vault,
        key=load_key(workspace.settings.keys, at=clock()),
        authorities=authorities,
        ask=ask,
        clock=clock,
        ids=new_id,
    )
    lacking = ask_again(workspace.database, workspace.vault, authorities, ask=ask, clock=clock, everything=True)
    return Sealed(sealed=len(made), lacking=lacking)


def seal_if_declared(workspace: Workspace, *, ask: Ask | None = None, clock: Clock = utc_now) -> None:
    """
    Seal what was captured, where a time authority is declared; without one a seal proves nothing that an export does
    not. Failures are logged: a crawl is never lost to them, and what was not sealed is sealed the next time.
    """
    try:
        if authorities_of(workspace.settings.home):
            done = seal_captures(workspace, ask=ask, clock=clock)
            log.info("captures sealed", extra={"seals": done["sealed"], "lacking": done["lacking"]})
    except (EvidenceError, DeclarationError, OSError) as error:
        log.error("captures not sealed: %s", error)


class SealNow:
    """Seals on a crawl's beats, at most once in five minutes: a capture is seen from outside within ten."""

    def __init__(self, workspace: Workspace, clock: Clock = utc_now) -> None:
        self._workspace, self._clock = workspace, clock
        self._next = clock() + SEAL_EVERY

    def beat(self) -> None:
        """Seal if it is time."""
        if self._clock() >= self._next:
            self._next = self._clock() + SEAL_EVERY
            seal_if_declared(self._workspace, clock=self._clock)
