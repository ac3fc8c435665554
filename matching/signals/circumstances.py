"""Words that say what kind of page it is: second hand, talk, homage, accessories, boxes, programmes."""

from __future__ import annotations

from matching.pair import Pair, Place
from matching.signals.examples import Example
from matching.vocabulary import vocabulary
from matching.wording import Phrases, Said, Wording
from store.records.comparisons import Sign, SignFamily
from store.records.listings import Condition

NAME = "used_goods"
TALK = "talk_about"
PARODY = "parody_or_inspired"
ACCESSORY = "accessory"
EMPTY = "packaging_only"
SOFTWARE = "software_name"

_NO_WITHIN = 3
_SOFTWARE_CLASSES = frozenset({9, 42})
_BUNDLE = 0.6  # holders make accessories too: a person looks where nothing else silences it (chosen)
_OWN_TALK = 0.6  # talk words beside a price: a review edition, "as reviewed" (chosen)


def read(pair: Pair) -> list[Sign]:
    """
    Words that change what the name means: second hand goods (the first sale exhausted the right), reviews, news and
    trailers (talk about the thing), parody and "inspired by", accessories, empty boxes and dust bags, and programmes
    and repositories that share a name.
    """
    signs = []
    title = pair.look.title
    if pair.look.is_used:
        signs.append(_sign(pair, NAME, 1.0, _used_sentence(pair), _used_words(pair)))
    talk = _apart(pair, vocabulary().talk.find(title))
    if talk:
        words = title.quote(talk[0].first, talk[0].last)
        strength = _OWN_TALK if pair.look.has_price else 1.0
        signs.append(_sign(pair, TALK, strength, f'"{words}": the page talks about the thing.', words))
    parody = _apart(pair, vocabulary().parody.find(title))
    if parody:
        words = title.quote(parody[0].first, parody[0].last)
        signs.append(_sign(pair, PARODY, 1.0, f'"{words}": a joke, a homage, or something in its manner.', words))
    signs += _parts(pair)
    if pair.work is None and not pair.look.has_price and not pair.classes_protected & _SOFTWARE_CLASSES:
        said = vocabulary().software.find(title) or vocabulary().software.find(pair.look.description)
        if said:
            text = f'"{said[0].phrase}": the page is about a programme, for which the right is not registered.'
            signs.append(_sign(pair, SOFTWARE, 1.0, text, said[0].phrase))
    return signs


def says_used(title: Wording, description: Wording, condition: Condition | None) -> bool:
    """Whether a page offers second-hand goods, by its condition field or its words."""
    if condition in (Condition.USED, Condition.REFURBISHED, Condition.DAMAGED):
        return True
    words = vocabulary()
    return bool(_meant(words.used_title, title) or _meant(words.used, description))


def _meant(phrases: Phrases, wording: Wording) -> list[Said]:
    """Give what is said and not denied ("never worn")."""
    no = vocabulary().used_no
    return [
        said
        for said in phrases.find(wording)
        if not any(no.at(wording.words, at) for at in range(max(0, said.first - _NO_WITHIN), said.first))
    ]


def _used_words(pair: Pair) -> str:
    look, words = pair.look, vocabulary()
    for phrases, wording in ((words.used_title, look.title), (words.used, look.description)):
        said = _meant(phrases, wording)
        if said:
            return wording.quote(said[0].first, said[0].last)
    return look.condition.value if look.condition else ""


def _used_sentence(pair: Pair) -> str:
    return f'"{_used_words(pair)}": second-hand goods, which may be genuine and resold lawfully.'


def _apart(pair: Pair, found: list[Said]) -> list[Said]:
    """Give what is said outside the registered names of the title."""
    taken = {at for p in pair.names if p.place is Place.TITLE for at in range(p.hit.first, p.hit.last + 1)}
    return [said for said in found if not taken & set(range(said.first, said.last + 1))]


def _parts(pair: Pair) -> list[Sign]:
    words, title = vocabulary(), pair.look.title
    found = []
    empty = _apart(pair, words.accessory_empty.find(title))
    if empty:
        shown = title.quote(empty[0].first, empty[0].last)
        found.append(_sign(pair, EMPTY, 1.0, f'"{shown}": packaging, not the article.', shown))
    bundle = _apart(pair, words.accessory_bundle.find(title))
    if bundle:
        shown = title.quote(bundle[0].first, bundle[0].last)
        found.append(_sign(pair, ACCESSORY, _BUNDLE, f'"{shown}": a set of accessories, not the article.', shown))
    return found


def _sign(pair: Pair, signal: str, strength: float, because: str, theirs: str) -> Sign:
    return Sign(
        signal=signal,
        family=SignFamily.MEANING,
        strength=strength,
        against=True,
        because=because,
        ours=pair.mark or (pair.work.title if pair.work else ""),
        theirs=theirs,
        capture=pair.look.title_capture,
    )


EXAMPLES = (
    Example(why="second hand", speaks=True, title="Velmora Sablier, second-hand, good condition"),
    Example(why="gebraucht", speaks=True, title="Velmora Tasche gebraucht"),
    Example(why="begagnad", speaks=True, title="Velmora väska begagnad"),
    Example(why="d'occasion", speaks=True, title="Sac Velmora d'occasion"),
    Example(why="the condition field", speaks=True, title="Velmora bag", condition="used"),
    Example(why="a review", speaks=True, title="Unboxing and review: Velmora Sablier"),
    Example(why="a parody", speaks=True, title="Parody T-shirt: a pun on VELMORA"),
    Example(why="inspired by", speaks=True, title="Bag inspired by Velmora"),
    Example(why="a set of accessories", speaks=True, title="Zubehör-Set für Velmora Taschen"),
    Example(why="an empty box", speaks=True, title="Velmora empty box with ribbon"),
    Example(why="a dust bag, in German", speaks=True, title="Velmora Stoffbeutel Original"),
    Example(why="a programme", speaks=True, title="velmora: open source library", description="A Python package."),
    Example(why="the article", speaks=False, title="Velmora handbag cognac", description="Can be used for travel."),
    Example(why="never worn", speaks=False, title="Velmora jacket, never worn"),
)
