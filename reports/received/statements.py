"""Sentences of law, known by their sense in whatever words: what a sender believes, swears, consents to."""

from __future__ import annotations

import re
from enum import Enum


class Said(Enum):
    """What a sender can state."""

    GOOD_FAITH = "good_faith"  # the use is not authorised by owner, agent or law
    ACCURACY = "accuracy"  # the notification is accurate
    AUTHORITY = "authority"  # under penalty of perjury: owner, or authorised to act
    FAIR_USE = "fair_use"  # exceptions were considered
    MISTAKE = "mistake"  # counter-notice: removed by mistake or misidentification
    JURISDICTION = "jurisdiction"  # counter-notice: consent to a court, service accepted


_GAP = r"[^.?!]{0,200}?"
_PATTERNS = {
    Said.GOOD_FAITH: (
        rf"good[- ]faith{_GAP}(?:not|nor|without){_GAP}(?:authori[sz]|permi|licen|consent|allow)",
        rf"(?:believe|belief) in good faith{_GAP}(?:not|without){_GAP}(?:authori[sz]|permi|licen)",
        rf"good[- ]faith{_GAP}(?:infring|unauthori[sz]ed|violat)",
    ),
    Said.ACCURACY: (
        rf"information\b{_GAP}\b(?:accurate|correct|true)\b",
        rf"\b(?:accurate|correct|true)\b{_GAP}\binformation\b",
        rf"\b(?:notification|notice|statements?|foregoing|above)\b{_GAP}\b(?:accurate|true and correct)\b",
    ),
    Said.AUTHORITY: (
        rf"perjury{_GAP}(?:owner|authori[sz]ed|holder|behalf)",
        rf"(?:owner|authori[sz]ed|holder|behalf){_GAP}perjury",
    ),
    Said.FAIR_USE: (
        rf"(?:consider|taken|account|contemplat|evaluat){_GAP}fair (?:use|dealing)",
        rf"fair (?:use|dealing){_GAP}(?:consider|account|not apply|no defen[cs]e|exempt|except)",
        rf"(?:not|n't|isn't|neither){_GAP}fair (?:use|dealing)",
    ),
    Said.MISTAKE: (rf"(?:removed|disabled|taken down){_GAP}(?:mistake|misidentif|error)",),
    Said.JURISDICTION: (
        rf"consent{_GAP}jurisdiction",
        r"accept service of process",
    ),
}
_KNOWN = {said: tuple(re.compile(p, re.IGNORECASE | re.DOTALL) for p in each) for said, each in _PATTERNS.items()}
_BREAKS = re.compile(r"\s+")


def find_statements(text: str) -> dict[Said, str]:
    """What the text states, each with the words that say so, cut to 300 letters."""
    flat = _BREAKS.sub(" ", text)
    found: dict[Said, str] = {}
    for said, patterns in _KNOWN.items():
        match = next((m for pattern in patterns if (m := pattern.search(flat)) is not None), None)
        if match is not None:
            found[said] = flat[max(0, match.start() - 40) : match.end() + 40].strip()[:300]
    return found
