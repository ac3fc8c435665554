"""A reading rule is read strictly: one place, known steps, the kind of value its field holds."""

from __future__ import annotations

from typing import Any

import pytest

from config.declaration import check
from config.errors import WrongKey
from config.platform import Platform
from config.rule import Rule

WRONG: list[tuple[str, dict[str, Any], str]] = [
    (
        "an unknown key",
        {"title": {"cs": "h1"}},
        "read.listing.title.0.cs: no such key, found 'h1'; did you mean 'css'?",
    ),
    ("an unknown field", {"titel": "h1"}, "read.listing.titel: no such key, found 'h1'; did you mean 'title'?"),
    ("two places", {"title": {"css": "h1", "meta": "og:title"}}, "this one names css, meta"),
    ("no place", {"title": {"attr": "x"}}, "this one names none"),
    ("an unknown step", {"sku": {"css": "b", "then": ["digit"]}}, "Input should be 'digits', 'lower'"),
    (
        "another kind",
        {"title": {"css": "h1", "as": "money"}},
        "title is read as 'text', a rule of it says as = 'money'",
    ),
    ("a path into nothing", {"title": {"css": "h1", "path": "a"}}, "path goes with jsonld, microdata or script"),
    ("a number of hits", {"title": {"css": "h1", "hits": 0}}, "read.listing.title.0.hits"),
]


@pytest.mark.parametrize(("rules", "said"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_mistake_names_file_key_and_what_fits(rules: dict[str, Any], said: str) -> None:
    data = {"name": "shop", "kind": "marketplace", "home": "https://shop.example/", "read": {"listing": rules}}
    with pytest.raises(WrongKey) as caught:
        check(Platform, data, "platforms/shop.toml")
    assert "platforms/shop.toml" in str(caught.value)
    assert said in str(caught.value)


def test_a_rule_of_a_family_says_so_and_no_file_can() -> None:
    rule = Rule(css="h1")
    assert (rule.family, rule.of_family("woocommerce").family) == (None, "woocommerce")
    with pytest.raises(ValueError, match="family"):
        Rule.model_validate({"css": "h1", "family": "woocommerce"})
