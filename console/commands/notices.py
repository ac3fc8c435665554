"""`marque notices ...`, `marque batches ...`: what leaves; `deliveries.py` has the way, `links.py` the door."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands import deliveries, links, objections
from console.commands.options import AsJson, By

Signatory = Annotated[
    str | None, typer.Option("--signatory", help="Who will sign; items stay refused (AUTH) until one is named")
]


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    notices = typer.Typer(name="notices", help="Takedown requests", no_args_is_help=True)
    notices.command("prepare")(prepare)
    notices.command("check")(check)
    notices.command("list")(list_notices)
    notices.command("read")(read)
    notices.command("approve")(approve)
    notices.command("sign")(sign)
    notices.command("send")(deliveries.send)
    notices.command("track")(deliveries.track)
    notices.command("settle")(deliveries.settle)
    notices.command("recall")(recall)
    notices.command("withdraw")(objections.withdraw)
    notices.command("register")(objections.register_of_faults)
    batches = typer.Typer(name="batches", help="Notices for one platform, sealed in one folder", no_args_is_help=True)
    batches.command("export")(export)
    batches.command("list")(list_batches)
    batches.command("show")(show_batch)
    batches.command("link")(links.link)
    batches.command("links")(links.list_links)
    batches.command("unlink")(links.unlink)
    app.add_typer(notices)
    app.add_typer(batches)


def prepare(context: typer.Context, signatory: Signatory = None, json: AsJson = False) -> None:
    """Draft a notice for every case with confirmed findings and check every item against every rule."""
    from console.output import emit, line, warn
    from console.pipeline import prepare_notices
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        run = prepare_notices(workspace, signatory)
    emit(codec.to_json(run), json, lambda: line("notices: " + ", ".join(f"{k} {v}" for k, v in run.counts.items())))
    for alarm in run.alarms:
        warn(alarm)


def check(context: typer.Context, json: AsJson = False) -> None:
    """What the rules refuse, with condition and fix, and apart what to look at twice; exit 1 on any refusal."""
    from console.noticework import refusals, warnings
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = {"refused": refusals(workspace), "warnings": warnings(workspace)}
    rows = [(r["notice"], r["title"], r["code"], r["because"], r["fix"]) for r in data["refused"]]
    cautions = [(w["notice"], w["title"], w["code"], w["says"]) for w in data["warnings"]]

    def say() -> None:
        table(("notice", "listing", "code", "because", "fix"), rows, title=f"{len(rows)} refusals")
        title = f"{len(cautions)} warnings: they stop nothing; look twice before you approve"
        table(("notice", "listing", "code", "says"), cautions, title=title)

    emit(data, json, say)
    if data["refused"]:
        raise typer.Exit(1)


def list_notices(context: typer.Context, json: AsJson = False) -> None:
    """List notices with their state."""
    from console.noticework import notice_list
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = notice_list(workspace)
    heads = ("notice", "state", "platform", "profile", "items", "refused", "signed by")
    rows = [
        (n["number"], n["state"], n["platform"], n["profile"], n["items"], n["refused"], n["signatory"] or "")
        for n in data
    ]
    emit(data, json, lambda: table(heads, rows))


def read(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A notice or counter-notice as text, or a folder of them")],
    profile: Annotated[str, typer.Option("--profile", help="What it is held against")] = "us-dmca-512",
    json: AsJson = False,
) -> None:
    """What a notice that somebody else wrote says, and which of our rules would refuse it; exit 1 if any would."""
    from config.declarations import load_declarations
    from console.output import emit, line, table
    from reports.received.lint import NOT_IN_A_TEXT, lint
    from reports.received.reading import read_notice
    from store.records import codec

    chosen = load_declarations(context.obj).profile(profile)
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
    data = []
    for file in files:
        found = read_notice(file.read_bytes().decode("utf-8", "replace"))
        lacks = lint(found, chosen)
        said = {each.value: words for each, words in found.statements.items()}
        data.append(
            {
                "file": file.name,
                **{key: value for key, value in codec.to_json(found).items() if key != "statements"},
                "statements": said,
                "refused": [codec.to_json(lack) for lack in lacks],
            }
        )

    def say() -> None:
        rows = [
            (
                each["file"],
                each["kind"],
                len(each["material"]),
                (each["work"] or "")[:60],
                ", ".join(each["statements"]),
                ", ".join(sorted({lack["code"] for lack in each["refused"]})),
            )
            for each in data
        ]
        table(("file", "kind", "addresses", "work", "states", "refused by"), rows, title=f"{len(data)} read")
        line(f"not judged from a text alone: {', '.join(NOT_IN_A_TEXT)}")

    emit(data, json, say)
    if any(each["refused"] for each in data):
        raise typer.Exit(1)


def approve(context: typer.Context, number: int, by: By, json: AsJson = False) -> None:
    """Take responsibility for a ready notice, as a person."""
    from reports.signing import approve as enter

    _act(context, number, by, json, enter, "approved")


def sign(context: typer.Context, number: int, by: By, json: AsJson = False) -> None:
    """Say an approved notice's statements, word for word, as its signatory."""
    from reports.signing import sign as enter

    _act(context, number, by, json, enter, "signed")


