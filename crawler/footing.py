"""Which Chromium there is, and what it would stand on here: its sandbox, and a network with nothing in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from crawler.errors import NoBrowser

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Debian's shell first: of all of these it alone calls nobody at start (measured)."""

_WALLS = (("unshare", "--user", "--map-current-user", "--net", "--"), ("unshare", "--net", "--"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What a browser would stand on here."""

    path: str
    has_sandbox: bool  # Chromium's own; it refuses to work for root
    wall: tuple[str, ...]  # the command that takes the network away; empty where the system has none

    def remarks(self) -> list[str]:
        """What is not as it should be, in sentences for whoever runs it."""
        said = []
        if not self.has_sandbox:
            said.append("the browser ran without its sandbox, because it was started as root; use another user")
        if not self.wall:
            said.append("the browser ran without a network namespace of its own; its other walls held alone")
        return said


def find_chromium(settings: Settings) -> str | None:
    """The Chromium that would be used: configured, Debian's shell, another, Playwright's own; None if none."""
    if settings.browser_path is not None:
        return str(settings.browser_path) if settings.browser_path.exists() else None
    return next((found for name in NAMES if (found := shutil.which(name))), _playwrights_own())


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    found: list[Path] = []

    def ask() -> None:
        with sync_playwright() as playwright:
            found.append(Path(playwright.chromium.executable_path))

    # In a thread of its own, because Playwright refuses to answer where a loop runs.
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return str(found[0]) if found and found[0].exists() else None


def footing(settings: Settings) -> Footing:
    """What the browser would stand on. Raises `NoBrowser`."""
    path = find_chromium(settings)
    if path is None:
        raise NoBrowser()
    is_root = os.geteuid() == 0
    walls = _WALLS[1:] if is_root else _WALLS[:1]
    wall = next((each for each in walls if _stands(each)), ())
    return Footing(path=path, has_sandbox=not is_root, wall=wall)


def _stands(wall: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*wall, "true"], capture_output=True, timeout=10, check=False).returncode == 0  # noqa: S603 -- one of two fixed commands
    except (OSError, subprocess.TimeoutExpired):
        return False
