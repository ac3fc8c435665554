"""Rights, their holders, and the mandates on them: the sheet everything else refers to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from registry import cells
from registry.columns import SheetKind
from registry.files import MAX_DOCUMENT_BYTES
from registry.importer import Errand, Importer, Outcome, Writes, import_sheet, settle
from registry.known import Known
from registry.lines import Line
from registry.report import ImportReport
from registry.vocabulary import nearest
from store.db.mandates import Mandates
from store.db.parties import Parties
from store.db.rights import Rights
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.ids import Clock, NewId, new_id
from store.records.parties import Act, Mandate, Party, PartyKind
from store.records.rights import UNION_OFFICE, MarkFeature, RegisterKind, Right, RightKind, RightStatus
from store.records.scope import EVERYTHING

# Rights that exist only by an entry in a register.
_REGISTERED = frozenset({RightKind.TRADEMARK, RightKind.PATENT, RightKind.GEOGRAPHICAL_INDICATION})
# Numbers of marks by office, with an example. Sources: EUIPO, nine digits, or W and eight for an international one;
# WIPO, Madrid Monitor, up to seven digits and a letter; USPTO, registration or serial number.
_MARK_NUMBERS = {
    "EM": (re.compile(r"\d{6,9}|W\d{8}"), "018999123"),
    "WO": (re.compile(r"\d{3,7}[A-Z]?"), "1234567"),
    "US": (re.compile(r"\d{5,8}"), "5123456"),
}
_ANY_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 ./()-]{0,39}")
_PARTY_COLUMNS = ("holder_kind", "holder_country", "holder_address", "holder_email", "holder_phone")
_MANDATE_COLUMNS = (
    "mandate_acts", "mandate_territories", "mandate_platforms", "mandate_from", "mandate_until", "mandate_file",
)  # fmt: skip
# From this likeness (0 to 100) on, a new holder may be a known one spelled otherwise; a person is told.
_SAME_HOLDER = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RightDraft:
    """
    A row before anything stored is known: `right.holder` and `mandate.grantor` hold the holder's legal name.
    """

    right: Right
    party_kind: PartyKind | None
    country: str | None
    address: str | None
    email: str | None
    phone: str | None
    mandate: Mandate | None


def import_rights(
    database: Database,
    vault: Vault,
    file: Path,
    *,
    dry_run: bool,
    clock: Clock,
    by: str,
    new_id: NewId = new_id,
    only: str | None = None,
) -> ImportReport:
    """
    Import a rights sheet: holders are made or brought up to date, then rights, then mandates.

    A row is the whole truth of its right: an empty cell empties what is stored; a column the file leaves out
    keeps it. An empty holder cell keeps what is known of the holder. A row that no longer names an agent ends the
    mandate on that right alone. Raises `UnreadableFile`, `WrongHeads`.
    """
    return import_sheet(
        RightsImporter, database, vault, file, dry_run=dry_run, clock=clock, by=by, new_id=new_id, only=only
    )


class RightsImporter(Importer[RightDraft]):
    """Reads and lays down the rows of a rights sheet."""

    kind = SheetKind.RIGHTS
    lines_a_write = 50  # up to four records a row (holder, right, new and ended mandate), each with an audit entry

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand)
        self.today = errand.clock().date()
        self._known = Known()
        self._stated: dict[tuple[str, str], tuple[str, int]] = {}
        self._made: dict[str, Party] = {}
        self._rights: dict[tuple[str, str], Right] = {}
        self._mandates: dict[str, list[Mandate]] = {}

    def read(self, line: Line) -> RightDraft | None:
        """The row alone."""
        holder = line.one("holder", cells.read_short)
        party_kind = line.one("holder_kind", cells.read_word(PartyKind))
        country = line.one("holder_country", cells.read_country)
        address = line.one("holder_address", cells.read_text)
        email = line.one("holder_email", cells.read_email)
        phone = line.one("holder_phone", cells.read_phone)
        right = self._right(line, holder)
        mandate = self._mandate(line, holder)
        if right is None or not line.stands:
            return None
        kind = party_kind.value if party_kind else None
        for column, value in zip(_PARTY_COLUMNS, (kind, country, address, email, phone), strict=True):
            if value is not None:
                said, row = self._stated.setdefault((right.holder, column), (value, line.number))
                if said != value:
                    line.refuse(column, f"row {row} says {said[:80]!r} of the same holder", "write one")
        return RightDraft(
            right=right, party_kind=party_kind, country=country, address=address, email=email, phone=phone,
            mandate=mandate,
        )  # fmt: skip

    def key(self, draft: RightDraft) -> tuple[str, ...]:
        """Holder and reference."""
        return (draft.right.holder, draft.right.right_ref)

    def collect(self, line: Line, draft: RightDraft) -> RightDraft:
        """With the certificate and the signed mandate kept."""
        proof = self.keep_file(line, "proof_file", None, MAX_DOCUMENT_BYTES)
        paper = self.keep_file(line, "mandate_file", None, MAX_DOCUMENT_BYTES) if draft.mandate else None
        mandate = replace(draft.mandate, document_sha256=paper) if draft.mandate else None
        return replace(draft, right=replace(draft.right, proof_sha256=proof), mandate=mandate)

    def look_up(self, connection: Connection, drafts: Sequence[RightDraft]) -> None:
        """Holders, rights and mandates of these rows."""
        names = [draft.right.holder for draft in drafts]
        self._known.look_up(connection, holders=names, rights=[draft.right.right_ref for draft in drafts])
        self._rights = self._known.rights
        parties = self._known.parties
        if self.errand.dry_run:
            parties |= self._made  # as if the rows before had been written
        self._mandates = Mandates(connection, EVERYTHING).on_right_alone(right.id for right in self._rights.values())
        new = sorted(set(names) - set(parties))
        known_names = Parties(connection, EVERYTHING).names() if new else []
        for name in new:
            near = nearest(name, known_names, _SAME_HOLDER)
            if near is not None and name not in self._made:
                self.notes.append(f"holder {name!r} is new beside {near!r}; if they are one, spell them alike")

    def place(self, line: Line, draft: RightDraft, writes: Writes) -> Outcome | None:
        """Holder, right, mandate, in this order; all or none."""
        party, party_outcome = self._settle_party(draft)
        stored = self._rights.get((party.id, draft.right.right_ref))
        right, outcome = settle(replace(draft.right, id=self.errand.new_id(), holder=party.id), stored, line)
        check_right(line, right)
        if not line.stands:
            return None
        if party_outcome is not Outcome.UNCHANGED:
            writes.put(Parties, party, party_outcome)
            self._known.parties[party.legal_name] = self._made[party.legal_name] = party
        if outcome is not Outcome.UNCHANGED:
            writes.put(Rights, right, outcome)
        changed = self._place_mandate(line, draft, right, writes)
        if outcome is Outcome.UNCHANGED and (changed or party_outcome is not Outcome.UNCHANGED):
            return Outcome.CHANGED
        return outcome

    def _settle_party(self, draft: RightDraft) -> tuple[Party, Outcome]:
        stored = self._known.parties.get(draft.right.holder)
        known = stored or Party(
            id=self.errand.new_id(), kind=PartyKind.COMPANY, legal_name=draft.right.holder
        )  # who registers marks and says nothing of it is a company
        settled = replace(
            known,
            kind=draft.party_kind or known.kind,
            country=draft.country or known.country,
            address=draft.address or known.address,
            email=draft.email or known.email,
            phone=draft.phone or known.phone,
        )
        if stored is None:
            return settled, Outcome.ADDED
        return settled, Outcome.UNCHANGED if settled == stored else Outcome.CHANGED

    def _place_mandate(self, line: Line, draft: RightDraft, right: Right, writes: Writes) -> bool:
        """End mandates the row no longer names, add or change the one it names; gives whether anything changed."""
        if not line.has("mandate_agent"):
            return False
        changed = False
        stored: Mandate | None = None
        for mandate in self._mandates.get(right.id, []):
            if draft.mandate is not None and stored is None and mandate.agent == draft.mandate.agent:
                stored = mandate
                continue
            writes.put(Mandates, replace(mandate, revoked_on=self.today), Outcome.CHANGED)
            changed = True
        if draft.mandate is None:
            return changed
        new = replace(draft.mandate, id=self.errand.new_id(), grantor=right.holder, rights=(right.id,))
        if stored is not None:
            new = replace(new, id=stored.id)
            if not line.has("mandate_file"):
                new = replace(new, document_sha256=stored.document_sha256)
        if new != stored:
            writes.put(Mandates, new, Outcome.ADDED if stored is None else Outcome.CHANGED)
            return True
        return changed

    def _right(self, line: Line, holder: str | None) -> Right | None:
        ref = line.one("right_ref", cells.read_ref)
        kind = line.one("kind", cells.read_word(RightKind))
        office = line.one("office", cells.read_office)
        number = line.one("registration_number", cells.read_short)
        register_kind = line.one("register_kind", cells.read_word(RegisterKind))
        mark_text = line.one("mark_text", cells.read_short)
        mark_feature = line.one("mark_feature", cells.read_word(MarkFeature))
        nice_classes = line.many("nice_classes", cells.read_integer(1, 45))
        goods = line.one("goods", cells.read_text)
        territories = line.many("territories", cells.read_territory)
        filed_on = line.one("filed_on", cells.read_date)
        registered_on = line.one("registered_on", cells.read_date)
        expires_on = line.one("expires_on", cells.read_date)
        status = line.one("status", cells.read_word(RightStatus))
        checked_on = line.one("status_checked_on", cells.read_date)
        if checked_on is not None and checked_on > self.today:
            line.refuse("status_checked_on", "lies in the future", f"write a day up to {self.today}")
        if ref is None or holder is None or kind is None or status is None:
            return None
        return Right(
            id="", right_ref=ref, holder=holder, kind=kind, office=office, registration_number=number,
            register_kind=register_kind, mark_text=mark_text, mark_feature=mark_feature,
            nice_classes=tuple(sorted(nice_classes)), goods=goods, territories=territories,
            filed_on=filed_on, registered_on=registered_on, expires_on=expires_on, status=status,
            status_checked_on=checked_on,
        )  # fmt: skip

    def _mandate(self, line: Line, holder: str | None) -> Mandate | None:
        agent = line.one("mandate_agent", cells.read_short)
        acts = line.many("mandate_acts", cells.read_word(Act))
        territories = line.many("mandate_territories", cells.read_territory)
        platforms = line.many("mandate_platforms", cells.read_platform)
        start = line.one("mandate_from", cells.read_date)
        end = line.one("mandate_until", cells.read_date)
        paper = line.one("mandate_file", str)
        if agent is None:
            values = (acts, territories, platforms, start, end, paper)
            for column, value in zip(_MANDATE_COLUMNS, values, strict=True):
                if value:
                    line.refuse(column, "is of a mandate without an agent", "write mandate_agent, or empty it")
            return None
        if not acts:
            line.refuse("mandate_acts", "is empty for a mandate", "write what the agent may do: notify, retract, sue")
        if start is None:
            line.refuse("mandate_from", "is empty for a mandate", "write its first day")
        refuse_disorder(line, ("mandate_from", start), ("mandate_until", end))
        if start is None or holder is None:
            return None
        return Mandate(
            id="", grantor=holder, agent=agent, acts=acts, territories=territories, platforms=platforms,
            valid_from=start, valid_until=end,
        )  # fmt: skip


def check_right(line: Line, right: Right) -> None:
    """Refuse the row where the right, as it would stand, lacks what its kind must carry or contradicts itself."""
    number, is_registered = right.registration_number, right.kind in _REGISTERED
    if right.office is None and (is_registered or number is not None):
        problem = f"is empty for a {right.kind.value}" if is_registered else "is empty beside a registration number"
        line.refuse("office", problem, "write the office of its register, such as EM or SE")
    if is_registered and number is None and right.status is not RightStatus.PENDING:
        problem = f"is empty for a {right.kind.value} that is {right.status.value}"
        line.refuse("registration_number", problem, "write the number of its register")
    check_territories(line, right)
    if right.kind is RightKind.TRADEMARK and not right.nice_classes:
        line.refuse("nice_classes", "is empty for a trademark", "write the classes of its certificate, such as 14|18")
    if right.mark_feature in (MarkFeature.WORD, MarkFeature.COMBINED) and right.mark_text is None:
        line.refuse("mark_text", f"is empty for a {right.mark_feature.value} mark", "write the words of the mark")
    if number is not None and right.office is not None:
        shape, example = _ANY_NUMBER, "2019/01234"
        if right.kind is RightKind.TRADEMARK:
            shape, example = _MARK_NUMBERS.get(right.office, (shape, example))
        if not shape.fullmatch(number.upper()):
            fix = f"write it as the register of {right.office} does, such as {example}"
            line.refuse("registration_number", f"is no number of office {right.office}", fix)
    refuse_disorder(line, ("filed_on", right.filed_on), ("registered_on", right.registered_on))
    begins = ("registered_on", right.registered_on) if right.registered_on else ("filed_on", right.filed_on)
    refuse_disorder(line, begins, ("expires_on", right.expires_on))


def check_territories(line: Line, right: Right) -> None:
    """Refuse territories that the office of the right cannot grant, and a Union right that names less than all."""
    beyond = [each for each in right.territories if each not in right.held_in]
    if beyond:
        problem = f"{right.office} grants nothing in {', '.join(beyond)}"
        fix = "leave them out; what is registered there has a row and a number of its own"
        line.refuse("territories", problem, fix)
    elif right.office in UNION_OFFICE and "EU" not in right.territories:
        line.refuse("territories", "names parts of a right that holds in the whole Union", "write EU")


def refuse_disorder(line: Line, first: tuple[str, date | None], second: tuple[str, date | None]) -> None:
    """Refuse the row when the second column's date lies before the first's."""
    if first[1] is not None and second[1] is not None and second[1] < first[1]:
        line.refuse(second[0], f"{second[1]} lies before {first[0]} {first[1]}", "check both dates")
