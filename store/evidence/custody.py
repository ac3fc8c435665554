"""
The custody chain: events bound one to the next, so that none can be changed, taken out or slipped in unseen.

A chain shows every change but one: cutting off its end. Keep its last hash, the head, somewhere else; a package
does so in its signed manifest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from store.evidence.errors import UnchainableEvent, Unsealable
from store.evidence.seal import canonical
from store.evidence.verify import CHAIN_START, Refused, chain_hash, parse_canonical

__all__ = ["CHAIN_START", "ChainBreak", "ChainedEvent", "chain", "chain_hash", "link", "read_log", "verify_chain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedEvent:
    """One event, the hash before it, and its own. The event is JSON as read, hence `Any` inside."""

    prev_hash: str
    event: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBreak:
    """Where a chain first fails: position from 0, and why."""

    position: int
    why: str


def chain(prev_hash: str, event: Mapping[str, Any]) -> str:
    """
    The hash of an event that follows `prev_hash` (64 hex digits; `CHAIN_START` for the first).

    SHA-256 over a domain string, the previous hash and the event's RFC 8785 JSON. Whoever keeps the canonical
    bytes of an event may pass them to `chain_hash` directly. Raises `UnchainableEvent`.
    """
    try:
        return chain_hash(prev_hash, canonical(event))
    except Unsealable as error:
        raise UnchainableEvent(error.why) from error
    except ValueError as error:
        raise UnchainableEvent(f"{prev_hash[:80]!r} is not a hash in hex") from error


def link(events: Iterable[Mapping[str, Any]], prev_hash: str = CHAIN_START) -> Iterator[ChainedEvent]:
    """Chain events in order, starting after `prev_hash`."""
    for event in events:
        chained = ChainedEvent(prev_hash=prev_hash, event=event, hash=chain(prev_hash, event))
        yield chained
        prev_hash = chained.hash


def verify_chain(
    events: Iterable[ChainedEvent], *, start: str = CHAIN_START, head: str | None = None
) -> ChainBreak | None:
    """
    The first break of a chain; None when it is whole.

    `head` is the last hash as kept elsewhere; without it, events missing at the end cannot be noticed.
    """
    previous, position = start, -1
    for position, chained in enumerate(events):
        if chained.prev_hash != previous:
            return ChainBreak(position=position, why="it does not name the event before it")
        if chain(previous, chained.event) != chained.hash:
            return ChainBreak(position=position, why="its hash is not that of its content")
        previous = chained.hash
    if head is not None and previous != head:
        return ChainBreak(position=position + 1, why="the chain ends before or beyond the head kept elsewhere")
    return None


def write_log(events: Iterable[ChainedEvent]) -> bytes:
    """The `custody.jsonl` of a package: one canonical JSON object per line."""
    return b"".join(
        canonical({"event": chained.event, "hash": chained.hash, "prev_hash": chained.prev_hash}) + b"\n"
        for chained in events
    )


def read_log(data: bytes) -> list[ChainedEvent]:
    """The events of a `custody.jsonl`, not yet verified. Raises `UnchainableEvent` for lines that are not one."""
    events = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            entry = parse_canonical(line)
            events.append(ChainedEvent(prev_hash=entry["prev_hash"], event=entry["event"], hash=entry["hash"]))
        except (Refused, KeyError, TypeError) as error:
            raise UnchainableEvent(f"line {number} of the custody log is not an event ({error})") from error
    return events
