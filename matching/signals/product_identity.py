"""The listing as a whole beside the registered product as a whole."""

from __future__ import annotations

from matching.pair import Pair
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily

NAME = "product_identity"

_SPEAKS = 0.5  # from even odds on (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    Title, brand, model numbers, measures and colours of the listing, weighed against those of the registered product
    by a model trained on labelled pairs of shops' records. It says how likely the two are one product, whether or not
    the product is called by its name; price is left out, because a copy shows the same product for less. It belongs
    to the words of the page, as the name does.
    """
    found = pair.likeness
    if found is None or pair.product is None or found.product != pair.product.id or found.probability < _SPEAKS:
        return []
    text = "; ".join(found.alike) or "the words as a whole"
    unlike = f" It differs in this: {'; '.join(found.unlike)}." if found.unlike else ""
    return [
        Sign(
            signal=NAME,
            family=SignFamily.TEXT,
            strength=found.probability,
            because=(
                f'The listing describes the product "{found.name}" as a whole ({int(found.probability * 100)}% of '
                f"pairs like this are one product): {text}.{unlike}"
            ),
            ours=found.name,
            theirs=pair.look.fields.title.value if pair.look.fields.title else "",
            capture=pair.look.title_capture,
            raw={"probability": f"{found.probability:.4f}"},
        )
    ]


EXAMPLES = (
    Example(
        why="the model, its number written apart",
        speaks=True,
        title="Velmora VM 3150 K wireless headphones 40 mm black",
        product="Velmora VM-3150K headphones",
    ),
    Example(
        why="the number next to it in the line",
        speaks=False,
        title="Velmora VM-3270 wireless headphones",
        product="Velmora VM-3150K headphones",
    ),
    Example(why="the mark alone", speaks=False, title="Velmora gift card", product="Velmora Sablier"),
)