def _act(
    context: typer.Context,
    number: int,
    by: str,
    json: bool,
    enter: Any,  # Any: approve or sign
    done: str,
) -> None:
    from console.noticework import notice_id
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        review = workspace.declarations.policy.review
        id = notice_id(workspace, number)
        notice = enter(workspace.database, id, by=by, clock=utc_now, ids=new_id, review=review)

    def say() -> None:
        line(f"notice {number} {done} by {by}")
        for statement in notice.statements:
            line(f"  {statement.code}: {statement.text}")

    emit(codec.to_json(notice), json, say)


def recall(
    context: typer.Context,
    number: int,
    by: By,
    because: Annotated[str, typer.Option("--because", help="Why it was an error; stands in its history")],
    json: AsJson = False,
) -> None:
    """Take back a notice that was an error: what waits stays here, what has left is withdrawn or to be put back."""
    from console.noticework import notice_id
    from console.output import emit, line
    from console.taking_back import leave_follow_ups
    from console.workspace import open_workspace
    from reports.signing import recall as enter
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        id = notice_id(workspace, number)
        notice = enter(workspace.database, id, by=by, because=because, clock=utc_now, ids=new_id)
        leave_follow_ups(workspace, by=by)
    emit(codec.to_json(notice), json, lambda: line(f"notice {number} recalled by {by}"))


def export(context: typer.Context, json: AsJson = False) -> None:
    """Seal every signed notice that has not left: one folder a platform; again, it seals nothing twice."""
    from console.output import emit, line
    from console.pipeline import leave_batches
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        made = leave_batches(workspace)
        home = workspace.settings.home

    def say() -> None:
        for batch in made:
            line(f"batch {batch.number}: {batch.item_count} item(s) for {batch.platform} in {home / batch.path}")
        if not made:
            line("nothing to seal: approve and sign notices first")

    emit([codec.to_json(batch) for batch in made], json, say)


def list_batches(context: typer.Context, json: AsJson = False) -> None:
    """List sealed batches."""
    from console.noticework import batch_list
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = batch_list(workspace)
    rows = [
        (b["number"], b["platform"], b["profile"], b["item_count"], b["path"], b["manifest_sha256"][:16])
        for b in data
    ]
    emit(data, json, lambda: table(("batch", "platform", "profile", "items", "folder", "manifest"), rows))


def show_batch(context: typer.Context, number: int, json: AsJson = False) -> None:
    """Show one batch and whether its folder still verifies; exit 1 when it does not."""
    from console.noticework import batch_standing
    from console.output import emit, table
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = batch_standing(workspace, number)
    emit(data, json, lambda: table(("field", "value"), [(k, str(v)) for k, v in data.items()]))
    if data["verdict"] != "pass":
        raise typer.Exit(1)
