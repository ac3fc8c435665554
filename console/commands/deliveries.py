"""`marque notices send | track | settle`, `marque answers import | fetch | list`: on the way, and what came back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands.options import AsJson, By


def register(app: typer.Typer) -> None:
    """Add the group of answers; the verbs on notices stand with the others in `notices.py`."""
    answers = typer.Typer(name="answers", help="What platforms say to batches", no_args_is_help=True)
    answers.command("import")(import_answers)
    answers.command("fetch")(fetch_answers)
    answers.command("list")(list_answers)
    app.add_typer(answers)


def send(
    context: typer.Context,
    by: By,
    not_before: Annotated[
        str | None,
        typer.Option(
            "--not-before",
            help="What is queued now stays until then, 2026-12-01T09:00, so that all are told together",
        ),
    ] = None,
    zone: Annotated[str, typer.Option("--zone", help="Whose clock counts for it")] = "UTC",
    wait: Annotated[bool, typer.Option("--wait", help="Go on until nothing waits for a time any more")] = False,
    json: AsJson = False,
) -> None:
    """Queue every sealed batch that may leave, and carry what is due; each arrives at most once, however often."""
    from threading import Event

    from console.delivering import carry, deliveries, office_of, queue_batches, read_hour
    from console.output import emit, line, warn
    from console.workspace import open_workspace
    from reports.outbox import Carried

    def told(carried: Carried) -> None:
        if not json:
            line(f"batch {carried.batch} to {carried.platform}: {_standing(carried)}")

    with open_workspace(context.obj) as workspace:
        until = read_hour(not_before, zone) if not_before is not None else None
        queued = queue_batches(workspace, by=by, not_before=until)
        for platform, lacking in office_of(workspace).lacking().items():
            warn(f"{platform}: {lacking}")
        for each in queued:
            if each.because is not None:
                warn(f"batch {each.batch} is not queued: {each.because}")
        attempts = carry(workspace, told=told, wait=wait, stop=Event())
        standing = deliveries(workspace)
    left = [d for d in standing if d["state"] not in ("accepted", "withdrawn")]
    data = {
        "queued": [each.batch for each in queued if each.because is None],
        "not_queued": [{"batch": e.batch, "platform": e.platform, "because": e.because} for e in queued if e.because],
        "attempts": attempts,
        "deliveries": standing,
    }
    emit(data, json, lambda: line(f"{attempts} attempt(s); {len(left)} delivery(ies) not settled"))
    if left or data["not_queued"]:
        raise typer.Exit(1)


def _standing(carried: Any) -> str:  # Any: a Carried; the outbox is not imported before it is asked for
    entry = carried.entry
    words = [entry.state.value]
    if entry.receipt:
        words.append(f"receipt {entry.receipt}")
    if entry.because:
        words.append(entry.because)
    if entry.not_before:
        words.append(f"next look {entry.not_before:%Y-%m-%d %H:%M:%S} UTC")
    return ", ".join(words)


def track(context: typer.Context, json: AsJson = False) -> None:
    """Where every delivery stands, why, and what is next."""
    from console.delivering import deliveries
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = deliveries(workspace)
    heads = ("batch", "platform", "state", "tries", "receipt", "next look", "because")
    rows = [
        (
            d["batch"],
            d["platform"],
            d["state"],
            d["attempts"],
            d["receipt"] or "",
            d["not_before"] or "",
            d["because"],
        )
        for d in data
    ]
    emit(data, json, lambda: table(heads, rows))


def settle(
    context: typer.Context,
    batch: int,
    by: By,
    arrived: Annotated[str | None, typer.Option("--arrived", help="It is there; the platform's receipt")] = None,
    not_arrived: Annotated[bool, typer.Option("--not-arrived", help="You looked, and it is not there")] = False,
    json: AsJson = False,
) -> None:
    """Say of a held or unknown delivery what you found at the platform; what did not arrive leaves again."""
    from console.delivering import settle as enter
    from console.output import emit, line
    from console.workspace import open_workspace

    if (arrived is None) is not not_arrived:
        raise typer.BadParameter("say either --arrived RECEIPT or --not-arrived")
    with open_workspace(context.obj) as workspace:
        data = enter(workspace, batch, receipt=arrived, by=by)
    emit(data, json, lambda: line(f"batch {batch}: {data['state']}, {data['because']}"))


def import_answers(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="answers.csv of a batch, filled in by the platform", dir_okay=False)],
    by: By,
    json: AsJson = False,
) -> None:
    """Enter a filled answer sheet; again, it changes nothing. Exit 1 when a line was refused or not understood."""
    from console.delivering import take_answers
    from console.output import emit, line, progress, table
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace, progress("answers", as_json=json) as beat:
        taken = take_answers(workspace, file, by=by, beat=beat)
    counts = Counter(each.fate.value for each in taken)
    told = [each for each in taken if each.because is not None and each.fate.value != "known"]

    def say() -> None:
        line(", ".join(f"{count} {fate}" for fate, count in sorted(counts.items())) or "no line has an answer")
        if told:
            rows = [(each.line, each.word or "", each.fate.value, each.because) for each in told]
            table(("line", "answer", "fate", "because"), rows)

    emit([codec.to_json(each) for each in taken], json, say)
    if told:
        raise typer.Exit(1)


def fetch_answers(
    context: typer.Context,
    by: By,
    platforms: Annotated[list[str] | None, typer.Argument(help="None: all that declare [notify.answers]")] = None,
    json: AsJson = False,
) -> None:
    """Fetch what platforms answered by interface, mail and folder; exit 1 where something was refused or not read."""
    from console.fetching import fetch_answers as fetch
    from console.fetching import told
    from console.output import emit, line, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = [told(each) for each in fetch(workspace, platforms or (), by=by)]
    fine = ("entered", "known")
    rows = [
        (d["platform"], d["batch"] or "", each["word"] or "", each["fate"], each["because"] or "")
        for d in data
        for each in d["lines"]
        if each["fate"] != "known"
    ]
    rows += [(d["platform"], d["batch"] or "", "", "not read", d["fault"]) for d in data if d["fault"]]

    def say() -> None:
        line(f"{len(data)} letter(s), sheet(s) and answer(s) looked at")
        if rows:
            table(("platform", "batch", "answer", "fate", "because"), rows)

    emit(data, json, say)
    if any(d["fault"] or any(each["fate"] not in fine for each in d["lines"]) for d in data):
        raise typer.Exit(1)


def list_answers(context: typer.Context, json: AsJson = False) -> None:
    """Every answer, with the notice and listing it speaks of."""
    from console.noticework import answer_list
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = answer_list(workspace)
    heads = ("notice", "item", "said", "status", "action", "received", "because")
    rows = [
        (
            d["notice"],
            d["title"],
            d["status_raw"],
            d["status"] or "unmapped",
            d["action"] or "",
            d["at"],
            d["because"],
        )
        for d in data
    ]
    emit(data, json, lambda: table(heads, rows))
