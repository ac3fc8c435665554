"""The platform's word for what it did, in ours: the answer sheet's words, and what the profile maps beside them."""

from __future__ import annotations

from dataclasses import dataclass

from config.profile import Profile
from store.records.outcomes import OutcomeKind, OutcomeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a word says."""

    status: OutcomeStatus
    action: str | None = None  # content_removed, access_disabled, paused, demoted, account_suspended, none


WORDS = {
    "received": Meaning(status=OutcomeStatus.RECEIVED),
    "under_review": Meaning(status=OutcomeStatus.UNDER_REVIEW),
    "more_needed": Meaning(status=OutcomeStatus.CLARIFICATION_REQUESTED),
    "removed": Meaning(status=OutcomeStatus.ACTIONED, action="content_removed"),
    "disabled": Meaning(status=OutcomeStatus.ACTIONED, action="access_disabled"),
    "paused": Meaning(status=OutcomeStatus.ACTIONED, action="paused"),
    "partly": Meaning(status=OutcomeStatus.PARTLY_ACTIONED),
    "kept": Meaning(status=OutcomeStatus.REJECTED, action="none"),
    "not_found": Meaning(status=OutcomeStatus.FAILED, action="none"),
    "counter_notice": Meaning(status=OutcomeStatus.COUNTER_NOTICED),
    "reinstated": Meaning(status=OutcomeStatus.REINSTATED),
}
"""The words of our answer sheet."""

REASONS = {
    "genuine": "The goods are genuine",
    "authorised": "The seller is authorised, or sells on what it bought",
    "no_right": "The right does not cover this territory, these goods or this work",
    "not_shown": "The evidence does not show what is claimed",
    "not_identified": "The listing cannot be told from what was sent",
    "exception": "A review, parody, quotation or other permitted use",
    "duplicate": "The same was asked for before",
    "gone_before": "It was gone before the notice came",
    "other": "Another reason, in words",
}
"""Why nothing or not everything was done: the closed reasons that our forms and our interface offer."""

NEEDS_REASON = frozenset({OutcomeStatus.PARTLY_ACTIONED, OutcomeStatus.REJECTED, OutcomeStatus.FAILED})
"""Answers that say nothing to the holder without a reason."""


def reason_text(code: str | None, note: str | None) -> str | None:
    """A closed reason and words as they are kept beside an answer, `no_right: words`; None where there is neither."""
    parts = [part for part in (code, note) if part]
    return ": ".join(parts) if parts else None


_KINDS = {
    OutcomeStatus.RECEIVED: OutcomeKind.ACK,
    OutcomeStatus.UNDER_REVIEW: OutcomeKind.ACK,
    OutcomeStatus.CLARIFICATION_REQUESTED: OutcomeKind.CLARIFICATION,
    OutcomeStatus.COUNTER_NOTICED: OutcomeKind.COUNTER_NOTICE,
    OutcomeStatus.REINSTATED: OutcomeKind.REINSTATEMENT,
    OutcomeStatus.FAILED: OutcomeKind.BOUNCE,
}


BOUNCED = "bounced"
"""Our word for a message that its recipient's mail system gave back."""


def meaning_of(word: str, profile: Profile | None) -> Meaning | None:
    """What a word means; None where nobody has said so: it is kept, shown to a person, and never guessed."""
    folded = "_".join(word.strip().casefold().replace("-", " ").split())
    if profile is not None and (mapped := profile.status_map.get(folded)) is not None:
        return Meaning(status=OutcomeStatus(mapped.status), action=mapped.action)
    return Meaning(status=OutcomeStatus.FAILED, action="none") if folded == BOUNCED else WORDS.get(folded)


def kind_of(status: OutcomeStatus | None) -> OutcomeKind:
    """What kind of answer a status comes with; an unmapped one is taken for a decision, so that a person reads it."""
    return OutcomeKind.DECISION if status is None else _KINDS.get(status, OutcomeKind.DECISION)
