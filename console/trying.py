"""What another policy or an earlier registry would do with the stored looks; and what decisions teach identity."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, unique
from pathlib import Path

import tomlkit

from config.declaration import check, overlay
from config.policy import CalibrationPolicy, Policy
from console.errors import NotFound, Unanswerable
from console.workspace import Workspace
from matching.calibrate import Labelled, Measured, answer_of, fit_line, halves, label, measure
from matching.compare import Conditions, Matched, match
from matching.peers import read_peers
from matching.stored import Reading, StoredLooks
from registry.snapshot import Snapshot, load_snapshot
from store.db.comparisons import Comparisons
from store.db.decisions import Decisions
from store.db.review import ReviewItems
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.findings import Band
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING

LOOKS_A_LOT = 200
_LOUDNESS = {Band.SILENT: 0, Band.REVIEW: 1, Band.NOTICE: 2}

Progress = Callable[[int, int], None]
"""Told how many looks are done, and of how many."""


@unique
class Split(Enum):
    """What must not stand on both sides, when what was learned is measured."""

    SELLER = "seller"
    HOLDER = "holder"
    PRODUCT = "product"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One listing and right that would stand otherwise."""

    listing: str
    right: str
    title: str
    url: str
    before: Band | None  # None: nothing touched
    after: Band | None
    was_because: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What would newly be sent, asked and withheld."""

    looks: int
    left_out: int  # looks that one of the two cannot see yet: photos not hashed, or their words not read
    counts: dict[str, int]  # "review to notice": how many
    moves: tuple[Move, ...]  # samples, those that would be sent first


def policy_of(vault: Vault, digest: str) -> Policy:
    """The policy of earlier declarations, from their bytes in the vault. Raises `NotFound`."""
    try:
        texts = json.loads(vault.get(digest))
        data = tomllib.loads(texts["policy.toml"])
        own = texts.get("workspace/policy.toml")
    except (VaultError, ValueError, KeyError, TypeError) as fault:
        raise NotFound("declarations", digest, "`marque match --json` prints config_digest of each run") from fault
    return check(Policy, overlay(data, tomllib.loads(own)) if own else data, f"declarations {digest[:12]}")


def overlaid_policy(shipped: Path, file: Path) -> Policy:
    """The shipped policy with another file laid over it."""
    data = overlay(tomllib.loads(shipped.read_text("utf-8")), tomllib.loads(file.read_text("utf-8")))
    return check(Policy, data, str(file))


def snapshot_at(vault: Vault, digest: str) -> Snapshot:
    """An earlier registry. Raises `NotFound` where the vault holds none of that digest."""
    try:
        return load_snapshot(vault, digest)
    except VaultError as fault:
        raise NotFound("snapshot", digest, "`marque match --json` prints snapshot_digest of each run") from fault


def compare_policies(
    workspace: Workspace,
    before: tuple[Snapshot, Policy],
    after: tuple[Snapshot, Policy],
    *,
    samples: int,
    clock: Clock,
    ids: NewId,
    progress: Progress,
) -> Difference:
    """
    Where every latest look would stand under the one and under the other; nothing is written.

    Both sides are compared anew, from stored looks and stored fingerprints, so that the difference is that of the
    policies and registries alone.
    """
    with workspace.database.read() as connection:
        due = Comparisons(connection, EVERYTHING).pending("", "")
    now = clock()
    sides = [_side(workspace, *each, now) for each in (before, after)]
    conditions = Conditions(run="", at=now, config_digest="", new_id=ids)
    counts: Counter[str] = Counter()
    moves: list[Move] = []
    read = 0
    for start in range(0, len(due), LOOKS_A_LOT):
        lot = due[start : start + LOOKS_A_LOT]
        # Each side reads for itself: how many photos' words it asks for, and who else shows a photo, are its own.
        seen, others = ({look.observation.id: look for look in side.read(lot)} for side, _ in sides)
        both = [id for id in seen if id in others]
        read += len(both)
        for id in both:
            stands = [
                {
                    each.finding.right: each
                    for each in match(
                        [looks[id]], side.index, policy, conditions, side.open_picture, open_colours=side.open_colours
                    )
                }
                for (side, policy), looks in zip(sides, (seen, others), strict=True)
            ]
            look = seen[id]
            title = look.observation.fields.title
            for right in sorted(stands[0].keys() | stands[1].keys()):
                old, new = stands[0].get(right), stands[1].get(right)
                if _band(old) is _band(new):
                    continue
                counts[f"{_name(old)} to {_name(new)}"] += 1
                moves.append(
                    Move(
                        listing=look.listing.id,
                        right=right,
                        title=title.value if title else "",
                        url=look.listing.url,
                        before=_band(old),
                        after=_band(new),
                        was_because=old.finding.because if old else "Nothing touched.",
                        because=new.finding.because if new else "Nothing touches.",
                    )
                )
        moves = _samples(moves, samples)
        progress(min(start + LOOKS_A_LOT, len(due)), len(due))
    for side, _ in sides:
        side.close()
    return Difference(looks=read, left_out=len(due) - read, counts=dict(counts), moves=tuple(moves))


def _side(workspace: Workspace, snapshot: Snapshot, policy: Policy, now: datetime) -> tuple[StoredLooks, Policy]:
    with workspace.database.read() as connection:
        peers = read_peers(connection, snapshot, policy, now=now)
    reading = Reading(
        url=workspace.database.url,
        declarations=replace(workspace.declarations, policy=policy),
        open_sealer=lambda: workspace.sealer,
        scope=EVERYTHING,
    )
    return StoredLooks(reading, Vault(workspace.vault.root), snapshot, peers), policy


def _band(matched: Matched | None) -> Band | None:
    return matched.finding.band if matched else None


def _name(matched: Matched | None) -> str:
    return matched.finding.band.value if matched else "nothing"


def _samples(moves: Iterable[Move], most: int) -> list[Move]:
    """The first of each kind of move, what would be sent or withheld first."""

    def order(move: Move) -> tuple[int, str, str]:
        touched = max(_LOUDNESS[move.before] if move.before else -1, _LOUDNESS[move.after] if move.after else -1)
        return -touched, move.listing, move.right

    kept: list[Move] = []
    seen: Counter[tuple[Band | None, Band | None]] = Counter()
    for move in sorted(moves, key=order):
        seen[move.before, move.after] += 1
        if seen[move.before, move.after] <= most:
            kept.append(move)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A calibration learned from decisions, beside the one in force, on decisions it did not learn from."""

    line: CalibrationPolicy
    learned_from: int
    before: Measured
    after: Measured


