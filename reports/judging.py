"""Judges a drafted notice once more, item by item, on what is known now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from config.declarations import Declarations
from reports.facts import ItemFacts, Sender
from reports.gather import gather
from reports.notice import with_item
from reports.rules.table import check_item
from store.db.personal import Sealer
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import Case
from store.records.notices import Notice, NoticeState
from store.records.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    A notice with the refusals that hold now.

    `facts` are those of every item that was judged, by item id, refused ones among them.
    `out_of_sight` names items whose records can't be read any more, so that nobody can judge them.
    """

    notice: Notice
    facts: Mapping[str, ItemFacts]
    out_of_sight: tuple[str, ...] = ()

    @property
    def passing(self) -> tuple[ItemFacts, ...]:
        """The facts of the items that may leave, in the order of the notice."""
        passing = (item.id for item in self.notice.items if not item.refusals)
        return tuple(self.facts[id] for id in passing if id in self.facts)


def judge_notice(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    notice: Notice,
    case: Case,
    *,
    sender: Sender,
    scope: Scope,
    now: datetime,
    sealer: Sealer | None = None,
    only: Collection[str] | None = None,
    again: bool = False,
) -> Judged:
    """
    Run every rule on the items of a notice, as they were drafted, on what the ledger and the vault say now.

    Items that a rule refused before keep their refusals, unless `again`. `only` names the items to judge.
    Without an item that passes the notice is refused.
    """
    signing = replace(sender, agent=notice.agent, signatory=notice.signatory or sender.signatory)
    asked = [item for item in notice.items if (again or not item.refusals) and (only is None or item.id in only)]
    wanted = {item.finding: case for item in asked}
    profiles: Mapping[str, str] = dict.fromkeys(wanted, notice.profile)
    with database.read() as connection:
        material = gather(
            connection,
            vault,
            declarations,
            wanted,
            sender=signing,
            now=now,
            scope=scope,
            profiles=profiles,
            sealer=sealer,
        )
    ids = {item.id for item in asked}
    items, facts = [], {}
    for item in notice.items:
        found = material.get(item.finding)
        if item.id not in ids or found is None:
            items.append(item)
            continue
        others = tuple(prior for prior in found.priors if prior.item != item.id)
        judged = with_item(
            replace(found, priors=others), item, statements=notice.statements, basis=notice.legal_basis
        )
        items.append(replace(item, refusals=check_item(judged)))
        facts[item.id] = judged
    state = notice.state
    if all(item.refusals for item in items):
        state = NoticeState.REFUSED
    return Judged(
        notice=replace(notice, items=tuple(items), state=state),
        facts=facts,
        out_of_sight=tuple(item.id for item in asked if item.finding not in material),
    )
