"""Declarations are read strictly, and one broken file stops only itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.declarations import load_declarations
from config.errors import DeclarationError, MissingDeclaration, UnsafeDeclaration, WrongKey
from config.platform import Platform
from config.settings import Settings, load_settings

GOOD = """
name = "shopnest"
kind = "marketplace"
home = "https://shopnest.example/"
countries = ["SE"]
[look]
search = "/search?q={term}&page={page}"
[read.results]
card = "li.card"
link = { css = "a", attr = "href" }
[read.listing]
title = { css = "h1", hits = 1 }
price = [{ jsonld = "Product", path = "offers.price" }, "span.price"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace with nothing of its own."""
    home = tmp_path / "home"
    (home / "platforms").mkdir(parents=True)
    return load_settings(home, environ={})


def _write(settings: Settings, name: str, text: str) -> None:
    (settings.platforms / f"{name}.toml").write_text(text)


def test_a_platform_file_is_read_whole(settings: Settings) -> None:
    _write(settings, "shopnest", GOOD)
    platform = load_declarations(settings).platform("shopnest")
    assert platform.read.listing.title[0].hits == 1
    assert [rule.css for rule in platform.read.listing.price] == [None, "span.price"]
    assert not platform.is_loopback


CASES = {
    "unknown key": (GOOD.replace("countries", "contries"), "contries: no such key", "'countries'"),
    "unknown nested key": (GOOD.replace("search =", "serch ="), "look.serch: no such key", "'search'"),
    "wrong kind": (GOOD.replace('"marketplace"', '"bazaar"'), "kind:", "marketplace"),
    "not TOML": (GOOD + "[expect", "not readable as TOML", "end of document"),
    "search without a term": (GOOD.replace("{term}", "x"), "search needs {term}", ""),
    "two places in one rule": (GOOD.replace("hits = 1", 'url = "x"'), "a rule names one of", ""),
    "impolite": (GOOD + "[manners]\ndelay_s = 0.1\n", "at least 1.0", ""),
    "unknown family": ('family = "genric"\n' + GOOD, "no family named 'genric'", ""),
    "another name than its file": (GOOD.replace('name = "shopnest"', 'name = "other"'), "names itself 'other'", ""),
    "credentials in home": (GOOD.replace("https://", "https://u:p@"), "without credentials", ""),
}


@pytest.mark.parametrize(("text", "says", "hint"), CASES.values(), ids=CASES.keys())
def test_a_mistake_names_file_key_and_fix(settings: Settings, text: str, says: str, hint: str) -> None:
    _write(settings, "shopnest", text)
    _write(settings, "fine", GOOD.replace('"shopnest"', '"fine"'))
    declarations = load_declarations(settings)
    with pytest.raises(DeclarationError) as caught:
        declarations.platform("shopnest")
    assert says in str(caught.value)
    assert hint in str(caught.value)
    assert declarations.platform("fine").name == "fine", "one broken file stops only itself"


def test_an_unknown_platform_names_the_nearest(settings: Settings) -> None:
    _write(settings, "shopnest", GOOD)
    with pytest.raises(MissingDeclaration, match="did you mean 'shopnest'"):
        load_declarations(settings).platform("shopnset")


def test_every_mistake_of_a_file_is_listed_at_once(settings: Settings) -> None:
    _write(settings, "shopnest", GOOD.replace("countries", "contries").replace("search =", "serch ="))
    with pytest.raises(WrongKey) as caught:
        load_declarations(settings).platform("shopnest")
    assert len(caught.value.mistakes) == 2


def test_exercise_approval_loads_only_where_everything_is_loopback(settings: Settings) -> None:
    settings.policy.write_text("exercise = true\n")
    _write(settings, "shopnest", GOOD.replace("https://shopnest.example/", "http://127.0.0.1:8000/"))
    assert load_declarations(settings).policy.exercise
    _write(settings, "outside", GOOD.replace('"shopnest"', '"outside"'))
    with pytest.raises(UnsafeDeclaration, match="outside"):
        load_declarations(settings)


def test_a_broken_policy_stops_everything(settings: Settings) -> None:
    settings.policy.write_text("exercize = true\n")
    with pytest.raises(WrongKey, match="did you mean 'exercise'"):
        load_declarations(settings)


def test_the_digest_names_the_bytes_in_force(settings: Settings) -> None:
    _write(settings, "shopnest", GOOD)
    first = load_declarations(settings)
    assert load_declarations(settings).digest == first.digest
    _write(settings, "shopnest", GOOD + "# a comment\n")
    assert load_declarations(settings).digest != first.digest


@pytest.mark.parametrize(
    ("home", "loopback"),
    [
        ("http://127.0.0.1:9/", True),
        ("http://localhost/", True),
        ("http://[::1]/", True),
        ("http://10.0.0.1/", False),
    ],
)
def test_loopback_is_told_by_address(home: str, loopback: bool) -> None:
    assert Platform(name="x", kind="marketplace", home=home).is_loopback is loopback  # type: ignore[arg-type] # a word


def test_the_environment_names_home_contact_and_database(tmp_path: Path) -> None:
    settings = load_settings(environ={"MARQUE_HOME": str(tmp_path), "MARQUE_CONTACT": "desk@unit.example"})
    assert settings.home == tmp_path
    assert settings.database_url.endswith("marque.db")
    assert "desk@unit.example" in settings.user_agent
