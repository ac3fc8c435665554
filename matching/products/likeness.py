"""
What two descriptions of goods have in common and what keeps them apart: named numbers a model weighs.

    likeness(left, right, corpus) -> {"same_models": 1.0, "rare_words_shared": 0.71, ...}

Every number is symmetric: which side is the product and which the listing does not matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, LCSseq, Levenshtein

from matching.products.corpus import Corpus, grams
from matching.products.described import Described, squeeze

UNKNOWN = -1.0  # a number that one side does not give: trees ask for it with a threshold of their own
_SOFT = 0.9  # Jaro-Winkler from which two spellings are one word (chosen)

FEATURES = (
    "token_set",
    "token_sort",
    "ratio",
    "partial",
    "partial_token_sort",
    "letters_in_order",
    "jaro_winkler",
    "same_start",
    "cosine",
    "words_covered_less",
    "words_covered_more",
    "words_shared",
    "soft_less",
    "soft_more",
    "grams",
    "rarest_shared",
    "second_shared",
    "weight_shared",
    "rarest_missing_less",
    "rarest_missing_more",
    "second_missing",
    "weight_missing_less",
    "weight_missing_more",
    "words_less",
    "words_more",
    "text_shared",
    "title_in_text_less",
    "title_in_text_more",
    "first_word",
    "last_word",
    "models_shared",
    "longest_shared",
    "models_agree",
    "models_differ",
    "models_unmatched",
    "rarest_model_shared",
    "model_near",
    "model_prefix",
    "model_edits",
    "model_inside",
    "model_tail",
    "models_known",
    "numbers_shared",
    "numbers_agree",
    "numbers_apart_less",
    "numbers_apart_more",
    "measures_same",
    "measures_different",
    "brand",
    "brand_said",
    "price_share",
    "colours_agree",
    "colours_one_side",
)
"""Names of all likenesses, in the order models are trained with."""


def likeness(left: Described, right: Described, corpus: Corpus) -> dict[str, float]:
    """Every feature of a pair, by name; shares lie in [0, 1], `UNKNOWN` where a side says nothing."""
    found: dict[str, float] = {}
    found.update(_spelling(left, right))
    found.update(_words(left, right, corpus))
    found.update(_models(left, right, corpus))
    found.update(_numbers(left, right))
    found.update(_maker(left, right))
    found.update(_circumstances(left, right))
    return found


def _spelling(left: Described, right: Described) -> dict[str, float]:
    a, b = left.title, right.title
    close, apart = squeeze(a), squeeze(b)
    shorter = max(1, min(len(close), len(apart)))
    return {
        "token_set": fuzz.token_set_ratio(a, b) / 100,
        "token_sort": fuzz.token_sort_ratio(a, b) / 100,
        "ratio": fuzz.ratio(a, b) / 100,
        "partial": fuzz.partial_ratio(a, b) / 100,
        "partial_token_sort": fuzz.partial_token_sort_ratio(a, b) / 100,
        "letters_in_order": LCSseq.similarity(close, apart) / shorter,
        "jaro_winkler": JaroWinkler.similarity(a, b),
        "same_start": _common_prefix(a, b) / max(1, min(len(a), len(b))),
    }


def _common_prefix(a: str, b: str) -> int:
    length = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        length += 1
    return length


def _weight(words: Iterable[str], corpus: Corpus) -> float:
    return sum(corpus.rarity(word) for word in words)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _words(left: Described, right: Described, corpus: Corpus) -> dict[str, float]:
    a, b = set(left.words), set(right.words)
    # Written together on one side and apart on the other: neither half is missing.
    glued_a = {w for w in a - b if w in right.joined}
    glued_b = {w for w in b - a if w in left.joined}
    split_a = {w for w in a - b if any(w in g and len(w) > 1 for g in glued_b)}
    split_b = {w for w in b - a if any(w in g and len(w) > 1 for g in glued_a)}
    shared_a, shared_b = (a & b) | glued_a | split_a, (a & b) | glued_b | split_b
    only_a, only_b = a - shared_a, b - shared_b
    w_a, w_b = _weight(a, corpus), _weight(b, corpus)
    s_a, s_b = _weight(shared_a, corpus), _weight(shared_b, corpus)
    cover_a, cover_b = _share(s_a, w_a), _share(s_b, w_b)
    rare_only = sorted((corpus.rarity(w) for w in (*only_a, *only_b)), reverse=True)
    max_a = max((corpus.rarity(w) for w in only_a), default=0.0)
    max_b = max((corpus.rarity(w) for w in only_b), default=0.0)
    rare_shared = sorted((corpus.rarity(w) for w in a & b), reverse=True)
    soft = _soft_share(a, b, corpus)
    squares = sum(corpus.rarity(w) ** 2 for w in a & b)
    norm = math.sqrt(sum(corpus.rarity(w) ** 2 for w in a) * sum(corpus.rarity(w) ** 2 for w in b))
    text_a, text_b = set(left.text), set(right.text)
    return {
        "cosine": _share(squares, norm),
        "words_covered_less": min(cover_a, cover_b),
        "words_covered_more": max(cover_a, cover_b),
        "words_shared": _share(s_a + s_b, w_a + w_b),
        "soft_less": min(soft),
        "soft_more": max(soft),
        "grams": _gram_cosine(left.title, right.title, corpus),
        "rarest_shared": rare_shared[0] if rare_shared else 0.0,
        "second_shared": rare_shared[1] if len(rare_shared) > 1 else 0.0,
        "weight_shared": _weight(a & b, corpus),
        "rarest_missing_less": min(max_a, max_b),
        "rarest_missing_more": max(max_a, max_b),
        "second_missing": rare_only[1] if len(rare_only) > 1 else 0.0,
        "weight_missing_less": min(w_a - s_a, w_b - s_b),
        "weight_missing_more": max(w_a - s_a, w_b - s_b),
        "words_less": float(min(len(a), len(b))),
        "words_more": float(max(len(a), len(b))),
        "text_shared": _share(
            _weight(text_a & text_b, corpus), min(_weight(text_a, corpus), _weight(text_b, corpus))
        ),
        "title_in_text_less": min(_covered(a, text_b, corpus), _covered(b, text_a, corpus)),
        "title_in_text_more": max(_covered(a, text_b, corpus), _covered(b, text_a, corpus)),
        "first_word": float(left.words[:1] == right.words[:1]),
        "last_word": float(left.words[-1:] == right.words[-1:]),
    }


def _covered(words: set[str], text: set[str], corpus: Corpus) -> float:
    return _share(_weight(words & text, corpus), _weight(words, corpus))


def _soft_share(a: set[str], b: set[str], corpus: Corpus) -> tuple[float, float]:
    """The share of each side's weight that the other side spells the same or nearly so."""

    def one_way(mine: set[str], other: set[str]) -> float:
        found = 0.0
        for word in mine:
            if word in other:
                found += corpus.rarity(word)
            elif len(word) > 3 and not any(char.isdigit() for char in word):
                best = max(
                    (JaroWinkler.similarity(word, each) for each in other if abs(len(each) - len(word)) < 4),
                    default=0.0,
                )
                found += best * corpus.rarity(word) if best >= _SOFT else 0.0
        return _share(found, _weight(mine, corpus))

    return one_way(a, b), one_way(b, a)


