"""The product's own name in the title, beside the mark or alone."""

from __future__ import annotations

from matching.names import NameHit, NameKind, is_ordinary
from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.spelling import Spelling
from matching.wording import words_of
from store.records.comparisons import Sign, SignFamily

NAME = "product_name_in_title"

_SLIP = 0.8  # a product name with a letter wrong (chosen)
_SCATTERED = 0.75  # every word of it, but not side by side (chosen)
_WITHOUT_MARK = 0.6  # several words that nobody writes by accident, but no mark (chosen)
_ORDINARY_WITHOUT_MARK = 0.15  # "Solo", "Transit" without the mark: a word like any other (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    The title names the product itself: the model beside the mark, the model written as one of its other names, or
    all words of the model scattered over a title that says the mark. A model name that is an ordinary word counts
    for almost nothing where the mark is missing.
    """
    if pair.product is None:
        return []
    has_mark = any(p.place in (Place.TITLE, Place.BRAND) and p.hit.name.kind is NameKind.MARK for p in pair.names)
    hits = [p.hit for p in pair.names if p.place is Place.TITLE and p.hit.name.kind is NameKind.PRODUCT]
    if hits:
        best = max(hits, key=lambda hit: _strength(hit, pair, has_mark))
        strength = _strength(best, pair, has_mark)
        where = "beside the mark" if has_mark else "without the mark"
        return [_sign(pair, strength, f'The title names the product "{best.name.text}" {where}.', best.quoted, best)]
    if has_mark:
        model = model_words(pair.product.name, pair.mark)
        if model and set(model) <= set(pair.look.title.words):
            quoted = " ".join(model)
            text = f'The title holds every word of the product\'s name "{pair.product.name}".'
            return [_sign(pair, _SCATTERED, text, quoted, None)]
    return []


def _strength(hit: NameHit, pair: Pair, has_mark: bool) -> float:
    strength = _SLIP if hit.spelling is Spelling.MISSPELT else 1.0
    mark_words = set(words_of(pair.mark or ""))
    if has_mark or (mark_words and mark_words <= set(words_of(hit.name.text))):
        return strength
    return strength * (_ORDINARY_WITHOUT_MARK if is_ordinary(hit.name.text) else _WITHOUT_MARK)


def model_words(name: str, mark: str | None) -> tuple[str, ...]:
    """The words of a product's name without the mark; none when fewer than two of them say anything."""
    of_mark = set(words_of(mark or ""))
    words = tuple(word for word in words_of(name) if word not in of_mark)
    return words if len(words) >= 2 and any(len(word) >= 4 for word in words) else ()


def _sign(pair: Pair, strength: float, because: str, quoted: str, hit: NameHit | None) -> Sign:
    assert pair.product is not None
    raw = {"start": str(hit.start), "end": str(hit.end), "spelling": hit.spelling.value} if hit else {}
    return Sign(
        signal=NAME,
        family=SignFamily.TEXT,
        strength=strength,
        because=because,
        ours=pair.product.name,
        theirs=quoted,
        capture=pair.look.title_capture,
        raw=raw,
    )


EXAMPLES = (
    Example(why="mark and model", speaks=True, title="Velmora Sablier bag medium", product="Velmora Sablier"),
    Example(why="model alone", speaks=True, title="Sac Sablier cognac", product="Velmora Sablier"),
    Example(
        why="scattered model",
        speaks=True,
        title="Velmora handbag Nuit in green, Verte edition",
        product="Velmora Nuit Verte",
    ),
    Example(why="only the mark", speaks=False, title="Velmora handbag", product="Velmora Sablier"),
    Example(why="half of the model", speaks=False, title="Nuit handbag", product="Velmora Nuit Verte"),
)
