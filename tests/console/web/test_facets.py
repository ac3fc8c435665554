"""What lists offer to narrow them by leads to as many records as it says."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.web.facets import narrowing

FIELDS = ("state", "platform", "right")
records = st.lists(st.tuples(*(st.sampled_from(["", "a", "b", "c"]) for _ in FIELDS)), max_size=30)
choices = st.fixed_dictionaries({name: st.sampled_from(["", "a", "d"]) for name in FIELDS})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(records, choices)
def test_each_way_to_narrow_leads_to_as_many_as_it_says(
    stored: list[tuple[str, ...]], chosen: dict[str, str]
) -> None:
    ways = narrowing(Counter(stored).items(), chosen, lambda name, value: f"{name}: {value}")
    for facet in ways.facets:
        for value in facet.values:
            wanted = {**chosen, facet.name: value.value}
            left = [one for one in stored if all(w in ("", v) for w, v in zip(wanted.values(), one, strict=True))]
            assert value.count == len(left)
            assert value.is_chosen == (chosen[facet.name] == value.value)
        offered = {value.value for value in facet.values}
        assert "" not in offered
        assert not chosen[facet.name] or chosen[facet.name] in offered, "what is chosen can be taken away"


def test_an_address_keeps_the_other_choices() -> None:
    ways = narrowing([], {"state": "open", "platform": "shop nest"}, lambda _name, value: value)
    assert ways.address("/cases", state="") == "/cases?platform=shop+nest"
    assert ways.address("/cases.csv") == "/cases.csv?state=open&platform=shop+nest"
    assert ways.address("/cases", state="", platform="") == "/cases"
