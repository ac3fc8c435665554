"""How well reviewers decide: errors on known answers, and agreement with a second, blind look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from cases.decisions import current_decision
from cases.errors import UnknownFinding
from console.analytics.shares import Share
from console.web.errors import Refused
from store.db.audit import AuditTrail, act_of
from store.db.decisions import Decisions
from store.db.review import BlindReviews, KnownAnswers, ReviewItems
from store.db.session import Database
from store.records.cases import Verdict
from store.records.ids import Clock, NewId
from store.records.review import BlindKind, BlindReview, KnownAnswer
from store.records.scope import Scope


class NotKnown(Refused):
    """The answer of a finding cannot be entered as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Cohen's kappa of two people's verdicts on the same findings, with the counts it is made of."""

    pairs: int
    agreed: int
    expected: float  # agreement that chance alone gives, 0 to 1
    kappa: float | None  # None while nothing was counted, or chance alone explains everything
    table: tuple[tuple[str, str, int], ...]  # first verdict, second verdict, how often


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerQuality:
    """One reviewer's known answers."""

    reviewer: str
    known: Share  # right ones of those answered
    wrongly_confirmed: int  # the error that accuses an innocent
    wrongly_rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityView:
    """The whole page."""

    reviewers: tuple[ReviewerQuality, ...]
    agreement: Agreement
    by_pair: tuple[tuple[str, str, Agreement], ...]  # first and second reviewer
    known_answers: int
    disagreements: tuple[BlindReview, ...]


def cohens_kappa(pairs: Iterable[tuple[Verdict, Verdict]]) -> Agreement:
    """
    Agreement beyond chance of a first and a second verdict on each finding.

    1 is full agreement, 0 what chance gives. Source: Cohen 1960, "A coefficient of agreement for nominal scales".
    """
    counted = Counter(pairs)
    n = sum(counted.values())
    agreed = sum(count for (first, second), count in counted.items() if first is second)
    firsts: Counter[Verdict] = Counter()
    seconds: Counter[Verdict] = Counter()
    for (first, second), count in counted.items():
        firsts[first] += count
        seconds[second] += count
    expected = sum(firsts[verdict] * seconds[verdict] for verdict in Verdict) / (n * n) if n else 0.0
    kappa = (agreed / n - expected) / (1 - expected) if n and expected < 1 else None
    ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0][0].value, each[0][1].value))
    return Agreement(
        pairs=n,
        agreed=agreed,
        expected=expected,
        kappa=kappa,
        table=tuple((first.value, second.value, count) for (first, second), count in ordered),
    )


def view_quality(connection: Connection, scope: Scope) -> QualityView:
    """Every reviewer's known answers and the agreement of second looks."""
    looks = BlindReviews(connection, scope)
    known = looks.answered(BlindKind.KNOWN)
    second = looks.answered(BlindKind.SECOND)
    names = sorted({look.reviewer for look in known})
    pairs = sorted({(look.first_by or "", look.reviewer) for look in second})
    return QualityView(
        reviewers=tuple(quality_of(name, [look for look in known if look.reviewer == name]) for name in names),
        agreement=cohens_kappa(_verdicts(second)),
        by_pair=tuple(
            (
                first,
                reviewer,
                cohens_kappa(
                    _verdicts(look for look in second if (look.first_by or "", look.reviewer) == (first, reviewer))
                ),
            )
            for first, reviewer in pairs
        ),
        known_answers=KnownAnswers(connection, scope).count(),
        disagreements=tuple(look for look in second if look.verdict is not look.expected),
    )


def quality_of(reviewer: str, looks: Sequence[BlindReview]) -> ReviewerQuality:
    """One reviewer's answers to what is known."""
    return ReviewerQuality(
        reviewer=reviewer,
        known=Share(hits=sum(1 for look in looks if look.verdict is look.expected), of=len(looks)),
        wrongly_confirmed=sum(
            1 for look in looks if look.verdict is Verdict.CONFIRM and look.expected is not Verdict.CONFIRM
        ),
        wrongly_rejected=sum(
            1 for look in looks if look.verdict is Verdict.REJECT and look.expected is Verdict.CONFIRM
        ),
    )


def enter_known(
    database: Database, scope: Scope, finding: str, because: str, *, by: str, clock: Clock, ids: NewId
) -> KnownAnswer:
    """
    Make what stands of a finding a known answer, with the reason why it is certain.

    Only a decided finding can be one: it is out of the queue, so that nobody decides it in earnest by the way.
    Raises `NotKnown` and `UnknownFinding`.
    """
    if len(because.split()) < 3:
        raise NotKnown("Say how the answer is known, in a few words at least.")
    with database.write() as connection:
        if ReviewItems(connection, scope).get(finding) is None:
            raise UnknownFinding(finding)
        standing = current_decision(Decisions(connection, scope).of_findings([finding]).get(finding, ()))
        if standing is None:
            raise NotKnown("Decide the finding first; what stands becomes the known answer.")
        known = KnownAnswer(finding=finding, expected=standing.verdict, because=because, by=by, at=clock())
        KnownAnswers(connection, scope).put([known], keys=("finding",))
        act = act_of(
            by,
            "enter_known_answer",
            "finding",
            finding,
            clock=lambda: known.at,
            ids=ids,
            detail={"expected": known.expected.value},
        )
        AuditTrail(connection, scope).add(act)
    return known


def _verdicts(looks: Iterable[BlindReview]) -> Iterable[tuple[Verdict, Verdict]]:
    return [(look.expected, look.verdict) for look in looks if look.verdict is not None]
