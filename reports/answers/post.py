"""
Answers by mail: letters in a Maildir, each bound to its delivery before it may say anything.

A letter names its delivery by the key in our Message-ID, 256 bits that only we, the relays and the recipient have
seen. A reply also has to come from a domain that the platform writes from; that line of a letter can be forged, the
key cannot be guessed. A bounce names the address it was sent to. A filled sheet carries its items' own codes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from config.returns import Returns
from reports.answers.files import move_aside, read_file
from reports.answers.inbox import (
    Fetched,
    Inbox,
    Said,
    Sent,
    enter_said,
    enter_words,
    failed,
    items_of,
    refused,
    sent_under,
)
from reports.answers.intake import CLOCKS_DIFFER, Fate, Taken, Why, take_sheet
from reports.answers.letters import LETTER_BYTES, Letter, LetterKind, read_letter
from reports.answers.lifecycle import standing_of
from reports.answers.vocabulary import BOUNCED
from reports.errors import UnreadableAnswers
from store.db.audit import act_of
from store.db.notices import Notices
from store.db.outbox import Outbox
from store.db.outcomes import Outcomes
from store.records.notices import BatchKind
from store.records.outbox import OutboxState
from store.records.outcomes import OutcomeStatus
from store.records.scope import EVERYTHING

log = logging.getLogger(__name__)

WAITS = frozenset({None, OutcomeStatus.RECEIVED})
"""Where an item may stand for a bounce to say that it failed: a word of the platform's own is stronger."""


def take_post(inbox: Inbox, folder: Path, platforms: Mapping[str, Returns]) -> list[Fetched]:
    """
    Take every new letter of a Maildir that these platforms answer into; each is then filed as seen.

    A letter that nobody can read is filed as flagged; one that could not be taken for another reason is left as new,
    told, and keeps no other waiting. Raises `UnreadableAnswers` where the folder is no Maildir.
    """
    try:
        letters = sorted(path for path in (folder / "new").iterdir() if _may_be_letter(path))
        is_whole = (folder / "cur").is_dir()
    except OSError as error:
        raise UnreadableAnswers(f"{folder} is no mailbox of the kind Maildir ({error.strerror})") from error
    if not is_whole:
        raise UnreadableAnswers(f"{folder} is no mailbox of the kind Maildir (it has no folder cur)")
    return [_take_file(inbox, path, folder / "cur", platforms) for path in letters]


def _may_be_letter(path: Path) -> bool:
    return path.name[0] != "." and (path.is_symlink() or not path.is_dir())


def _take_file(inbox: Inbox, path: Path, filed: Path, platforms: Mapping[str, Returns]) -> Fetched:
    try:
        came_at = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        try:
            data = read_file(path, most_bytes=LETTER_BYTES)
            fetched = take_letter(inbox, data, path.name, came_at, platforms)
        except (ValueError, UnreadableAnswers) as error:
            fetched = Fetched(platform=_one(platforms), source=path.name, fault=f"it is no letter: {error}")
        # Only now: whoever dies before reads it once more, and what was entered is known. A name in use is kept.
        flags = "S" if fetched.fault is None else "FS"
        move_aside(path, filed, name=path.name.partition(":")[0], end=f":2,{flags}")
    except Exception as error:  # one letter's boundary
        log.exception("a letter was not taken", extra={"letter": path.name})
        return Fetched(platform=_one(platforms), source=path.name, fault=failed(error))
    return fetched


def take_letter(
    inbox: Inbox, data: bytes, source: str, came_at: datetime, platforms: Mapping[str, Returns]
) -> Fetched:
    """Take one letter. Raises `ValueError` for bytes that are none."""
    letter = read_letter(data)
    sent = sent_under(inbox, letter.keys)
    if sent is not None and sent.batch.platform not in platforms:
        sent = None  # another mailbox is that platform's
    platform = sent.batch.platform if sent else _one(platforms)
    at = letter.at if letter.at is not None and letter.at <= came_at + CLOCKS_DIFFER else came_at
    taken = _taken(inbox, letter, sent, at, data, platforms)
    return Fetched(platform=platform, source=source, batch=sent.batch.number if sent else None, taken=tuple(taken))


