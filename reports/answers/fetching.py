"""
Fetches what platforms answered: from their interfaces, from the mailbox their letters come into, from folders.

An interface is asked about each delivery it took, by the receipt it gave; its answer is about that batch alone.
Whatever is no answer (an error, silence, garbage) changes nothing and is told; the next look asks again.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError

from config.returns import Returns
from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.exchange import exchange
from reports.answers.files import move_aside, read_file
from reports.answers.inbox import Fetched, Inbox, Said, Sent, enter_said, failed, items_of, refused
from reports.answers.intake import Taken, Why, take_sheet
from reports.answers.mailbox import take_mailbox
from reports.answers.post import take_post
from reports.answers.served import take_served
from reports.answers.sheet import BYTES_MOST as SHEET_BYTES
from reports.errors import UnreadableAnswers
from store.db import tables
from store.db.batches import Batches
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.records.notices import BatchKind
from store.records.outbox import OutboxState
from store.records.scope import EVERYTHING

ASKED_FOR = timedelta(days=190)  # chosen: the six months in which a decision can be complained of, and a few days
ANSWER_BYTES = 8 * 1024 * 1024  # chosen: five thousand items with their reasons
READ_S = 60.0
WORD_CHARS, REASON_CHARS, CASE_CHARS = 100, 4000, 200

log = logging.getLogger(__name__)

Ask = Callable[[str, Returns], bytes]
"""Gives the body of an address's answer. Raises `UnreadableAnswers` for anything but a 200 that is read whole."""
Pause = Callable[[float], bool]
"""Waits so many seconds; True where the caller is to stop."""


def asker(
    *, secret: Callable[[str], str | None], user_agent: str, read_s: float = READ_S, inner: Collection[str] = ()
) -> Ask:
    """
    Asks over the network: no redirect is followed, and an answer that is too long is none.

    `inner` are the hosts of one's own network that may be asked.
    """

    def ask(address: str, returns: Returns) -> bytes:
        headers = {"User-Agent": user_agent, "Accept": "application/json"}
        if returns.key_env is not None:
            key = secret(returns.key_env)
            if not key:
                raise UnreadableAnswers(f"the environment has no {returns.key_env}, the key of {returns.at}")
            headers["Authorization"] = f"Bearer {key}"
        try:
            reply = exchange(
                "GET",
                address,
                headers=headers,
                loopback=True,
                read_s=read_s,
                most_bytes=ANSWER_BYTES + 1,
                inner=inner,
            )
        except (Refused, NoConnection, NoAnswer) as error:
            raise UnreadableAnswers(f"no answer: {error.why}") from error
        if reply.status != 200:
            wait = reply.headers.get("Retry-After")
            raise UnreadableAnswers(f"it answered {reply.status}" + (f", again in {wait} s" if wait else ""))
        if len(reply.body) > ANSWER_BYTES:
            raise UnreadableAnswers(f"its answer has more than {ANSWER_BYTES} bytes")
        return reply.body

    return ask


def fetch(
    inbox: Inbox, platforms: Sequence[str], *, ask: Ask, secret: Callable[[str], str | None], pause: Pause
) -> list[Fetched]:
    """Everything these platforms answered since the last look; again, it changes nothing."""
    found: list[Fetched] = []
    boxes: dict[Path, dict[str, Returns]] = defaultdict(dict)
    served: dict[tuple[str, str], dict[str, Returns]] = defaultdict(dict)
    for name in platforms:
        returns = inbox.declarations.platforms[name].notify.answers
        if returns is None:
            continue
        if returns.by == "mail":
            boxes[inbox.home / returns.at][name] = returns
        elif returns.by == "imap":
            served[returns.at, returns.key_env or ""][name] = returns
        elif returns.by == "sftp":
            found += _whole(partial(take_served, inbox, name, returns, secret), (name,), returns.at)
        elif returns.by == "api":
            found += _whole(partial(_from_interface, inbox, name, ask, pause), (name,), returns.at)
        else:
            found += _whole(partial(_from_folder, inbox, name, inbox.home / returns.at), (name,), returns.at)
    for folder, of_box in boxes.items():
        found += _whole(partial(take_post, inbox, folder, of_box), tuple(of_box), str(folder))
    for (at, key_env), of_box in served.items():
        found += _whole(partial(take_mailbox, inbox, at, secret(key_env), of_box), tuple(of_box), at)
    return found


def _whole(take: Callable[[], list[Fetched]], platforms: Sequence[str], source: str) -> list[Fetched]:
    """What one way back gives; what goes wrong with it is told of its platforms, and costs no other its turn."""
    try:
        return take()
    except UnreadableAnswers as error:
        fault = str(error)
    except Exception as error:  # the one boundary of a way back
        log.exception("a way back failed", extra={"source": source})
        fault = failed(error)
    return [Fetched(platform=name, source=source, fault=fault) for name in platforms]


def _from_folder(inbox: Inbox, platform: str, folder: Path) -> list[Fetched]:
    """Filled sheets of a folder, the oldest name first; each is then moved to `taken` or `unreadable` beside it."""
    if not folder.is_dir():
        raise UnreadableAnswers("there is no such folder")
    found = []
    for path in sorted(folder.glob("*.csv")):
        try:
            fetched = _take_file(inbox, platform, path)
            # Only now: whoever dies before takes it once more, and what was entered is known.
            move_aside(path, folder / ("taken" if fetched.fault is None else "unreadable"))
        except Exception as error:  # one sheet's boundary: it stays for the next look, and costs no other its turn
            log.exception("a sheet was not taken", extra={"sheet": path.name})
            fetched = Fetched(platform=platform, source=path.name, fault=failed(error))
        found.append(fetched)
    return found


