"""Why an identified listing infringes: coded grounds, each with its own evidence, and the class they carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matching.circulation import Circulation, common_photo
from matching.pair import Pair, Place
from matching.signals.price import compare_price
from matching.signals.stream import find_manifest
from matching.signals.variant import find_impossible
from store.records.comparisons import Sign
from store.records.findings import GROUNDS_OF_CLASS, Ground, GroundCode, InfringementClass
from store.records.rights import RightKind

# Classes of which matching itself may propose a notice. A copied photo alone never: honest resellers use the official
# photo too, and only the holder can say that this one may not.
NOTIFIABLE = frozenset({InfringementClass.COUNTERFEIT, InfringementClass.PIRATED_COPY})

_MARK_RIGHTS = frozenset({RightKind.TRADEMARK, RightKind.DESIGN, RightKind.PATENT, RightKind.GEOGRAPHICAL_INDICATION})


def find_grounds(pair: Pair, signs: Iterable[Sign]) -> tuple[Ground, ...]:
    """
    Every ground that the look itself carries.

    Grounds from elsewhere (a failed authenticity mark, a test purchase, the holder's determination) are added where
    they are recorded.
    """
    listed = list(signs)
    common = common_photo(pair)
    found = [
        _self_declared(pair, listed),
        _lowered(pair, _impossible_variant(pair), common),
        _lowered(pair, _far_below_price(pair), common),
        _copied_photo(pair),
        _no_licence(pair),
    ]
    return tuple(ground for ground in found if ground is not None)


def _lowered(pair: Pair, ground: Ground | None, common: Circulation | None) -> Ground | None:
    """
    A ground of a counterfeit beside a photo that genuine and unrelated sellers use: weaker, and where nothing but
    that photo says that this product is offered, too weak for a notice.

    The seller's own words stand as they are. So does a copied photo: whose it is does not depend on who copies it.
    """
    if ground is None or common is None:
        return ground
    policy = pair.policy.grounds
    if _is_said(pair):
        share, rest = policy.common_share, "the page itself says which product it offers"
    else:
        share, rest = policy.only_common_share, "nothing else on the page says that it is this product"
    return replace(ground, strength=share, because=f"{ground.because} Weaker, as {common.sentence}; {rest}.")


def infringement_class(pair: Pair, grounds: Iterable[Ground]) -> InfringementClass | None:
    """The class that grounds carry for this kind of right; None where they carry none, or are too weak to."""
    codes = {ground.code for ground in grounds if ground.strength >= pair.policy.grounds.carries}
    if (
        pair.work is None
        and pair.right.kind in _MARK_RIGHTS
        and codes & GROUNDS_OF_CLASS[InfringementClass.COUNTERFEIT]
    ):
        return InfringementClass.COUNTERFEIT
    if pair.work is not None and codes & GROUNDS_OF_CLASS[InfringementClass.PIRATED_COPY]:
        return InfringementClass.PIRATED_COPY
    if codes & GROUNDS_OF_CLASS[InfringementClass.IMAGE_COPIED]:
        return InfringementClass.IMAGE_COPIED
    return None


def _captures(*captures: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(capture for capture in captures if capture))


def _self_declared(pair: Pair, signs: list[Sign]) -> Ground | None:
    said = [
        sign
        for sign in signs
        if sign.signal == "replica_words" and sign.strength >= pair.policy.grounds.declared_strength
    ]
    # A copy is declared of something: the page names the mark or the product, in the title or as its brand.
    if not said or not any(p.place in (Place.TITLE, Place.BRAND) for p in pair.names):
        return None
    best = max(said, key=lambda sign: sign.strength)
    return Ground(
        code=GroundCode.SELF_DECLARED_COPY,
        because=best.because,
        captures=_captures(best.capture, pair.look.title_capture),
        strength=best.strength,
    )


def _impossible_variant(pair: Pair) -> Ground | None:
    found = find_impossible(pair)
    # Which product it is must be certain before a colour of it can be impossible: a whole line shares one mark.
    if not found or not _is_this_product(pair):
        return None
    each = found[0]
    return Ground(
        code=GroundCode.IMPOSSIBLE_VARIANT,
        because=f"It is offered in {each.theirs}; as {each.what} there is only {each.ours}.",
        captures=_captures(each.capture),
    )


def _far_below_price(pair: Pair) -> Ground | None:
    compared = compare_price(pair)
    if compared is None or pair.look.is_used or not _is_this_product(pair):
        return None
    limit = pair.policy.grounds.far_below_share
    if compared.share > limit:
        return None
    price = pair.look.fields.price
    return Ground(
        code=GroundCode.FAR_BELOW_PRICE,
        because=(
            f"New goods for {compared.asked}, {compared.share:.0%} of {compared.beside}; from {limit:.0%} down it "
            "counts as far below."
        ),
        captures=_captures(price.capture if price else None),
    )


def _is_this_product(pair: Pair) -> bool:
    """Whether the page points to this product, not only to its mark: by name, number or photo."""
    product = pair.product
    if product is None:
        return False
    return _is_said(pair) or any(hit.reference.product == product.id for hit in pair.photos)


def _is_said(pair: Pair) -> bool:
    """Whether the page says the product in words or numbers of its own."""
    product = pair.product
    named = product is not None and any(
        p.hit.name.product == product.id and p.place is Place.TITLE for p in pair.names
    )
    return named or bool(pair.numbers)


def _copied_photo(pair: Pair) -> Ground | None:
    if pair.holder is None:
        return None
    own = pair.holder.legal_name.casefold()
    for hit in pair.photos:
        owner = hit.reference.photo_owner or (pair.product.photo_owner if pair.product else None)
        if owner is not None and owner.casefold() == own:
            return Ground(
                code=GroundCode.COPIED_PHOTO,
                because=(
                    f"Photo {hit.photo.position + 1} is reference {hit.reference.reference_ref}, owned by the holder."
                ),
                captures=_captures(hit.photo.capture),
            )
    return None


def _no_licence(pair: Pair) -> Ground | None:
    manifest = find_manifest(pair) if pair.work is not None else None
    if manifest is None or pair.work is None:
        return None
    return Ground(
        code=GroundCode.NO_LICENCE,
        because=f'"{pair.work.title}" is streamed here, and no licence is registered for this platform and day.',
        captures=_captures(manifest.capture, manifest.found_in, pair.look.title_capture),
    )
