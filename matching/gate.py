"""
Is this reference fit to identify anyone? A picture or a name that stands on everybody's pages accuses everybody.

    judge_picture(picture, uses, stored, ...) -> Judgement(fit=False, faults=(...))
    judge_name(text, ...) -> Judgement

Pure: what the reference hits among stored listings is counted by `console.gating` and handed in. A photo that many
sellers use passes where their listings name the holder's mark or product: official photos are copied widely.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, unique

import cv2
import numpy as np
from numpy.typing import NDArray

from config.policy import GatePolicy
from matching.errors import PhotoRefused
from matching.images import Photo, PhotoHash, describe_photo, hash_reference, open_logo, open_photo
from matching.photo_worker import SECONDS, PhotoWorker
from matching.vocabulary import vocabulary
from matching.wording import words_of
from registry.errors import PhotoUnfit
from registry.photos import check_photo
from store.records.references import Medium


@unique
class Fault(Enum):
    """Why a reference must not go live."""

    UNREADABLE = "unreadable"
    FLAT = "flat"
    """One tone, a gradient, noise: nothing that tells it apart."""
    NOBODYS = "nobodys"
    """Listings that say nothing of the holder show it: a stock picture, a platform's logo, a background."""
    ANOTHER_HOLDERS = "another_holders"
    """Another holder registered the same picture or the same words."""
    LEFT_ALONE = "left_alone"
    """The same picture is registered as one that speaks against identity."""
    ORDINARY_WORD = "ordinary_word"
    TOO_SHORT = "too_short"
    PLATFORM_NAME = "platform_name"
    HITS_TOO_MUCH = "hits_too_much"
    """A dry run over the stored listings finds it nearly everywhere."""
    NOT_APPROVED_TWICE = "not_approved_twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One fault in a sentence that says what to do."""

    fault: Fault
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Why a picture is not taken at all, and what to do."""

    problem: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A stored listing that the reference would have matched."""

    listing: str
    seller: str
    title: str
    is_named: bool  # it names the holder's mark, product or work, or an authorised account offers it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether a reference may go live, why not, and what a dry run said."""

    faults: tuple[Reason, ...]
    matched: int  # of the stored listings
    stored: int

    @property
    def is_fit(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.faults

    @property
    def dry_run(self) -> str:
        """The dry run in a sentence."""
        return f"would have matched {self.matched} of {self.stored} stored listings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much a picture shows: entropy of its tones in bits (0 to 8), tiles of 64 with corners or a pattern."""

    entropy_bits: float
    places: int  # tiles that hold a corner
    patterned: float


def read_picture(data: bytes, medium: Medium) -> tuple[PhotoHash, Detail] | Reason:
    """
    The fingerprints and the detail of a picture, or why it cannot have any.

    A logo is judged as it is looked for: an SVG drawn, a transparent one on the ground that it stands out from.
    """
    try:
        photo = open_photo(_as_png(open_logo(data)) if medium is Medium.LOGO else data)
        hashed = hash_reference(photo, with_corners=False)  # two photos are held to be one by their codes here
    except PhotoRefused as refused:
        return _unreadable(refused)
    grey = photo.grey
    shares = np.bincount(grey.ravel(), minlength=256) / grey.size
    present = shares[shares > 0]
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    tiles = [
        float(np.abs(tile).mean())
        for row in np.array_split(edges, _TILES, axis=0)
        for tile in np.array_split(row, _TILES, axis=1)
    ]
    return hashed, Detail(
        entropy_bits=float(-(present * np.log2(present)).sum()),
        places=_places(photo),
        patterned=sum(tile >= _PATTERN for tile in tiles) / len(tiles),
    )


def _as_png(pixels: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", pixels[..., ::-1])[1])


def read_apart(worker: PhotoWorker, data: bytes, medium: Medium) -> tuple[PhotoHash, Detail] | Reason:
    """The same in a worker's child process: pictures that somebody hands in are as hostile as the open web's."""
    try:
        return worker.ask(read_picture, data, medium, seconds=SECONDS)
    except PhotoRefused as refused:
        return _unreadable(refused)


Examined = tuple[PhotoHash, Detail] | Reason | Unfit | None


def examine_apart(worker: PhotoWorker, data: bytes, medium: Medium, *, judged: bool) -> Examined:
    """
    All that a picture is opened for while it comes in, by a worker's child in one go: nothing else decodes it.

    What `read_picture` gives, or `Unfit` for what the registry does not take and for what took the child with it;
    None for one that is taken and not read for the gate, since it is not `judged`.
    """
    try:
        return worker.ask(_examine, data, medium, judged, seconds=SECONDS)
    except PhotoRefused as refused:
        return Unfit(problem=f"cannot be opened ({refused.detail})", fix="open it in an editor and save it anew")


def _examine(data: bytes, medium: Medium, judged: bool) -> Examined:
    try:
        check_photo(data, is_logo=medium is Medium.LOGO)
    except PhotoUnfit as unfit:
        return Unfit(problem=unfit.problem, fix=unfit.fix)
    return read_picture(data, medium) if judged else None


def _unreadable(refused: PhotoRefused) -> Reason:
    flat = refused.reason.value in ("flat", "featureless")
    return Reason(
        fault=Fault.FLAT if flat else Fault.UNREADABLE,
        because=f"It cannot be compared ({refused.reason.value}: {refused.detail}); hand in another picture.",
    )


def _places(photo: Photo) -> int:
    """In how many tiles corners stand: a plain sign has many corners in four places."""
    found = describe_photo(photo)
    height_px, width_px = found.grey.shape
    at = (found.points / (width_px, height_px) * _TILES).astype(np.int64)
    return len(np.unique(at, axis=0))


_TILES = 8
_PATTERN = 1.0  # mean change from one pixel to the next, in levels, from which a tile shows something (chosen)


def judge_picture(
    detail: Detail,
    *,
    medium: Medium,
    uses: Sequence[Use],
    stored: int,
    other_holders: Collection[str],
    left_alone: Collection[str],
    policy: GatePolicy,
) -> Judgement:
    """
    Whether a picture may identify anyone.

    `uses` are the stored listings it would match; `other_holders` and `left_alone` name references of other holders,
    and of any polarity that speaks against, which show the same picture.
    """
    faults: list[Reason] = []
    least = policy.places_of_logo if medium is Medium.LOGO else policy.places
    is_sparse = detail.places < least and detail.patterned < policy.widely
    if is_sparse or detail.entropy_bits < policy.entropy_bits or detail.patterned < policy.patterned:
        faults.append(
            Reason(
                fault=Fault.FLAT,
                because=(
                    f"It shows too little: corners in {detail.places} places of 64 (at least {least}), tones of "
                    f"{detail.entropy_bits:.1f} bits (at least {policy.entropy_bits:g}), something on "
                    f"{detail.patterned:.0%} of it (at least {policy.patterned:.0%}). Hand in a photo of the goods."
                ),
            )
        )
    if other_holders:
        faults.append(
            Reason(
                fault=Fault.ANOTHER_HOLDERS,
                because=f"Another holder registered the same picture ({_listed(other_holders)}); settle whose it is.",
            )
        )
    if left_alone:
        faults.append(
            Reason(
                fault=Fault.LEFT_ALONE,
                because=f"The same picture is registered to be left alone ({_listed(left_alone)}); withdraw one.",
            )
        )
    strange = [use for use in uses if not use.is_named]
    sellers = {use.seller for use in strange}
    if len(sellers) >= policy.strange_sellers and len(strange) > policy.strange_share * len(uses):
        faults.append(
            Reason(
                fault=Fault.NOBODYS,
                because=(
                    f"{len(strange)} of the {len(uses)} stored listings that show it, of {len(sellers)} sellers, say "
                    f'nothing of the mark or product, among them "{strange[0].title[:80]}". It is not the holder\'s '
                    "goods that it shows, or not theirs alone."
                ),
            )
        )
    return Judgement(faults=tuple(faults), matched=len(uses), stored=stored)


def judge_name(
    text: str,
    *,
    uses: Sequence[Use],
    stored: int,
    other_holders: Collection[str],
    platforms: Collection[str],
    policy: GatePolicy,
) -> Judgement:
    """Whether a mark or title may identify anyone by its words; `other_holders` registered the same words."""
    faults: list[Reason] = []
    words = words_of(text)
    letters = sum(map(len, words))
    if letters < policy.letters:
        faults.append(
            Reason(
                fault=Fault.TOO_SHORT,
                because=f"{letters} letters occur in any text; at least {policy.letters} are needed.",
            )
        )
    # As written: a possessive or a plural of an ordinary word (a family's or a shop's name) is not one itself.
    elif all(word in vocabulary().ordinary for word in words) or vocabulary().goods.kinds_named(text):
        faults.append(
            Reason(
                fault=Fault.ORDINARY_WORD,
                because=f'"{text}" is an ordinary word: it needs a product, a number or a photo beside it.',
            )
        )
    if words in {words_of(platform) for platform in platforms}:
        faults.append(Reason(fault=Fault.PLATFORM_NAME, because=f'"{text}" is the name of a platform under watch.'))
    if other_holders:
        faults.append(
            Reason(
                fault=Fault.ANOTHER_HOLDERS,
                because=f"Another holder registered the same words ({_listed(other_holders)}); settle whose.",
            )
        )
    if stored >= policy.stored and len(uses) > policy.hit_share * stored:
        faults.append(
            Reason(
                fault=Fault.HITS_TOO_MUCH,
                because=f"It would have matched {len(uses)} of {stored} stored listings; that is no name.",
            )
        )
    return Judgement(faults=tuple(faults), matched=len(uses), stored=stored)


def second_approval(handed_in_by: str, approved_by: str | None, is_fit: bool) -> Reason | None:
    """What is missing of two people: whoever handed a doubtful reference in does not let it through alone."""
    if is_fit or (approved_by and approved_by.strip().casefold() != handed_in_by.strip().casefold()):
        return None
    return Reason(
        fault=Fault.NOT_APPROVED_TWICE,
        because="A second person, not the one who handed it in, has to approve a reference that the gate stops.",
    )


def _listed(names: Collection[str]) -> str:
    shown = sorted(names)[:3]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
