"""
One letter as it lay in the mailbox, read: which delivery it names, what kind of letter it is, and what it says.

    RFC 3464  multipart/report, report-type=delivery-status: whether a message of ours arrived
    RFC 5965  multipart/report, report-type=feedback-report: somebody complains of a message of ours as abuse
    RFC 5322  a reply: a filled answer sheet, lines such as `12-3: removed`, or words for a person
    RFC 3834  Auto-Submitted: a machine's acknowledgement, which decides nothing

Nothing here is believed yet: `post.py` asks whether the letter is the recipient's and about what it may speak.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import Enum

KEY = re.compile(r"<([0-9a-f]{64})@[^<>\s]{1,255}>")
LINE = re.compile(
    r"^[ \t]{0,8}([0-9]{1,9}-[0-9]{1,6})[ \t]{0,8}[:=][ \t]{0,8}(\S[^\r\n]{0,99}?)[ \t]*$", re.MULTILINE
)
QUOTED = re.compile(r"^[ \t]*[>|].*$", re.MULTILINE)
TEXT_CHARS = 4000
PARTS = 200  # of one letter; what comes after is not read
SHEETS = 5
LETTER_BYTES = 40 * 1024 * 1024  # more than any relay passes on


class LetterKind(Enum):
    """What a letter is."""

    BOUNCE = "bounce"  # it did not arrive, for good
    ON_THE_WAY = "on_the_way"  # delayed, delivered, relayed: nothing is decided
    COMPLAINT = "complaint"  # our own message is reported as abuse
    AUTOMATIC = "automatic"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter, in plain values."""

    kind: LetterKind
    sender: str | None  # the one address of From, in small letters; None: there is none, or several
    keys: tuple[str, ...]  # of deliveries that it names by their Message-ID, the nearest first
    at: datetime | None  # as it says; None: it says nothing that is a time
    failed: tuple[str, ...] = ()  # of a bounce: addresses that were not reached
    feedback: str | None = None  # of a complaint: its type
    sheets: tuple[bytes, ...] = ()
    lines: tuple[tuple[int, str, str], ...] = ()  # line in the letter, label of an item, word
    text: str = ""  # what a person reads

    @property
    def domain(self) -> str:
        """Where it says that it comes from; empty where it does not."""
        return (self.sender or "").rpartition("@")[2]


def read_letter(data: bytes) -> Letter:
    """
    Read one message.

    Raises `ValueError` for what is none: more than `LETTER_BYTES`, no header, nested beyond any reading.
    """
    if len(data) > LETTER_BYTES:
        raise ValueError(f"it has more than {LETTER_BYTES} bytes")
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        parts = list(_parts(message))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not message.keys():
        raise ValueError("it has no header")
    report = _word(message.get_param("report-type")) if message.get_content_type() == "multipart/report" else ""
    plain = QUOTED.sub("", _text(parts))
    base = Letter(
        kind=LetterKind.REPLY,
        sender=_sender(message),
        keys=(),
        at=_moment(message),
        text=plain.strip()[:TEXT_CHARS],
    )
    if report == "delivery-status":
        failed, explained = _failures(parts)
        kind = LetterKind.BOUNCE if failed else LetterKind.ON_THE_WAY
        text = explained[:TEXT_CHARS] or base.text
        return replace(base, kind=kind, keys=_keys(_returned(parts)), failed=failed, text=text)
    if report == "feedback-report":
        return replace(base, kind=LetterKind.COMPLAINT, keys=_keys(_returned(parts)), feedback=_feedback(parts))
    keys = _keys([str(message.get(name, "")) for name in ("In-Reply-To", "References")])
    sheets = tuple(body for part in parts if (body := _sheet(part)) is not None)[:SHEETS]
    found = [(plain.count("\n", 0, hit.start()) + 1, hit[1], hit[2]) for hit in LINE.finditer(plain)]
    is_automatic = _word(message.get("Auto-Submitted")).startswith("auto-")
    kind = LetterKind.AUTOMATIC if is_automatic and not sheets and not found else LetterKind.REPLY
    return replace(base, kind=kind, keys=keys, sheets=sheets, lines=tuple(found))


def _parts(message: Message) -> Iterator[Message]:
    for count, part in enumerate(message.walk()):
        if count >= PARTS:
            return
        yield part


def _word(value: object) -> str:
    return str(value or "").partition(";")[0].strip().casefold()


def _sender(message: Message) -> str | None:
    """Whom the letter says it is from; two addresses are none, because either could be meant."""
    found = [address for _, address in getaddresses([str(v) for v in message.get_all("From", [])])]
    if len(found) != 1 or found[0].count("@") != 1 or any(c.isspace() for c in found[0]):
        return None
    return found[0].casefold()


def _moment(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message.get("Date", "")))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _keys(headers: list[str]) -> tuple[str, ...]:
    """Keys in headers that name messages; some programs fold a long one into encoded words, against RFC 2047."""
    return tuple(dict.fromkeys(key for header in headers for key in KEY.findall(_unfolded(header))))


def _unfolded(header: str) -> str:
    if "=?" not in header:
        return header
    try:
        return str(make_header(decode_header(header)))
    except (ValueError, LookupError, HeaderParseError):
        return header


def _decoded(part: Message) -> str:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    try:
        return body.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a charset nobody knows
        return body.decode("latin-1")


def _text(parts: list[Message]) -> str:
    """The words of the first part that is plain text and no attachment."""
    for part in parts:
        if part.get_content_type() == "text/plain" and part.get_content_disposition() != "attachment":
            return _decoded(part).replace("\r\n", "\n").replace("\r", "\n")
    return ""


def _sheet(part: Message) -> bytes | None:
    """The bytes of an attached table; its name or its type says that it is one."""
    name = (part.get_filename() or "").casefold()
    if part.is_multipart() or not (part.get_content_type() == "text/csv" or name.endswith(".csv")):
        return None
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else None


def _failures(parts: list[Message]) -> tuple[tuple[str, ...], str]:
    """Addresses of a delivery status whose action is `failed`, with the reasons given (RFC 3464, 2.3)."""
    failed: list[str] = []
    told: list[str] = []
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if not isinstance(block, Message) or _word(block.get("Action")) != "failed":
                continue
            named = block.get("Original-Recipient") or block.get("Final-Recipient") or ""
            address = str(named).partition(";")[2].strip().strip("<>").casefold()
            failed.append(address)
            reason = str(block.get("Diagnostic-Code") or block.get("Status") or "")
            told.append(f"{address}: {' '.join(reason.split())}")
    return tuple(failed), "; ".join(told)


def _returned(parts: list[Message]) -> list[str]:
    """The Message-ID of what a report is about: the message or its header, returned as its last part."""
    found = []
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                found.append(str(inner[0].get("Message-ID", "")))
        elif kind == "text/rfc822-headers":
            found.append(str(email.message_from_string(_decoded(part)).get("Message-ID", "")))
    return found


def _feedback(parts: list[Message]) -> str:
    """The type of a feedback report (RFC 5965, 3.1); `other` where it names none."""
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            inner = part.get_payload()
            block = inner[0] if isinstance(inner, list) and inner else None
            text = block.as_string() if isinstance(block, Message) else _decoded(part)
            word = _word(email.message_from_string(text).get("Feedback-Type"))
            return word if re.fullmatch(r"[a-z0-9-]{1,40}", word) else "other"
    return "other"