def _gram_cosine(a: str, b: str, corpus: Corpus) -> float:
    x = {gram: n * corpus.gram_rarity(gram) for gram, n in grams(a).items()}
    y = {gram: n * corpus.gram_rarity(gram) for gram, n in grams(b).items()}
    norm = math.sqrt(sum(v * v for v in x.values()) * sum(v * v for v in y.values()))
    return _share(sum(v * y.get(gram, 0.0) for gram, v in x.items()), norm)


def _models(left: Described, right: Described, corpus: Corpus) -> dict[str, float]:
    a, b = left.models, right.models
    shared = {m for m in a if m in b or m in right.joined} | {m for m in b if m in left.joined}
    held_a = {m for m in a if m in shared}
    held_b = {m for m in b if m in shared}
    near = 0.0
    rest_a = [m for m in a if m not in shared]
    rest_b = [m for m in b if m not in shared]
    prefix = 0.0
    edit = 99.0
    for x in rest_a:
        for y in rest_b:
            near = max(near, JaroWinkler.similarity(x, y))
            common = _common_prefix(x, y)
            prefix = max(prefix, common / max(1, min(len(x), len(y))))
            edit = min(edit, Levenshtein.distance(x, y))
    text_a, text_b = set(left.text), set(right.text)
    inside = max(
        (len(m) for m in a if m in text_b or any(m in w for w in right.joined)),
        default=0,
    )
    inside = max(inside, max((len(m) for m in b if m in text_a or any(m in w for w in left.joined)), default=0))
    tail = _tail_only(rest_a, right.joined) or _tail_only(rest_b, left.joined)
    known = bool(a and b)
    return {
        "models_shared": float(len(shared)),
        "longest_shared": float(max((len(m) for m in shared), default=0)),
        "models_agree": _share(len(held_a) + len(held_b), len(a) + len(b)) if known else UNKNOWN,
        "models_differ": float(min(len(rest_a), len(rest_b))),
        "models_unmatched": float(max(len(rest_a), len(rest_b))),
        "rarest_model_shared": max((corpus.rarity(m) for m in shared), default=0.0),
        "model_near": near if rest_a and rest_b else UNKNOWN,
        "model_prefix": prefix if rest_a and rest_b else UNKNOWN,
        "model_edits": min(edit, 12.0),
        "model_inside": float(inside),
        "model_tail": float(tail),
        "models_known": float(bool(a)) + float(bool(b)),
    }


