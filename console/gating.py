"""The reference gate on a workspace: what each reference and mark would have matched, and whether it is fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from console.errors import NotFound, Unanswerable
from console.workspace import Workspace
from matching.gate import Judgement, Reason, Use, judge_name, judge_picture, read_apart, second_approval
from matching.images import PhotoHash
from matching.names import Name, NameIndex, NameKind
from matching.pair import MatchInput
from matching.photo_index import Candidate, PhotoIndex
from matching.photo_worker import PhotoWorker
from matching.stored import Reading, StoredLooks
from matching.wording import read_wording, words_of
from registry.snapshot import Snapshot
from store.db.audit import AuditTrail
from store.db.comparisons import Comparisons
from store.db.references import References
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId
from store.records.ledger import AuditEntry
from store.records.references import Polarity, Reference
from store.records.scope import EVERYTHING
from store.records.sellers import SellerStanding

LOOKS_A_LOT = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """One reference or mark, and what the gate says of it."""

    kind: str  # "reference" or "mark"
    ref: str  # the holder's own name for it
    id: str
    judgement: Judgement


class _Uses:
    """What references and marks would have matched, gathered look by look."""

    def __init__(self, snapshot: Snapshot, pictures: dict[str, PhotoHash], accept_bits: int) -> None:
        self._snapshot = snapshot
        self._accept_bits = accept_bits
        self._index = PhotoIndex((ref, photo.codes) for ref, photo in pictures.items())
        marks = {right.id: right.mark_text for right in snapshot.rights if right.mark_text}
        self._names = NameIndex(_names(snapshot, marks))
        self._rights = {product.id: product.rights for product in snapshot.products}
        self._rights |= {work.id: work.rights for work in snapshot.works}
        self._of_reference = {reference.id: reference for reference in snapshot.references}
        self._authorised = {
            (rule.holder, rule.platform, rule.platform_seller_id)
            for rule in snapshot.seller_rules
            if rule.standing is SellerStanding.AUTHORISED
        }
        self.of_picture: defaultdict[str, list[Use]] = defaultdict(list)
        self.of_mark: defaultdict[str, list[Use]] = defaultdict(list)
        self.stored = 0

    def add(self, look: MatchInput) -> None:
        """Count one look."""
        self.stored += 1
        fields = look.observation.fields
        title = fields.title.value if fields.title else ""
        brand = fields.brand_claimed.value if fields.brand_claimed else ""
        said: set[str] = set()
        for text in (title, brand):
            for hit in self._names.find(read_wording(text)):
                said |= {hit.name.right} if hit.name.right else set()
                said |= set(self._rights.get(hit.name.product or hit.name.work or "", ()))
        seller = look.seller.platform_seller_id if look.seller else look.listing.id
        use = Use(listing=look.listing.id, seller=f"{look.platform.name} {seller}", title=title, is_named=True)
        for right in said:
            self.of_mark[right].append(use)
        for ref in {hit.reference_id for photo in look.photos for hit in self._near(photo.hash)}:
            reference = self._of_reference[ref]
            own = {reference.right, *self._rights.get(reference.product or reference.work or "", ())}
            is_own = bool(own & said) or (reference.holder, look.platform.name, seller) in self._authorised
            self.of_picture[ref].append(replace(use, is_named=is_own))

    def alike(self, reference: Reference, photo: PhotoHash) -> list[Reference]:
        """Other references that show the same picture."""
        near = [self._of_reference[hit.reference_id] for hit in self._near(photo)]
        return [each for each in near if each.id != reference.id]

    def _near(self, photo: PhotoHash) -> list[Candidate[str]]:
        return self._index.search(photo, self._accept_bits)


def _names(snapshot: Snapshot, marks: dict[str, str]) -> Iterable[Name]:
    for right, mark in marks.items():
        yield Name(text=mark, kind=NameKind.MARK, right=right)
    for product in snapshot.products:
        for text in (product.name, *product.other_names):
            yield Name(text=text, kind=NameKind.PRODUCT, product=product.id)
    for work in snapshot.works:
        for text in (work.title, *work.other_titles):
            yield Name(text=text, kind=NameKind.TITLE, work=work.id)


def check_references(workspace: Workspace, snapshot: Snapshot, progress: Progress) -> list[Gated]:
    """
    Every live positive reference and every mark beside every stored look; nothing is written.

    Stored photos count by the fingerprints they have; the dry run takes the radius at which a photo is the same.
    """
    policy = workspace.declarations.policy
    pictures: dict[str, PhotoHash] = {}
    faulty: dict[str, Reason] = {}
    details = {}
    with PhotoWorker() as worker:
        for reference in snapshot.references:
            try:
                read = read_apart(worker, workspace.vault.get(reference.sha256), reference.medium)
            except VaultError as fault:
                raise Unanswerable(f"reference {reference.reference_ref}: {fault}; run `marque doctor`") from fault
            if isinstance(read, Reason):
                faulty[reference.id] = read
            else:
                pictures[reference.id], details[reference.id] = read
    uses = _Uses(snapshot, pictures, policy.photos.accept_bits)
    reading = Reading(
        url=workspace.database.url,
        declarations=workspace.declarations,
        open_sealer=lambda: workspace.sealer,
        scope=EVERYTHING,
    )
    with workspace.database.read() as connection:
        due = Comparisons(connection, EVERYTHING).pending("", "")
    looks = StoredLooks(reading, Vault(workspace.vault.root), replace(snapshot, references=()))
    try:
        for start in range(0, len(due), LOOKS_A_LOT):
            for look in looks.read(due[start : start + LOOKS_A_LOT]):
                uses.add(look)
            progress(min(start + LOOKS_A_LOT, len(due)), len(due))
    finally:
        looks.close()
    found = []
    for reference in snapshot.references:
        if reference.polarity is not Polarity.POSITIVE:
            continue
        if reference.id in faulty:
            judged = Judgement(faults=(faulty[reference.id],), matched=0, stored=uses.stored)
        else:
            alike = uses.alike(reference, pictures[reference.id])
            judged = judge_picture(
                details[reference.id],
                medium=reference.medium,
                uses=uses.of_picture[reference.id],
                stored=uses.stored,
                other_holders=[each.reference_ref for each in alike if each.holder != reference.holder],
                left_alone=[each.reference_ref for each in alike if each.polarity is not Polarity.POSITIVE],
                policy=policy.gate,
            )
        found.append(Gated(kind="reference", ref=reference.reference_ref, id=reference.id, judgement=judged))
    return [*found, *_marks(workspace, snapshot, uses)]


def _marks(workspace: Workspace, snapshot: Snapshot, uses: _Uses) -> list[Gated]:
    holders = {holder.id: holder.legal_name for holder in snapshot.holders}
    found = []
    for right in snapshot.rights:
        if not right.mark_text:
            continue
        words = words_of(right.mark_text)
        others = {
            holders.get(each.holder, each.holder)
            for each in snapshot.rights
            if each.holder != right.holder and each.mark_text and words_of(each.mark_text) == words
        }
        judged = judge_name(
            right.mark_text,
            uses=uses.of_mark[right.id],
            stored=uses.stored,
            other_holders=others,
            platforms=workspace.declarations.platforms.keys(),
            policy=workspace.declarations.policy.gate,
        )
        found.append(Gated(kind="mark", ref=right.right_ref, id=right.id, judgement=judged))
    return found


def withdraw_stopped(
    workspace: Workspace, gated: Iterable[Gated], *, by: str, today: date, clock: Clock, ids: NewId
) -> list[str]:
    """Withdraw the references that the gate stopped, each with its reasons in the audit trail; gives their names."""
    stopped = {each.id: each for each in gated if each.kind == "reference" and not each.judgement.is_fit}
    with workspace.database.write() as connection:
        references = References(connection, EVERYTHING)
        for reference in references.find(references.table.c.id.in_(sorted(stopped))):
            references.put([replace(reference, withdrawn_on=today)])
            reasons = ", ".join(reason.fault.value for reason in stopped[reference.id].judgement.faults)
            act = _act(ids(), clock, by, "withdraw_reference", reference.id, {"faults": reasons})
            AuditTrail(connection, EVERYTHING).add(act)
    return [each.ref for each in stopped.values()]


def let_through(
    workspace: Workspace, reference_ref: str, *, handed_in_by: str, approved_by: str | None, clock: Clock, ids: NewId
) -> None:
    """
    Put a withdrawn reference back on the word of two people, who both stand in the audit trail.

    Raises `NotFound`, and `Unanswerable` where the second person is missing or is the first.
    """
    missing = second_approval(handed_in_by, approved_by, is_fit=False)
    if missing is not None:
        raise Unanswerable(missing.because)
    with workspace.database.write() as connection:
        references = References(connection, EVERYTHING)
        table = references.table
        found = references.first(table.c.reference_ref == reference_ref, table.c.withdrawn_on.is_not(None))
        if found is None:
            raise NotFound("withdrawn reference", reference_ref, "`marque references list` shows all")
        references.put([replace(found, withdrawn_on=None)])
        told = {"handed_in_by": handed_in_by, "approved_by": approved_by or ""}
        act = _act(ids(), clock, approved_by or "", "let_reference_through", found.id, told)
        AuditTrail(connection, EVERYTHING).add(act)


def _act(id: str, clock: Clock, actor: str, action: str, subject: str, detail: dict[str, str]) -> AuditEntry:
    return AuditEntry(
        id=id, at=clock(), actor=actor, action=action, subject_kind="reference", subject=subject, detail=detail
    )
