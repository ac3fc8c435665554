"""
By mail: one message a batch, the ZIP attached, or one report in XARF v4 as a feedback report (RFC 5965 in the frame
of RFC 6522); `Message-ID` is made of the key, so that readers fold repeats together and answers name the batch.

SMTP tells of a message only in the reply to its last dot (RFC 5321, 4.5.4): whatever breaks before the data were
handed over was not taken, whatever breaks after is unknown. There is nobody to ask later, so a person looks.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from config.delivery import Delivery
from reports.parcel import Parcel, pack
from reports.transports.contract import Absent, Answer, Declined, ForPerson, NotTaken, Taken, Unknown
from store.records.ids import Clock

TIMEOUT_S = 60.0
ATTACHED_BYTES = 18 * 1024 * 1024  # 25 MB of message, the usual limit of relays, holds 18 MiB in base64

Connect = Callable[[], smtplib.SMTP]
"""Opens a connection to the relay, greeted, and signed in where it asks for that."""


def relay(host: str, port: int, *, user: str | None, secret: str | None, is_here: bool) -> Connect:
    """How to reach the unit's relay: TLS always, except on this machine."""

    def connect() -> smtplib.SMTP:
        client = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        client.ehlo_or_helo_if_needed()
        if not is_here:
            client.starttls(context=ssl.create_default_context())
        if user is not None and secret is not None:
            client.login(user, secret)
        return client

    return connect