def _tail_only(models: Iterable[str], joined: frozenset[str]) -> bool:
    """Whether a model lacks only a tail of one to three characters of what the other side writes, or the reverse."""
    return any(
        (each.startswith(model) or model.startswith(each)) and abs(len(each) - len(model)) <= 3 and len(each) >= 4
        for model in models
        for each in joined
        if each != model and any(char.isdigit() for char in each)
    )


def _numbers(left: Described, right: Described) -> dict[str, float]:
    a, b = left.numbers, right.numbers
    units = {unit for unit, _ in left.measures} & {unit for unit, _ in right.measures}
    same = different = 0
    for unit in units:
        mine = {value for each, value in left.measures if each == unit}
        other = {value for each, value in right.measures if each == unit}
        if mine & other:
            same += 1
        else:
            different += 1
    return {
        "numbers_shared": float(len(a & b)),
        "numbers_agree": _share(len(a & b), len(a | b)) if a and b else UNKNOWN,
        "numbers_apart_less": float(min(len(a - b), len(b - a))),
        "numbers_apart_more": float(max(len(a - b), len(b - a))),
        "measures_same": float(same),
        "measures_different": float(different),
    }


def _maker(left: Described, right: Described) -> dict[str, float]:
    brand = fuzz.token_set_ratio(left.brand, right.brand) / 100 if left.brand and right.brand else UNKNOWN
    said = UNKNOWN
    for own, other in ((left, right), (right, left)):
        if own.brand:
            words = set(own.brand.split())
            said = max(said, len(words & set(other.text)) / len(words))
    return {"brand": brand, "brand_said": said}


def _circumstances(left: Described, right: Described) -> dict[str, float]:
    price = UNKNOWN
    if left.price and right.price:
        price = min(left.price, right.price) / max(left.price, right.price)
    a, b = left.colours, right.colours
    return {
        "price_share": price,
        "colours_agree": _share(len(a & b), len(a | b)) if a and b else UNKNOWN,
        "colours_one_side": float(bool(a) != bool(b)),
    }
