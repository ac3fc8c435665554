"""A person's word on a profile is dated, kept in the workspace's copy, and never renewed over a changed original."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import config.verifying
from config.declarations import load_declarations
from config.errors import MissingDeclaration, ShippedChanged, WrongKey
from config.settings import Settings, load_settings
from config.verifying import copy_of, verify_profile
from tests.factories import PROFILES

DAY = date(2026, 3, 2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(str(tmp_path / "home"))


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile as shipped, that a test may change."""
    path = tmp_path / "shipped" / "profiles" / "url-list.toml"
    path.parent.mkdir(parents=True)
    path.write_bytes((PROFILES / "url-list.toml").read_bytes())
    monkeypatch.setattr(config.verifying, "SHIPPED", tmp_path / "shipped")
    return path


def test_a_verified_profile_is_no_draft_and_keeps_its_words(settings: Settings) -> None:
    assert load_declarations(settings).profile("ebay-vero").is_draft(DAY)
    found = verify_profile(settings, "ebay-vero", by="Jane Roe", today=DAY)
    profile = load_declarations(settings).profile("ebay-vero")
    assert not profile.is_draft(DAY)
    assert profile.verified is not None
    assert (profile.verified.by, profile.verified.on) == ("Jane Roe", DAY)
    assert found.is_own and found.outdated() is None
    shipped_text = (PROFILES / "ebay-vero.toml").read_text("utf-8")
    assert found.file.read_text("utf-8").startswith(shipped_text.rstrip())


def test_what_the_workspace_entered_stays(settings: Settings) -> None:
    settings.profiles.mkdir(parents=True)
    text = (PROFILES / "ebay-vero.toml").read_text("utf-8")
    mine = text + '\n# Our own number\n[claim_codes]\ncounterfeit = "4711"\n'
    (settings.profiles / "ebay-vero.toml").write_text(mine, "utf-8")
    for day in (DAY, date(2026, 8, 1)):
        found = verify_profile(settings, "ebay-vero", by="Jane Roe", today=day)
        text = found.file.read_text("utf-8")
        assert "# Our own number" in text and text.count("[verified]") == 1
        verified = found.read().verified
        assert verified is not None and verified.on == day


def test_nothing_is_renewed_over_a_shipped_file_that_changed(settings: Settings, shipped: Path) -> None:
    own = verify_profile(settings, "url-list", by="Jane Roe", today=DAY).file
    before = own.read_bytes()
    shipped.write_text(shipped.read_text("utf-8").replace("one absolute URL a line", "one URL a line"), "utf-8")
    assert copy_of(settings, "url-list").outdated() == "the shipped file is not the one it was compared with"
    with pytest.raises(ShippedChanged, match="carry the changes"):
        verify_profile(settings, "url-list", by="Jane Roe", today=DAY)
    assert own.read_bytes() == before
    own.write_bytes(shipped.read_bytes())
    assert verify_profile(settings, "url-list", by="Jane Roe", today=DAY).outdated() is None


def test_a_copy_of_another_version_is_refused(settings: Settings, shipped: Path) -> None:
    settings.profiles.mkdir(parents=True)
    (settings.profiles / "url-list.toml").write_bytes(shipped.read_bytes())
    shipped.write_text(shipped.read_text("utf-8").replace("version = 1", "version = 2"), "utf-8")
    with pytest.raises(ShippedChanged, match="version 1, shipped is version 2"):
        verify_profile(settings, "url-list", by="Jane Roe", today=DAY)


def test_a_broken_copy_and_an_unknown_name_are_told(settings: Settings) -> None:
    settings.profiles.mkdir(parents=True)
    (settings.profiles / "url-list.toml").write_text('name = "url-list"\n', "utf-8")
    with pytest.raises(WrongKey):
        verify_profile(settings, "url-list", by="Jane Roe", today=DAY)
    with pytest.raises(MissingDeclaration, match="eu-dsa-16"):
        verify_profile(settings, "no-such", by="Jane Roe", today=DAY)
    with pytest.raises(WrongKey):
        verify_profile(settings, "eu-dsa-16", by="J", today=DAY)
    assert not (settings.profiles / "eu-dsa-16.toml").exists()
