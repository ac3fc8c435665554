"""
The whole job on the exercise world: register, crawl, match, decide, batch, verify, and the score.

The world is made from a seed and served on loopback; the pipeline gets what a person would import, never the
answers. The same stages as by hand, one after the other.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cases.run import build_cases, decide_by_exercise_policy
from config.settings import load_settings
from console.errors import ConsoleError
from console.noticework import batch_standing
from console.output import Progress, line, table
from console.pipeline import crawl_platforms, leave_batches, match_listings, prepare_notices
from console.previewing import take_in
from console.sites import DemoSize, remember_world
from console.workspace import Workspace, create_workspace, open_workspace
from exercise.answers import grade, read_answers, write_answers
from exercise.records import World
from exercise.serve import serve
from exercise.workspace import AGENT, write_inputs
from exercise.world import build_world
from reports.outcomes import outcomes
from reports.signing import EXERCISE_SIGNATORY, approve_by_exercise_policy
from store.records.ids import new_id, utc_now
from store.records.runs import Run, RunState
from store.records.scope import EVERYTHING

MARKER = "made-by-marque-demo"
MOST_ALARMS = 5  # of a run that failed, told in the score; the run keeps all
SHEETS = ("rights", "products", "works", "sellers", "references")

POLICY = f"""\
# The exercise: everything is on loopback, so approval needs no person. Nothing else differs from the shipped policy.
exercise = true

[sender]
agent = "{AGENT}"
email = "desk@rights-office.example"
address = "1 Exercise Street, 111 22 Stockholm, Sweden"
"""

Say = Callable[[str], None]


def fresh_folder(folder: Path) -> None:
    """
    Empty the demo's folder, so that each demo starts from nothing.

    Raises `ConsoleError` for a folder that the demo did not make: it may hold somebody's work.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise ConsoleError(f"{folder} was not made by the demo; name another with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("Every `marque demo` makes this folder anew.\n", encoding="utf-8")


def lay_out(world: World, sites: Mapping[str, str], folder: Path) -> None:
    """Write what a person would import under `inputs/`, and the answers, for grading alone, beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_inputs(world, sites, folder / "inputs", checked_on=utc_now().date())
    write_answers(world, folder / "answers.csv", sites)


def run_demo(
    folder: Path, size: DemoSize, *, say: Say, progress: Progress, database_url: str | None = None
) -> dict[str, Any]:
    """
    Do the whole job in `folder` and give the score as JSON values.

    `say` gets one line a step; `progress` is called while crawling and matching. `database_url` names an
    empty database elsewhere; None: a file in the folder. Raises what the stages raise.
    """
    started = time.monotonic()
    fresh_folder(folder)
    settings = load_settings(folder, environ={} if database_url is None else {"MARQUE_DATABASE_URL": database_url})
    world = build_world(size.seed, innocents=size.innocents, planted=size.planted, traps_each=size.traps_each)
    say(f"world     {len(world.listings)} listings on five sites, from seed {size.seed}")
    with serve(world) as served:
        lay_out(world, served.sites, folder)
        remember_world(folder, size)
        create_workspace(settings)
        shutil.copytree(folder / "inputs" / "platforms", settings.platforms, dirs_exist_ok=True)
        settings.policy.write_text(POLICY, encoding="utf-8")
        with open_workspace(settings) as workspace:
            _register(workspace, folder / "inputs" / "registry", say)
            runs = crawl_platforms(workspace, sorted(workspace.declarations.platforms), progress)
            for run in runs:
                say(f"crawl     {run.platform}: {run.state.value}, {_counts(run, 'captures', 'listings', 'photos')}")
                for alarm in run.alarms:
                    say(f"          ! {alarm}")
            judged = _judge(workspace, say, progress)
            score = _score(workspace, world, runs, judged, folder)
    score["seconds"] = round(time.monotonic() - started, 1)
    return score


def _counts(run: Run, *names: str) -> str:
    return ", ".join(f"{run.counts[name]} {name}" for name in names if name in run.counts)


def _register(workspace: Workspace, folder: Path, say: Say) -> None:
    for kind in SHEETS:
        source = folder / kind if kind == "references" else folder / f"{kind}.csv"
        report, ahead = take_in(
            workspace, kind, source, scope=EVERYTHING, dry_run=False, clock=utc_now, ids=new_id, by="demo"
        )
        say(
            f"register  {report.added} {kind}"
            + (f", {len(report.refusals)} refused" if report.refusals else "")
            + (f", {len(ahead.stopped)} stopped by the gate" if ahead.stopped else "")
        )


def _judge(workspace: Workspace, say: Say, progress: Progress) -> list[Run]:
    """Everything between the captures and the sealed batches; gives the runs that this took."""
    database, declarations = workspace.database, workspace.declarations
    matched = match_listings(workspace, progress)
    say(f"match     {', '.join(f'{count} {name}' for name, count in matched.counts.items())}")
    build_cases(database, declarations, clock=utc_now, ids=new_id)
    decisions = decide_by_exercise_policy(database, declarations, clock=utc_now, ids=new_id)
    say(f"decide    {len(decisions)} findings confirmed by the exercise's policy; the others wait for a person")
    run = prepare_notices(workspace, EXERCISE_SIGNATORY)
    notices = approve_by_exercise_policy(database, declarations, clock=utc_now, ids=new_id)
    refused = run.counts.get("items_refused", 0)
    say(f"notices   {len(notices)} approved and signed as an exercise, {refused} items refused by the rules")
    for batch in leave_batches(workspace):
        verdict = batch_standing(workspace, batch.number)["verdict"]
        say(f"batch     {batch.platform}: {batch.item_count} items, {verdict}: {batch.path}/index.html")
    return [matched, run]


def grade_workspace(workspace: Workspace, answers: Path) -> dict[str, Any]:
    """The score of a workspace against a world's answers, as JSON values."""
    result = grade(read_answers(answers), outcomes(workspace.database))
    return {
        "planted": result.plants,
        "found": result.found,
        "missed": result.plants - result.found,
        "traps": result.traps,
        "traps_as_expected": result.traps_as_expected,
        "innocents": result.innocents,
        "wrongly_accused": result.wrongly_accused,
        "by_kind": {
            row.kind: {
                "role": row.role.value,
                "expected": row.expected,
                "n": row.n,
                "as_expected": row.as_expected,
                "weaker": row.weaker,
                "stronger": row.stronger,
                "other_code": row.other_code,
            }
            for row in result.by_kind
        },
        "misses": [f"{a.kind} {a.url}" for a in result.missed],
        "accused": [f"{a.kind} {a.url}" for a in result.accused],
    }


