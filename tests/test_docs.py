"""What the pages say is true: every command, target, link and setting they name exists, and none is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for p in ROOT.rglob("*.md") if not {".venv", ".marque", ".marque-demo"} & set(p.parts))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands(group: Any = None, before: str = "") -> Iterator[tuple[str, Any]]:  # Any: the command line's own types
    """Every verb of the command line, as typed after `marque`, with its command."""
    from console.cli import app

    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


VERBS = {verb for verb, _ in _commands()}
GROUPS = {verb.split(" ")[0] for verb in VERBS if " " in verb}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_named_in_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = (
        "\n".join(re.findall(r"```\n(.*?)```", text, re.DOTALL)) + "\n" + "\n".join(re.findall(r"`([^`\n]+)`", text))
    )
    for line in code.splitlines():
        match = re.match(r"\s*(?:\.venv/bin/)?marque ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", line)
        if match is None:
            continue
        verb = f"{match[1]} {match[2]}" if match[1] in GROUPS and match[2] else match[1]
        assert verb in VERBS or verb in GROUPS, f"{page.name}: no command `marque {verb}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_make_targets_named_in_pages_exist() -> None:
    targets = set(re.findall(r"^([.a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page.name}: make {target}"


def test_every_package_is_on_the_map() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {name for name in packages if f"[{name}/]({name}/README.md)" not in README} == set()


def test_every_variable_is_documented() -> None:
    named = set(re.findall(r"MARQUE_[A-Z_]+", (ROOT / "config/settings.py").read_text(encoding="utf-8")))
    page = (ROOT / "config/README.md").read_text(encoding="utf-8")
    assert {name for name in named if f"`{name}`" not in page} == set()


def test_every_benchmark_is_documented() -> None:
    page = (ROOT / "tests/README.md").read_text(encoding="utf-8")
    names = {path.stem for path in (ROOT / "tests/benchmarks").glob("*.py")} - {"__init__", "__main__", "frame"}
    assert {name for name in names if f"| `{name}` |" not in page} == set()


def test_the_reading_rules_of_the_page_parse() -> None:
    """The example in config/README.md is read by the code it describes."""
    import tomllib

    from config.platform import ReadListing

    block = re.search(r"```toml\n(.*?)```", (ROOT / "config/README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    ReadListing.model_validate(tomllib.loads(block[1]))


def test_every_command_gives_json() -> None:
    """Each verb takes --json."""
    assert [verb for verb, command in _commands() if not any("--json" in p.opts for p in command.params)] == []
