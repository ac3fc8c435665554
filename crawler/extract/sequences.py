"""Cards that are several neighbouring elements: table rows, terms and definitions, headings with what follows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from crawler.extract.layout import Place, Region
from crawler.extract.tally import Span, Tally

MIN_PARTS = 3  # cards one sequence must make, over all the elements that hold its parts
MAX_STARTS = 4  # kinds of element tried as a card's first
MAX_LENGTH = 30  # elements of one card

Kind = tuple[str, str, bool]
"""What children are told apart by: tag, first class, and whether they hold a followable link."""


def sequences(tally: Tally, paths: Sequence[int]) -> list[list[Span]]:
    """
    The ways in which elements' children fall into cards of two children or more.

    A kind of child that returns at even steps begins a card each time; what follows up to its next return belongs to
    the card. Rows built alike make one list. `paths` tells alike elements by a number each.
    """
    layout = tally.layout
    holders: Counter[int] = Counter()
    for way in tally.ways:
        above = layout.places[way.order].above
        for _ in range(3):  # a card's parts are shallow: the link, its heading or cell, the row
            if above is None:
                break
            holders[above] += 1
            above = layout.places[above].above
    children: dict[int, list[Place]] = defaultdict(list)
    for place in layout.places:
        if place.above is not None and holders.get(place.above, 0) >= 2 and place.region is not Region.FRAME:
            children[place.above].append(place)
    found: dict[tuple[int, Kind], list[Span]] = defaultdict(list)
    for above, parts in children.items():
        if len(parts) >= 4:
            for kind, spans in _of(tally, layout.places[above], parts):
                found[paths[parts[0].order], kind].extend(spans)
    return [spans for spans in found.values() if len(spans) >= MIN_PARTS]


def _of(tally: Tally, above: Place, parts: list[Place]) -> list[tuple[Kind, list[Span]]]:
    starts: dict[Kind, list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        linked = bool(tally.ways_in(tally.span_of(part)))
        starts[part.tag, (part.name.split() or [""])[0], linked].append(number)
    found: list[tuple[Kind, list[Span]]] = []
    for kind, numbers in starts.items():
        if len(numbers) < 2 or len(numbers) > len(parts) / 2 + 1:
            continue
        steps = [b - a for a, b in pairwise(numbers)]
        usual = median(steps)
        if usual < 2 or usual > MAX_LENGTH or sum(abs(step - usual) <= 1 for step in steps) < 0.7 * len(steps):
            continue
        found.append((kind, _cut(tally, above, parts, numbers, int(usual))))
        if len(found) >= MAX_STARTS:
            break
    return found


def _cut(tally: Tally, above: Place, parts: list[Place], numbers: list[int], usual: int) -> list[Span]:
    spans: list[Span] = []
    texts = len(tally.layout.texts)
    for here, there in zip(numbers, [*numbers[1:], None], strict=True):
        start = parts[here]
        if there is not None:
            behind = parts[there]
            spans.append(Span(start.order, behind.order, start.first, behind.first))
            continue
        last = min(here + usual, len(parts))  # the last card is as long as the others; what follows is no part of it
        behind_all = parts[last].order if last < len(parts) else above.end
        text_end = parts[last].first if last < len(parts) else above.last
        spans.append(Span(start.order, behind_all, start.first, min(max(text_end, start.first), texts)))
    return spans
