"""The asking price beside what other accounts ask for the same product."""

from __future__ import annotations

import statistics
from decimal import Decimal

from matching.pair import Pair
from matching.signals.examples import Example
from matching.signals.price import asked_price
from store.records.comparisons import Sign, SignFamily

NAME = "price_beside_others"


def read(pair: Pair) -> list[Sign]:
    """
    What the listing asks, where it is far below the middle price of enough other accounts that offer the same product
    in the same currency, as earlier runs found them. It tells a reviewer and weighs nothing: a market may be full of
    copies, and then the genuine article stands out.
    """
    asked = asked_price(pair)
    if pair.product is None or asked is None or pair.look.is_used:
        return []
    others = [
        each.price.amount
        for each in pair.peers
        if each.price.currency == asked.currency and each.account != pair.look.account
    ]
    policy = pair.policy.grounds
    if len(others) < policy.peers_least:
        return []
    middle = statistics.median(others)
    share = float(asked.amount / middle)
    if share > policy.far_below_share:
        return []
    price = pair.look.fields.price
    return [
        Sign(
            signal=NAME,
            family=SignFamily.PRICE,
            strength=round(1 - share, 4),
            because=(
                f"It asks {asked}, {share:.0%} of the middle price of {len(others)} other accounts for this product "
                f"({middle} {asked.currency})."
            ),
            ours=f"{middle} {asked.currency}",
            theirs=str(asked),
            capture=price.capture if price else None,
            raw={"share": f"{share:.4f}", "accounts": str(len(others))},
        )
    ]


_FIVE = tuple((f"peer-{number}", Decimal(9000 + 1000 * number), "SEK") for number in range(5))

EXAMPLES = (
    Example(
        why="a tenth of what five others ask",
        speaks=True,
        title="Velmora Sablier",
        price=(Decimal(1100), "SEK"),
        product="Velmora Sablier",
        others=_FIVE,
    ),
    Example(
        why="four others are too few",
        speaks=False,
        title="Velmora Sablier",
        price=(Decimal(1100), "SEK"),
        product="Velmora Sablier",
        others=_FIVE[:4],
    ),
    Example(
        why="its own account is no other",
        speaks=False,
        title="Velmora Sablier",
        price=(Decimal(1100), "SEK"),
        product="Velmora Sablier",
        others=(("s-1", Decimal(9000), "SEK"), *_FIVE[:4]),
    ),
    Example(
        why="second hand",
        speaks=False,
        title="Velmora Sablier, used",
        price=(Decimal(1100), "SEK"),
        product="Velmora Sablier",
        others=_FIVE,
    ),
    Example(
        why="what others ask as well",
        speaks=False,
        title="Velmora Sablier",
        price=(Decimal(8000), "SEK"),
        product="Velmora Sablier",
        others=_FIVE,
    ),
)
