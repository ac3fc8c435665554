"""What codes are called on the desk's pages. A code without a name here is shown as it is, with blanks."""

from __future__ import annotations

from console.web.words import gettext, mark

LABELS: dict[str, dict[str, str]] = {
    "standing": {
        "open": mark("open"),
        "silent": mark("silent"),
        "confirm": mark("confirmed"),
        "reject": mark("rejected"),
        "unsure": mark("unsure"),
        "needs_holder": mark("needs the holder"),
    },
    "verdict": {
        "confirm": mark("Confirm"),
        "reject": mark("Reject"),
        "unsure": mark("Unsure"),
        "needs_holder": mark("Needs the holder"),
    },
    "band": {
        "silent": mark("silent"),
        "review": mark("to review"),
        "notice": mark("ready for a notice"),
    },
    "class": {
        "counterfeit": mark("Counterfeit"),
        "pirated_copy": mark("Pirated copy"),
        "image_copied": mark("Copied photo"),
        "look_alike": mark("Look-alike"),
        "parallel_import": mark("Parallel import"),
        "unauthorised_seller": mark("Unauthorised seller"),
        "mere_mention": mark("Mere mention"),
    },
    "ground": {
        "self_declared_copy": mark("The listing calls itself a copy"),
        "impossible_variant": mark("This variant was never made"),
        "far_below_price": mark("Far below the genuine price"),
        "failed_authenticity_mark": mark("An authenticity mark fails"),
        "copied_photo": mark("The holder's photo is used"),
        "no_licence": mark("No licence for this service"),
        "test_purchase": mark("Bought and examined"),
        "holders_determination": mark("The holder's expert says so"),
    },
    "reason": {
        "not_our_product": mark("Not the product"),
        "genuine_resale": mark("Genuine, sold on"),
        "authorised": mark("Authorised seller"),
        "compatible_accessory": mark("Compatible accessory"),
        "descriptive_use": mark("Word used as a word"),
        "other_holders_mark": mark("Another holder's mark"),
        "review_or_news": mark("Review or news"),
        "parody": mark("Parody"),
        "bad_capture": mark("Bad capture"),
        "other": mark("Other"),
    },
    "family": {
        "text": mark("words"),
        "image": mark("picture"),
        "identifier": mark("number"),
        "stream": mark("stream"),
        "price": mark("price"),
        "seller": mark("seller"),
        "meaning": mark("meaning"),
    },
    "state": {
        "live": mark("live"),
        "paused": mark("paused"),
        "sold": mark("sold"),
        "gone": mark("gone"),
        "blocked": mark("blocked"),
        "geo_fenced": mark("fenced off here"),
        "layout_changed": mark("layout changed"),
        "unreachable": mark("unreachable"),
        "unknown": mark("unknown"),
        "open": mark("open"),
        "ready": mark("ready"),
        "notified": mark("notified"),
        "closed": mark("closed"),
        "running": mark("running"),
        "complete": mark("complete"),
        "budget_exhausted": mark("budget used up"),
        "unfit": mark("unfit"),
        "interrupted": mark("interrupted"),
        "failed": mark("failed"),
        "draft": mark("draft"),
        "refused": mark("refused"),
        "approved": mark("approved"),
        "batched": mark("in a batch"),
        "sent": mark("sent"),
        "recalled": mark("recalled"),
        "pending": mark("pending"),
        "active": mark("active"),
        "expired": mark("expired"),
        "cancelled": mark("cancelled"),
        "opposed": mark("opposed"),
        "leased": mark("being fetched"),
        "done": mark("done"),
    },
    "robots": {
        "allowed": mark("allowed"),
        "disallowed": mark("disallowed"),
        "unreachable": mark("robots.txt unreachable: nothing allowed"),
        "absent": mark("no robots.txt: everything allowed"),
        "not_asked": mark("not asked"),
    },
    "facet": {
        "platform": mark("Platform"),
        "right": mark("Right"),
        "seller": mark("Seller"),
        "band": mark("Band"),
        "standing": mark("Standing"),
    },
    "act": {
        "open_case": mark("opened the case"),
        "change_case": mark("changed the case"),
        "close_case": mark("closed the case"),
        "decide_finding": mark("decided a finding"),
        "undo_decision": mark("took a decision back"),
        "determine_item": mark("gave the holder's word"),
        "draft_notice": mark("drafted a notice"),
        "approve_notice": mark("approved a notice"),
        "sign_notice": mark("signed a notice"),
        "reveal_personal_values": mark("looked at personal values"),
        "enter_known_answer": mark("entered a known answer"),
    },
}

TONES = {
    "confirm": "bad",
    "reject": "good",
    "unsure": "warn",
    "needs_holder": "info",
    "open": "info",
    "notice": "bad",
    "review": "warn",
    "live": "good",
    "complete": "good",
    "active": "good",
    "ready": "warn",
    "running": "info",
    "unfit": "bad",
    "failed": "bad",
    "blocked": "bad",
    "refused": "bad",
    "expired": "bad",
    "cancelled": "bad",
    "interrupted": "warn",
    "budget_exhausted": "warn",
    "pending": "warn",
    "opposed": "warn",
    "layout_changed": "warn",
    "sent": "good",
    "approved": "good",
}
"""How a chip is coloured: a confirmed infringement is bad news, a rejected suspicion good."""


def label(kind: str, code: str | None) -> str:
    """The name of a code in the reader's language."""
    if not code:
        return ""
    named = LABELS.get(kind, {}).get(code)
    return gettext(named) if named else code.replace("_", " ")


def tone(code: str | None) -> str:
    """The colour of a chip for a code; empty for none."""
    return TONES.get(code or "", "")
