"""The house stands as drawn."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {"config", "registry", "crawler", "store", "matching", "cases", "reports", "console", "exercise"}


def test_imports_point_down_only() -> None:
    """The contracts of pyproject.toml hold."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_dependency_ships_one_of_our_names() -> None:
    """Marque is installed from its checkout; a dependency with a folder of the same name would hide ours."""
    owners = importlib.metadata.packages_distributions()
    clashes = {name: owners[name] for name in TOP_LEVEL if set(owners.get(name, [])) - {"marque"}}
    assert clashes == {}


def test_packages_start_empty() -> None:
    """Names are imported from the module that defines them."""
    filled = [
        str(path.relative_to(ROOT))
        for name in TOP_LEVEL
        for path in (ROOT / name).rglob("__init__.py")
        if path.read_text().strip()
    ]
    assert filled == []
