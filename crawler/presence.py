"""
Whether an offer still stands: what two looks and the control pages of the same run prove together.

Pure. *Absent* is said only on the platform's own sign (a status or words that its file declares), seen by both looks,
while another page of the platform was well in the same run. A wall, an error, a redirect to the front page, a page
that cannot be read, one look alone: each leaves it unknown, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.platform import Platform
from crawler.extract.document import Document
from crawler.extract.pages import Page
from crawler.extract.refusals import says_gone
from crawler.extract.text import fold
from store.records.listings import ListingState
from store.records.rechecks import Presence, Sight, SightRole

LEAST_LOOKS = 2  # chosen: one look may meet a hiccup, a cache or a page made for it alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the looks of one recheck say together, and why."""

    presence: Presence
    reasons: tuple[str, ...]
    divergent: bool
    differences: tuple[str, ...]


def absence_sign(page: Page, platform: Platform) -> str | None:
    """The platform's own word for "no longer here" on a page, as its file declares it; None where it is not said."""
    if page.status in platform.gone.status:
        return f"status {page.status}"
    document = Document(
        url=page.url, body=page.body, content_type=page.header("content-type"), fetched_at=page.fetched_at
    )
    words = says_gone(document, platform, None)
    return f"the words {words!r}" if words is not None else None


def judge_presence(looks: Sequence[Sight], controls: Sequence[Sight], was: Sight | None) -> Judgement:
    """
    What the looks at one offer prove.

    `looks` are the first and the second; `controls` other pages of the platform, fetched in the same run; `was` the
    offer as it was captured, None where nothing is there to hold it against.
    """
    differences, divergent = _between(looks)
    changed = [] if was is None else [each for look in looks if look.shows for each in _changed(was, look)]
    told = tuple(dict.fromkeys([*differences, *changed]))
    presence, reasons = _judge(looks, controls, divergent, changed)
    return Judgement(presence=presence, reasons=tuple(reasons), divergent=divergent, differences=told)


def is_healthy(controls: Sequence[Sight]) -> bool:
    """Whether the platform was well: most of the control pages, and one at least, showed what they are."""
    well = sum(1 for each in controls if each.shows)
    return well > 0 and 2 * well > len(controls)


def _judge(
    looks: Sequence[Sight], controls: Sequence[Sight], divergent: bool, changed: Sequence[str]
) -> tuple[Presence, list[str]]:
    said = [f"{each.role.value} look ({each.way}, {each.locale}): {each.because}" for each in looks]
    if len(looks) < LEAST_LOOKS:
        return Presence.UNKNOWN, [*said, f"{len(looks)} of {LEAST_LOOKS} looks were made"]
    if all(look.shows for look in looks):
        if divergent:
            return Presence.UNKNOWN, [*said, "the looks were shown different offers"]
        if changed:
            return Presence.CHANGED, [*said, *dict.fromkeys(changed)]
        return Presence.PRESENT, said
    if any(look.shows for look in looks):
        return Presence.UNKNOWN, [*said, "one look was shown the offer and the other was not"]
    unsigned = [look for look in looks if look.state is not ListingState.GONE or look.sign is None]
    if unsigned:
        which = " and ".join(look.role.value for look in unsigned)
        return Presence.UNKNOWN, [*said, f"the {which} look saw no sign that the platform's file gives for gone"]
    said = [f"{each.role.value} look ({each.way}, {each.locale}): {each.sign}" for each in looks]
    if not controls:
        return Presence.UNKNOWN, [*said, "no other page of the platform was looked at in the same run"]
    well = [f"control {each.url}: {each.because}" for each in controls]
    if not is_healthy(controls):
        return Presence.UNKNOWN, [*said, *well, "control pages were not well, so the platform may be at fault"]
    return Presence.ABSENT, [*said, *well]


def _between(looks: Sequence[Sight]) -> tuple[list[str], bool]:
    """What tells the looks apart, and whether that depends on who asked rather than on the language alone."""
    if len(looks) < LEAST_LOOKS:
        return [], False
    first, second = looks[0], looks[1]
    name = f"the second look ({second.way}, {second.locale})"
    if first.shows != second.shows:
        # A look that was merely not answered is no other page.
        shown, hidden = (first, second) if first.shows else (second, first)
        sentence = f"the {shown.role.value} look saw the offer, the {hidden.role.value} did not: {hidden.because}"
        blocked = hidden.state in (ListingState.BLOCKED, ListingState.UNREACHABLE, ListingState.UNKNOWN)
        return [sentence], not blocked
    if not first.shows:
        return [], False
    found: list[str] = []
    divergent = False
    if first.item != second.item:
        found.append(f"{name} saw item {second.item}, the first {first.item}")
        divergent = True
    if first.state is not second.state:
        found.append(f"{name} saw it {second.state.value}, the first {first.state.value}")
        divergent = True
    for sentence, counts in _compared(first, second, name, "the first"):
        found.append(sentence)
        divergent = divergent or counts
    return found, divergent


def _changed(was: Sight, now: Sight) -> list[str]:
    """What is not as it was captured."""
    found = []
    if now.item is not None and was.item is not None and now.item != was.item:
        found.append(f"its address shows item {now.item}, captured was {was.item}")
    if now.state is not was.state:
        found.append(f"it is {now.state.value} now, and was {was.state.value} when it was captured: {now.because}")
    translated = now.role is SightRole.SECOND  # in another language a title and a currency say nothing of a change
    for sentence, counts in _compared(was, now, "it now", "when it was captured"):
        if counts or not translated:
            found.append(sentence)
    return found


def _compared(one: Sight, other: Sight, name: str, before: str) -> list[tuple[str, bool]]:
    """What two sights say differently, each with whether the language asked for cannot explain it."""
    found = []
    same_language = one.locale == other.locale
    if one.title is not None and other.title is not None and fold(one.title) != fold(other.title):
        found.append((f"{name} is titled {other.title!r}, {before} {one.title!r}", same_language))
    if one.price is not None and other.price is not None and one.price != other.price:
        same_currency = one.price.currency == other.price.currency
        found.append((f"{name} costs {other.price}, {before} {one.price}", same_currency))
    if one.seller_id is not None and other.seller_id is not None and one.seller_id != other.seller_id:
        found.append((f"{name} is sold by {other.seller_id}, {before} by {one.seller_id}", True))
    if one.images and other.images and not _names(one) & _names(other):
        found.append((f"{name} shows none of the photos shown {before}", True))
    return found


def _names(sight: Sight) -> frozenset[str]:
    """Photos by their addresses without query: sizes and passing tokens stand there."""
    return frozenset(f"{parts.netloc}{parts.path}" for parts in map(urlsplit, sight.images))
