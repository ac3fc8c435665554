"""
The stage: drafts notices from confirmed findings, lets people approve and sign them, and seals batches.

    prepare -> approve -> sign -> export_batches

`check_notice` judges once more what waits in between. Every step may be run again. What is kept under one
idempotency key leaves at most once. `approve` and `sign` are people's acts and stand in `signing.py`.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from config.declarations import Declarations
from config.settings import code_version
from reports.answers.codes import code_of
from reports.batch import SignedNotice, build_batch, limits_applied, split_notices
from reports.budget.gate import admit
from reports.errors import OtherSender, UnknownNotice
from reports.facts import ItemFacts, Material, Sender
from reports.gather import confirmed, gather
from reports.judging import Judged, judge_notice
from reports.lots import part_items
from reports.notice import draft_item
from reports.redraft import redraft
from reports.rules.authority import mandate_in_force
from reports.rules.table import check_item
from reports.weight import PACKAGE_BYTES
from store.db.audit import act_of
from store.db.batches import Batches
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.notices import Notices
from store.db.personal import Sealer
from store.db.runs import Runs
from store.db.session import Database
from store.evidence.bundle import write_folder
from store.evidence.seal import SigningKey
from store.evidence.vault import Vault
from store.records.cases import Case, CaseState
from store.records.ids import Clock, NewId
from store.records.notices import Batch, Notice, NoticeItem, NoticeState
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING, Scope

log = logging.getLogger(__name__)

BATCHES = "batches"
SIGNER_ROLE = "notice sender"
MARQUE = "marque"
"""Who acts where no person is named."""


def prepare(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    *,
    sender: Sender,
    clock: Clock,
    ids: NewId,
    snapshot_digest: str | None = None,
    sealer: Sealer | None = None,
    scope: Scope = EVERYTHING,
    case: str | None = None,
    by: str = MARQUE,
) -> Run:
    """
    Draft a notice for every case with confirmed findings, and check each item against every rule.

    `case` narrows this to the case of that id; `by` is who drafts, which an approver must not be. What was sent
    back is drafted anew in its place. Items that pass make the notice ready for a person; refused ones are kept
    with their codes and tried again by the next run. An item already asked for under the same key is left alone.
    The run's counts are `notices`, `items`, `items_refused`, `items_standing`, `refused_FAMILY` for each family
    that refused something, and `notices_redrafted` where something had been sent back.
    """
    run = Run(
        id=ids(),
        kind=RunKind.NOTICES,
        state=RunState.RUNNING,
        started_at=clock(),
        code_version=code_version(),
        config_digest=declarations.digest,
        snapshot_digest=snapshot_digest,
    )
    with database.write() as connection:
        Runs(connection, scope).add(run)
    counts: Counter[str] = Counter(notices=0, items=0, items_refused=0, items_standing=0)
    alarms: list[str] = []
    with database.read() as connection:
        cases = [
            each
            for each in Cases(connection, scope).in_state(CaseState.READY, CaseState.NOTIFIED)
            if case is None or each.id == case
        ]
        decisions = Decisions(connection, scope).of_findings(id for each in cases for id in each.findings)
    for each in cases:
        redrafted = redraft(
            database,
            vault,
            declarations,
            each,
            run,
            sender=sender,
            scope=scope,
            by=by,
            clock=clock,
            ids=ids,
            sealer=sealer,
        )
        if redrafted:
            counts["notices_redrafted"] += redrafted
        wanted = dict.fromkeys(confirmed(each.findings, decisions), each)
        with database.read() as connection:
            material = gather(
                connection, vault, declarations, wanted, sender=sender, now=clock(), scope=scope, sealer=sealer
            )
        if len(material) < len(wanted):
            alarms.append(_undeclared(each, declarations, len(wanted) - len(material)))
        _draft_case(database, scope, each, list(material.values()), run, counts, by=by, clock=clock, ids=ids)
    state = RunState.COMPLETE
    ended = replace(run, state=state, ended_at=clock(), counts=dict(counts), alarms=tuple(alarms))
    with database.write() as connection:
        Runs(connection, scope).put([ended])
    return ended


def _undeclared(case: Case, declarations: Declarations, left_out: int) -> str:
    platform = declarations.platforms.get(case.platform)
    if platform is None:
        why = f"platform {case.platform} is not declared"
    elif platform.notify.profile is None:
        why = f"platform {case.platform} names no profile under [notify]"
    elif platform.notify.profile not in declarations.profiles:
        why = f"profile {platform.notify.profile} is not declared, or its file is broken"
    else:
        why = "records of it are missing"
    return f"case {case.number}: {left_out} confirmed finding(s) not drafted, because {why}"


def _draft_case(
    database: Database,
    scope: Scope,
    case: Case,
    material: Sequence[Material],
    run: Run,
    counts: Counter[str],
    *,
    by: str,
    clock: Clock,
    ids: NewId,
) -> None:
    """Draft the notices of one case, each in a transaction of its own."""
    for lot in part_items(material):
        notice_id = ids()
        facts = [draft_item(each, notice=notice_id, ids=ids) for each in lot]
        with database.write() as connection:
            notices = Notices(connection, scope)
            standing = notices.items_under(each.item.idempotency_key for each in facts)
            new: list[ItemFacts] = []
            kept: list[NoticeItem] = []
            for each in facts:
                refusals = check_item(each)
                item = replace(each.item, refusals=refusals)
                earlier = standing.get(item.idempotency_key, [])
                if any(not old.refusals and state is not NoticeState.RECALLED for old, state in earlier):
                    counts["items_standing"] += 1
                    continue
                refused_before = [old for old, _ in earlier if old.refusals]
                counts["items_refused" if refusals else "items"] += 1
                counts.update(f"refused_{family}" for family in {refusal.family for refusal in refusals})
                if refusals and refused_before:
                    # Refused again: the newest look takes the old one's place, in the notice it stands in.
                    last = refused_before[-1]
                    kept.append(replace(item, id=last.id, notice=last.notice))
                else:
                    new.append(replace(each, item=item))
            if kept:
                _renew_refusals(notices, kept, by=by, clock=clock, ids=ids)
            if new:
                notice = _notice(notice_id, notices.next_number(), case, new, clock())
                counts["notices"] += 1
                notices.save(
                    [notice],
                    act_of(
                        by,
                        "draft_notice",
                        "notice",
                        notice.id,
                        clock=clock,
                        ids=ids,
                        detail={"run": run.id, "case": str(case.number), "items": str(len(new))},
                    ),
                )


def _renew_refusals(notices: Notices, items: Iterable[NoticeItem], *, by: str, clock: Clock, ids: NewId) -> None:
    by_notice: dict[str, dict[str, NoticeItem]] = {}
    for item in items:
        by_notice.setdefault(item.notice, {})[item.id] = item
    for id, renewed in by_notice.items():
        old = notices.get(id)
        if old is None:
            continue  # in another holder's scope
        changed = tuple(renewed.get(item.id, item) for item in old.items)
        if [item.refusals for item in changed] == [item.refusals for item in old.items]:
            continue
        notices.save([replace(old, items=changed)], act_of(by, "check_notice", "notice", id, clock=clock, ids=ids))


def _notice(id: str, number: int, case: Case, facts: Sequence[ItemFacts], now: datetime) -> Notice:
    first = facts[0]
    mandate = mandate_in_force(first) if first.sender.agent else None
    passing = any(not each.item.refusals for each in facts)
    return Notice(
        id=id,
        number=number,
        case=case.id,
        platform=case.platform,
        profile=first.profile.name,
        profile_version=first.profile.version,
        regime=first.profile.regime,
        right=case.right,
        holder=case.holder,
        agent=first.sender.agent,
        mandate=mandate.id if mandate else None,
        language=first.profile.languages[0],
        state=NoticeState.READY if passing else NoticeState.REFUSED,
        items=tuple(each.item for each in facts),
        statements=first.statements,
        drafted_at=now,
        legal_basis=next((f.legal_basis for f in facts if not f.item.refusals), first.legal_basis),
        draft_profile=first.profile.is_draft(now.date()),
    )


def export_batches(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    *,
    sender: Sender,
    out: Path,
    key: SigningKey,
    answer_key: bytes,
    clock: Clock,
    ids: NewId,
    sealer: Sealer | None = None,
    scope: Scope = EVERYTHING,
    only: Collection[str] | None = None,
    by: str = MARQUE,
) -> list[Batch]:
    """
    Seal every signed notice that has not left into batches, one folder each under `out`/batches.

    `only` narrows this to the notices of these ids; `by` is who asked for it; `answer_key` makes the codes by which
    answers are bound to their items. Each item is judged once more on what is known now; one that no longer passes
    stays behind with its refusal, and a notice that the record of accuracy stops waits whole. Running it again seals
    nothing twice. Raises `OtherSender`, `MissingEvidence` and the errors of `write_folder`; what was sealed before
    stays.
    """
    with alone(out / BATCHES):
        return _export(
            database,
            vault,
            declarations,
            sender,
            out,
            key,
            answer_key,
            scope,
            sealer,
            only,
            by=by,
            clock=clock,
            ids=ids,
        )


def check_notice(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    notice: str,
    *,
    sender: Sender,
    clock: Clock,
    ids: NewId,
    sealer: Sealer | None = None,
    scope: Scope = EVERYTHING,
    by: str = MARQUE,
) -> Judged:
    """
    Judge a notice that waits for a person once more, and keep what a rule refuses now.

    A notice that is in nobody's hands any more is judged and left as it is. Raises `UnknownNotice`.
    """
    with database.read() as connection:
        found = Notices(connection, scope).get(notice)
        case = Cases(connection, scope).get(found.case) if found else None
    if found is None or case is None:
        raise UnknownNotice(notice)
    judged = judge_notice(
        database, vault, declarations, found, case, sender=sender, scope=scope, now=clock(), sealer=sealer
    )
    if judged.notice == found or found.state not in (NoticeState.READY, NoticeState.APPROVED):
        return judged
    with database.write() as connection:
        notices = Notices(connection, scope)
        if notices.get(notice) == found:  # else somebody was quicker, and whoever acts on it is told
            notices.save([judged.notice], act_of(by, "check_notice", "notice", notice, clock=clock, ids=ids))
    return judged


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One export at a time: two would number their folders alike."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _export(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    sender: Sender,
    out: Path,
    key: SigningKey,
    answer_key: bytes,
    scope: Scope,
    sealer: Sealer | None,
    only: Collection[str] | None,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
) -> list[Batch]:
    with database.read() as connection:
        signed = [
            n
            for n in Notices(connection, scope).in_state(NoticeState.APPROVED)
            if n.signed_at is not None and (only is None or n.id in only)
        ]
        cases = {case.id: case for case in Cases(connection, scope).find()}
    fit: dict[str, SignedNotice] = {}
    for notice in signed:
        if notice.agent != sender.agent:
            raise OtherSender(notice.number, notice.agent, sender.agent)
        checked = judge_notice(
            database,
            vault,
            declarations,
            notice,
            cases[notice.case],
            sender=sender,
            scope=scope,
            now=clock(),
            sealer=sealer,
        )
        if checked.out_of_sight:
            # What was signed is one; with records of it out of sight none of it leaves, and `marque doctor` says why.
            continue
        if checked.notice != notice:
            with database.write() as connection:
                act = act_of(by, "check_notice", "notice", notice.id, clock=clock, ids=ids)
                Notices(connection, scope).save([checked.notice], act)
        if checked.passing:
            fit[notice.id] = SignedNotice(notice=checked.notice, facts=checked.passing)
    # Only what is fit to leave counts against the day: a refused notice must not keep a good one back.
    with database.read() as connection:
        admitted, held = admit(connection, declarations, [each.notice for each in fit.values()], now=clock())
    for each in held:
        log.warning("notice held back", extra={"notice": each.notice, "platform": each.platform, "code": each.code})
    due: dict[tuple[str, str], list[SignedNotice]] = {}
    for notice in admitted:
        due.setdefault((notice.platform, notice.profile), []).append(fit[notice.id])
    batches = []
    for (_, profile), notices in sorted(due.items()):
        for lot in split_notices(notices, declarations.profiles[profile].limits.items_per_batch):
            batches.extend(
                _seal(database, vault, declarations, lot, out, key, answer_key, scope, by=by, clock=clock, ids=ids)
            )
    return batches


def _seal(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    lot: Sequence[SignedNotice],
    out: Path,
    key: SigningKey,
    answer_key: bytes,
    scope: Scope,
    *,
    by: str,
    clock: Clock,
    ids: NewId,
) -> list[Batch]:
    """
    Write one folder, then enter it; a folder that was never entered is a killed attempt and is written anew.

    What turns out bigger than one package goes in two halves, as long as there are notices to part.
    """
    with database.read() as connection:
        number = Batches(connection, scope).next_number()
    first = lot[0].facts[0]
    id, now = ids(), clock()
    built = build_batch(
        lot,
        id=id,
        number=number,
        created_at=now,
        exercise=declarations.policy.exercise,
        read=vault.get,
        answer_code=partial(code_of, answer_key, id),
    )
    if sum(map(len, built.files.values())) > PACKAGE_BYTES and len(lot) > 1:
        return [
            batch
            for half in (lot[: len(lot) // 2], lot[len(lot) // 2 :])
            for batch in _seal(
                database, vault, declarations, half, out, key, answer_key, scope, by=by, clock=clock, ids=ids
            )
        ]
    name = f"{number:04d}-{first.platform.name}"
    folder = out / BATCHES / name
    if folder.exists():
        shutil.rmtree(folder)  # no batch of this number was entered, so nobody was given it
    receipt = write_folder(folder, built.files, built.manifest, key, SIGNER_ROLE, now, file_roles=built.roles)
    batch = Batch(
        id=id,
        number=number,
        platform=first.platform.name,
        profile=first.profile.name,
        notices=tuple(signed.notice.id for signed in lot),
        item_count=built.item_count,
        path=folder.relative_to(out.parent).as_posix() if folder.is_relative_to(out.parent) else str(folder),
        manifest_sha256=receipt.manifest_sha256,
        created_at=now,
        limits_applied=limits_applied(first.profile),
    )
    with database.write() as connection:
        detail = {"manifest_sha256": batch.manifest_sha256, "items": str(batch.item_count)}
        sealed = act_of(by, "seal_batch", "batch", batch.id, clock=clock, ids=ids, detail=detail)
        Batches(connection, scope).write([batch], sealed)
        Notices(connection, scope).move(
            [
                replace(s.notice, state=NoticeState.BATCHED, draft_profile=s.facts[0].profile.is_draft(now.date()))
                for s in lot
            ],
            act_of(by, "batch_notices", "batch", batch.id, clock=clock, ids=ids),
        )
        cases = Cases(connection, scope)
        notified = [case for s in lot if (case := cases.get(s.notice.case)) is not None]
        cases.write(
            [replace(case, state=CaseState.NOTIFIED) for case in {c.id: c for c in notified}.values()],
            act_of(by, "notify_cases", "batch", batch.id, clock=clock, ids=ids),
        )
    return [batch]