class MailTransport:
    """One recipient's mail box."""

    def __init__(self, delivery: Delivery, *, connect: Connect, clock: Clock) -> None:
        self.delivery = delivery
        self.connect = connect
        self.clock = clock

    def send(self, parcel: Parcel) -> Answer:
        """Hand the message to the relay."""
        message = self.compose(parcel)
        if isinstance(message, ForPerson):
            return message
        try:
            client = self.connect()
        except smtplib.SMTPAuthenticationError as error:
            return ForPerson(because=f"the relay refuses the sign-in: {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return NotTaken(because=f"no relay: {error}")
        sender, to = str(self.delivery.sender), self.delivery.to
        data_begun = False
        try:
            for command, argument in ((client.mail, sender), (client.rcpt, to)):
                code, text = command(argument)
                if code >= 500:  # an address that is refused is ours to mend
                    return ForPerson(because=f"the relay answered {code} to {argument}", raw=text)
                if not 200 <= code < 300:
                    return NotTaken(because=f"the relay answered {code}", raw=text)
            data_begun = True
            code, text = client.data(message.as_bytes(policy=SMTP))
        except smtplib.SMTPDataError as error:  # DATA itself was refused: not a byte of the message was taken
            raw = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
            because = f"the relay answered {error.smtp_code}"
            return (
                Declined(because=because, raw=raw) if error.smtp_code >= 500 else NotTaken(because=because, raw=raw)
            )
        except (OSError, smtplib.SMTPException) as error:
            if data_begun:
                return Unknown(because=f"the relay went silent after the message: {error}")
            return NotTaken(because=f"the relay went away: {error}")
        finally:
            client.close()
        if 200 <= code < 300:
            return Taken(receipt=str(message["Message-ID"]), raw=text)
        because = f"the relay answered {code}"
        if code >= 500:
            return Declined(because=because, raw=text)
        return NotTaken(because=because, raw=text) if code >= 400 else Unknown(because=because, raw=text)

    def look_up(self, key: str) -> Taken | Absent | Unknown:
        """Nobody can be asked."""
        return Unknown(because=f"mail tells nothing of delivery {key[:16]}")

    def compose(self, parcel: Parcel) -> EmailMessage | ForPerson:
        """The message, the same for the same parcel but for its date; or why none can be made of it."""
        body = b"".join(pack(parcel.folder)) if self.delivery.body == "package" else b""
        if len(body) > ATTACHED_BYTES:
            return ForPerson(because=f"the batch is larger than {ATTACHED_BYTES} bytes; export smaller batches")
        sender = str(self.delivery.sender)
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = self.delivery.to
        mark = f"[{parcel.watermark}] " if parcel.watermark else ""
        numbers = ", ".join(str(number) for number in parcel.notices)
        message["Subject"] = f"{mark}Batch {parcel.number}: {parcel.item_count} item(s), notice(s) {numbers}"
        message["Date"] = format_datetime(self.clock())
        message["Message-ID"] = f"<{parcel.key}@{sender.partition('@')[2]}>"
        known = f"Key of this delivery: {parcel.key}\nSHA-256 of manifest.json: {parcel.manifest_sha256}\n"
        if self.delivery.body == "xarf":
            return _as_feedback(message, parcel, mark, known)
        if parcel.follows:
            message.replace_header("Subject", f"{mark}On notice(s) {numbers}: {parcel.item_count} item(s)")
            message.set_content(
                f"{mark}Attached is what we say now of {parcel.item_count} item(s) of notice(s) {numbers}, which\n"
                "left earlier: what is taken back, what is to be put back, what stands. follow-ups.csv and\n"
                "follow-ups.json say it item by item, with your receipts; index.html is the same to read.\n\n"
                f"{known}"
            )
            message.add_attachment(body, maintype="application", subtype="zip", filename=parcel.file_name)
            return message
        message.set_content(
            f"{mark}Attached is batch {parcel.number} with {parcel.item_count} item(s) of notice(s) {numbers}.\n\n"
            "index.html shows every item with both pictures, the reasons, and what speaks against them; batch.json\n"
            "and items.csv hold the same for machines. README.txt tells how to check the files and how to answer.\n\n"
            "To answer, reply to this message: attach answers.csv filled in, or write a line an item, such as\n"
            f"{parcel.number}-1: removed\n\n{known}"
        )
        message.add_attachment(body, maintype="application", subtype="zip", filename=parcel.file_name)
        return message


def _as_feedback(message: EmailMessage, parcel: Parcel, mark: str, known: str) -> EmailMessage | ForPerson:
    """
    The report in three parts: words, the fields of RFC 5965, and the XARF report where a message would stand.

    `Feedback-Type: xarf` is the format's own extension; a reader of plain ARF stops there and is misled by nothing.
    """
    reports = sorted((parcel.folder / "xarf").glob("*.json"))
    if len(reports) != 1:
        because = f"a feedback report is one item's, and the batch has {len(reports)}: set items_per_batch = 1"
        return ForPerson(because=f"{because} in its profile, or body = 'package' here")
    report = reports[0].read_bytes()
    if len(report) > ATTACHED_BYTES:
        return ForPerson(because=f"its report is larger than {ATTACHED_BYTES} bytes")
    data = json.loads(report)
    words = EmailMessage(policy=SMTP)
    words.set_content(
        f"{mark}Abuse report {data['report_id']} of {data['timestamp']} on {data['source_identifier']}.\n\n"
        f"{data.get('description', '')}\n\n"
        "The report is attached in XARF v4, with the whole notice and its evidence.\n"
        "To answer, reply to this message with a line such as\n"
        f"{parcel.number}-1: removed\n\n{known}"
    )
    fields = EmailMessage(policy=SMTP)
    fields["Content-Type"] = "message/feedback-report"
    fields["Content-Disposition"] = "inline"
    host = data["source_identifier"]
    reported = f"Reported-Domain: {host}\r\n" if host.isascii() else ""
    fields.set_payload(f"Feedback-Type: xarf\r\nUser-Agent: Marque/1\r\nVersion: 1\r\n{reported}")
    carried = EmailMessage(policy=SMTP)
    carried.set_content(report, maintype="application", subtype="json", filename="xarf.json")
    message["Content-Type"] = f'multipart/report; report-type=feedback-report; boundary="{parcel.key[:40]}"'
    message.set_payload([words, fields, carried])
    for part in (words, carried):
        del part["MIME-Version"]
    message["MIME-Version"] = "1.0"
    return message
