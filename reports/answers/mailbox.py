"""
Answers by mail from a mailbox on a mail server (IMAP4rev1, RFC 3501): the same letters, read where they lie.

A letter is fetched without being marked, taken in, entered in the ledger by the server's own numbers (UIDVALIDITY and
UID), and only then marked as seen there. Whoever dies in between reads it once more, and what was entered is known.
The server is not trusted: letters, lines and the whole look are bounded, and its certificate has to be its name's.
"""

from __future__ import annotations

import errno
import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from config.mailbox import ImapAddress, read_imap
from config.returns import Returns
from crawler.errors import NoConnection, Refused
from crawler.exchange import Line, addresses_of, line
from crawler.manners import is_loopback_host
from reports.answers.inbox import Fetched, Inbox, failed
from reports.answers.letters import LETTER_BYTES
from reports.answers.post import take_letter
from reports.errors import NoRoomHere, UnreadableAnswers
from store.db.errors import StorageFull
from store.db.letters import TakenLetters, WaitingLetters
from store.evidence.errors import VaultFull
from store.records.letters import TakenLetter, WaitingLetter
from store.records.scope import EVERYTHING

CONNECT_S = 20.0
WAIT_S = 60.0  # for one line of the server
WHOLE_S = 240.0  # of one look; the next one goes on where it ended
SINCE = timedelta(days=190)  # as long as an answer of an interface is asked for
LETTERS = 1000  # of one look, the oldest first; those that failed before come after those that were never tried
# Chosen: a fault of ours is mended within minutes or by a person, who may take days.
WAITS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6), timedelta(days=1))

log = logging.getLogger(__name__)

_UID = re.compile(rb"\bUID ([0-9]{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE ([0-9]{1,12})\b")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})  # of the disk, whatever is written to it
_FAULTS = (imaplib.IMAP4.error, OSError, UnicodeError)  # `abort` is an `error`


class _Client(imaplib.IMAP4):
    """The library's client on a connection of ours, which takes no more than a letter at once."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        super().__init__()

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """On the connection that is there."""
        del timeout
        self.host, self.port = host, port
        self.sock = self._stream
        self.file: Any = self._stream.makefile("rb")  # Any: as the library keeps it

    def read(self, size: int) -> bytes:
        """So many bytes, which the server has named."""
        if size > LETTER_BYTES:
            raise self.abort(f"the server sends {size} bytes at once")
        data: bytes = super().read(size)
        if len(data) != size:
            raise self.abort("the line broke within a letter")
        return data


def take_mailbox(inbox: Inbox, at: str, password: str | None, platforms: Mapping[str, Returns]) -> list[Fetched]:
    """
    Take every letter of a mailbox that these platforms answer into and that was not taken before, the oldest first.

    A letter that nobody can read is flagged there; one that could not be taken for another reason is left, told, and
    tried again after 5 minutes, half an hour and so on, daily in the end, after those that were never tried: however
    many fail, newer ones come in. Where this machine has no room the look ends, and that is what is told. Raises
    `UnreadableAnswers` where the mailbox cannot be opened.
    """
    address = read_imap("at", at)
    first = next(iter(platforms))
    if not password:
        raise UnreadableAnswers(f"the environment has no {platforms[first].key_env}, the password of {at}")
    if not password.isascii() or not password.isprintable():
        raise UnreadableAnswers(f"the password of {at} is not plain ASCII, which is all that LOGIN takes")
    found: list[Fetched] = []
    try:
        here = is_loopback_host(f"imap://{address.host}")
        led_to = addresses_of(
            at, address.host, address.port, here=here, inner=inbox.declarations.policy.network.inner_hosts
        )
        with (
            line(at, led_to, address.port, connect_s=CONNECT_S, whole_s=WHOLE_S) as open_line,
            _opened(address, open_line, password) as client,
        ):
            _look(inbox, client, address, platforms, found)
    except (Refused, NoConnection) as error:
        raise UnreadableAnswers(error.why) from error
    except NoRoomHere as error:
        found.append(Fetched(platform=first, source=at, fault=str(error)))
    except _FAULTS as error:
        fault = f"the mailbox gave no more: {error or type(error).__name__}"
        if not found:
            raise UnreadableAnswers(fault) from error
        found.append(Fetched(platform=first, source=at, fault=fault))
    return found


@contextmanager
def _opened(address: ImapAddress, open_line: Line, password: str) -> Iterator[_Client]:
    """The mailbox, signed in to and chosen; without a goodbye, which could wait for ever."""
    stream = open_line.socket
    stream.settimeout(WAIT_S)
    if address.is_tls:
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=address.host)
    client = _Client(stream)
    try:
        try:
            client.login(address.user, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise UnreadableAnswers(f"the server refuses the sign-in of {address.user}") from error
        said, _ = client.select(f'"{address.mailbox}"')
        if said != "OK":
            raise UnreadableAnswers(f"there is no mailbox {address.mailbox}")
        yield client
    finally:
        with suppress(OSError):
            client.shutdown()


def _look(
    inbox: Inbox, client: _Client, address: ImapAddress, platforms: Mapping[str, Returns], found: list[Fetched]
) -> None:
    validity = _validity(client)
    day = inbox.clock() - SINCE
    said, data = client.uid("SEARCH", "SINCE", f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")
    if said != "OK":
        raise UnreadableAnswers("the server does not search")
    uids = {int(word) for part in data if isinstance(part, bytes) for word in part.split() if word.isdigit()}
    with inbox.database.read() as connection:
        known = TakenLetters(connection, EVERYTHING).uids(address.url, validity)
        waiting = WaitingLetters(connection, EVERYTHING)
        tried, gone = waiting.of(address.url, validity), waiting.gone(address.url, validity, uids - known)
    if gone:
        with _room(), inbox.database.write() as connection:
            WaitingLetters(connection, EVERYTHING).let_go(gone)
    now = inbox.clock()
    again = sorted(uid for uid in uids & tried.keys() if tried[uid].next_at <= now)
    for uid in [*sorted(uids - known - tried.keys()), *again][:LETTERS]:
        source = f"{address.mailbox}/{uid}"
        try:
            fetched, mark = _take(inbox, client, address, validity, uid, platforms)
            found.append(fetched)
            # Only now; a mailbox that cannot be marked is no fault, because the ledger knows the letter.
            if mark is not None:
                client.uid("STORE", str(uid), "+FLAGS.SILENT", mark)
        except (*_FAULTS, NoRoomHere):
            raise  # of the line or of this machine, not of the letter
        except Exception as error:  # one letter's boundary
            log.exception("a letter was not taken", extra={"letter": source})
            found.append(Fetched(platform=next(iter(platforms)), source=source, fault=failed(error)))
            _wait(inbox, address, validity, uid, tried.get(uid), failed(error))


def _wait(
    inbox: Inbox, address: ImapAddress, validity: int, uid: int, before: WaitingLetter | None, because: str
) -> None:
    """Enter that a letter waits for another try, later each time."""
    now, tries = inbox.clock(), before.tries if before else 0
    letter = WaitingLetter(
        id=before.id if before else inbox.ids(),
        mailbox=address.url,
        validity=validity,
        uid=uid,
        tries=tries + 1,
        because=because,
        since=before.since if before else now,
        next_at=now + WAITS[min(tries, len(WAITS) - 1)],
    )
    with _room(), inbox.database.write() as connection:
        WaitingLetters(connection, EVERYTHING).keep(letter)


class _OfTheLetter(Exception):
    """What the disk said of one letter's bytes, which is no fault of the line to the server."""


