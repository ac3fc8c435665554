"""The doctor says what a set-up can't do, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from config.settings import load_settings
from console.doctor import Check, examine
from console.workspace import create_workspace

PLATFORM = """
name = "{name}"
kind = "marketplace"
home = "{home}"
[notify]
profile = "{profile}"
{more}
"""

ASKED = """
[reach]
by = "api"
[api]
base = "http://127.0.0.1:8043/v1/"
items = "items"
[look]
search = "search?q={term}"
[read.listing]
platform_item_id = { json = "id" }
title = { json = "title" }
"""


def evidence(home: Path, **more: object) -> Check:
    """What is said of evidence, with no browser to be found unless one is named."""
    settings = replace(load_settings(home, {"MARQUE_BROWSER": "/nowhere"}), **more)  # type: ignore[arg-type]  # fields by name
    return next(check for check in examine(settings) if check.name == "evidence")


def declare(home: Path, name: str, site: str, profile: str = "eu-dsa-16", more: str = "") -> None:
    text = PLATFORM.format(name=name, home=site, profile=profile, more=more)
    (home / "platforms" / f"{name}.toml").write_text(text)


def test_what_cannot_be_sent_is_named_with_its_reason(tmp_path: Path) -> None:
    home = tmp_path / "home"
    create_workspace(load_settings(home, {}))
    declare(home, "here", "http://127.0.0.1:8041/")
    declare(home, "far", "https://far.example/")
    declare(home, "drawn", "http://127.0.0.1:8042/", more='[browser]\npages = ["listing"]')
    declare(home, "asked", "http://127.0.0.1:8043/", more=ASKED)
    found = evidence(home)
    assert found.state == "limited"
    assert "asked (once a notice is older than [evidence] recheck_h: its interface gives no page" in found.detail
    assert "no document after scripts" in found.detail
    assert "drawn (its pages need a browser" in found.detail
    assert "far (its offers are not looked at again without a contact)" in found.detail
    assert "here" not in found.detail.partition("sent to:")[2]
    assert "far" not in evidence(home, contact="jane@unit.example").detail


def test_a_recipient_that_asks_for_pictures_needs_a_browser(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = load_settings(home, {})
    create_workspace(settings)
    shipped = Path(__file__).parents[2] / "config" / "profiles" / "eu-dsa-16.toml"
    text = shipped.read_text()
    assert "[evidence]" in text
    (home / "profiles" / "eu-dsa-16.toml").write_text(text.replace("[evidence]", "[evidence]\nscreenshot = true", 1))
    declare(home, "here", "http://127.0.0.1:8041/")
    assert "here (eu-dsa-16 asks for a screenshot)" in evidence(home).detail
