"""`marque objections list | enter | answer`, and the notices' `withdraw` and `register`: taking back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands.options import AsJson, By

Because = Annotated[str, typer.Option("--because", help="Why, in words that the platform reads")]


def register(app: typer.Typer) -> None:
    """Add the group of objections; the verbs on notices stand with the others in `notices.py`."""
    group = typer.Typer(name="objections", help="What the accused say, and what was said to it", no_args_is_help=True)
    group.command("list")(list_objections)
    group.command("enter")(enter)
    group.command("answer")(answer)
    app.add_typer(group)


def list_objections(context: typer.Context, json: AsJson = False) -> None:
    """Objections, those without an answer first; exit 1 when one of them waits."""
    from console.output import emit, table
    from console.taking_back import objections
    from console.workspace import open_workspace
    from store.records.ids import short_id

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        lines = objections(connection, workspace.declarations)
    heads = ("objection", "notice", "platform", "says", "lacks", "answer by", "answered")
    rows = [
        (
            short_id(line.counter.id),
            line.notice.number,
            line.notice.platform,
            line.counter.reason.value,
            ", ".join(line.missing),
            f"{line.counter.response_due:%Y-%m-%d %H:%M}" if line.counter.response_due else "",
            line.counter.our_response.value if line.counter.our_response else "",
        )
        for line in lines
    ]
    emit([line.cells for line in lines], json, lambda: table(heads, rows))
    if any(line.counter.our_response is None for line in lines):
        raise typer.Exit(1)


def enter(
    context: typer.Context,
    notice: Annotated[int, typer.Argument(help="Number of the notice")],
    item: Annotated[str, typer.Argument(help="The platform's id of the item, or ours")],
    file: Annotated[Path, typer.Argument(help="What the platform passed on", exists=True, dir_okay=False)],
    by: By,
    reason: Annotated[
        str, typer.Option("--reason", help="owner, authorised, fair_use, exhaustion, misidentified, ...")
    ],
    at: Annotated[
        datetime,
        typer.Option("--at", help="When the platform had it, in UTC", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"]),
    ],
    element: Annotated[
        list[str] | None, typer.Option("--element", help="One that it carries; may be repeated")
    ] = None,
    direct: Annotated[bool, typer.Option("--direct", help="The accused wrote to us, not to the platform")] = False,
    json: AsJson = False,
) -> None:
    """Enter an objection that the platform passed on; the same file again changes nothing."""
    from datetime import UTC

    from console.clocks import refresh
    from console.errors import NotFound
    from console.noticework import notice_id
    from console.output import emit, line
    from console.workspace import open_workspace
    from reports.objections import enter_objection
    from store.db.notices import Notices
    from store.records import codec
    from store.records.ids import new_id, short_id, utc_now
    from store.records.outcomes import CounterReason
    from store.records.scope import EVERYTHING

    known = {each.value: each for each in CounterReason}
    if reason not in known:
        raise typer.BadParameter(f"--reason is one of {', '.join(known)}")
    with open_workspace(context.obj) as workspace:
        id = notice_id(workspace, notice)
        with workspace.database.read() as connection:
            found = Notices(connection, EVERYTHING).get(id)
        items = [i.id for i in found.items if item in (i.id, i.platform_item_id)] if found is not None else []
        if len(items) != 1:
            raise NotFound("item", item, f"`marque notices list` and the page of notice {notice} name its items")
        entered = enter_objection(
            workspace.database,
            workspace.vault,
            workspace.declarations,
            id,
            items[0],
            document=file.read_bytes(),
            reason=known[reason],
            elements=element or (),
            objected_at=at.replace(tzinfo=UTC),
            direct=direct,
            by=by,
            clock=utc_now,
            ids=new_id,
        )
        refresh(workspace)
    emit(codec.to_json(entered), json, lambda: line(f"objection {short_id(entered.id)} to notice {notice} entered"))


def answer(
    context: typer.Context,
    objection: Annotated[str, typer.Argument(help="Its id, or the end of it as the list shows it")],
    response: Annotated[
        str, typer.Argument(help="accept: it is right; reject: the notice stands; sue: an action is filed")
    ],
    by: By,
    because: Because,
    court: Annotated[str | None, typer.Option("--court", help="Where the action is filed")] = None,
    number: Annotated[str | None, typer.Option("--number", help="Its number there")] = None,
    filed: Annotated[
        datetime | None, typer.Option("--filed", help="The day it was filed", formats=["%Y-%m-%d"])
    ] = None,
    json: AsJson = False,
) -> None:
    """Decide an objection, once; what follows is sealed and queued for the platform at once."""
    from console.output import emit, line, warn
    from console.taking_back import leave_follow_ups, objection_id
    from console.workspace import open_workspace
    from reports.objections import answer_objection
    from store.records import codec
    from store.records.ids import new_id, short_id, utc_now
    from store.records.outcomes import Response

    known = {each.value: each for each in Response}
    if response not in known:
        raise typer.BadParameter(f"answer with one of {', '.join(known)}")
    with open_workspace(context.obj) as workspace:
        decided = answer_objection(
            workspace.database,
            workspace.declarations,
            objection_id(workspace, objection),
            known[response],
            by=by,
            because=because,
            court=court,
            court_number=number,
            filed_on=filed.date() if filed else None,
            clock=utc_now,
            ids=new_id,
        )
        made, queued = leave_follow_ups(workspace, by=by)

    def say() -> None:
        line(f"objection {short_id(decided.id)}: {response} by {by}")
        _say_left(made)

    emit(codec.to_json(decided), json, say)
    for each in queued:
        if each.because is not None:
            warn(f"batch {each.batch} is not queued: {each.because}")


def _say_left(made: list[Any]) -> None:  # Any: Batch; the ledger is not imported before it is asked for
    from console.output import line

    for batch in made:
        line(f"batch {batch.number}: {batch.item_count} word(s) for {batch.platform} in {batch.path}")


def withdraw(
    context: typer.Context,
    number: int,
    by: By,
    because: Because,
    fault: Annotated[
        str, typer.Option("--fault", help="What was wrong: authorised, genuine, wrong_item, no_right, exception, ...")
    ],
    item: Annotated[
        list[str] | None, typer.Option("--item", help="The platform's id of an item; default: all")
    ] = None,
    json: AsJson = False,
) -> None:
    """Take items back that have left: withdrawn, or to be put back; sealed and queued at once."""
    from console.errors import NotFound
    from console.noticework import notice_id
    from console.output import emit, line
    from console.taking_back import leave_follow_ups
    from console.workspace import open_workspace
    from reports.taking_back import withdraw as enter
    from store.db.notices import Notices
    from store.records import codec
    from store.records.follow_ups import Fault
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    known = {each.value: each for each in Fault}
    if fault not in known:
        raise typer.BadParameter(f"--fault is one of {', '.join(known)}")
    with open_workspace(context.obj) as workspace:
        id = notice_id(workspace, number)
        with workspace.database.read() as connection:
            found = Notices(connection, EVERYTHING).get(id)
        by_name = {i.platform_item_id: i.id for i in found.items} if found is not None else {}
        missing = [name for name in item or [] if name not in by_name]
        if missing:
            raise NotFound("item", missing[0], f"notice {number} names {', '.join(sorted(by_name)[:5])}")
        made = enter(
            workspace.database,
            id,
            items=[by_name[name] for name in item] if item else None,
            fault=known[fault],
            by=by,
            because=because,
            clock=utc_now,
            ids=new_id,
        )
        batches, _queued = leave_follow_ups(workspace, by=by)

    def say() -> None:
        line(f"{len(made)} item(s) of notice {number} taken back by {by}")
        _say_left(batches)

    emit([codec.to_json(each) for each in made], json, say)


def register_of_faults(context: typer.Context, json: AsJson = False) -> None:
    """What was wrong and what was stood by after a notice left; exit 1 when a word of it has not arrived."""
    from console.output import emit, table
    from console.taking_back import follow_up_list
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        data = follow_up_list(connection)
    heads = ("notice", "platform", "item", "said", "fault", "by", "at", "arrived", "because")
    rows = [
        (
            d["notice"],
            d["platform"],
            d["item"],
            d["kind"],
            d["fault"] or "",
            d["by"],
            d["at"][:16],
            (d["told_at"] or "no")[:16],
            d["because"],
        )
        for d in data
    ]
    emit(data, json, lambda: table(heads, rows))
    if any(d["told_at"] is None for d in data):
        raise typer.Exit(1)
