"""The first page of a bundle, in plain words: what was seen, what speaks against it, and what it does not prove."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reports.exhibits.custody import Step, told_steps
from reports.exhibits.gathering import CaseEvidence, Exhibit
from reports.exhibits.purchases import numbered
from reports.exhibits.statements import Told
from reports.formats.page import FORMS
from reports.views import write_moment
from store.evidence.verify import TIMELY
from store.records.captures import CaptureRole
from store.records.cases import EXERCISE_POLICY
from store.records.rechecks import Presence, Recheck


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FORMS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("evidence.html")


def write_report(evidence: CaseEvidence, told: Told, steps: Sequence[Step]) -> bytes:
    """The page: one HTML file with its pictures inside, no script, every crawled word escaped."""
    times = [exhibit.capture.fetched_at for exhibit in evidence.exhibits]
    return (
        _template()
        .render(
            told=told,
            items=evidence.items,
            numbers={exhibit.capture.id: exhibit.number for exhibit in evidence.exhibits},
            seen={exhibit.number: seen_words(exhibit) for exhibit in evidence.exhibits},
            first_at=write_moment(min(times)),
            last_at=write_moment(max(times)),
            is_exercise=all(each.is_exercise for each in evidence.facts),
            time_words=_time_words(evidence, told),
            verdict_words=_verdict_words(evidence, told),
            steps=told_steps(steps),
            origin_words=_origin_words(evidence),
            person_words=_person_words(evidence),
            missing_words=_missing_words(evidence),
            purchases=list(numbered(evidence.purchases)),
            moment=write_moment,
            erased_words=_erased_words(evidence),
            looked_again={
                item.label: [
                    _again_words(evidence, recheck) for recheck in evidence.rechecks.get(facts.finding.id, ())
                ]
                for item, facts in zip(evidence.items, evidence.facts, strict=True)
            },
        )
        .encode()
    )


_PRESENCE = {
    Presence.PRESENT: "It stood as it was captured.",
    Presence.CHANGED: "It stood, and not as it was captured.",
    Presence.ABSENT: "It was gone, by the platform's own sign, while other pages of the platform were well.",
    Presence.UNKNOWN: "Whether it stood could not be told.",
}


def _again_words(evidence: CaseEvidence, recheck: Recheck) -> dict[str, Any]:
    """One time a listing was looked at again, as the page tells it."""
    exhibits = [found.number for id in recheck.captures if (found := evidence.exhibit_of(id)) is not None]
    return {
        "at": write_moment(recheck.looked_at),
        "verdict": _PRESENCE[recheck.presence],
        "divergent": recheck.divergent,
        "sentences": [*recheck.reasons, *recheck.differences],
        "exhibits": sorted(set(exhibits)),
    }


def seen_words(exhibit: Exhibit) -> str:
    """When and by whom a capture's seal was seen from outside."""
    seal = exhibit.seal
    if seal is None:
        return "in no seal of its time"
    if not seal.tokens:
        return f"sealed {write_moment(seal.sealed_at)}; unsealed_time: no token yet"
    first = min(seal.tokens, key=lambda token: token.stamped_at)
    kind = "qualified, by its owner's word" if first.qualified else "not a qualified authority"
    late = "" if first.stamped_at - exhibit.capture.fetched_at <= TIMELY else "; later than ten minutes after capture"
    return f"{write_moment(first.stamped_at)} by {first.authority} ({kind}){late}"


def _is_timely(exhibit: Exhibit) -> bool:
    """Whether a time authority saw the capture's seal within ten minutes."""
    tokens = exhibit.seal.tokens if exhibit.seal is not None else ()
    return bool(tokens) and min(t.stamped_at for t in tokens) - exhibit.capture.fetched_at <= TIMELY


def _verdict_words(evidence: CaseEvidence, told: Told) -> str:
    """What the verifier says of this bundle when nobody touched it, so that nobody has to guess what a word means."""
    lacking = []
    if not told.authorities:
        lacking.append("no time authority was asked, so its times are the sender's own word")
    elif late := sum(not _is_timely(exhibit) for exhibit in evidence.exhibits):
        lacking.append(f"{late} captures have no time from outside within ten minutes")
    if evidence.erased:
        lacking.append("something was erased lawfully, and what it held cannot be checked any more")
    if lacking:
        return f"Untouched, it gets INCONCLUSIVE and not PASS: {'; '.join(lacking)}. FAIL means that it was changed."
    return "Untouched, with the right keys and roots, it gets PASS. FAIL means that it was changed."


def _time_words(evidence: CaseEvidence, told: Told) -> str:
    count = len(evidence.exhibits)
    stamped = [e for e in evidence.exhibits if e.seal is not None and e.seal.tokens]
    timely = [e for e in stamped if _is_timely(e)]
    asked = ", ".join(told.authorities) or "none"
    return (
        f"Of {count} captures {len(timely)} were seen by a time authority within ten minutes of capture,"
        f" {len(stamped) - len(timely)} later, {count - len(stamped)} not at all. Authorities: {asked}."
    )


def _origin_words(evidence: CaseEvidence) -> str:
    with_certificate = sum(
        any(file.role is CaptureRole.CERTIFICATE for file in e.capture.files) for e in evidence.exhibits
    )
    with_address = sum(e.capture.server_ip is not None for e in evidence.exhibits)
    count = len(evidence.exhibits)
    return (
        f"The server's network address was noted for {with_address} of {count} answers, and its certificate, from the"
        f" same connection, for {with_certificate}."
    )


def _person_words(evidence: CaseEvidence) -> str:
    people = sorted({each.decision.by for each in evidence.facts if each.decision is not None})
    if people == [EXERCISE_POLICY]:
        return "No. This is an exercise; its policy confirmed without a person."
    return f"Yes. {', '.join(people)} compared listing and reference and confirmed each item listed here."


def _missing_words(evidence: CaseEvidence) -> str:
    """What the transport did not show of these captures."""
    captures = [exhibit.capture for exhibit in evidence.exhibits]
    lacking = [
        (what, sum(value is None for value in values))
        for what, values in (
            ("TLS protocol and cipher", [capture.tls for capture in captures]),
            ("the server's address", [capture.server_ip for capture in captures]),
            ("the HTTP version", [capture.http_version for capture in captures]),
        )
    ]
    told = ", ".join(f"{what} for {count}" for what, count in lacking if count)
    drawn = sum(any(file.role is CaptureRole.DOM for file in capture.files) for capture in captures)
    return (
        f"What was not noted, of {len(captures)} captures: {told or 'nothing'}. {drawn} pages were also drawn in a"
        " browser; of the others no picture of the whole page exists."
    )


def _erased_words(evidence: CaseEvidence) -> list[str]:
    """One sentence for each file that was erased: what stays, and who answers for it."""
    return [
        f"A file of {stone.size_bytes} bytes (SHA-256 {stone.sha256}) was erased on {write_moment(stone.at)} by "
        f"{stone.by} and {stone.second}: {stone.reason.value.replace('_', ' ')}; {stone.legal_basis}. Its digest "
        "stays in what was sealed; what it held can no longer be looked at."
        for stone in sorted(evidence.erased.values(), key=lambda stone: (stone.at, stone.sha256))
    ]
