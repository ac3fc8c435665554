"""Drafts anew what a person sent back: the same notice, on what is known now, and ready for a person again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from config.declarations import Declarations
from reports.facts import Material, Sender
from reports.gather import gather
from reports.notice import draft_item
from reports.rules.table import check_item
from store.db.audit import act_of
from store.db.notices import Notices
from store.db.personal import Sealer
from store.db.session import Database
from store.db.tables import notice as notice_table
from store.evidence.vault import Vault
from store.records.cases import Case
from store.records.ids import Clock, NewId
from store.records.notices import Notice, NoticeItem, NoticeState
from store.records.runs import Run
from store.records.scope import Scope


def redraft(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    case: Case,
    run: Run,
    *,
    sender: Sender,
    scope: Scope,
    by: str,
    clock: Clock,
    ids: NewId,
    sealer: Sealer | None = None,
) -> int:
    """
    Draft every notice of a case that was sent back anew, in its place; gives how many.

    An item keeps its id and its key, so that it is still the same request. One whose finding is no longer
    confirmed stays in the notice with its refusal. An item whose records are out of sight stays as it was.
    """
    with database.read() as connection:
        sent_back = Notices(connection, scope).find(
            notice_table.c.case == case.id, notice_table.c.state == NoticeState.DRAFT.value
        )
    done = 0
    for notice in sent_back:
        wanted = {item.finding: case for item in notice.items}
        with database.read() as connection:
            material = gather(
                connection,
                vault,
                declarations,
                wanted,
                sender=sender,
                now=clock(),
                scope=scope,
                profiles=dict.fromkeys(wanted, notice.profile),
                sealer=sealer,
            )
        anew = _anew(notice, material, ids)
        with database.write() as connection:
            notices = Notices(connection, scope)
            standing = notices.get(notice.id)
            if standing is None or standing.state is not NoticeState.DRAFT:
                continue  # somebody else was quicker
            detail = {"run": run.id, "case": str(case.number), "items": str(len(anew.items))}
            act = act_of(by, "draft_notice", "notice", notice.id, clock=clock, ids=ids, detail=detail)
            notices.save([replace(anew, drafted_at=clock())], act)
        done += 1
    return done


def _anew(notice: Notice, material: Mapping[str, Material], ids: NewId) -> Notice:
    items: list[NoticeItem] = []
    changed = notice
    for old in notice.items:
        found = material.get(old.finding)
        if found is None:
            items.append(old)
            continue
        others = tuple(prior for prior in found.priors if prior.item != old.id)
        facts = draft_item(replace(found, priors=others), notice=notice.id, ids=ids)
        item = replace(facts.item, id=old.id, idempotency_key=old.idempotency_key)
        items.append(replace(item, refusals=check_item(replace(facts, item=item))))
        changed = replace(
            changed,
            profile_version=found.profile.version,
            statements=facts.statements,
            legal_basis=facts.legal_basis or changed.legal_basis,
            draft_profile=found.profile.is_draft(found.today),
        )
    passing = any(not item.refusals for item in items)
    return replace(changed, items=tuple(items), state=NoticeState.READY if passing else NoticeState.REFUSED)
