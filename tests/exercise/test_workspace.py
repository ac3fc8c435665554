"""The written inputs are complete, loadable and repeatable."""

import csv
import tomllib
from pathlib import Path

import pytest

from config.platform import Platform
from exercise.drafts import PLATFORMS
from exercise.records import World
from exercise.workspace import (
    PRODUCT_COLUMNS,
    REFERENCE_COLUMNS,
    RIGHT_COLUMNS,
    SELLER_COLUMNS,
    WORK_COLUMNS,
    write_inputs,
)

SITES = {platform: f"http://127.0.0.1:{9000 + place}" for place, platform in enumerate(PLATFORMS)}


@pytest.fixture(scope="module")
def folder(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("workspace")
    write_inputs(small_world, SITES, made)
    return made


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("rights.csv", RIGHT_COLUMNS),
        ("products.csv", PRODUCT_COLUMNS),
        ("works.csv", WORK_COLUMNS),
        ("sellers.csv", SELLER_COLUMNS),
        ("references/references.csv", REFERENCE_COLUMNS),
    ],
)
def test_tables_have_their_columns(folder: Path, name: str, columns: tuple[str, ...]) -> None:
    found = rows(folder / "registry" / name)
    assert found and all(tuple(row) == columns for row in found)


def test_every_named_file_stands_in_the_folder(folder: Path) -> None:
    registry = folder / "registry"
    for row in rows(registry / "rights.csv"):
        for column in ("proof_file", "mandate_file"):
            assert "EXERCISE DOCUMENT" in (registry / row[column]).read_text("utf-8")
    for row in rows(registry / "references" / "references.csv"):
        assert (registry / "references" / row["file"]).read_bytes()[:2] == b"\xff\xd8"


def test_declarations_load_and_point_to_the_served_addresses(folder: Path) -> None:
    profiles = []
    for platform in PLATFORMS:
        text = (folder / "platforms" / f"{platform}.toml").read_text("utf-8")
        assert "@" not in text
        declared = Platform.model_validate(tomllib.loads(text))
        assert declared.name == platform and declared.home == f"{SITES[platform]}/" and declared.is_loopback
        assert declared.look.search and declared.look.category
        profiles.append(declared.notify.profile)
    assert profiles.count("eu-dsa-16") >= 3


def test_answers_are_not_among_the_inputs(folder: Path) -> None:
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".csv", ".toml", ".txt"))
    assert not any(word in text for word in ("impostor_name", "disguised_title", "innocent"))


def test_writing_twice_changes_nothing(folder: Path, small_world: World) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    write_inputs(small_world, SITES, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_platform_without_an_address_is_named(tmp_path: Path, small_world: World) -> None:
    with pytest.raises(KeyError, match="bazario"):
        write_inputs(small_world, {}, tmp_path)
