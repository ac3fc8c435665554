"""The seller's own words that it is a copy."""

from __future__ import annotations

from dataclasses import dataclass

from matching.names import NameKind
from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.vocabulary import vocabulary
from matching.wording import Said, Wording
from store.records.comparisons import Sign, SignFamily

NAME = "replica_words"

# How far a word with an ordinary sense may stand from the name it speaks of (chosen on half of the labelled rows).
_NEAR_WORDS = 4
_NO_WITHIN = 4  # words before it in which a "no" turns it round
_NO_AFTER = 2


@dataclass(frozen=True, slots=True)
class Declared:
    """A word by which the seller declares a copy: where it stands, and whether it needed the name beside it."""

    phrase: str
    place: Place
    start: int
    end: int
    quoted: str
    near: bool


def read(pair: Pair) -> list[Sign]:
    """
    The seller says that it is a copy: replica, super clone, 1:1 quality, and their like in eleven languages. Words
    with an ordinary sense (AAA, 1:1, copy, fake) count only beside the name and never before batteries, leather or
    lashes. "No replica" and "beware of fakes" are read as what they say.
    """
    signs = []
    for place, wording in ((Place.TITLE, pair.look.title), (Place.DESCRIPTION, pair.look.description)):
        kinds = (NameKind.MARK, NameKind.PRODUCT)
        names = [(p.hit.first, p.hit.last) for p in pair.names if p.place is place and p.hit.name.kind in kinds]
        field = pair.look.fields.title if place is Place.TITLE else pair.look.fields.description
        found = find_declared(wording, place, names)
        if not found:
            continue
        first = found[0]
        signs.append(
            Sign(
                signal=NAME,
                family=SignFamily.MEANING,
                strength=0.85 if first.near else 1.0,
                because=f'The {place.value} says "{first.quoted}": the seller declares a copy.',
                ours="",
                theirs=first.quoted,
                capture=field.capture if field else None,
                raw={"start": str(first.start), "end": str(first.end), "phrase": first.phrase, "place": place.value},
            )
        )
    return signs


def find_declared(wording: Wording, place: Place, names: list[tuple[int, int]]) -> list[Declared]:
    """
    Every declaration in a text; `names` are the word spans of the protected names in it.

    Those that stand by themselves come first.
    """
    words = vocabulary()
    alone = [said for said in words.replica_alone.find(wording) if _is_meant(wording, said)]
    near = [
        said
        for said in words.replica_near.find(wording)
        if _is_meant(wording, said)
        and (_is_grade(wording, said) or any(_distance(said, span) <= _NEAR_WORDS for span in names))
    ]
    found = [_declared(wording, said, place, near=False) for said in alone]
    found += [_declared(wording, said, place, near=True) for said in near]
    if not found:
        raw = wording.raw.casefold()
        for run in words.replica_run_on:
            at = raw.find(run)
            if at >= 0 and not _denied_in_chinese(raw[max(0, at - 3) : at]):
                found.append(Declared(run, place, at, at + len(run), wording.raw[at : at + len(run)], False))
                break
    return found


def _is_grade(wording: Wording, said: Said) -> bool:
    """Whether AAA stands with a plus behind it: batteries have none."""
    if said.phrase != "aaa":
        return False
    end = wording.span(said.first, said.last)[1]
    return wording.raw[end : end + 1] == "+"


def _denied_in_chinese(before: str) -> bool:
    """Whether the signs before a word turn it round: 非高仿, 不是复刻, 无仿品, 拒绝高仿."""
    return before.endswith(("非", "无", "拒绝", "不是")) or "不" in before


def _declared(wording: Wording, said: Said, place: Place, *, near: bool) -> Declared:
    start, end = wording.span(said.first, said.last)
    return Declared(said.phrase, place, start, end, wording.raw[start:end], near)


def _is_meant(wording: Wording, said: Said) -> bool:
    """Whether a word is meant in the copy's sense: not denied, and not part of an ordinary expression."""
    words = vocabulary()
    text = wording.words
    if said.last + 1 < len(text) and words.replica_then_not.at(text, said.last + 1):
        return False
    if said.first > 0 and words.replica_before_not.ending_at(text, said.first - 1):
        return False
    for at in range(max(0, said.first - _NO_WITHIN), said.first):
        denied = words.replica_no.at(text, at)
        if denied and denied.last < said.first and not wording.is_parted(denied.last, said.first):
            return False
    for at in range(said.last + 1, min(len(text), said.last + 1 + _NO_AFTER)):
        denied = words.replica_no_after.at(text, at)
        if denied and not wording.is_parted(said.last, at):
            return False
    return True


def _distance(said: Said, span: tuple[int, int]) -> int:
    """Count the words between a phrase and a name; 0 when they touch or overlap."""
    first, last = span
    if said.first > last:
        return said.first - last - 1
    return max(0, first - said.last - 1)


EXAMPLES = (
    Example(why="replica", speaks=True, title="Velmora Sablier [Replica]"),
    Example(why="German", speaks=True, title="Velmora Tasche, hochwertige Replik"),
    Example(why="Russian", speaks=True, title="Сумка Velmora реплика"),
    Example(why="Chinese", speaks=True, title="Velmora 高仿手表"),
    Example(why="grade beside the mark", speaks=True, title="Velmora watch AAA+"),
    Example(why="in the description", speaks=True, title="Velmora bag", description="1:1 quality, same as original."),
    Example(why="batteries", speaks=False, title="Velmora remote with 2 AAA batteries"),
    Example(why="a ratio", speaks=False, title="Hair dye mixing ratio 1:1", mark="Velmora"),
    Example(why="denied", speaks=False, title="Velmora Sablier, no replica"),
    Example(why="denied in German", speaks=False, title="Velmora Sablier, keine Replik"),
    Example(why="denied in Turkish, behind", speaks=False, title="Velmora çanta replika değil"),
    Example(why="a warning", speaks=False, title="Velmora Sablier", description="Beware of fakes and replicas!"),
    Example(why="fake leather", speaks=False, title="Velmora bag, fake leather"),
)
