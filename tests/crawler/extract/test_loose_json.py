"""JSON is repaired where its intent is plain and refused where it is not."""

# ruff: noqa: E501 -- one case a line

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.errors import UnreadableJson
from crawler.extract.loose_json import MAX_DEPTH, read_assigned, read_json

REPAIRED = {
    "trailing comma": ('{"a": [1, 2,],}', {"a": [1, 2]}),
    "comments": ('{/* x */ "a": 1, // y\n "b": "//z"}', {"a": 1, "b": "//z"}),
    "cdata": ('//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}),
    "html comment": ('<!-- {"a": 1} -->', {"a": 1}),
    "entities": ("{&quot;a&quot;: &quot;b&amp;c&quot;}", {"a": "b&c"}),
    "javascript": ("{a: 'it\\'s', b: undefined, c: !0, d: .5, e: 0x10, 'f': \"x\"}", {"a": "it's", "b": None, "c": True, "d": 0.5, "e": 16, "f": "x"}),
    "line break in a string": ('{"a": "x\ny"}', {"a": "x\ny"}),
    "number with noughts": ("{a: 007}", {"a": "007"}),
    "twenty digits": ('{"id": 100000000000000000000}', {"id": 10**20}),
}  # fmt: skip


@pytest.mark.parametrize("case", REPAIRED)
def test_damage_is_repaired(case: str) -> None:
    text, want = REPAIRED[case]
    assert read_json(text) == want


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": -Infinity}',
        "{a: NaN}",
        '{"a": 1e999}',
        "",
        "{",
        "hello world",
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
        "[" * 100_000,
    ],
)
def test_what_has_no_meaning_is_refused(text: str) -> None:
    with pytest.raises(UnreadableJson):
        read_json(text)


def test_an_assignment_is_found_by_its_name() -> None:
    script = 'a.b={"n":0};window.STATE = {"n": 1}; window["OTHER"] = {"n": 2}; window.P=JSON.parse(\'{"n":"\\x33"}\')'
    assert read_assigned(script, "STATE") == {"n": 1}
    assert read_assigned(script, "OTHER") == {"n": 2}
    assert read_assigned(script, "P") == {"n": "3"}
    with pytest.raises(UnreadableJson):
        read_assigned(script, "MISSING")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_true_json_is_itself(value: object) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.text(alphabet="{}[]:,\"'/*\\ abN1.-&;\n", max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    for reads in (read_json, read_assigned):
        try:
            reads(text)
        except UnreadableJson:
            continue
