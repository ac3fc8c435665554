"""What is said to a platform of an item after its notice left: taken back, stood by, or before a court."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class FollowUpKind(Enum):
    """What is said."""

    WITHDRAW = "withdraw"  # taken back before anything was decided: do nothing on it
    RESTORE = "restore"  # taken back after the platform acted: put it back
    UPHOLD = "uphold"  # the objection is answered, and the notice stands
    COURT = "court"  # an action is filed


class Fault(Enum):
    """What was wrong with an item that was taken back; a closed list, so that it can be counted and mended."""

    AUTHORISED = "authorised"  # the seller may sell it
    GENUINE = "genuine"  # the article is what it says
    WRONG_ITEM = "wrong_item"  # another listing, product or work was meant
    NO_RIGHT = "no_right"  # the right does not hold there, or not any more
    EXCEPTION = "exception"  # an exception covers it: quotation, parody, resale
    BAD_EVIDENCE = "bad_evidence"
    UNSAID = "unsaid"  # an error that whoever took it back did not name
    NOT_FALSE = "not_false"  # taken back for another reason, e.g. the parties settled


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One word on one item; it leaves in a sealed batch of its own and has the platform's receipt."""

    id: str
    notice: str
    item: str  # NoticeItem id
    platform: str
    kind: FollowUpKind
    fault: Fault | None = None  # set where it takes something back
    because: str  # in words that the platform reads
    by: str
    at: datetime
    counter: str | None = None  # CounterNotice id; None: no objection led to it
    batch: str | None = None  # None: not sealed yet
    told_at: datetime | None = None  # when the platform had it
    receipt: str | None = None

    @property
    def takes_back(self) -> bool:
        """Whether the item is no longer complained of."""
        return self.kind in (FollowUpKind.WITHDRAW, FollowUpKind.RESTORE)
