"""`marque serve` opens the desk, and the exercise world beside it, and leaves nothing behind when it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from config.settings import load_settings
from console.demo import lay_out
from console.sites import WORLD, DemoSize, NoExercise, SitesDown, exercise_sites, remember_world
from console.workspace import create_workspace
from exercise.serve import serve
from exercise.world import build_world
from tests.crawler.site import dead_port

SIZE = DemoSize(seed=3, innocents=20, planted=4, traps_each=0)
ENDS_S = 20.0


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that looks at a small world, as the demo leaves one."""
    home = tmp_path_factory.mktemp("serve") / "home"
    settings = load_settings(home, {})
    create_workspace(settings)
    remember_world(home, SIZE)
    world = build_world(SIZE.seed, SIZE.innocents, SIZE.planted, SIZE.traps_each)
    with serve(world) as served:
        lay_out(world, served.sites, home)
    for file in (home / "inputs" / "platforms").iterdir():
        (settings.platforms / file.name).write_bytes(file.read_bytes())
    return home


class Desk:
    """A desk in a process group of its own, as a terminal starts it."""

    def __init__(self, home: Path, *words: str) -> None:
        self.port = dead_port()
        command = [sys.executable, "-m", "console.cli", "--home", str(home), "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, *words, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def said(self) -> Any:  # Any: JSON values
        """What it prints when it is open."""
        assert self.process.stdout is not None
        text = ""
        for line in self.process.stdout:
            text += line
            if line == "}\n":
                break
        said = json.loads(text)
        for _ in range(100):
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.05)
        return said

    def group(self) -> set[int]:
        """Every process it began that is still there, itself among them."""
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except (FileNotFoundError, ProcessLookupError):  # it ended while it was looked at
                    continue
                if int(fields[3]) == self.process.pid and fields[0] != "Z":
                    found.add(int(entry.name))
        return found

    def is_gone(self) -> bool:
        """Whether nothing of it is left, within a while."""
        until = time.monotonic() + ENDS_S
        while self.group() and time.monotonic() < until:
            time.sleep(0.05)
        return not self.group()


@pytest.fixture
def opened(workshop: Path) -> Iterator[Desk]:
    desk = Desk(workshop, "--exercise")
    yield desk
    if desk.group():
        os.killpg(desk.process.pid, signal.SIGKILL)
    desk.process.wait()
    if desk.process.stdout is not None:
        desk.process.stdout.close()


def test_the_world_is_up_beside_the_desk_and_ctrl_c_ends_all_of_it(opened: Desk) -> None:
    said = opened.said()
    assert set(said["sites"]) == {"shopnest", "bazario", "kvarter", "vitrin", "filmhamn"}
    for base in said["sites"].values():
        with urlopen(f"{base}/about") as answer:
            assert answer.status == 200
    with urlopen(f"{said['url']}/healthz") as answer:
        assert answer.status == 200
    assert [command.split(" ")[3:5] for command in said["start"]] == [["crawl", "run"], ["match"]]
    assert len(opened.group()) >= 2
    os.killpg(opened.process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    assert opened.process.wait(ENDS_S) == 0
    assert opened.is_gone()


def test_the_sites_end_with_a_desk_that_is_killed(opened: Desk) -> None:
    opened.said()
    opened.process.kill()
    assert opened.process.wait(ENDS_S) == -signal.SIGKILL
    assert opened.is_gone()


def test_a_port_in_use_is_named_with_the_way_out(workshop: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "console.cli", "--home", str(workshop), "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_site_whose_port_is_taken_is_named_with_the_way_out(workshop: Path) -> None:
    settings = load_settings(workshop, {})
    with exercise_sites(settings) as sites:
        assert len(sites) == 5
        with pytest.raises(SitesDown, match=r"port \d+ of \w+ is in use.*marque demo"), exercise_sites(settings):
            pass
    with exercise_sites(settings) as again:
        assert again == sites, "the ports are the workspace's own, and free again"


def test_a_workspace_without_a_world_says_how_to_make_one(tmp_path: Path, workshop: Path) -> None:
    with pytest.raises(NoExercise, match="marque demo"), exercise_sites(load_settings(tmp_path, {})):
        pass
    (tmp_path / WORLD).write_text('{"size": 3}')
    with pytest.raises(NoExercise), exercise_sites(load_settings(tmp_path, {})):
        pass
