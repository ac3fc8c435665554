"""
Witness statements by jurisdiction, filled in as far as the ledger knows, all of them drafts for a person.

Who signs must have read every sentence and be able to stand by it. The forms follow the texts named in each, from
memory of the drafting and not from an official copy; a lawyer of the place has to check them before they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.exhibits.gathering import Exhibit

DRAFT = (
    "DRAFT, not checked against the official text, not signed. Strike out what you cannot say of your own knowledge."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What every statement is filled with, written out."""

    case: int
    bundle: str
    platform: str
    holder: str
    right: str
    exported_by: str
    exported_at: str
    software: str
    declarations: str  # digest of what the crawl was told to do
    key_id: str
    authorities: tuple[str, ...]  # each with whether its owner calls it qualified
    exhibits: tuple[Exhibit, ...]
    contact: str | None  # who sends this and how to reach them; None: nothing of it was entered


def statements(told: Told) -> dict[str, bytes]:
    """Every statement, by its file name."""
    forms: dict[str, Callable[[Told], str]] = {
        "statements/england-and-wales.md": _england,
        "statements/united-states.md": _united_states,
        "statements/civil-law-record.md": _civil_law,
    }
    return {name: form(told).encode() for name, form in forms.items()}


def schedule(exhibits: Sequence[Exhibit], prefix: str) -> str:
    """The list of exhibits: number, address, time, digest of the answer."""
    lines = ["| Exhibit | Folder | Address | Received (UTC) | SHA-256 of the answer |", "|---|---|---|---|---|"]
    for exhibit in exhibits:
        capture = exhibit.capture
        address = capture.url_final.replace("|", "%7C")
        lines.append(
            f"| {prefix}{exhibit.number} | captures/{exhibit.sealed.label}/ | {address} "
            f"| {capture.fetched_at:%Y-%m-%d %H:%M:%S} | {capture.body_sha256} |"
        )
    return "\n".join(lines)


def _system(told: Told) -> str:
    times = "; ".join(told.authorities) or "none: the times are those of the computer's own clock"
    return f"""\
The program is {told.software}. It requests each address over the network, writes the answer's bytes to a store in
which they are named by their SHA-256 digest before anything reads them, and records request, answer headers, the
server's address and the time. What it is to look for, and how, stands in declarations with the digest
{told.declarations}. Records of captures are joined in a hash tree (RFC 9162); its root is signed with the Ed25519 key
{told.key_id}, and the signature is sent to time authorities (RFC 3161): {times}.
A changed, added or removed byte is found by the program verify.py, or by sha256sum and openssl as README.txt says."""


def _england(told: Told) -> str:
    return f"""\
# Witness statement (England and Wales)

{DRAFT}

Civil Procedure Rules, Part 32 and Practice Direction 32 (form and statement of truth); Civil Evidence Act 1995.

Claim No. ____________  In the ____________________  between {told.holder} and ____________________

Statement of: ____________________ (name)   Number: 1st   Date: __________
Exhibits: "{told.bundle}" 1 to {len(told.exhibits)}

I, ____________________, of ____________________ (address, occupation, employer), state:

1. I make this statement in support of ____________________. Where facts are within my knowledge they are true. Where
   they come from elsewhere I say from where, and they are true to the best of my knowledge and belief.
2. The right concerned is: {told.right}, held by {told.holder}.
3. On {told.exported_at}, {told.exported_by} exported the bundle {told.bundle} of case {told.case}. I produce it as
   listed below. [Say whether that was you, and who told you if not.]
4. How the exhibits were made: {_system(told)}
5. [Say what checks you made yourself: for instance that you ran verify.py on the bundle, when, and its verdict.]
6. What the exhibits do not show stands in report.html under "What this does not prove". I have read it.

## Exhibits

{schedule(told.exhibits, "")}

I believe that the facts stated in this witness statement are true. I understand that proceedings for contempt of
court may be brought against anyone who makes, or causes to be made, a false statement in a document verified by a
statement of truth without an honest belief in its truth.

Signed: ____________________   Date: __________
"""


def _united_states(told: Told) -> str:
    return f"""\
# Certification of records (United States, Federal Rules of Evidence 902(11), 902(13), 902(14))

{DRAFT}

Reasonable written notice, with the records and this certification, has to reach the adverse party before trial.
Certification covers authenticity only; relevance and hearsay stay open.

In re: {told.holder}, case {told.case}; platform {told.platform}

I, ____________________ (name, title, employer), certify:

1. Qualification. I am ____________________ [training, experience with this system, since when].
2. Rule 902(13), a process that produces an accurate result. {_system(told)}
   [Say from your own knowledge that the system worked as described at the times below, and how you know.]
3. Rule 902(14), copies authenticated by digital identification. On __________ I computed the SHA-256 digest of every
   file of {told.bundle} and compared it with the digest recorded when the file was received. They were identical.
   [State the command and its result; README.txt names the commands.]
4. Rule 902(11) with 803(6), where the records are also offered for their content as records of a regularly conducted
   activity: they were made at or near the time stated in each by the system described, kept in the course of a
   regularly conducted activity of ____________________, and making them was a regular practice of that activity.
   [Strike out unless true. What a third party wrote on its own page stays that party's statement.]

## Exhibits

{schedule(told.exhibits, "PX-")}

I certify under penalty of perjury under the laws of the United States of America that the foregoing is true and
correct (28 U.S.C. 1746).

Executed on __________   Signed: ____________________
"""


def _civil_law(told: Told) -> str:
    times = "\n".join(f"- {name}" for name in told.authorities) or "- none"
    return f"""\
# Record of finding (civil law; for a bailiff, notary or court officer)

{DRAFT}

A record of a public officer carries weight by the officer's own looking. This text is only what the officer may be
shown; it does not replace the officer's own steps, and it is no qualified electronic signature or seal.

On __________ at __________, before ____________________ (office, place), at the request of {told.holder}:

1. Shown: the file {told.bundle}, of case {told.case}, exported {told.exported_at} by {told.exported_by}.
2. Right relied on: {told.right}.
3. Equipment and program: ____________________ (computer, network address, clock checked against what);
   {told.software}.
4. Steps taken by the officer: [empty caches; address opened; what was seen; the verdict of verify.py].
5. How the captures came about, as told by the requesting party: {_system(told)}
6. Time authorities, and whether they are called qualified (Regulation (EU) 910/2014, Articles 41 and 42: only a
   qualified time stamp is presumed accurate):
{times}
7. Reservations of the person concerned, if present: ____________________

## Exhibits

{schedule(told.exhibits, "Annex ")}

Signatures: ____________________ (officer)   ____________________ (requesting party)
"""