@contextmanager
def _room() -> Iterator[None]:
    """Keeps apart what this machine cannot keep from what the server does: both are `OSError`s."""
    try:
        yield
    except (VaultFull, StorageFull) as error:
        raise NoRoomHere(error) from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoomHere(error) from error
        raise _OfTheLetter(str(error)) from error


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # RFC 3501, date-month


def _validity(client: _Client) -> int:
    told = client.response("UIDVALIDITY")[1]
    word = told[-1] if told else None
    if not isinstance(word, bytes) or not word.isdigit():
        raise UnreadableAnswers("the server does not say by what its letters are numbered (UIDVALIDITY)")
    return int(word)


def _take(
    inbox: Inbox, client: _Client, address: ImapAddress, validity: int, uid: int, platforms: Mapping[str, Returns]
) -> tuple[Fetched, str | None]:
    """What became of a letter, and how it is to be marked there; None: not at all."""
    source, first = f"{address.mailbox}/{uid}", next(iter(platforms))
    size, came_at = _about(client, uid, inbox.clock())
    if size is None:
        return Fetched(platform=first, source=source, fault="it is gone from the mailbox"), None
    try:
        if size > LETTER_BYTES:
            raise ValueError(f"it has more than {LETTER_BYTES} bytes")
        body = _body(client, uid)
        with _room():
            fetched = take_letter(inbox, body, source, came_at, platforms)
    except (ValueError, UnreadableAnswers) as error:
        fetched = Fetched(platform=first, source=source, fault=f"it is no letter: {error}")
    is_readable = fetched.fault is None
    taken = TakenLetter(
        id=inbox.ids(), mailbox=address.url, validity=validity, uid=uid, is_readable=is_readable, at=inbox.clock()
    )
    with _room(), inbox.database.write() as connection:
        waiting = WaitingLetters(connection, EVERYTHING)
        waiting.let_go(each.id for each in waiting.of(address.url, validity).values() if each.uid == uid)
        letters = TakenLetters(connection, EVERYTHING)
        if uid not in letters.uids(address.url, validity):  # else another worker looked at the same time
            letters.add(taken)
    return fetched, r"(\Seen)" if is_readable else r"(\Seen \Flagged)"


def _about(client: _Client, uid: int, now: datetime) -> tuple[int | None, datetime]:
    """Size and day of arrival of a letter; no size where it is there no more."""
    said, data = client.uid("FETCH", str(uid), "(UID RFC822.SIZE INTERNALDATE)")
    for part in data if said == "OK" else ():
        told = b" ".join(part) if isinstance(part, tuple) else part
        if isinstance(told, bytes) and (size := _SIZE.search(told)) and _is_of(told, uid):
            came = imaplib.Internaldate2tuple(told)
            moment = datetime(*came[:6]).astimezone(UTC) if came is not None else now
            return int(size[1]), moment
    return None, now


def _body(client: _Client, uid: int) -> bytes:
    said, data = client.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
    for part in data if said == "OK" else ():
        if isinstance(part, tuple) and len(part) == 2 and _is_of(part[0] + b" ", uid, data):
            body: bytes = part[1]
            return body
    raise ValueError("the server does not give it")


def _is_of(told: bytes, uid: int, data: list[Any] | None = None) -> bool:
    """Whether an answer is about this letter; its UID may stand before or after the bytes."""
    after = b" ".join(each for each in data or () if isinstance(each, bytes))
    number = _UID.search(told) or _UID.search(after)
    return number is not None and int(number[1]) == uid
