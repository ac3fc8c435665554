"""
The mail desk of a simulated platform: takes messages by SMTP, and answers into the sender's mailbox.

It stands for both mail systems: what it writes lies in a Maildir, as the sender's own server would have put it there.
A desk answers with a machine's receipt, then with lines or a filled sheet; an address that nobody has is bounced
(RFC 3464). Between the true letters come doubles, garbage, and letters in the platform's name from elsewhere.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import itertools
import socketserver
from collections.abc import Sequence
from email.message import EmailMessage, Message
from email.utils import format_datetime
from pathlib import Path

from exercise.recipient.ledger import Docket, Recipient, Step
from exercise.recipient.listening import Listening
from exercise.recipient.reading import items_of_batch

LINE_BYTES = 2000
UNFOLDED = email.policy.SMTP.clone(max_line_length=998)  # a long Message-ID stays in one piece (RFC 5322, 2.1.1)


class Mailbox:
    """A Maildir, as a mail system fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.numbers = folder, itertools.count(1)
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, data: bytes) -> Path:
        """One message more: it appears whole or not at all."""
        name = f"{next(self.numbers):06d}.desk"
        partial = self.folder / "tmp" / name
        partial.write_bytes(data)
        return partial.rename(self.folder / "new" / name)


class MailDesk:
    """What the desk does with a message, and what it writes."""

    def __init__(self, recipient: Recipient, box: Mailbox, *, unknown: Sequence[str] = ()) -> None:
        self.recipient, self.box, self.unknown = recipient, box, tuple(unknown)
        self.addresses: dict[str, tuple[str, str, str]] = {}  # by key: Message-ID, our address, the sender's
        self.told: dict[tuple[str, str], int] = {}  # by key and item: words already written

    def take(self, to: str, data: bytes) -> None:
        """One message that was handed over; what is no batch of ours is kept by nobody."""
        message = email.message_from_bytes(data, policy=email.policy.default)
        sender = str(message["From"])
        if to in self.unknown:
            self.box.deliver(bounce(message, to, self._date()))
            return
        key = str(message["Message-ID"]).strip("<>").partition("@")[0]
        for part in message.walk():
            if part.get_content_type() != "application/zip":
                continue
            body = part.get_payload(decode=True)
            names = items_of_batch(body) if isinstance(body, bytes) else "no bytes"
            if isinstance(names, str):
                continue
            entered = self.recipient.enter(key, body if isinstance(body, bytes) else b"", names)
            self.addresses[key] = (str(message["Message-ID"]), to, sender)
            receipt = self._reply(key, f"We have your message. Our reference is {entered.receipt}.\n")
            receipt["Auto-Submitted"] = "auto-replied"
            self.box.deliver(receipt.as_bytes())

    def answer(self, *, by_sheet: bool = False) -> None:
        """Write what was decided since the last time: one letter a batch."""
        for key, entered in list(self.recipient.entered.items()):
            if key not in self.addresses:
                continue
            new = [(docket, step) for docket in entered.dockets for step in self._new(key, docket)]
            if not new:
                continue
            if by_sheet:
                letter = self._reply(key, "Our answers are attached.\n")
                letter.add_attachment(sheet(new), maintype="text", subtype="csv", filename="answers.csv")
            else:
                lines = "".join(f"{docket.name.label}: {step.word}\n" for docket, step in new)
                letter = self._reply(key, f"Dear sender,\n\n{lines}\nThe desk\n\n> 1-1: reinstated\n")
            self.box.deliver(letter.as_bytes())

    def write(self, key: str, text: str, *, sender: str | None = None) -> bytes:
        """A letter in words about a delivery, from the desk or from elsewhere."""
        letter = self._reply(key, text)
        if sender is not None:
            letter.replace_header("From", sender)
        data = letter.as_bytes()
        self.box.deliver(data)
        return data

    def _new(self, key: str, docket: Docket) -> list[Step]:
        begun = self.told.get((key, docket.name.id), 0)
        self.told[key, docket.name.id] = len(docket.said)
        return docket.said[begun:]

    def _reply(self, key: str, text: str) -> EmailMessage:
        about, own, sender = self.addresses[key]
        letter = EmailMessage(policy=UNFOLDED)
        letter["From"], letter["To"], letter["Date"] = own, sender, self._date()
        letter["Subject"] = "Re: your batch"
        letter["In-Reply-To"] = letter["References"] = about
        letter.set_content(text)
        return letter

    def _date(self) -> str:
        return format_datetime(self.recipient.clock())


def sheet(new: Sequence[tuple[Docket, Step]]) -> bytes:
    """A sheet filled in with these words."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("item", "item_id", "answer_code", "answer", "decided_at", "reason"))
    for docket, step in new:
        name = docket.name
        writer.writerow((name.label, name.id, name.code, step.word, step.at.isoformat(), step.reason))
    return out.getvalue().encode()


def bounce(message: Message, to: str, date: str) -> bytes:
    """A message given back by the system that could not deliver it (RFC 3464)."""
    report = EmailMessage()
    report["From"], report["To"], report["Date"] = "MAILER-DAEMON@relay.example", str(message["From"]), date
    report["Subject"] = "Undelivered"
    report["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="bounce-boundary"'
    words = EmailMessage()
    words.set_content("Your message could not be delivered.\n")
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    about, recipient = Message(), Message()
    about["Reporting-MTA"] = "dns; relay.example"
    recipient["Final-Recipient"] = f"rfc822; {to}"
    recipient["Action"], recipient["Status"] = "failed", "5.1.1"
    recipient["Diagnostic-Code"] = "smtp; 550 5.1.1 no such mailbox"
    status.set_payload([about, recipient])
    returned = Message()
    returned["Content-Type"] = "text/rfc822-headers"
    returned.set_payload(f"Message-ID: {message['Message-ID']}\nTo: {to}\n")
    del words["MIME-Version"]
    report.set_payload([words, status, returned])
    return report.as_bytes()


class _Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, desk: MailDesk, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.desk = desk


class _Session(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a sender needs."""

    server: _Relay
    timeout = 10.0

    def handle(self) -> None:
        self._say("220 desk.example")
        to = ""
        while line := self.rfile.readline(LINE_BYTES):
            verb = line[:4].upper().strip()
            if verb in (b"EHLO", b"HELO"):
                self._say("250 desk.example")
            elif verb == b"RCPT":
                to = line.decode("ascii", "replace").partition("<")[2].partition(">")[0]
                self._say("250 OK")
            elif verb == b"DATA":
                self._say("354 go on")
                lines = []
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(part[1:] if part.startswith(b".") else part)
                self.server.desk.take(to, b"".join(lines))
                self._say("250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 OK")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class ServedMailDesk(Listening):
    """A mail desk that listens on loopback; use it in a `with` block."""

    def __init__(self, desk: MailDesk, port: int = 0) -> None:
        self.desk = desk
        super().__init__(_Relay(desk, port))
