"""A seller that calls itself like an authorised one."""

from __future__ import annotations

from matching.pair import Pair
from matching.signals.examples import Example
from matching.wording import words_of
from store.records.comparisons import Sign, SignFamily
from store.records.sellers import SellerStanding

NAME = "impostor_name"


def read(pair: Pair) -> list[Sign]:
    """
    The seller's name is that of an account the holder authorised, under another id. It may be an impostor, or the
    holder's partner with a second account: a person asks the holder. A name never authorises and never accuses.
    """
    seller = pair.look.input.seller
    shown = seller.name if seller else None
    if shown is None and pair.look.fields.seller_name:
        shown = pair.look.fields.seller_name.value
    if not shown:
        return []
    theirs = "".join(words_of(shown))
    own_id = seller.platform_seller_id if seller else None
    for rule in pair.seller_rules:
        if rule.standing is not SellerStanding.AUTHORISED or not rule.name or rule.platform_seller_id == own_id:
            continue
        if theirs and "".join(words_of(rule.name)) == theirs:
            return [
                Sign(
                    signal=NAME,
                    family=SignFamily.SELLER,
                    strength=1.0,
                    against=True,
                    because="The seller calls itself like an authorised account, but has another id.",
                    ours=rule.platform_seller_id,
                    theirs=own_id or "",
                    capture=pair.look.input.observation.capture,
                    raw={"rule": rule.id},
                )
            ]
    return []


EXAMPLES = (
    Example(
        why="the same name, another id",
        speaks=True,
        title="Velmora handbag",
        seller_id="s-2",
        seller_name="Velm0ra Outlet",
        authorised=("s-1", "Velmora Outlet"),
    ),
    Example(
        why="the authorised account itself",
        speaks=False,
        title="Velmora handbag",
        seller_id="s-1",
        seller_name="Velmora Outlet",
        authorised=("s-1", "Velmora Outlet"),
    ),
    Example(
        why="another name",
        speaks=False,
        title="Velmora handbag",
        seller_id="s-2",
        seller_name="Bags of Lund",
        authorised=("s-1", "Velmora Outlet"),
    ),
)
