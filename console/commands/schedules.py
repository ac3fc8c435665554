"""`marque schedules add | list | pause | resume | remove`, `marque worker`: crawls by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from console.commands.options import AsJson, By

Id = Annotated[str, typer.Argument(help="Its id, as `marque schedules list` shows it")]


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="schedules", help="When platforms are crawled", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_schedules)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("remove")(remove)
    app.add_typer(group)
    app.command("worker")(worker)


def add(
    context: typer.Context,
    platform: Annotated[str, typer.Argument(help="Platform by name")],
    cron: Annotated[str, typer.Option("--cron", help="Minute, hour, day, month, weekday: '30 4 * * 1-5'")],
    by: By,
    zone: Annotated[str, typer.Option("--zone", help="Whose clock counts, e.g. Europe/Oslo")] = "UTC",
    term: Annotated[
        list[str] | None, typer.Option("--term", help="Search for this instead of the registry's names; repeat")
    ] = None,
    season: Annotated[
        list[str] | None,
        typer.Option("--season", help="Another rhythm on some days: 'christmas=11-15..12-26=0 */6 * * *'; repeat"),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", help="Every few minutes for a time: 'final=2026-12-01T18:00..2026-12-01T22:00=5'"),
    ] = None,
    priority: Annotated[int, typer.Option("--priority", help="Higher goes first")] = 0,
    json: AsJson = False,
) -> None:
    """Crawl a platform by the clock, from its next time on; the same again changes nothing."""
    from console.output import emit, line
    from console.scheduling import read_event, read_season
    from console.workspace import open_workspace
    from crawler.schedules import enter
    from store.records import codec
    from store.records.ids import new_id, utc_now
    from store.records.schedules import Schedule

    schedule = Schedule(
        id=new_id(),
        platform=platform,
        cron=cron,
        zone=zone,
        terms=tuple(term or ()),
        seasons=tuple(read_season(platform, each) for each in season or ()),
        events=tuple(read_event(platform, each, zone) for each in event or ()),
        priority=priority,
        entered_by=by,
        entered_at=utc_now(),
        due_at=None,
    )
    with open_workspace(context.obj) as workspace:
        workspace.declarations.platform(platform)
        entered = enter(workspace.database, schedule, ids=new_id)
    emit(codec.to_json(entered), json, lambda: line(f"{entered.id}: next {_time(entered.due_at, zone)}"))


def list_schedules(context: typer.Context, json: AsJson = False) -> None:
    """List schedules, what they did last and when they are due next."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.db.schedules import Schedules
    from store.records import codec
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = Schedules(connection, EVERYTHING).find()
    found.sort(key=lambda each: (not each.enabled, each.due_at or each.entered_at))
    heads = ("id", "platform", "rhythm", "next", "last", "last run")
    rows = [
        (
            each.id,
            each.platform,
            f"{each.cron} {each.zone}",
            _time(each.due_at, each.zone) if each.enabled else "paused",
            _time(each.last_due, each.zone) if each.last_due else "-",
            each.last_run or "-",
        )
        for each in found
    ]
    emit([codec.to_json(each) for each in found], json, lambda: table(heads, rows))


def pause(context: typer.Context, id: Id, by: By, json: AsJson = False) -> None:
    """Pause a schedule; a crawl under way goes on."""
    _switch(context, id, by, json, on=False)


def resume(context: typer.Context, id: Id, by: By, json: AsJson = False) -> None:
    """Take a paused schedule up again, from its next time on."""
    _switch(context, id, by, json, on=True)


def remove(context: typer.Context, id: Id, by: By, json: AsJson = False) -> None:
    """Take a schedule out."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.schedules import remove as take_out
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        gone = take_out(workspace.database, id, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(gone), json, lambda: line(f"{gone.platform} is no longer crawled by {gone.cron!r}"))


def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Answer what is due now, and end: for a timer")] = False,
    timer: Annotated[bool, typer.Option("--timer", help="Print a systemd service and timer, and end")] = False,
    json: AsJson = False,
) -> None:
    """
    Crawl whatever is due, then compare and build cases. Ctrl-C ends it; nothing under way is lost.

    Exit 1 when a crawl that was due could not be made.
    """
    import signal
    from threading import Event

    from console.output import emit, line
    from console.scheduling import timer_units
    from console.worker import Answered, work
    from store.records import codec

    if timer:
        units = timer_units(context.obj.home)
        emit(units, json, lambda: line("\n".join(f"# {name}\n{text}" for name, text in units.items())))
        return
    stop, all_done = Event(), list[dict[str, Any]]()

    def end(number: int, frame: object) -> None:
        del number, frame
        stop.set()
        raise KeyboardInterrupt

    def told(done: Answered) -> None:
        run = done.run
        all_done.append(
            {
                "schedule": done.schedule.id,
                "platform": done.schedule.platform,
                "due_at": done.schedule.due_at.isoformat() if done.schedule.due_at else None,
                "run": codec.to_json(run) if run is not None else None,
                "because": done.because,
            }
        )
        if not json:
            said = f"{run.state.value}, {run.counts.get('listings', 0)} listings" if run is not None else "not made"
            line(f"{done.schedule.platform}: {said}{f' ({done.because})' if done.because else ''}")

    signal.signal(signal.SIGTERM, end)
    if not json:
        line("answering what is due" + ("" if once else "; end it with Ctrl-C"))
    try:
        work(context.obj, once=once, stop=stop, told=told)
    except KeyboardInterrupt:
        stop.set()
    emit(all_done, json, lambda: None)
    if any(each["run"] is None for each in all_done):
        raise typer.Exit(1)


def _switch(context: typer.Context, id: str, by: str, json: bool, *, on: bool) -> None:
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.schedules import switch
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        found = switch(workspace.database, id, on=on, by=by, clock=utc_now, ids=new_id)
    said = f"next {_time(found.due_at, found.zone)}" if on else "paused"
    emit(codec.to_json(found), json, lambda: line(f"{found.platform}: {said}"))


def _time(moment: datetime | None, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}" if moment is not None else "never again"
