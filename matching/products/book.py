"""
Registered products, described once and found by the words they share with a listing.

    book = open_book(products, marks)            # once a registry
    book.closest(listing, among) -> [Likeness]   # the nearest first
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matching.products.corpus import Corpus
from matching.products.described import Described, describe
from matching.products.model import Judged, ProductModel, product_model
from store.records.listings import ListingFields
from store.records.products import Product

LOOKED_AT = 3  # products judged a right: those that share most with the listing (chosen; one takes about 1 ms)
NAME_SHARED = 0.4  # share of a product's name, by rarity of its words, without which it is not judged (chosen)
SHARED_BY = 3  # registered products that bear a word before it counts as common among them (chosen)
_NUMBERS_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How likely a listing and one registered product are one product, and what says so."""

    product: str  # Product id
    name: str  # the product's name that is nearest
    probability: float
    alike: tuple[str, ...]  # what both say, in words a reviewer reads
    unlike: tuple[str, ...]  # what they say differently


class ProductBook:
    """The products of one registry; immutable once made."""

    def __init__(self, products: Iterable[Product], marks: Mapping[str, str], model: ProductModel) -> None:
        self._model = model
        self._sides: dict[str, list[tuple[str, Described]]] = {}
        for product in products:
            own = [marks[right] for right in product.rights if marks.get(right)]
            mark = own[0] if own else None
            self._sides[product.id] = [
                (name, describe_product(product, name, mark)) for name in (product.name, *product.other_names)
            ]
        self._corpus = self._count()
        self._least = {
            id: min(sum(self._corpus.rarity(word) for word in set(side.words)) for _, side in sides)
            for id, sides in self._sides.items()
        }
        self._by_word: dict[str, set[str]] = defaultdict(set)
        for id, sides in self._sides.items():
            for _, side in sides:
                for word in (*side.words, *side.models):
                    self._by_word[word].add(id)

    def _count(self) -> Corpus:
        """The shipped corpus, in which words that many of these products bear are as common as they are here."""
        base, total = self._model.corpus, max(1, len(self._sides))
        borne = Counter(
            word
            for sides in self._sides.values()
            for word in {word for _, side in sides for word in (*side.text, *side.models)}
        )
        words = dict(base.words)
        for word, n in borne.items():
            if n >= SHARED_BY:
                words[word] = max(words.get(word, 0), round(base.size * n / total))
        return replace(base, words=words)

    def closest(self, listing: Described, among: Collection[str]) -> list[Likeness]:
        """The products of `among` (ids) that share most words with a listing, the likeliest first."""
        weights: defaultdict[str, float] = defaultdict(float)
        for word in {*listing.words, *listing.models, *listing.joined}:
            for id in self._by_word.get(word, ()):
                weights[id] += self._corpus.rarity(word)
        own = [id for id in weights if id in among and weights[id] >= NAME_SHARED * self._least[id]]
        near = sorted(own, key=lambda id: (-weights[id], id))
        found = [self.judge(listing, id) for id in near[:LOOKED_AT]]
        return sorted(found, key=lambda each: (-each.probability, each.product))

    def judge(self, listing: Described, product: str) -> Likeness:
        """How like a listing is to one product, by the nearest of its names."""
        judged = [(self._model.judge(side, listing, self._corpus), name, side) for name, side in self._sides[product]]
        best, name, side = max(judged, key=lambda each: each[0].probability)
        alike, unlike = _told(side, listing, best)
        return Likeness(
            product=product, name=name, probability=round(best.probability, 4), alike=alike, unlike=unlike
        )


def open_book(products: Iterable[Product], marks: Mapping[str, str]) -> ProductBook:
    """The book of these products under the shipped model; `marks` are the words of their rights, by right."""
    return ProductBook(products, marks, product_model())


def describe_product(product: Product, name: str, mark: str | None) -> Described:
    """A registered product as one side of a comparison; its prices stay out: a cheap copy shows the same product."""
    shown = name if mark is None or mark.casefold() in name.casefold() else f"{mark} {name}"
    return describe(
        title=shown,
        brand=mark,
        description=" ".join((product.category or "", *product.colours, *product.sizes)),
        numbers=(*product.mpn, *product.gtin),
    )


def describe_fields(fields: ListingFields) -> Described | None:
    """A listing as the other side; None where its page told no title."""
    if fields.title is None:
        return None
    stated = (fields.mpn, fields.gtin, fields.sku)
    return describe(
        title=fields.title.value,
        brand=fields.brand_claimed.value if fields.brand_claimed else None,
        description=fields.description.value if fields.description else None,
        numbers=[each.value for each in stated if each],
    )


def _told(product: Described, listing: Described, judged: Judged) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What speaks for and against one product, from the sides themselves."""
    alike, unlike = [], []
    same = {m for m in product.models if m in listing.models or m in listing.joined}
    if same:
        alike.append(f"the number {_listed(sorted(same))} stands on both sides")
    elif product.models and listing.models:
        unlike.append(f"other numbers ({_listed(sorted(product.models))}; {_listed(sorted(listing.models))})")
    words = [word for word in product.words if word in set(listing.words) or word in listing.joined]
    if words:
        alike.append(f"{len(words)} of the {len(product.words)} words of its name")
    missing = [word for word in product.words if word not in words and word not in listing.joined]
    if missing:
        unlike.append(f"the listing does not say {_listed(missing)}")
    for unit in sorted({unit for unit, _ in product.measures} & {unit for unit, _ in listing.measures}):
        ours = sorted(value for each, value in product.measures if each == unit)
        theirs = sorted(value for each, value in listing.measures if each == unit)
        side = alike if set(ours) & set(theirs) else unlike
        side.append(f"{_listed(theirs)} {unit}" + ("" if side is alike else f", not {_listed(ours)}"))
    if judged.likenesses["brand"] == 1.0:
        alike.append("the page states its brand")
    return tuple(alike), tuple(unlike)


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _NUMBERS_SHOWN} more" if len(words) > _NUMBERS_SHOWN else ""
    return ", ".join(words[:_NUMBERS_SHOWN]) + more
