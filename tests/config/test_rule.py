"""A reading rule is read strictly: one place, known steps, the kind of value its field holds."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.declaration import check
from config.errors import WrongKey
from config.platform import Platform
from config.rule import KINDS, PLACES, Rule, Step
from crawler.extract.page import Page, read_page
from store.records.fetches import FetchKind
from store.records.ids import utc_now

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
    ("a path into nothing", {"title": {"css": "h1", "path": "a"}}, "path goes with jsonld"),
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


README = (Path(__file__).parents[2] / "config" / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_readme_s_rules_read_the_readme_s_page() -> None:
    rules = tomllib.loads(block("toml"))
    data = {"name": "loom", "kind": "marketplace", "home": "https://loom.example/", "read": {"listing": rules}}
    page = Page(
        url="https://loom.example/item/77",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=block("html").encode(),
        fetched_at=utc_now(),
    )
    fields = read_page(page, check(Platform, data, "README"), expected=FetchKind.LISTING).fields
    assert fields is not None
    read = {
        name: said for name in rules if name != "currency" and (said := spelled(getattr(fields, name))) is not None
    }
    assert read == json.loads(block("json"))


def spelled(seen: Any) -> Any:
    """A field as the README writes it."""
    if isinstance(seen, tuple):
        return [str(each.value) for each in seen]
    value = getattr(seen, "value", None)
    if value is None:
        return None
    return f"{value.amount} {value.currency}" if hasattr(value, "amount") else str(getattr(value, "value", value))


def test_the_readme_has_an_example_of_every_kind_of_rule() -> None:
    rules = block("toml")
    assert [place for place in PLACES if place != "guess" and f"{place} = " not in rules and place != "css"] == []
    assert [step for step in Step.__args__ if f'"{step}"' not in rules] == []  # type: ignore[attr-defined]  # of a Literal
    assert [kind for kind in set(KINDS.values()) if f'as = "{kind}"' not in rules] == []
