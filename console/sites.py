"""The exercise world's sites in a process of their own, on the ports that a demo's workspace knows them by."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from config.declarations import load_declarations
from config.settings import Settings
from console.errors import ConsoleError

WORLD = "world.json"
READY_S = 120.0  # a world of the largest size is made in half of that
CLOSE_S = 5.0


class NoExercise(ConsoleError):
    """The workspace was not made by the demo, so that nobody knows which world it looked at."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"{home} holds no exercise world; make one with `marque demo`, then serve it with "
            "`marque --home .marque-demo serve --exercise`"
        )


class SitesDown(ConsoleError):
    """The sites could not be opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSize:
    """How large a world: unrelated listings, planted infringements, and traps of each kind (None: by size)."""

    seed: int
    innocents: int
    planted: int | None = None
    traps_each: int | None = None


def remember_world(folder: Path, size: DemoSize) -> None:
    """Write which world a workspace looks at."""
    (folder / WORLD).write_text(json.dumps(asdict(size)) + "\n", encoding="utf-8")


@contextmanager
def exercise_sites(settings: Settings) -> Iterator[dict[str, str]]:
    """
    The world's sites while the block lasts: base address of each, by platform.

    They end with this process, however it ends. Raises `NoExercise`, and `SitesDown` where a port is taken.
    """
    try:
        size = DemoSize(**json.loads((settings.home / WORLD).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as fault:
        raise NoExercise(settings.home) from fault
    homes = {name: platform.home for name, platform in load_declarations(settings).platforms.items()}
    ports = {name: port for name, home in homes.items() if (port := urlsplit(home).port) is not None}
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(size, ports, theirs), name="exercise-sites", daemon=True)
    process.start()
    theirs.close()
    try:
        answer = ours.recv() if ours.poll(READY_S) else f"the sites were not up within {READY_S:.0f} s; try again"
        if not isinstance(answer, dict):
            raise SitesDown(answer)
        yield answer
    except EOFError as fault:
        raise SitesDown("the process of the sites ended before they were up; try again") from fault
    finally:
        ours.close()  # which is what the sites wait for
        process.join(CLOSE_S)
        if process.is_alive():
            process.kill()
            process.join()


def _serve(size: DemoSize, ports: Mapping[str, int], pipe: Connection) -> None:
    from exercise.errors import PortTaken
    from exercise.serve import serve
    from exercise.world import build_world

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the desk ends us
    world = build_world(size.seed, innocents=size.innocents, planted=size.planted, traps_each=size.traps_each)
    try:
        with serve(world, ports) as served:
            pipe.send(served.sites)
            pipe.recv()  # nothing is ever sent: it ends when the other side closes, or is killed
    except PortTaken as taken:
        pipe.send(str(taken))
    except EOFError:
        return
