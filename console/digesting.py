"""
Daily digests: for the page, the verb, and as mails that the worker writes once a day, and sends where the policy
says so.

A mail is taken by renaming it, so that of two workers one sends it: `.eml` waits, `.sending` is on its way or broke
off there (a person looks, it is never sent again blindly), `.sent` the relay has, `.refused` it does not want.
"""

from __future__ import annotations

import logging
import shutil
import smtplib
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

from console.errors import NotFound
from console.workspace import Workspace
from reports.digest import Change, Digest, digest_of
from reports.formats.plain import plain
from reports.transports.mail import Connect
from store.db import tables
from store.db.parties import Parties
from store.db.rights import Rights
from store.records.parties import Party
from store.records.scope import EVERYTHING, Scope

log = logging.getLogger(__name__)

WORDS = {
    Change.NEW: "New",
    Change.CHANGED: "Changed",
    Change.RELISTED: "Offered again elsewhere",
    Change.DISMISSED: "Dismissed, with the reason",
}
MOST_LINES = 50  # of a kind in a mail; the portal has them all
_WAITS_H = 1  # after midnight UTC: looks of the last hour have been compared by then


def holders_of(workspace: Workspace) -> list[Party]:
    """Every party that holds a right."""
    with workspace.database.read() as connection:
        held = set(connection.execute(tables.right.select().with_only_columns(tables.right.c.holder)).scalars())
        return sorted(
            (party for party in Parties(connection, EVERYTHING).find() if party.id in held),
            key=lambda party: party.legal_name,
        )


def digests(workspace: Workspace, day: date, holder: str | None = None) -> list[tuple[Party, Digest]]:
    """Each holder's digest of a day, or one holder's, by legal name. Raises `NotFound`."""
    wanted = [party for party in holders_of(workspace) if holder in (None, party.legal_name)]
    if holder is not None and not wanted:
        raise NotFound("holder", holder, "`marque rights list` names them")
    with workspace.database.read() as connection:
        return [(party, digest_of(connection, Scope(holder=party.id, compartment=None), day)) for party in wanted]


def mail_of(workspace: Workspace, party: Party, digest: Digest) -> EmailMessage:
    """The digest as a mail in plain words; what pages said stands in it without signs that a reader would run."""
    with workspace.database.read() as connection:
        names = {right.id: right.right_ref for right in Rights(connection, EVERYTHING).find()}
    sender = workspace.declarations.policy.sender
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = f"Digest of {digest.day:%Y-%m-%d}: " + ", ".join(
        f"{len(digest.of(change))} {change.value}" for change in Change
    )
    if sender.email:
        mail["From"] = sender.email
    if party.email:
        mail["To"] = party.email
    parts = [f"For {plain(party.legal_name)}, {digest.day:%Y-%m-%d} (UTC)."]
    for change in Change:
        lines = digest.of(change)
        if not lines:
            continue
        parts.append(f"\n{WORDS[change]} ({len(lines)})")
        parts += [
            f"- {plain(line.title)} ({line.platform}, {names.get(line.right, '')}): {plain(line.because)}"
            for line in lines[:MOST_LINES]
        ]
        if len(lines) > MOST_LINES:
            parts.append(f"- and {len(lines) - MOST_LINES} more in the portal")
    if len(parts) == 1:
        parts.append("\nNothing new, nothing changed, nothing dismissed.")
    mail.set_content("\n".join(parts) + "\n")
    return mail


def write_mails(workspace: Workspace, day: date) -> Path | None:
    """
    Write a day's mails into `out/digests/DAY/`, one a holder with anything to tell, all or none; gives the folder.

    None where the folder is there: a day is written once.
    """
    folder = workspace.settings.out / "digests" / f"{day:%Y-%m-%d}"
    if folder.exists():
        return None
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for party, digest in digests(workspace, day):
        if digest.lines:
            (aside / f"{party.id}.eml").write_bytes(mail_of(workspace, party, digest).as_bytes())
    aside.rename(folder)
    return folder


def send_mails(workspace: Workspace, connect: Connect | None) -> dict[str, int]:
    """
    Hand every mail that waits to the relay, each once; gives how many stand how. Nothing where the policy sends none.

    What has no address of its own, or the unit's none, waits for one.
    """
    counts = dict.fromkeys(("sent", "refused", "unknown", "unaddressed"), 0)
    if connect is None or not workspace.declarations.policy.digest.send:
        return counts
    for mail in sorted((workspace.settings.out / "digests").glob("????-??-??/*.eml")):
        message = BytesParser(policy=SMTP).parsebytes(mail.read_bytes())
        if not message["To"] or not message["From"]:
            counts["unaddressed"] += 1
            continue
        taken = mail.with_suffix(".sending")
        try:
            mail.rename(taken)
        except FileNotFoundError:
            continue  # another worker has it
        try:
            client = connect()
        except (OSError, smtplib.SMTPException) as error:
            taken.rename(mail)
            log.warning("digests wait for the relay: %s", type(error).__name__)
            break
        try:
            client.send_message(message)
        except smtplib.SMTPResponseException as error:
            stands = "refused" if error.smtp_code >= 500 else "eml"
        except smtplib.SMTPRecipientsRefused as error:
            stands = "refused" if any(code >= 500 for code, _ in error.recipients.values()) else "eml"
        except (OSError, smtplib.SMTPException):
            stands = "unknown"
        else:
            stands = "sent"
        finally:
            client.close()
        if stands != "unknown":
            taken.rename(mail.with_suffix(f".{stands}"))
        if stands != "eml":
            counts[stands] += 1
        log.info("digest %s", stands, extra={"day": mail.parent.name})
    return counts


def write_due(workspace: Workspace, *, now: datetime) -> Path | None:
    """Write yesterday's mails once the day has settled; the worker calls this at each look."""
    return write_mails(workspace, (now.astimezone(UTC) - timedelta(days=1, hours=_WAITS_H)).date())