def _seen(run: Run) -> int:
    """How many listings a run saw, on their pages or on cards alone."""
    return run.counts.get("listings", 0) + run.counts.get("only_on_cards", 0)


def _score(workspace: Workspace, world: World, runs: list[Run], judged: list[Run], folder: Path) -> dict[str, Any]:
    from console.noticework import batch_list, notice_list, refusals

    there = Counter(listing.platform for listing in world.listings)
    problems = [
        f"{run.platform}: {run.state.value}, {_seen(run)} of {there[run.platform or '']} listings"
        for run in runs
        if run.state is not RunState.COMPLETE or _seen(run) < there[run.platform or ""]
    ]
    problems += [
        f"{run.kind.value}: {run.state.value}, {alarm}"
        for run in judged
        if run.state is not RunState.COMPLETE
        for alarm in run.alarms[:MOST_ALARMS] or ("without saying why",)
    ]
    batches = batch_list(workspace)
    problems += [
        f"batch {b['number']} does not verify"
        for b in batches
        if batch_standing(workspace, b["number"])["verdict"] != "pass"
    ]
    codes = Counter(refusal["code"] for refusal in refusals(workspace))
    return {
        "platforms": [
            {
                "name": run.platform,
                "pages": run.counts.get("captures", 0),
                "listings": run.counts.get("listings", 0),
                "state": run.state.value,
            }
            for run in runs
        ],
        **grade_workspace(workspace, folder / "answers.csv"),
        "notices": len(notice_list(workspace)),
        "refused": [{"code": code, "count": count} for code, count in sorted(codes.items())],
        "batches": [{"platform": b["platform"], "path": b["path"], "items": b["item_count"]} for b in batches],
        "problems": problems,
        "folder": os.path.relpath(folder),
    }


def say_grade(data: Mapping[str, Any]) -> None:
    """Print a score for a person."""
    heads = ("kind", "expected", "n", "right", "weaker", "stronger", "other code")
    rows = [
        (
            f"{row['role']}: {kind}" if row["role"] != kind else kind,
            row["expected"],
            row["n"],
            row["as_expected"],
            row["weaker"] or "",
            row["stronger"] or "",
            row["other_code"] or "",
        )
        for kind, row in data["by_kind"].items()
    ]
    table(heads, rows, title="the score, by kind of listing")
    line(
        f"found {data['found']} of {data['planted']} planted; {data['traps_as_expected']} of {data['traps']} traps "
        f"as expected; wrongly accused: {data['wrongly_accused']}"
    )
    for one in (*data["misses"], *data["accused"]):
        line(f"  {one}")


def say_score(data: Mapping[str, Any]) -> None:
    """Print the demo's score for a person."""
    say_grade(data)
    if data["refused"]:
        line("refused by rule: " + ", ".join(f"{r['code']} {r['count']}" for r in data["refused"]))
    for problem in data["problems"]:
        line(f"! {problem}")
    line(f"{data['seconds']:.0f} seconds; look at an index.html under {data['folder']}/out/batches")
