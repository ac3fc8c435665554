"""Writes the evidence bundle of a case: sealed, stamped, verified before it takes its name, entered in the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.declarations import Declarations
from config.settings import code_version
from reports.exhibits.custody import Step, custody_log, steps_of
from reports.exhibits.findings import write_findings
from reports.exhibits.gathering import CaseEvidence, digests_of, gather_case
from reports.exhibits.purchases import purchase_files
from reports.exhibits.sealing import seal_new_captures
from reports.exhibits.side_by_side import side_by_side
from reports.exhibits.statements import Told, statements
from reports.exhibits.words import write_report
from reports.facts import Sender
from reports.notice import describe_right
from reports.views import write_moment
from store.db.audit import AuditTrail, act_of
from store.db.session import Database
from store.evidence.bundle import PackageReceipt, TimeSeal, write_package
from store.evidence.bundle_files import bundle_files
from store.evidence.erasing import ErasureWords
from store.evidence.errors import NoToken
from store.evidence.seal import SigningKey
from store.evidence.timestamp import Ask, Stamp, TimeAuthority, ask_for_token
from store.evidence.vault import Vault
from store.evidence.verify import BUNDLE, FINDINGS, WEB_ARCHIVE, read_package
from store.evidence.wacz import write_wacz
from store.records.ids import Clock, NewId
from store.records.keeping import Tombstone
from store.records.parties import Party, PartyKind
from store.records.scope import Scope

FOLDER = "evidence"
ROLE = "evidence desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A written bundle: where, its digest and size, how many captures, and the authorities that gave no token yet."""

    receipt: PackageReceipt
    captures: int
    lacking: tuple[str, ...]


def export_case(
    database: Database,
    vault: Vault,
    declarations: Declarations,
    *,
    number: int,
    out: Path,
    key: SigningKey,
    authorities: Sequence[TimeAuthority],
    sender: Sender,
    ask: Ask,
    by: str,
    clock: Clock,
    ids: NewId,
    scope: Scope,
) -> Exported:
    """
    The bundle of one case under `out/evidence/`.

    Captures of the case that stand in no seal are sealed first, which the bundle says. Raises `NothingToShow`,
    `MissingEvidence`, `Unverified`, `OSError`.
    """
    id = ids()
    name = f"ev-{id}.zip"
    with database.read() as connection:
        first = gather_case(connection, vault, declarations, number, sender=sender, now=clock(), scope=scope)
    loose = [exhibit.capture.id for exhibit in first.exhibits if exhibit.seal is None]
    if loose:
        seal_new_captures(
            database, vault, key=key, authorities=authorities, ask=ask, clock=clock, ids=ids, only=loose
        )
    with database.read() as connection:
        evidence = gather_case(connection, vault, declarations, number, sender=sender, now=clock(), scope=scope)
    at = clock()
    told = _told(evidence, declarations, key, authorities, sender=sender, by=by, at=write_moment(at), bundle=name)
    steps = steps_of(evidence, by=by, at=at, bundle=name)
    files, roles = build_files(evidence, told, steps, vault)
    files["custody.jsonl"] = custody_log(steps)
    time = time_seal(authorities, ask=ask, clock=clock)
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    fields = {"kind": BUNDLE, "bundle": id, "case": {"id": evidence.case.id, "number": number}}
    receipt = write_package(
        folder / name, files, fields, key, ROLE, at, file_roles=roles, time=time if authorities else None
    )
    with database.write() as connection:
        detail = {"bundle": name, "manifest_sha256": receipt.manifest_sha256, "captures": str(len(evidence.exhibits))}
        act = act_of(by, "export_evidence", "case", evidence.case.id, clock=clock, ids=ids, detail=detail)
        AuditTrail(connection, scope).add(act)
    there = read_package(receipt.path)
    lacking = tuple(a for a in time.authorities if f"timestamps/{a}.tsr" not in there)
    return Exported(receipt=receipt, captures=len(evidence.exhibits), lacking=lacking)