def learn_calibration(workspace: Workspace, split: Split, today: date) -> Taught:
    """
    The line that the standing decisions of this workspace teach, measured on the half it did not learn from.

    Raises `Unanswerable` where either answer is given too seldom.
    """
    policy = workspace.declarations.policy.identity
    pairs = decided_pairs(workspace, split)
    learn, report = halves(pairs)
    try:
        slope, offset = fit_line(learn, policy.calibration)
        whole = fit_line(pairs, policy.calibration)
    except ValueError as few:
        raise Unanswerable(str(few)) from few
    learned = policy.calibration.model_copy(update={"slope": slope, "offset": offset})
    tried = policy.model_copy(update={"calibration": learned})
    after = measure(report, tried)
    rows = "\n".join(sorted(f"{each.odds:.6f} {each.same} {each.group}" for each in pairs))
    line = policy.calibration.model_copy(
        update={
            "slope": round(whole[0], 4),
            "offset": round(whole[1], 4),
            "made_on": today,
            "pairs": len(pairs),
            "data_sha256": hashlib.sha256(rows.encode()).hexdigest(),
            "error": round(after.error, 4),
        }
    )
    return Taught(line=line, learned_from=len(learn), before=measure(report, policy), after=after)


def decided_pairs(workspace: Workspace, split: Split) -> list[Labelled]:
    """What stands decided, as pairs with an answer; decisions that say nothing of identity are left out."""
    policy = workspace.declarations.policy.identity
    found = []
    with workspace.database.read() as connection:
        items = ReviewItems(connection, EVERYTHING)
        decided = items.find(items.table.c.decision.is_not(None))
        decisions = Decisions(connection, EVERYTHING)
        comparisons = Comparisons(connection, EVERYTHING)
        for item in decided:
            decision = decisions.get(item.decision or "")
            same = answer_of(decision.verdict, decision.reason) if decision else None
            comparison = comparisons.get(decision.comparison) if decision and same is not None else None
            if comparison is None or same is None:
                continue
            group = {
                Split.SELLER: f"{item.platform} {item.seller or item.listing}",
                Split.HOLDER: item.holder,
                Split.PRODUCT: item.product or item.right,
                Split.PLATFORM: item.platform,
            }[split]
            found.append(label(comparison.signs, same, group, policy))
    return found


def write_calibration(file: Path, line: CalibrationPolicy) -> None:
    """Lay the line into a workspace's policy; everything else in the file, comments too, stays as it is."""
    document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    identity = document.setdefault("identity", tomlkit.table())
    table = tomlkit.table()
    for key, value in line.model_dump(exclude_none=True).items():
        table[key] = value
    identity["calibration"] = table
    part = file.with_suffix(".part")
    part.write_text(tomlkit.dumps(document), "utf-8")
    part.replace(file)