def _take_file(inbox: Inbox, platform: str, path: Path) -> Fetched:
    try:
        taken = take_sheet(
            inbox.database, inbox.vault, inbox.declarations, read_file(path, most_bytes=SHEET_BYTES),
            key=inbox.key, by=inbox.by, clock=inbox.clock, ids=inbox.ids,
        )  # fmt: skip
    except UnreadableAnswers as error:
        return Fetched(platform=platform, source=path.name, fault=str(error))
    return Fetched(platform=platform, source=path.name, taken=tuple(taken))


def _from_interface(inbox: Inbox, platform: str, ask: Ask, pause: Pause) -> list[Fetched]:
    """Ask about every delivery that the platform took and may still say something of."""
    notify = inbox.declarations.platforms[platform].notify
    returns, found = notify.answers, list[Fetched]()
    assert returns is not None, "asked only where a way back is declared"
    gap_s = notify.delivery.pause.total_seconds() if notify.delivery else 6.0
    for sent in _accepted(inbox, platform):
        named = {"receipt": sent.entry.receipt or "", "key": sent.entry.idempotency_key}
        address = returns.at
        for name, value in named.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        told = partial(Fetched, platform=platform, source=address, batch=sent.batch.number)
        try:
            found.append(told(taken=tuple(_answered(inbox, sent, ask(address, returns), returns))))
        except UnreadableAnswers as error:
            found.append(told(fault=str(error)))
        if pause(gap_s):
            break
    return found


def _accepted(inbox: Inbox, platform: str) -> list[Sent]:
    """Deliveries of notices that the platform took lately, the oldest first."""
    table = tables.outbox
    since = inbox.clock() - ASKED_FOR
    with inbox.database.read() as connection:
        entries = Outbox(connection, EVERYTHING).find(
            table.c.state == OutboxState.ACCEPTED.value, table.c.settled_at >= since
        )
        batches = Batches(connection, EVERYTHING)
        sent = [
            Sent(entry=entry, batch=batch) for entry in entries if (batch := batches.get(entry.batch)) is not None
        ]
    mine = [each for each in sent if each.batch.platform == platform and each.batch.kind is BatchKind.NOTICES]
    return sorted(mine, key=lambda each: each.batch.number)


def _answered(inbox: Inbox, sent: Sent, body: bytes, returns: Returns) -> list[Taken]:
    """Enter the rows of one answer. Raises `UnreadableAnswers` where it holds no list of them."""
    names = items_of(inbox, sent.batch)
    latest = _latest_words(inbox, sent)
    said, taken = [], []
    for line, row in enumerate(_rows(body, returns), 1):
        name, word = _text(row, returns.shape.item, 200), _text(row, returns.shape.word, WORD_CHARS)
        item = names.get(name or "")
        if name is None or word is None:
            taken.append(refused(Why.UNREADABLE, "it names no item, or says nothing of it", line=line, word=word))
        elif item is None:
            because = (
                f"several items have the id {name[:60]!r}" if name in names else f"the batch has no {name[:60]!r}"
            )
            taken.append(refused(Why.NOT_OURS, because, line=line, word=word))
        else:
            at = _time(row, returns.shape.decided_at)
            if at is None and latest.get(item) == word:
                continue  # without a time, the word that stands is the answer we have
            said.append(
                Said(
                    line=line,
                    item=item,
                    word=word,
                    decided_at=at or inbox.clock(),
                    case=_text(row, returns.shape.case, CASE_CHARS),
                    reason=_text(row, returns.shape.reason, REASON_CHARS),
                )
            )
    return [*enter_said(inbox, sent.batch, said, body), *taken] if said else taken


def _rows(body: bytes, returns: Returns) -> list[Any]:  # Any: JSON values
    try:
        found = jmespath.search(returns.shape.rows, json.loads(body))
    except (ValueError, RecursionError, JMESPathError) as error:
        raise UnreadableAnswers(f"it is no answer of an interface ({type(error).__name__})") from error
    if not isinstance(found, list):
        raise UnreadableAnswers(f"it has no list at {returns.shape.rows!r}")
    return found


def _latest_words(inbox: Inbox, sent: Sent) -> dict[str, str]:
    """The word that each item was last answered with."""
    with inbox.database.read() as connection:
        outcomes = Outcomes(connection, EVERYTHING)
        return {
            each.item: each.status_raw
            for notice in sent.batch.notices
            for each in outcomes.of_notice(notice)
            if each.item is not None
        }


def _value(row: Any, path: str) -> Any:  # Any: JSON values
    try:
        return jmespath.search(path, row)
    except JMESPathError:
        return None


def _text(row: Any, path: str, most: int) -> str | None:
    found = _value(row, path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    text = " ".join(str(found).split())[:most]
    return text if text and text.isprintable() else None


def _time(row: Any, path: str) -> datetime | None:
    """The moment a row names, with its zone; None where it names none that is meant."""
    found = _value(row, path)
    if not isinstance(found, str):
        return None
    try:
        at = datetime.fromisoformat(found)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
