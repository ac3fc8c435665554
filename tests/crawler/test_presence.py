"""Gone is said only where it is proven, and whatever else is shown is said too."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.presence import is_healthy, judge_presence
from store.records.listings import ListingState
from store.records.money import Money
from store.records.rechecks import Presence, Sight, SightRole

FIRST = Sight(
    role=SightRole.FIRST,
    url="https://shop.example/item/1",
    way="browser",
    locale="sv",
    capture="a",
    state=ListingState.LIVE,
    because="its page shows the offer",
    item="1",
    title="Valdori klocka",
    price=Money(amount=Decimal("49.50"), currency="SEK"),
    seller_id="7",
    images=("https://cdn.example/a.jpg?w=400",),
)
SECOND = replace(FIRST, role=SightRole.SECOND, way="plain", locale="en", capture="b")
CONTROL = replace(FIRST, role=SightRole.CONTROL, url="https://shop.example/item/2", item="2", capture="c")
WAS = replace(FIRST, capture="d", because="captured")


def gone(sight: Sight, sign: str | None = "status 404") -> Sight:
    """The look after the platform took the offer down."""
    return replace(
        sight, state=ListingState.GONE, because="gone", sign=sign, item=None, title=None, price=None, images=()
    )


def hidden(sight: Sight, state: ListingState) -> Sight:
    """The look where something else came."""
    return replace(gone(sight, None), state=state, because=state.value)


DOLLARS = Money(amount=Decimal("49.50"), currency="USD")
CHEAP = Money(amount=Decimal("9.50"), currency="SEK")
BOTH_GONE = [gone(FIRST), gone(SECOND)]
WALL = hidden(SECOND, ListingState.BLOCKED)
CASES = [
    ("stands as captured", [FIRST, SECOND], [CONTROL], Presence.PRESENT, False),
    ("stands without control", [FIRST, SECOND], [], Presence.PRESENT, False),
    ("gone, control well", BOTH_GONE, [CONTROL], Presence.ABSENT, False),
    ("gone, one control sold meanwhile", BOTH_GONE, [CONTROL, CONTROL, gone(CONTROL)], Presence.ABSENT, False),
    ("gone, no control", BOTH_GONE, [], Presence.UNKNOWN, False),
    ("gone, control gone too", BOTH_GONE, [gone(CONTROL)], Presence.UNKNOWN, False),
    ("gone, half the controls not well", BOTH_GONE, [CONTROL, hidden(CONTROL, ListingState.BLOCKED)],
     Presence.UNKNOWN, False),
    ("gone by one look alone", [gone(FIRST)], [CONTROL], Presence.UNKNOWN, False),
    ("not by the platform's sign", [gone(FIRST), gone(SECOND, None)], [CONTROL], Presence.UNKNOWN, False),
    ("gone to one look", [gone(FIRST), SECOND], [CONTROL], Presence.UNKNOWN, True),
    ("another page to one look", [FIRST, hidden(SECOND, ListingState.LAYOUT_CHANGED)], [CONTROL],
     Presence.UNKNOWN, True),
    ("a wall for one look is no other page", [FIRST, WALL], [CONTROL], Presence.UNKNOWN, False),
    ("two walls", [hidden(FIRST, ListingState.BLOCKED), WALL], [CONTROL], Presence.UNKNOWN, False),
    ("no answer", [hidden(FIRST, ListingState.UNREACHABLE), hidden(SECOND, ListingState.UNREACHABLE)], [CONTROL],
     Presence.UNKNOWN, False),
    ("another price", [replace(FIRST, price=CHEAP), replace(SECOND, price=CHEAP)], [], Presence.CHANGED, False),
    ("another price to one look", [FIRST, replace(SECOND, price=CHEAP)], [], Presence.UNKNOWN, True),
    ("another currency for another language", [FIRST, replace(SECOND, price=DOLLARS)], [], Presence.PRESENT, False),
    ("a translated title", [FIRST, replace(SECOND, title="Valdori watch")], [], Presence.PRESENT, False),
    ("another title", [replace(FIRST, title="X"), replace(SECOND, title="X")], [], Presence.CHANGED, False),
    ("sold", [replace(FIRST, state=ListingState.SOLD), replace(SECOND, state=ListingState.SOLD)], [],
     Presence.CHANGED, False),
    ("another seller", [replace(FIRST, seller_id="8"), replace(SECOND, seller_id="8")], [], Presence.CHANGED, False),
    ("other photos", [replace(FIRST, images=("https://cdn.example/b.jpg",)),
     replace(SECOND, images=("https://cdn.example/b.jpg",))], [], Presence.CHANGED, False),
    ("the same photo in another size", [FIRST, replace(SECOND, images=("https://cdn.example/a.jpg?w=40",))], [],
     Presence.PRESENT, False),
    ("another item", [replace(FIRST, item="9"), replace(SECOND, item="9")], [], Presence.CHANGED, False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("looks", "controls", "presence", "divergent"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_looks_prove(looks: list[Sight], controls: list[Sight], presence: Presence, divergent: bool) -> None:
    found = judge_presence(looks, controls, WAS)
    assert (found.presence, found.divergent) == (presence, divergent), found
    assert found.reasons
    assert bool(found.differences) or not divergent


STATES = st.sampled_from(list(ListingState))


@given(
    first=STATES, second=STATES, control=st.lists(STATES, max_size=3), signs=st.tuples(st.booleans(), st.booleans())
)
def test_absence_always_has_two_signs_and_a_healthy_control(
    first: ListingState, second: ListingState, control: list[ListingState], signs: tuple[bool, bool]
) -> None:
    looks = [
        replace(FIRST, state=first, sign="status 404" if signs[0] else None),
        replace(SECOND, state=second, sign="status 404" if signs[1] else None),
    ]
    controls = [replace(CONTROL, state=state) for state in control]
    found = judge_presence(looks, controls, None)
    proven = first is second is ListingState.GONE and all(signs) and is_healthy(controls)
    assert (found.presence is Presence.ABSENT) == proven
    if not is_healthy(controls):
        assert found.presence is not Presence.ABSENT
