"""What is to be done with an identified listing: nothing, a look by a person, or a notice a person may approve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.policy import IdentityPolicy
from matching.grounds import NOTIFIABLE
from matching.identity import Identity
from store.records.comparisons import Sign, SignFamily
from store.records.findings import GROUNDS_OF_CLASS, Band, Ground, GroundCode, InfringementClass, Suppression

# Signs that make a name a mention. They silence a name; they do not silence the holder's own photo or number on an
# offer, because whoever copies those also writes "compatible with" when it helps.
MENTIONS = frozenset(
    {
        "compatible_with",
        "descriptive_use",
        "other_class",
        "talk_about",
        "parody_or_inspired",
        "packaging_only",
        "software_name",
        "another_brand",
        "accessory",
    }
)
# Talk offers nothing: a review may show the official photo.
_TALK = "talk_about"
_SHOWN = frozenset({SignFamily.IMAGE, SignFamily.IDENTIFIER, SignFamily.STREAM})


@dataclass(frozen=True, slots=True)
class Standing:
    """The band and the one sentence that says why."""

    band: Band
    because: str


def decide_band(
    *,
    identity: Identity,
    signs: Iterable[Sign],
    grounds: Iterable[Ground],
    infringement: InfringementClass | None,
    suppressions: Iterable[Suppression],
    policy: IdentityPolicy,
    carries: float,
    on_card: bool = False,
) -> Standing:
    """
    The standing of one pair; `on_card` where the listing's own page was not opened, which a notice never rests on.
    A ground below the strength `carries` is told to a person and carries no notice.

    A notice needs identity of `policy.notice` by two independent families, a ground of a notifiable class, and
    nothing against that nobody answered. Identity of `policy.review`, by whatever family, asks for a person.
    """
    suppressed = list(suppressions)
    if suppressed:
        return Standing(Band.SILENT, f"Left alone: {suppressed[0].because}")
    against = [sign for sign in signs if sign.against and sign.strength >= policy.counter_strength]
    listed = list(grounds)
    mention = _mention(against, identity, listed)
    if mention is not None:
        return Standing(Band.SILENT, f"A mention: {mention.because}")
    # Rounded down: nothing is ever certain, and a reader must not see a threshold reached that is not.
    share = f"{int(identity.probability * 100)}%"
    if identity.probability < policy.review:
        return Standing(Band.SILENT, f"Not identified: {share}, under {policy.review:.0%}.")
    strong = [ground for ground in listed if ground.strength >= carries]
    weak = [ground for ground in listed if ground.strength < carries]
    missing = _missing(identity, strong, weak, infringement, against, policy)
    if not missing and on_card:
        missing = "only its card on a page of results was seen; its own page has to be opened."
    if missing:
        return Standing(Band.REVIEW, f"Identified ({share}), but {missing}")
    codes = ", ".join(ground.code.value.replace("_", " ") for ground in _carrying(strong, infringement))
    families = " and ".join(family.value for family in identity.families)
    return Standing(Band.NOTICE, f"Identified ({share}) by {families}; {codes}; nothing speaks against it.")


def _mention(against: list[Sign], identity: Identity, grounds: list[Ground]) -> Sign | None:
    """Give the sign that makes the pair a mention, or None where more than a name stands there."""
    mentions = [sign for sign in against if sign.signal in MENTIONS]
    if not mentions:
        return None
    talk = next((sign for sign in mentions if sign.signal == _TALK and sign.strength == 1.0), None)
    if talk is not None and SignFamily.STREAM not in identity.families:
        return talk
    shown = _SHOWN & set(identity.families)
    declared = any(ground.code is GroundCode.SELF_DECLARED_COPY for ground in grounds)
    return None if shown or declared else mentions[0]


def _carrying(grounds: list[Ground], infringement: InfringementClass | None) -> list[Ground]:
    if infringement is None:
        return []
    return [ground for ground in grounds if ground.code in GROUNDS_OF_CLASS[infringement]]


def _missing(
    identity: Identity,
    grounds: list[Ground],
    weak: list[Ground],
    infringement: InfringementClass | None,
    against: list[Sign],
    policy: IdentityPolicy,
) -> str:
    """Say what a notice lacks; empty where it lacks nothing."""
    if against:
        return f"this speaks against it: {against[0].because}"
    if infringement not in NOTIFIABLE or not _carrying(grounds, infringement):
        if infringement is InfringementClass.IMAGE_COPIED:
            return "only the holder can say whether this seller may use the photo."
        if weak:
            return f"its ground is too weak for a notice: {weak[0].because}"
        return "no ground says that it infringes."
    if len(identity.families) < policy.families_for_notice:
        only = identity.families[0].value if identity.families else "no family"
        return f"only {only} speaks for it; a notice needs {policy.families_for_notice} independent families."
    if identity.probability < policy.notice:
        return f"a notice needs {policy.notice:.0%}."
    return ""
