"""
Compares looks at listings with everything registered: `match(batch, index, policy, ...)`.

Pure: records in, records out. Pictures come through `open_picture` and `open_colours`, the time and the ids through
arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from config.policy import Policy
from matching.bands import decide_band
from matching.candidates import Index, touch
from matching.exemptions import find_suppressions
from matching.grounds import find_grounds, infringement_class
from matching.identity import identify
from matching.pair import MatchInput, Pair
from matching.photo_search import ColourReader, PictureReader, SeenPhotos
from matching.signals.every import read_signs
from store.records.comparisons import Comparison
from store.records.findings import Finding
from store.records.ids import NewId


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under what a comparison is made: stands in every record, so that it can be made again."""

    run: str
    at: datetime
    config_digest: str
    new_id: NewId


@dataclass(frozen=True, slots=True)
class Matched:
    """One comparison, and the standing of the listing that follows from it."""

    comparison: Comparison
    finding: Finding


def match(
    batch: Iterable[MatchInput],
    index: Index,
    policy: Policy,
    conditions: Conditions,
    open_picture: PictureReader,
    seen: SeenPhotos | None = None,
    open_colours: ColourReader | None = None,
) -> list[Matched]:
    """
    Every pair of a look and a right that touch, compared; silent ones too: a dismissal is kept with its reason.

    The finding's id and times are new; a store that already holds one of that listing and right keeps the old id.
    `seen` keeps what photos came to from batch to batch. Without `open_colours` no logos are looked for in photos.
    """
    known = seen or SeenPhotos()
    return [
        compare(pair, index.digest, conditions)
        for look in batch
        for pair in touch(index, look, policy, open_picture, known, open_colours)
    ]


def named(matched: Iterable[Matched], at: datetime, new_id: NewId) -> list[Matched]:
    """What another process compared, under ids and a time of the one that writes it."""
    own = []
    for each in matched:
        comparison = replace(each.comparison, id=new_id(), compared_at=at)
        finding = replace(each.finding, id=new_id(), comparison=comparison.id, found_at=at, updated_at=at)
        own.append(Matched(comparison, finding))
    return own


def compare(pair: Pair, snapshot_digest: str, conditions: Conditions) -> Matched:
    """One pair: its signs, the identity they make, the grounds beside them, and what is to be done."""
    policy = pair.policy
    signs = read_signs(pair)
    identity = identify(signs, policy.identity)
    grounds = find_grounds(pair, signs)
    infringement = infringement_class(pair, grounds)
    suppressions = find_suppressions(pair)
    standing = decide_band(
        identity=identity,
        signs=signs,
        grounds=grounds,
        infringement=infringement,
        suppressions=suppressions,
        policy=policy.identity,
        carries=policy.grounds.carries,
        on_card=pair.look.input.observation.on_card,
    )
    product = pair.product.id if pair.product else None
    work = pair.work.id if pair.work else None
    observation = pair.look.input.observation
    shown = [hit.reference.id for hit in (*pair.photos, *pair.negative_photos)]
    shown += [hit.reference.id for hit in pair.logos]
    comparison = Comparison(
        id=conditions.new_id(),
        observation=observation.id,
        listing=observation.listing,
        right=pair.right.id,
        product=product,
        work=work,
        references=tuple(dict.fromkeys(shown)),
        run=conditions.run,
        compared_at=conditions.at,
        snapshot_digest=snapshot_digest,
        config_digest=conditions.config_digest,
        signs=signs,
        identity_probability=identity.probability,
    )
    finding = Finding(
        id=conditions.new_id(),
        listing=observation.listing,
        right=pair.right.id,
        holder=pair.right.holder,
        product=product,
        work=work,
        comparison=comparison.id,
        identity_probability=identity.probability,
        families=tuple(family.value for family in identity.families),
        signs=tuple(sign for sign in signs if not sign.against),
        counter_signs=tuple(sign for sign in signs if sign.against),
        grounds=grounds,
        infringement_class=infringement,
        band=standing.band,
        because=standing.because,
        suppressions=suppressions,
        found_at=conditions.at,
        updated_at=conditions.at,
    )
    return Matched(comparison, finding)
