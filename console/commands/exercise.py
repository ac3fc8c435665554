"""`marque demo` and `marque exercise start | grade`: the small world with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson

Seed = Annotated[int, typer.Option("--seed", help="The world is made from it")]
Innocents = Annotated[int, typer.Option("--innocents", min=20, max=200_000, help="Unrelated listings in the world")]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("demo")(demo)
    group = typer.Typer(name="exercise", help="A small world with known answers", no_args_is_help=True)
    group.command("start")(start)
    group.command("grade")(grade)
    app.add_typer(group)


def demo(
    context: typer.Context,
    seed: Seed = 7,
    innocents: Innocents = 1000,
    planted: Annotated[int | None, typer.Option("--planted", help="Planted infringements; default: by size")] = None,
    traps_each: Annotated[
        int | None, typer.Option("--traps-each", help="Traps of each kind; default: by size")
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Made anew by every demo")] = Path(".marque-demo"),
    json: AsJson = False,
) -> None:
    """The whole job on a small world, from register to verify; exit 1 if anyone is wrongly accused."""
    from console.demo import run_demo, say_score
    from console.output import emit, line, progress
    from console.sites import DemoSize

    del context
    size = DemoSize(seed=seed, innocents=innocents, planted=planted, traps_each=traps_each)
    with progress("demo", json) as show_progress:
        data = run_demo(folder.absolute(), size, say=_silent if json else line, progress=show_progress)
    emit(data, json, lambda: say_score(data))
    if data["wrongly_accused"] or data["problems"]:
        raise typer.Exit(1)


def _silent(text: str) -> None:
    del text


def start(
    context: typer.Context,
    seed: Seed = 7,
    innocents: Innocents = 1000,
    json: AsJson = False,
) -> None:
    """Serve the world's five sites on loopback until interrupted, with a workspace's worth of files to import."""
    import signal
    import threading

    from console.demo import lay_out
    from console.output import emit, line
    from exercise.serve import serve
    from exercise.world import build_world

    world = build_world(seed, innocents=innocents)
    with serve(world) as served:
        folder = context.obj.home / "exercise"
        lay_out(world, served.sites, folder)
        data = {"sites": served.sites, "inputs": str(folder / "inputs"), "answers": str(folder / "answers.csv")}

        def say() -> None:
            for name, base in served.sites.items():
                line(f"{name:10} {base}/")
            line(f"files to import: {folder / 'inputs'}; answers, for grading alone: {folder / 'answers.csv'}")
            line("stop with Ctrl-C")

        emit(data, json, say)
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        stop.wait()


def grade(
    context: typer.Context,
    answers: Annotated[Path, typer.Argument(help="answers.csv of the world that was crawled")],
    json: AsJson = False,
) -> None:
    """Score this workspace against a world's answers."""
    from console.demo import grade_workspace, say_grade
    from console.output import emit
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = grade_workspace(workspace, answers)
    emit(data, json, lambda: say_grade(data))
    if data["wrongly_accused"]:
        raise typer.Exit(1)