def build_files(
    evidence: CaseEvidence, told: Told, steps: Sequence[Step], vault: Vault
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Every file of the bundle but the custody log, and what each is."""
    captures = [exhibit.capture for exhibit in evidence.exhibits]
    erased = {digest: words_of(stone) for digest, stone in evidence.erased.items()}
    files = bundle_files([exhibit.sealed for exhibit in evidence.exhibits], evidence.logs, vault.get, erased)
    titles = {each.observation.capture: item.title for each, item in zip(evidence.facts, evidence.items, strict=True)}
    pages = {capture: title for capture, title in titles.items() if capture is not None}
    last = max(capture.fetched_at for capture in captures)
    whole = [capture for capture in captures if not erased.keys() & set(digests_of(capture))]
    if whole:
        files[WEB_ARCHIVE] = write_wacz(
            whole, pages, vault.get, title=f"Case {told.case}", software=told.software, at=last
        )
    files["report.html"] = write_report(evidence, told, steps)
    files[FINDINGS] = write_findings(evidence)
    bought = purchase_files(evidence.purchases, vault.get)
    files |= bought
    files |= statements(told)
    roles = {"report.html": "report", FINDINGS: "findings"}
    if whole:
        roles[WEB_ARCHIVE] = "web archive"
    roles |= dict.fromkeys(bought, "test purchase")
    roles |= dict.fromkeys((name for name in files if name.startswith("statements/")), "draft statement")
    for item in evidence.items:
        picture = side_by_side(item.listing_picture, item.reference_picture)
        if picture is not None:
            files[f"side-by-side/{item.label}.png"] = picture
    return files, roles


def words_of(stone: Tombstone) -> ErasureWords:
    """A tombstone as packages tell it."""
    return ErasureWords(
        reason=stone.reason.value, legal_basis=stone.legal_basis, by=stone.by, second=stone.second, at=stone.at
    )


def time_seal(authorities: Sequence[TimeAuthority], *, ask: Ask, clock: Clock) -> TimeSeal:
    """How a package asks these authorities; one that gives no token is left out, and the package lacks it."""

    def stamper(signature: bytes) -> dict[str, Stamp]:
        found = {}
        for authority in authorities:
            try:
                found[authority.name] = ask_for_token(authority, signature, ask=ask, now=clock)
            except NoToken:
                continue  # the name stays in the manifest, and the verifier says `unsealed_time`
        return found

    roots = tuple(dict.fromkeys(root for authority in authorities for root in authority.roots))
    return TimeSeal(authorities=tuple(sorted(a.name for a in authorities)), stamper=stamper, roots=roots)


def _told(
    evidence: CaseEvidence,
    declarations: Declarations,
    key: SigningKey,
    authorities: Sequence[TimeAuthority],
    *,
    sender: Sender,
    by: str,
    at: str,
    bundle: str,
) -> Told:
    first = evidence.facts[0]
    return Told(
        case=evidence.case.number,
        bundle=bundle,
        platform=first.platform.name,
        holder=first.holder.legal_name,
        right=describe_right(first.right),
        exported_by=by,
        exported_at=at,
        software=f"Marque {code_version()}",
        declarations=declarations.digest,
        key_id=key.key_id,
        authorities=tuple(
            f"{a.name} ({'qualified, by the word of whoever declared it' if a.qualified else 'not qualified'})"
            for a in authorities
        ),
        exhibits=evidence.exhibits,
        contact=_contact(sender, first.holder),
    )


def _contact(sender: Sender, holder: Party) -> str | None:
    """How whoever stands behind the bundle is reached; a private holder's own address is nobody's to hand on."""
    if sender.agent is not None:
        ways = (sender.agent, sender.agent_email, sender.agent_address, sender.agent_phone)
    elif holder.kind is not PartyKind.PERSON:
        ways = (holder.legal_name, holder.email, None, None)
    else:
        return None
    reached = [way for way in ways[1:] if way]
    return ", ".join([str(ways[0]), *reached]) if reached else None
