"""How rare words are among the goods that are compared: learned from titles, without any label."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matching.products.described import Described

_GRAM = 3


def grams(title: str) -> Counter[str]:
    """Runs of three characters of a folded title, with the spaces around its words."""
    padded = f" {title} "
    return Counter(padded[at : at + _GRAM] for at in range(len(padded) - _GRAM + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """In how many descriptions each word and each run of three characters occurs."""

    size: int
    words: dict[str, int]
    grams: dict[str, int]

    def rarity(self, word: str) -> float:
        """How rare a word is: 1 for one never seen, near 0 for one in every title, whatever the corpus' size."""
        return self._scale(self.words.get(word, 0))

    def gram_rarity(self, gram: str) -> float:
        """As `rarity`, of a run of three characters."""
        return self._scale(self.grams.get(gram, 0))

    def _scale(self, count: int) -> float:
        whole = math.log(1 + self.size) + 1
        return (math.log((1 + self.size) / (1 + count)) + 1) / whole


def learn_corpus(described: Iterable[Described]) -> Corpus:
    """The corpus of these descriptions; the same title counts once."""
    words: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    seen: set[str] = set()
    for each in described:
        if each.title in seen:
            continue
        seen.add(each.title)
        words.update(set(each.text))
        runs.update(grams(each.title).keys())
    return Corpus(size=len(seen), words=dict(words), grams=dict(runs))