def _taken(
    inbox: Inbox,
    letter: Letter,
    sent: Sent | None,
    at: datetime,
    data: bytes,
    platforms: Mapping[str, Returns],
) -> list[Taken]:
    if letter.kind is LetterKind.REPLY and letter.sheets and sent is None:
        return _sheets(inbox, letter, None)  # their own codes bind them
    if sent is None:
        return [refused(Why.NOT_OURS, "it names no delivery of ours")]
    match letter.kind:
        case LetterKind.BOUNCE:
            return _bounced(inbox, letter, sent, at, data)
        case LetterKind.COMPLAINT:
            text = "the recipient's mail system passed on that our message was reported as abuse"
            return [enter_words(inbox, sent.batch, f"feedback: {letter.feedback}", text, at, data)]
        case LetterKind.ON_THE_WAY | LetterKind.AUTOMATIC:
            word = "on the way" if letter.kind is LetterKind.ON_THE_WAY else "automatic answer"
            return [
                Taken(line=0, item=None, word=word, fate=Fate.KNOWN, because="a machine says so; nothing is decided")
            ]
    senders = platforms[sent.batch.platform].senders
    if not any(letter.domain == domain or letter.domain.endswith(f".{domain}") for domain in senders):
        because = f"it names batch {sent.batch.number}, and is not from where {sent.batch.platform} writes"
        return [refused(Why.OTHER_SENDER, because)]
    if letter.sheets:
        return _sheets(inbox, letter, sent)
    if letter.lines:
        return _lines(inbox, letter, sent, at, data)
    return [enter_words(inbox, sent.batch, "letter", letter.text, at, data)]


def _sheets(inbox: Inbox, letter: Letter, sent: Sent | None) -> list[Taken]:
    taken: list[Taken] = []
    for sheet in letter.sheets:
        try:
            taken += take_sheet(
                inbox.database, inbox.vault, inbox.declarations, sheet,
                key=inbox.key, by=inbox.by, clock=inbox.clock, ids=inbox.ids, only=sent.batch.id if sent else None,
            )  # fmt: skip
        except UnreadableAnswers as error:
            taken.append(
                Taken(line=0, item=None, word=None, fate=Fate.UNREADABLE, code=Why.UNREADABLE, because=str(error))
            )
    return taken


def _lines(inbox: Inbox, letter: Letter, sent: Sent, at: datetime, data: bytes) -> list[Taken]:
    names = items_of(inbox, sent.batch)
    said, wrong = [], []
    for line, label, word in letter.lines:
        item = names.get(label)
        if item is None:
            wrong.append(
                refused(Why.NOT_OURS, f"batch {sent.batch.number} has no item {label}", line=line, word=word)
            )
        else:
            said.append(Said(line=line, item=item, word=word, decided_at=at))
    return sorted([*enter_said(inbox, sent.batch, said, data), *wrong], key=lambda each: each.line)


def _bounced(inbox: Inbox, letter: Letter, sent: Sent, at: datetime, data: bytes) -> list[Taken]:
    """What was sent by mail and given back: items that nobody answered failed, and the delivery is a person's."""
    platform = inbox.declarations.platforms.get(sent.batch.platform)
    delivery = platform.notify.delivery if platform else None
    if delivery is None or delivery.by != "mail" or delivery.to.casefold() not in letter.failed:
        return [refused(Why.NOT_OURS, "it gives back a message to an address that the batch was not sent to")]
    waiting: list[str] = []
    with inbox.database.read() as connection:
        outcomes, notices = Outcomes(connection, EVERYTHING), Notices(connection, EVERYTHING)
        for id in sent.batch.notices if sent.batch.kind is BatchKind.NOTICES else ():
            notice, answers = notices.get(id), outcomes.of_notice(id)
            left = [item.id for item in notice.items if not item.refusals] if notice else []
            waiting += [item for item in left if standing_of(answers, item).status in WAITS]
    said = [
        Said(line=line, item=id, word=BOUNCED, decided_at=at, reason=letter.text[:1000] or None)
        for line, id in enumerate(waiting, 1)
    ]
    taken = enter_said(inbox, sent.batch, said, data)
    entry = sent.entry
    if entry.state is OutboxState.ACCEPTED and (entry.settled_at is None or entry.settled_at <= at + CLOCKS_DIFFER):
        held = replace(entry, state=OutboxState.HELD, because=f"it bounced: {letter.text[:300]}", settled_at=None)
        act = act_of(
            inbox.by, "bounce_delivery", "batch", sent.batch.id, clock=inbox.clock, ids=inbox.ids,
            detail={"delivery": entry.id},
        )  # fmt: skip
        with inbox.database.write() as connection:
            outbox = Outbox(connection, EVERYTHING)
            if outbox.get(entry.id) == entry:  # else somebody moved it meanwhile
                outbox.move(held, act)
    return taken or [Taken(line=0, item=None, word=BOUNCED, fate=Fate.KNOWN, because="nothing of it waited")]


def _one(platforms: Mapping[str, Returns]) -> str:
    return next(iter(platforms))
