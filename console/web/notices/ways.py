"""What each refusal means for the person at the desk: what is wrong, what they do about it, and where."""

from __future__ import annotations

from dataclasses import dataclass

from console.web.words import gettext, mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way out of one refusal, in the reader's language. `place` is a template of an address, or empty."""

    wrong: str
    do: str
    place: str = ""
    link: str = ""


FINDING, RIGHT, ACCOUNTS, RUNS, CASE = "/findings/{finding}", "/rights/{right}", "/accounts", "/runs", "/cases/{case}"
EXPERT, LISTING, QUEUE = "/determinations/{finding}", "/listings/{listing}", "/notices?platform={platform}"
SEE_FINDING, SEE_RIGHT, SEE_RUNS = mark("Open the finding"), mark("Open the right"), mark("See the runs")

_PICTURE_AGAIN = mark("Capture the listing again, match, and press Prepare again.")
_OTHER_RIGHT = mark("Use a right that fits, or leave the listing alone.")
_PROFILE = mark("Whoever keeps the declarations gives the platform a profile that takes it; else leave it alone.")

# Code: what is wrong, what to do, where, and what the link says.
WAYS: dict[str, tuple[str, str, str, str]] = {
    "RIGHT-1": (
        mark("The right was not in force on the day the listing was seen"),
        mark("Check the register, and use a right that was in force then."),
        RIGHT,
        SEE_RIGHT,
    ),
    "RIGHT-2": (
        mark("The right has expired"),
        mark("Have the holder renew it and import it again, or use another right."),
        RIGHT,
        SEE_RIGHT,
    ),
    "RIGHT-3": (
        mark("The right is not registered yet, or is opposed"),
        mark("Wait for the registration."),
        RIGHT,
        SEE_RIGHT,
    ),
    "RIGHT-4": (
        mark("Nobody has asked the register lately"),
        mark("Look the right up in its register and import the day it was checked."),
        RIGHT,
        SEE_RIGHT,
    ),
    "RIGHT-5": (
        mark("No proof of the right is kept"),
        mark("Import the certificate, or the holder's signed claim for an unregistered right."),
        RIGHT,
        SEE_RIGHT,
    ),
    "RIGHT-6": (
        mark("The mark stands in a supplemental register, which this platform refuses"),
        _OTHER_RIGHT,
        RIGHT,
        SEE_RIGHT,
    ),
    "HOLD-1": (
        mark("A hold stands on this listing"),
        mark("Wait, or ask whoever keeps the holds of this workspace whether it can be lifted."),
        LISTING,
        mark("Open the listing"),
    ),
    "HOLD-2": (
        mark("The platform is to preserve the data before anything is taken down"),
        mark("Draft a request to preserve for this case, have it issued, and press Prepare again."),
        LISTING,
        mark("Open the listing"),
    ),
    "TERR-1": (mark("The right does not hold where the offer is directed"), _OTHER_RIGHT, RIGHT, SEE_RIGHT),
    "CLASS-1": (mark("The mark does not cover these goods"), _OTHER_RIGHT, RIGHT, SEE_RIGHT),
    "SELLER-1": (
        mark("The account may sell this"),
        mark("Reject the finding as authorised, or have the holder correct the list of sellers."),
        FINDING,
        SEE_FINDING,
    ),
    "SELLER-2": (
        mark("It may be a genuine article sold on"),
        mark("Ask the holder's expert for a determination, or make a test purchase."),
        EXPERT,
        mark("Ask the expert"),
    ),
    "MATCH-1": (
        mark("Nobody confirmed exactly this, or the signs do not carry it"),
        mark("Look at the finding and decide it; where the signs are weak, ask the holder's expert."),
        FINDING,
        SEE_FINDING,
    ),
    "MATCH-2": (
        mark("What it was compared with has changed since"),
        mark("Run the comparison again and decide what it finds."),
        RUNS,
        SEE_RUNS,
    ),
    "EVID-1": (mark("There is too little evidence"), _PICTURE_AGAIN, LISTING, mark("Open the listing")),
    "EVID-7": (
        mark("The recipient asks for a screenshot, and none was taken"),
        mark("Whoever keeps the declarations has the platform's pages opened in a browser; then capture it again."),
        LISTING,
        mark("Open the listing"),
    ),
    "EVID-2": (mark("The evidence is too old"), _PICTURE_AGAIN, LISTING, mark("Open the listing")),
    "EVID-3": (
        mark("Bytes of the evidence are missing or damaged"),
        mark("Whoever keeps the machine runs the doctor and restores the vault; else capture the listing again."),
        LISTING,
        mark("Open the listing"),
    ),
    "EVID-4": (
        mark("The capture does not show the title that was read"),
        mark("The platform's reading rule needs mending; then read the captures again."),
        LISTING,
        mark("Open the listing"),
    ),
    "EVID-5": (
        mark("The listing was looked at again and is not what was captured"),
        mark("Read what was seen; if it still infringes, match the new capture and press Prepare again."),
        LISTING,
        mark("Open the listing"),
    ),
    "DUP-1": (
        mark("The same thing is asked already"),
        mark("Wait for the answer to the earlier notice, or recall it."),
        QUEUE,
        mark("See the notices"),
    ),
    "DUP-2": (
        mark("The listing is gone, or nobody can tell"),
        mark("Have it looked at again; a case whose listings are gone closes."),
        LISTING,
        mark("Open the listing"),
    ),
    "TARGET-1": (
        mark("It is the holder's own page, or an authorised one"),
        mark("Reject the finding; or have the holder correct the work's authorised addresses."),
        FINDING,
        SEE_FINDING,
    ),
    "EXC-2": (
        mark("A public body, a university or a school speaks there"),
        mark("Reject the finding here; a person may write to the site."),
        FINDING,
        SEE_FINDING,
    ),
    "LOC-1": (mark("The address is not that of one item"), _PICTURE_AGAIN, LISTING, mark("Open the listing")),
    "LOC-2": (
        mark("The address carries somebody's session or key"),
        mark("Capture the item's page without a session, match, and press Prepare again."),
        LISTING,
        mark("Open the listing"),
    ),
    "LOC-3": (
        mark("The platform's own number of the item is unknown"),
        mark("The platform's file needs a rule for it; then read the captures again."),
        LISTING,
        mark("Open the listing"),
    ),
    "AUTH-1": (
        mark("Nobody is there who may sign"),
        mark("Give an account the role of signatory; then press Prepare again."),
        ACCOUNTS,
        mark("Open the accounts"),
    ),
    "AUTH-2": (
        mark("The holder gave no power of attorney for this"),
        mark("Import the holder's power of attorney, or let the holder send."),
        RIGHT,
        SEE_RIGHT,
    ),
    "AUTH-3": (
        mark("The power of attorney is over, revoked, or has not begun"),
        mark("Ask the holder for a new one and import it."),
        RIGHT,
        SEE_RIGHT,
    ),
    "AUTH-4": (
        mark("The signed power of attorney is not kept"),
        mark("Import the paper itself beside the row that names it."),
        RIGHT,
        SEE_RIGHT,
    ),
    "PARTY-1": (mark("The claimant has no name"), mark("Import the holder's legal name."), RIGHT, SEE_RIGHT),
    "PARTY-2": (
        mark("The claimant has no e-mail address"),
        mark("Import a role mailbox of the holder, or name the agent's under [sender] in policy.toml."),
        RIGHT,
        SEE_RIGHT,
    ),
    "PARTY-3": (
        mark("The claimant cannot be reached"),
        mark("Import an address, a telephone number or an e-mail address of the holder."),
        RIGHT,
        SEE_RIGHT,
    ),
    "PARTY-4": (
        mark("The claimant's postal address is missing"),
        mark("Import the address of the holder, or enter the agent's."),
        RIGHT,
        SEE_RIGHT,
    ),
    "PARTY-5": (
        mark("The holder's own site is missing"),
        mark("Enter it under [holder_sites] in the workspace's copy of the profile."),
        RIGHT,
        SEE_RIGHT,
    ),
    "PARTY-6": (
        mark("The claimant's telephone number is missing"),
        mark("Import the number of the holder, or enter the agent's."),
        RIGHT,
        SEE_RIGHT,
    ),
    "WORK-1": (
        mark("The work, or the photo that was copied, is not named"),
        mark("Import the work's title, or hand in the photo as a reference."),
        RIGHT,
        SEE_RIGHT,
    ),
    "WORK-2": (
        mark("No address is known where the work may be had"),
        mark("Import an authorised address of the work."),
        RIGHT,
        SEE_RIGHT,
    ),
    "ITEM-1": (
        mark("There is nothing to explain: no ground stands"),
        mark("Look at the finding, and reject it or ask the holder's expert."),
        FINDING,
        SEE_FINDING,
    ),
    "BASIS-1": (
        mark("No provision fits this right and this claim"),
        mark("Leave the listing alone: reject the finding."),
        FINDING,
        SEE_FINDING,
    ),
    "REG-1": (mark("The registration number is missing"), mark("Import the right's number."), RIGHT, SEE_RIGHT),
    "REG-2": (
        mark("The goods and services of the mark are missing"),
        mark("Import the goods of the registration in words."),
        RIGHT,
        SEE_RIGHT,
    ),
    "REG-3": (
        mark("Until when the right is valid is not known"),
        mark("Look the right up in its register and import its last day."),
        RIGHT,
        SEE_RIGHT,
    ),
    "EXC-1": (
        mark("Nobody has said why no exception of copyright applies"),
        mark("Take the decision back and confirm it with a note: fair use, quotation, parody, licence."),
        FINDING,
        SEE_FINDING,
    ),
    "STMT-1": (
        mark("A statement is missing, or not in the profile's words"),
        mark("Send the notice back and prepare it anew, under the profile in force."),
        CASE,
        mark("Open the case"),
    ),
    "STMT-2": (
        mark("Words of ours offer or demand what makes the notice void there"),
        mark("Take them out of the decision's note or the expert's statement, and prepare the notice anew."),
        CASE,
        mark("Open the case"),
    ),
    "PII-1": (
        mark("A mail address or a telephone number stands in words that others will read"),
        mark("Take it out of the decision's note or the expert's statement, and prepare the notice anew."),
        FINDING,
        SEE_FINDING,
    ),
    "PII-2": (
        mark("A person's own address would be shown to sellers or to the public"),
        mark("Let an agent send it under a mandate, or register the holder without a private address."),
        "/rights",
        mark("Open the rights"),
    ),
    "SIZE-1": (
        mark("The explanation is longer than the recipient takes"),
        mark("Shorten the note of the decision, or the expert's statement."),
        FINDING,
        SEE_FINDING,
    ),
    "SIZE-2": (
        mark("The evidence is more than one package holds"),
        mark("Capture the listing again with fewer photos, match, and press Prepare again."),
        FINDING,
        SEE_FINDING,
    ),
    "CODE-1": (mark("The recipient does not take this claim"), _PROFILE, FINDING, SEE_FINDING),
    "LANG-1": (mark("The recipient does not take notices in English"), _PROFILE, "", ""),
}
"""Every code that a rule can refuse with; a test compares them with the rules."""


def way_out(code: str) -> Way:
    """The way out of a refusal. A code of an older version, which no rule has any more, says so."""
    known = WAYS.get(code)
    if known is None:
        return Way(wrong=gettext("A rule that no longer exists stopped it"), do=gettext("Press Prepare again."))
    wrong, do, place, link = known
    return Way(wrong=gettext(wrong), do=gettext(do), place=place, link=gettext(link) if link else "")
