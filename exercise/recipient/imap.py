"""
A mailbox on a small IMAP server, on loopback: as much of RFC 3501 as whoever fetches letters needs, and no more.

It breaks as it is told to: cuts its line within a letter, names more bytes than anybody holds, counts anew.
"""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Thread

_FETCH = re.compile(r"UID FETCH ([0-9]+) \((.*)\)", re.IGNORECASE)
_STORE = re.compile(r"UID STORE ([0-9]+) \+FLAGS\.SILENT \((.*)\)", re.IGNORECASE)
_LOGIN = re.compile(r'LOGIN "?([^" ]+)"? "([^"]*)"', re.IGNORECASE)


@dataclass
class KeptLetter:
    """One letter as the server holds it."""

    uid: int
    body: bytes
    came_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class Mailbox:
    """What the server holds, and what it does to whoever asks."""

    user: str
    password: str
    validity: int = 1_700_000_000
    letters: dict[int, KeptLetter] = field(default_factory=dict)
    fault: str | None = None  # cut (within a letter), vast, deaf (takes no marks), numberless
    port: int = 0
    sign_ins: int = 0
    _lock: Lock = field(default_factory=Lock)

    def put(self, body: bytes, came_at: datetime) -> int:
        """A letter arrives; gives its UID."""
        with self._lock:
            uid = max(self.letters, default=0) + 1
            self.letters[uid] = KeptLetter(uid=uid, body=body, came_at=came_at)
        return uid

    def count_anew(self) -> None:
        """The server lost how it counted: every letter has another UID, under another UIDVALIDITY."""
        with self._lock:
            self.validity += 1
            kept = [self.letters[uid] for uid in sorted(self.letters, reverse=True)]
            self.letters = {}
            for uid, letter in enumerate(kept, 1):
                letter.uid = uid
                self.letters[uid] = letter


class _Talk(socketserver.BaseRequestHandler):
    """One connection."""

    mailbox: Mailbox
    tls: ssl.SSLContext | None

    def handle(self) -> None:
        """Answer until the other side leaves."""
        with suppress(OSError), self._stream() as self.stream, self.stream.makefile("rb") as lines:
            self._say(b"* OK [CAPABILITY IMAP4rev1] ready")
            while line := lines.readline(70_000):
                tag, _, command = line.decode("latin-1").strip().partition(" ")
                if not self._answer(tag.encode(), command):
                    return

    def _stream(self) -> socket.socket:
        plain: socket.socket = self.request
        return plain if self.tls is None else self.tls.wrap_socket(plain, server_side=True)

    def _say(self, line: bytes) -> None:
        self.stream.sendall(line + b"\r\n")

    def _answer(self, tag: bytes, command: str) -> bool:
        verb = command.upper()
        if login := _LOGIN.fullmatch(command):
            self.mailbox.sign_ins += 1
            fits = (login[1], login[2]) == (self.mailbox.user, self.mailbox.password)
            self._say(tag + (b" OK signed in" if fits else b" NO [AUTHENTICATIONFAILED] no"))
        elif verb.startswith("SELECT"):
            self._say(b"* %d EXISTS" % len(self.mailbox.letters))
            if self.mailbox.fault != "numberless":
                self._say(b"* OK [UIDVALIDITY %d] so it counts" % self.mailbox.validity)
            self._say(tag + b" OK [READ-WRITE] opened")
        elif verb.startswith("UID SEARCH"):
            uids = b" ".join(b"%d" % uid for uid in sorted(self.mailbox.letters))
            self._say(b"* SEARCH " + uids)
            self._say(tag + b" OK searched")
        elif fetch := _FETCH.fullmatch(command):
            return self._fetch(tag, int(fetch[1]), "BODY" in fetch[2].upper())
        elif store := _STORE.fullmatch(command):
            if self.mailbox.fault == "deaf":
                self._say(tag + b" NO read only")
            else:
                self.mailbox.letters[int(store[1])].flags |= set(store[2].split())
                self._say(tag + b" OK marked")
        elif verb == "CAPABILITY":
            self._say(b"* CAPABILITY IMAP4rev1")
            self._say(tag + b" OK so much")
        else:
            self._say(tag + b" BAD not known here")
        return True

    def _fetch(self, tag: bytes, uid: int, is_body: bool) -> bool:
        letter = self.mailbox.letters.get(uid)
        if letter is None:
            self._say(tag + b" OK there is none")
            return True
        place = sorted(self.mailbox.letters).index(uid) + 1
        if not is_body:
            came = letter.came_at.strftime("%d-%b-%Y %H:%M:%S +0000").encode()
            told = b'UID %d RFC822.SIZE %d INTERNALDATE "%s"' % (uid, len(letter.body), came)
            self._say(b"* %d FETCH (%s)" % (place, told))
            self._say(tag + b" OK told")
            return True
        size = 10**12 if self.mailbox.fault == "vast" else len(letter.body)
        self._say(b"* %d FETCH (UID %d BODY[] {%d}" % (place, uid, size))
        if self.mailbox.fault == "cut":
            self.stream.sendall(letter.body[: len(letter.body) // 2])
            return False
        self.stream.sendall(letter.body)
        self._say(b")")
        self._say(tag + b" OK fetched")
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks is the other side's matter."""


@contextmanager
def serving_mailbox(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Serve a mailbox on a port of this machine, which it is then told."""
    talk = type("Talk", (_Talk,), {"mailbox": mailbox, "tls": tls})
    with _Server(("127.0.0.1", 0), talk) as server:
        mailbox.port = int(server.server_address[1])
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join(30)
