"""The notices and batches of the shipped profiles are, byte for byte, the ones that were reviewed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import PROFILES
from tests.golden.regenerate import GOLDEN, render

SHIPPED = sorted(path.stem for path in PROFILES.glob("*.toml"))


def _kept(profile: str) -> dict[str, Path]:
    files = [path for path in (GOLDEN / "batches" / profile).rglob("*") if path.is_file()]
    return {path.relative_to(GOLDEN).as_posix(): path for path in [*files, GOLDEN / "notices" / f"{profile}.json"]}


@pytest.mark.parametrize("profile", SHIPPED)
def test_every_file_is_the_reviewed_one(profile: str) -> None:
    made, kept = render(profile), _kept(profile)
    assert sorted(made) == sorted(kept), "run `make golden` and review the difference"
    for name, content in made.items():
        assert content == kept[name].read_bytes(), f"{name} differs; run `make golden` and review the difference"


def test_every_shipped_profile_has_its_golden_files_and_no_other_does() -> None:
    assert sorted(path.name for path in (GOLDEN / "batches").iterdir()) == SHIPPED
    assert sorted(path.stem for path in (GOLDEN / "notices").iterdir()) == SHIPPED
