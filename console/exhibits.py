"""Evidence and keys on an open workspace, as the command line and the desk call them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

from cryptography.x509 import Certificate

from config.settings import Settings
from console.errors import NotFound, WrongFingerprint
from console.pipeline import sender_of
from console.stamping import asker
from console.workspace import KEY_DAYS, SIGNER, Workspace
from reports.exhibits.errors import NotPublic
from reports.exhibits.exporting import export_case, time_seal
from reports.exhibits.public import capture_ids, make_public
from reports.exhibits.sealing import authorities_of
from reports.masking import words_of_capture
from store.db.audit import AuditTrail, act_of
from store.evidence.bundle import complete_package
from store.evidence.seal import (
    create_key,
    load_key,
    publish,
    published_keys,
    retire_key,
    revoke_key,
)
from store.evidence.timestamp import Ask
from store.evidence.verify import PublishedKey, Verdict, parse_keys, verify
from store.records.ids import Clock, new_id, utc_now
from store.records.scope import EVERYTHING, Scope

TRUSTED = "trusted"  # keys of other offices, in the workspace's keys/


class Handed(TypedDict):
    """One exported bundle, as printed."""

    path: str
    manifest_sha256: str
    bytes: int
    captures: int
    lacking: list[str]


def export_bundle(
    workspace: Workspace,
    number: int,
    *,
    by: str,
    ask: Ask | None = None,
    clock: Clock = utc_now,
    scope: Scope = EVERYTHING,
) -> Handed:
    """The evidence bundle of one case."""
    done = export_case(
        workspace.database,
        workspace.vault,
        workspace.declarations,
        number=number,
        out=workspace.settings.out,
        key=load_key(workspace.settings.keys, at=clock()),
        authorities=authorities_of(workspace.settings.home),
        sender=sender_of(workspace, None),
        ask=ask or asker(workspace),
        by=by,
        clock=clock,
        ids=new_id,
        scope=scope,
    )
    return Handed(
        path=str(done.receipt.path),
        manifest_sha256=done.receipt.manifest_sha256,
        bytes=done.receipt.bytes,
        captures=done.captures,
        lacking=list(done.lacking),
    )


def complete_bundle(
    workspace: Workspace, package: Path, *, ask: Ask | None = None, clock: Clock = utc_now
) -> tuple[str, ...]:
    """Ask for the tokens that a bundle lacks; gives the authorities that still gave none."""
    time = time_seal(authorities_of(workspace.settings.home), ask=ask or asker(workspace), clock=clock)
    return complete_package(package, load_key(workspace.settings.keys, at=clock()), time)


class Published(TypedDict):
    """One public copy, as printed."""

    path: str
    manifest_sha256: str
    source_sha256: str
    bytes: int
    items: int
    is_new: bool


def public_copy(
    workspace: Workspace,
    package: Path,
    *,
    by: str,
    to: Path | None = None,
    ask: Ask | None = None,
    clock: Clock = utc_now,
) -> Published:
    """A copy of a bundle for everybody; refused where the bundle does not hold, or something private would show."""
    report = verify(package, trusted_keys(workspace.settings), own_roots(workspace.settings))
    if report.verdict in (Verdict.FAIL, Verdict.UNREADABLE):
        raise NotPublic(package, f"it does not hold ({report.verdict.name}); `marque evidence verify` says why")
    words: set[str] = set()
    with workspace.database.read() as connection:
        for capture in capture_ids(package):
            words |= words_of_capture(connection, workspace.sealer, capture)
    authorities = authorities_of(workspace.settings.home)
    made = make_public(
        package,
        out=workspace.settings.out / "public" if to is None else to,
        key=load_key(workspace.settings.keys, at=clock()),
        time=time_seal(authorities, ask=ask or asker(workspace), clock=clock) if authorities else None,
        words=words,
        clock=clock,
    )
    if made.is_new:
        detail = {"manifest_sha256": made.receipt.manifest_sha256, "source_sha256": made.source_sha256}
        with workspace.database.write() as connection:
            name = made.receipt.path.name
            act = act_of(by, "make_public_copy", "package", name, clock=clock, ids=new_id, detail=detail)
            AuditTrail(connection, EVERYTHING).add(act)
    return Published(
        path=str(made.receipt.path),
        manifest_sha256=made.receipt.manifest_sha256,
        source_sha256=made.source_sha256,
        bytes=made.receipt.bytes,
        items=made.items,
        is_new=made.is_new,
    )


def trusted_keys(settings: Settings) -> list[PublishedKey] | None:
    """The workspace's own keys and those it trusts of others; None where there are none."""
    return [*published_keys(settings.keys), *published_keys(settings.keys / TRUSTED)] or None


def own_roots(settings: Settings) -> list[Certificate] | None:
    """The roots of the workspace's time authorities; None where none is declared."""
    return [root for authority in authorities_of(settings.home) for root in authority.roots] or None


def trust_keys(settings: Settings, file: Path, fingerprint: str) -> list[str]:
    """Keep another office's published keys. Raises `WrongFingerprint`, `Refused`, `OSError`."""
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != fingerprint.strip().lower():
        raise WrongFingerprint(file, found)
    folder = settings.keys / TRUSTED
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = parse_keys(content)
    for key in keys:
        (folder / f"{key.key_id}.json").write_bytes(publish([key]))
    return [f"{key.key_id} {key.name}" for key in keys]


def key_list(settings: Settings) -> list[dict[str, str]]:
    """Every key, own and trusted."""
    return [
        {
            "whose": whose,
            "key_id": key.key_id,
            "name": key.name,
            "valid_from": f"{key.valid_from:%Y-%m-%d}",
            "valid_to": f"{key.valid_to:%Y-%m-%d}",
            "revoked_at": f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "-",
        }
        for whose, folder in (("own", settings.keys), ("trusted", settings.keys / TRUSTED))
        for key in published_keys(folder)
    ]


def rotate_key(workspace: Workspace, *, clock: Clock = utc_now) -> str:
    """A new key from now on; the validity of the old one ends a day later, for what is being sealed just now."""
    folder, now = workspace.settings.keys, clock()
    old = load_key(folder, at=now).published
    made = create_key(folder, name=old.name, valid_from=now, valid_to=now + timedelta(days=KEY_DAYS))
    retire_key(folder, old.key_id, valid_to=min(old.valid_to, now + timedelta(days=1)))
    return made.key_id


def revoke_own_key(workspace: Workspace, key_id: str, *, clock: Clock = utc_now) -> str:
    """Revoke a key as of now, and make a new one. Raises `NotFound` for a key that is not this workspace's."""
    folder, now = workspace.settings.keys, clock()
    known = {key.key_id: key for key in published_keys(folder)}
    if key_id not in known:
        raise NotFound("key", key_id, "`marque keys list` shows all")
    revoke_key(folder, key_id, revoked_at=now)
    name = known[key_id].name or SIGNER
    return create_key(folder, name=name, valid_from=now, valid_to=now + timedelta(days=KEY_DAYS)).key_id
