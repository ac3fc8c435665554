"""The word lists of matching, read once from the tables beside this module: `vocabulary()`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from matching.wording import Phrases, Wording, words_of

# German, Dutch and Scandinavian write goods as one word ("Bügelkopfhörer"): the last part says what they are.
_MIN_HEAD = 5  # letters; shorter endings occur in any word (chosen)

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One kind of goods: its name in goods.toml and its Nice classes."""

    name: str
    classes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsSaid:
    """A word that names goods: which kinds it may mean, and where it stands."""

    word: str
    kinds: tuple[Goods, ...]
    first: int
    last: int


class GoodsWords:
    """Words for goods, each with the kinds of goods it may mean."""

    def __init__(self, table: dict[str, Any]) -> None:  # Any: a TOML table
        self.kinds = {name: Goods(name=name, classes=frozenset(entry["classes"])) for name, entry in table.items()}
        self._kinds_of: dict[tuple[str, ...], list[Goods]] = {}
        for name, entry in table.items():
            for word in (*entry["words"], name):
                listed = self._kinds_of.setdefault(words_of(word), [])
                if self.kinds[name] not in listed:
                    listed.append(self.kinds[name])
        self._phrases = Phrases(" ".join(parts) for parts in self._kinds_of)
        self._heads = frozenset(
            parts[0] for parts in self._kinds_of if len(parts) == 1 and len(parts[0]) >= _MIN_HEAD
        )

    def find(self, wording: Wording) -> list[GoodsSaid]:
        """Every word for goods in a text, longest first where several begin together."""
        found: list[GoodsSaid] = []
        taken = -1
        for said in self._phrases.find(wording):
            if said.first <= taken:  # inside a longer word already read ("jacket" in "shell jacket")
                continue
            taken = said.last
            kinds = tuple(self._kinds_of[wording.words[said.first : said.last + 1]])
            found.append(GoodsSaid(word=said.phrase, kinds=kinds, first=said.first, last=said.last))
        known = {at for said in found for at in range(said.first, said.last + 1)}
        for at, word in enumerate(wording.words):
            head = None if at in known else self._head(word)
            if head is not None:
                found.append(GoodsSaid(word=word, kinds=tuple(self._kinds_of[(head,)]), first=at, last=at))
        return sorted(found, key=lambda said: said.first)

    def _head(self, word: str) -> str | None:
        """Give the longest word for goods that a compound ends with, or None."""
        cuts = range(2, len(word) - _MIN_HEAD + 1)
        return next((word[cut:] for cut in cuts if word[cut:] in self._heads), None)

    def kinds_named(self, word: str) -> tuple[Goods, ...]:
        """The kinds of goods that one word or phrase names; none for an unknown word."""
        return tuple(self._kinds_of.get(words_of(word), ()))


class ColourWords:
    """Colour words of eight languages, each with the families it belongs to."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        self._families_of: dict[tuple[str, ...], set[str]] = {}
        for family, words in table.items():
            for word in words:
                self._families_of.setdefault(words_of(word), set()).add(family)
        self._phrases = Phrases(" ".join(parts) for parts in self._families_of)

    def find(self, wording: Wording) -> list[tuple[str, frozenset[str], int, int]]:
        """Every colour in a text: its spelling there, its families, its first and last word."""
        found = []
        taken = -1
        for said in self._phrases.find(wording):
            if said.first <= taken:
                continue
            taken = said.last
            families = self._families_of[wording.words[said.first : said.last + 1]]
            found.append((wording.quote(said.first, said.last), frozenset(families), said.first, said.last))
        return found

    def families(self, wording: Wording) -> frozenset[str]:
        """Every family that a colour's name may belong to; none when no word of it is known."""
        return frozenset(family for _, families, _, _ in self.find(wording) for family in families)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Every word list, ready to be looked up."""

    replica_alone: Phrases
    replica_near: Phrases
    replica_run_on: tuple[str, ...]
    replica_no: Phrases
    replica_no_after: Phrases
    replica_then_not: Phrases
    replica_before_not: Phrases
    compatible: Phrases
    compatible_before: Phrases
    compatible_between: frozenset[str]
    accessory: Phrases
    accessory_bundle: Phrases
    accessory_empty: Phrases
    used: Phrases
    used_title: Phrases
    used_no: Phrases
    talk: Phrases
    parody: Phrases
    software: Phrases
    release_tags: frozenset[str]
    release_cuts: frozenset[str]  # those that no title holds, or only by chance
    ordinary: frozenset[str]
    spoken: frozenset[str]  # every word that is itself and no slip of a name: the ordinary ones and all lists
    goods: GoodsWords
    colours: ColourWords


def _table(name: str) -> dict[str, Any]:  # Any: a TOML table
    return tomllib.loads((_HERE / name).read_text("utf-8"))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The shipped word lists; a change to them is a change of the code version."""
    words = _table("vocabulary.toml")
    colours, goods = _table("colours.toml"), _table("goods.toml")
    # Words for colours and goods are ordinary words as well.
    plain = [*_table("ordinary.toml").values(), *(w for each in colours.values() for w in each)]
    plain += [word for entry in goods.values() for word in entry["words"]]
    listed = [phrase for lists in words.values() for phrases in lists.values() for phrase in phrases]
    ordinary = frozenset(word for line in plain for word in words_of(line))
    themselves = [*_table("words.toml").values(), *listed]
    return Vocabulary(
        replica_alone=Phrases(words["replica"]["alone"]),
        replica_near=Phrases(words["replica"]["near"]),
        replica_run_on=tuple(words["replica"]["run_on"]),
        replica_no=Phrases(words["replica"]["no"]),
        replica_no_after=Phrases(words["replica"]["no_after"]),
        replica_then_not=Phrases(words["replica"]["then_not"]),
        replica_before_not=Phrases(words["replica"]["before_not"]),
        compatible=Phrases(words["compatible"]["phrases"]),
        compatible_before=Phrases(words["compatible"]["before"]),
        compatible_between=frozenset(words["compatible"]["between"]),
        accessory=Phrases(words["accessory"]["words"]),
        accessory_bundle=Phrases(words["accessory"]["bundle"]),
        accessory_empty=Phrases(words["accessory"]["empty"]),
        used=Phrases(words["used"]["words"]),
        used_title=Phrases((*words["used"]["words"], *words["used"]["title_words"])),
        used_no=Phrases(words["used"]["no"]),
        talk=Phrases(words["talk"]["words"]),
        parody=Phrases(words["parody"]["words"]),
        software=Phrases(words["mention"]["software"]),
        release_tags=frozenset(part for tag in words["release"]["tags"] for part in words_of(tag)),
        release_cuts=frozenset(words["release"]["cuts"]),
        ordinary=ordinary,
        spoken=ordinary | frozenset(word for line in themselves for word in words_of(line)),
        goods=GoodsWords(goods),
        colours=ColourWords(colours),
    )
