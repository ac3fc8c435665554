"""
What can go wrong on the way out of the house.

ReportError
├── UnknownNotice      no such notice in sight
├── WrongState         the notice does not stand where this act needs it
├── WrongSigner        another person signs than the notice names, or no person does
├── SamePerson         whoever prepared it does not approve it, whoever approved it does not sign it
├── OwnWork            an office of one waits a day before it approves its own work, and approves few a day
├── ChangedNotice      it is no longer what the person had before them
├── NoReason           a notice is sent back or recalled for a reason, in words
├── OtherSender        the notice was drafted and signed for another agent than now sends
├── UnverifiedProfile  the profile is a draft; nothing may be sent under it
├── UnknownBatch       no such batch in sight
├── UnreadableAnswers  a file of answers is none, or damaged
├── NoRoomHere         answers came, and this machine cannot keep them
├── NoWay              a delivery is declared that this installation cannot make: a key or a relay is missing
├── NotWaiting         no delivery of the batch waits for what a person says
├── NoSuchDeadline     no running clock of that id in sight, or too few words
├── NoStep             the ladder has no step now
├── NoRelease          a used-up budget is released by two people, each with a reason
├── BudgetUsed         sending to a platform has stopped: its record of accuracy is used up
├── NothingToTakeBack  nothing of the notice has left, or the reason is missing
├── UnknownObjection   no such objection in sight
├── NotAnAnswer        an objection cannot be entered or answered so
├── NotOurDoor         the accused answers through the platform; nothing was kept
├── UnknownJurisdiction  a clock counts business days of a place whose holidays nobody knows
├── NotYourInstrument  a form of authorities in a company's workspace
├── ProtectedTarget    a whole name or network is asked about that many others use
├── UnfitInstrument    an instrument lacks what its form demands, or does not stand where the act needs it
├── UnknownElement     words for a part that the instrument's form does not have
├── UnfitHold          a hold says too little, or there is none of that id
├── UnwritableReport   an item does not fit the format its recipient reads
└── MissingEvidence    bytes that a batch must carry are not in the vault
"""

from __future__ import annotations

import difflib


class ReportError(Exception):
    """Nothing left the house."""


class UnknownNotice(ReportError):
    """No notice of that id in the reader's scope."""

    def __init__(self, notice: str) -> None:
        super().__init__(f"no notice {notice}; `marque notices list` names them")
        self.notice = notice


class WrongState(ReportError):
    """The act does not fit where the notice stands."""

    def __init__(self, number: int, state: str, needed: str) -> None:
        super().__init__(f"notice {number} is {state}, this needs {needed}")
        self.number = number
        self.state = state
        self.needed = needed


class WrongSigner(ReportError):
    """A signature is one named person's own act."""

    def __init__(self, number: int, signer: str, why: str) -> None:
        super().__init__(f"notice {number} is not signed by {signer!r}: {why}")
        self.number = number
        self.signer = signer
        self.why = why


class SamePerson(ReportError):
    """Several people stand behind a notice, unless the policy says that the office has one."""

    def __init__(self, number: int, by: str, did: str) -> None:
        super().__init__(
            f"notice {number}: {by!r} {did}, so that this is another person's act; an office of one says so in"
            " policy.toml, [review] people = 1"
        )
        self.number = number
        self.by = by
        self.did = did


class OwnWork(ReportError):
    """A person alone looks again after a night, and not at a pile."""

    def __init__(self, number: int, by: str, why: str) -> None:
        super().__init__(f"notice {number} is {by!r}'s own work: {why}")
        self.number = number
        self.by = by
        self.why = why


class ChangedNotice(ReportError):
    """Somebody changed the notice after the person opened it."""

    def __init__(self, number: int, state: str) -> None:
        super().__init__(f"notice {number} changed after it was opened, and is {state} now; read it again")
        self.number = number
        self.state = state


class NoReason(ReportError):
    """Whoever has to mend it, or is told of it, needs to know why."""

    def __init__(self, number: int, least: int) -> None:
        super().__init__(f"notice {number} needs a reason of at least {least} letters")
        self.number = number
        self.least = least


class OtherSender(ReportError):
    """A notice names who sends it; a batch of it names nobody else."""

    def __init__(self, number: int, drafted_for: str | None, sends_now: str | None) -> None:
        holder = "the holder itself"
        super().__init__(
            f"notice {number} was signed for {drafted_for or holder}, and {sends_now or holder} sends now;"
            " recall it and prepare it anew, or correct [sender] in policy.toml"
        )
        self.number = number
        self.drafted_for = drafted_for
        self.sends_now = sends_now


class UnverifiedProfile(ReportError):
    """Nobody has compared the profile with its sources here, or too long ago."""

    def __init__(self, profile: str) -> None:
        super().__init__(
            f"profile {profile} is a draft; `marque profiles verify {profile} --by PERSON` after reading its sources"
        )
        self.profile = profile


class NotWaiting(ReportError):
    """What a person entered of a delivery does not fit where it stands."""

    def __init__(self, batch: int, why: str) -> None:
        super().__init__(f"batch {batch}: {why}; `marque notices track` shows where deliveries stand")
        self.batch = batch


