"""What the listing sells, by its words, beside the goods of the right."""

from __future__ import annotations

from matching.pair import Pair
from matching.signals.examples import Example
from matching.vocabulary import GoodsSaid
from store.records.comparisons import Sign, SignFamily
from store.records.products import Product

NAME = "other_class"
AGREES = "goods_agree"

_BY_CATEGORY = 0.8  # platforms file things carelessly (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    The words for goods in the title (or, where it has none, the platform's category) name goods of the right's Nice
    classes, or of quite others. A mark is protected for its goods: the same word on seeds and on watches can belong
    to two lawful owners.
    """
    classes = pair.classes_protected
    said = pair.look.goods
    if classes and pair.rival and pair.rival.nice_class and pair.rival.nice_class not in classes:
        return [_of_rival(pair, pair.rival, classes)]
    if not classes or not said:
        return []
    agreeing = [each for each in said if _is_ours(each, pair)]
    shown = agreeing or list(said)
    by_category = not any(each.word in " ".join(pair.look.title.words) for each in shown)
    names = ", ".join(sorted({kind.name for each in shown for kind in each.kinds}))
    theirs = sorted({number for each in shown for kind in each.kinds for number in kind.classes})
    return [
        Sign(
            signal=AGREES if agreeing else NAME,
            family=SignFamily.MEANING,
            strength=_BY_CATEGORY if by_category else 1.0,
            against=not agreeing,
            because=(
                f'"{shown[0].word}" names goods ({names}) that the right covers.'
                if agreeing
                else f'"{shown[0].word}" names other goods ({names}, class {", ".join(map(str, theirs))}) '
                f"than the right covers (class {', '.join(map(str, sorted(classes)))})."
            ),
            ours=", ".join(map(str, sorted(classes))),
            theirs=shown[0].word,
            capture=pair.look.title_capture,
        )
    ]


def _of_rival(pair: Pair, rival: Product, classes: frozenset[int]) -> Sign:
    return Sign(
        signal=NAME,
        family=SignFamily.MEANING,
        strength=1.0,
        against=True,
        because=f'The listing shows "{rival.name}" of another holder (class {rival.nice_class}).',
        ours=", ".join(map(str, sorted(classes))),
        theirs=rival.name,
        capture=pair.look.title_capture,
    )


def _is_ours(said: GoodsSaid, pair: Pair) -> bool:
    ours = pair.classes_protected
    return any(kind.classes & ours or kind in pair.goods_protected for kind in said.kinds)


EXAMPLES = (
    Example(why="its own goods", speaks=True, title="Velmora handbag"),
    Example(why="other goods", speaks=True, title="Velmora sunflower seeds"),
    Example(why="goods are not named", speaks=False, title="Velmora 2208 new"),
    Example(why="the right names no class", speaks=False, title="Velmora handbag", nice_classes=()),
)
