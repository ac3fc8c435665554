"""Profiles: every demand has a source, and a draft stays one until a person says otherwise."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.declaration import check, read_toml
from config.errors import WrongKey
from config.profile import VERIFIED_FOR_DAYS, Basis, Element, Profile
from tests.factories import PROFILES

SHIPPED = sorted(PROFILES.glob("*.toml"))


_SAYING = {"element": "item.url", "rule": "Each address."}


@pytest.fixture
def data() -> dict[str, Any]:
    return read_toml(PROFILES / "eu-dsa-16.toml")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_profile_is_a_draft_named_like_its_file(path: Path) -> None:
    profile = check(Profile, read_toml(path), str(path))
    assert profile.name == path.stem
    assert profile.is_draft(date(2026, 3, 2))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_demand_of_a_shipped_profile_names_its_source_and_how_it_was_read(path: Path) -> None:
    profile = check(Profile, read_toml(path), str(path))
    for element in profile.required:
        sources = profile.sources_of(element.value)
        assert sources, element
        for source in sources:
            assert source.rule.endswith(".")
            assert source.basis is Basis.MEMORY or source.citation or source.url


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_demand_without_source_is_refused(path: Path) -> None:
    whole = read_toml(path)
    for element in {saying["element"] for document in whole["documents"] for saying in document["says"]}:
        rest = copy.deepcopy(whole)
        for document in rest["documents"]:
            document["says"] = [saying for saying in document["says"] if saying["element"] != element]
        rest["documents"] = [document for document in rest["documents"] if document["says"]]
        with pytest.raises(WrongKey, match="no source named for"):
            check(Profile, rest, str(path))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"required": ["item.explanation"]}, "item.url"),
        ({"required": ["item.url", "item.url"]}, "required twice"),
        ({"required": ["item.url", "item.urls"]}, "required"),
        ({"classes": ["look_alike"]}, "classes a notice may claim"),
        ({"classes": []}, "classes a notice may claim"),
        ({"statements": []}, "has no text in en"),
        ({"limit": {}}, "did you mean 'limits'"),
        ({"limits": {"items_per_batch": 200}}, "a notice is never torn"),
        ({"limits": {"items_per_notice": 201, "items_per_batch": 200}}, "a notice is never torn"),
        ({"registered_only": True}, "no source named for registered_only"),
        ({"status_map": {"done": {"status": "actioned"}}}, "no source named for status_map"),
        ({"holder_sites": {"Aurelia": "javascript:alert(1)"}}, "is not one address"),
        ({"documents": [{"basis": "official", "says": [_SAYING]}]}, "names a title or a url"),
        ({"documents": [{"basis": "memory", "says": []}]}, "at least 1 item"),
    ],
)
def test_a_mistake_is_told_with_its_place(data: dict[str, Any], change: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongKey, match=said):
        check(Profile, {**data, **change}, "eu-dsa-16.toml")


def test_verification_holds_for_a_while_only(data: dict[str, Any]) -> None:
    day = date(2026, 3, 2)
    profile = check(Profile, {**data, "verified": {"by": "Jane Roe", "on": day}}, "eu-dsa-16.toml")
    assert not profile.is_draft(day)
    assert not profile.is_draft(day + timedelta(days=VERIFIED_FOR_DAYS))
    assert profile.is_draft(day + timedelta(days=VERIFIED_FOR_DAYS + 1))
    assert profile.is_draft(day - timedelta(days=1)), "verified in the future"


def test_copyright_profile_takes_no_counterfeit_claim() -> None:
    profile = check(Profile, read_toml(PROFILES / "us-dmca-512.toml"), "us-dmca-512.toml")
    assert {c.value for c in profile.classes} == {"pirated_copy", "image_copied"}


def test_perjury_covers_the_authority_statement_alone() -> None:
    profile = check(Profile, read_toml(PROFILES / "us-dmca-512.toml"), "us-dmca-512.toml")
    sworn = {s.code for s in profile.statements if "perjury" in s.text}
    assert sworn == {"authority"}


def test_every_element_belongs_to_a_group_of_ours() -> None:
    assert {e.value.partition(".")[0] for e in Element} == {
        "claimant",
        "holder",
        "notice",
        "right",
        "work",
        "item",
        "statements",
    }


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_official_share_counts_only_what_was_read_at_its_origin(path: Path) -> None:
    profile = check(Profile, read_toml(path), str(path))
    for demand in profile.demands:
        bases = {source.basis for source in profile.sources_of(demand)}
        assert (demand in profile.official) is (bases == {Basis.OFFICIAL})
    assert len(profile.official) < len(profile.demands), "the words chosen here are never official"


def test_the_table_of_official_shares_is_true() -> None:
    table = (PROFILES / "README.md").read_text()
    for path in SHIPPED:
        profile = check(Profile, read_toml(path), str(path))
        required = [element.value for element in profile.required]
        read = sum(element in profile.official for element in required)
        told = f"| {read} of {len(required)} | {len(profile.official)} of {len(profile.demands)} |"
        assert f"| `{path.stem}` {told}" in table