class UnreadableAnswers(ReportError):
    """Nothing of a file of answers was entered."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the answers cannot be read: {why}")
        self.why = why


class NoWay(ReportError):
    """The declared way to a platform needs something that this installation lacks."""


class UnknownBatch(ReportError):
    """No batch of that id in the reader's scope."""

    def __init__(self, batch: str) -> None:
        super().__init__(f"no batch {batch}; `marque batches list` names them")
        self.batch = batch


class NotYourInstrument(ReportError):
    """Only an authority issues orders."""

    def __init__(self, form: str) -> None:
        super().__init__(
            f"{form} is an authority's instrument; policy.toml says [sender] kind = 'company'"
            " (an authority's workspace says 'authority')"
        )
        self.form = form


class ProtectedTarget(ReportError):
    """What hits a whole name or network would hit everybody on it."""

    def __init__(self, domain: str, why: str) -> None:
        super().__init__(f"no report about {domain} as a whole: {why}; ask for the single pages instead")
        self.domain = domain
        self.why = why


class UnfitInstrument(ReportError):
    """An instrument is issued whole, once, by somebody else than its drafter."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"instrument {number}: {why}")
        self.number = number
        self.why = why


class UnknownElement(ReportError):
    """A person gave words for an element that the form does not have."""

    def __init__(self, form: str, code: str, known: tuple[str, ...]) -> None:
        near = difflib.get_close_matches(code, known, 1, 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        super().__init__(f"{form} has no element {code!r}{hint} (it takes: {', '.join(known)})")
        self.code = code


class UnfitHold(ReportError):
    """A hold binds everybody, so that it says what it is about and why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the hold: {why}")
        self.why = why


class UnwritableReport(ReportError):
    """A report that its recipient's machine would refuse is not written."""

    def __init__(self, item: str, why: str) -> None:
        super().__init__(f"item {item} does not fit its format: {why}; correct the record named, then prepare again")
        self.item = item
        self.why = why


class MissingEvidence(ReportError):
    """A batch without its evidence is not written."""

    def __init__(self, item: str, sha256: str, why: str) -> None:
        super().__init__(f"item {item} needs the bytes {sha256}: {why}; run `marque doctor`, then prepare again")
        self.item = item
        self.sha256 = sha256
        self.why = why


class UnknownJurisdiction(ReportError):
    """Nobody knows the holidays of such a place."""

    def __init__(self, jurisdiction: str) -> None:
        super().__init__(
            f"no public holidays are known of {jurisdiction!r}; write a country as ISO 3166 (US), or a part (DE-BY),"
            " under holidays in the profile's clock"
        )
        self.jurisdiction = jurisdiction


class NoSuchDeadline(ReportError):
    """Nothing runs under that id, or what was said of it is too little."""

    def __init__(self, deadline: str, why: str = "no clock that still runs has this id in sight") -> None:
        super().__init__(f"clock {deadline}: {why}; `marque deadlines list` shows what runs")
        self.deadline = deadline


class NoStep(ReportError):
    """The profile's ladder has no step that can be taken now."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"clock {kind}: {why}; the profile's [[ladder]] says which steps there are")
        self.kind = kind


class NoRelease(ReportError):
    """One person alone, or without a reason, releases nothing."""

    def __init__(self, platform: str, why: str) -> None:
        super().__init__(f"the budget of {platform} is not released: {why}")
        self.platform = platform


class BudgetUsed(ReportError):
    """The platform's confidence would be lost by more wrong notices; nothing leaves for it."""

    def __init__(self, platform: str, code: str, because: str, way: str) -> None:
        super().__init__(f"{code}: nothing leaves for {platform}: {because}; {way}")
        self.platform = platform
        self.code = code
        self.way = way


class NothingToTakeBack(ReportError):
    """What has not left is recalled, what is not there cannot be withdrawn."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"nothing of notice {number} is taken back: {why}")
        self.number = number


class UnknownObjection(ReportError):
    """No objection of that id in the reader's scope."""

    def __init__(self, objection: str) -> None:
        super().__init__(f"no objection {objection}; `marque objections list` names them")
        self.objection = objection


class NotAnAnswer(ReportError):
    """An objection cannot be entered or answered so."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"notice {number}, objection: {why}")
        self.number = number
        self.why = why


class NotOurDoor(ReportError):
    """The accused answers through the platform, unless the profile says that letters to us are taken."""

    def __init__(self, number: int, door: str) -> None:
        super().__init__(
            f"notice {number}: objections go through the platform, and nothing of this one was kept; send the"
            f" accused there ({door}), or let the profile say [objections] through = 'desk'"
        )
        self.number = number


class NoRoomHere(ReportError):
    """What platforms answered came, and this machine had no room to keep it."""

    def __init__(self, fault: Exception) -> None:
        super().__init__(
            f"this machine could not keep what came ({fault}); the mailbox is well and nothing in it was marked: "
            "make room, the next look goes on there"
        )
