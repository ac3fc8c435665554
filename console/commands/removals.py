"""`marque removals list | look | relisted`: is it gone, did it stay gone, did it come back elsewhere?"""

from __future__ import annotations

import typer

from console.commands.options import AsJson, By


def register(app: typer.Typer) -> None:
    """Add this group to the command line."""
    group = typer.Typer(name="removals", help="What was removed: gone, back, or elsewhere", no_args_is_help=True)
    group.command("list")(list_removals)
    group.command("look")(look)
    group.command("relisted")(relisted)
    app.add_typer(group)


def list_removals(context: typer.Context, json: AsJson = False) -> None:
    """Items that platforms acted on; exit 1 when a look saw one of them there."""
    from console.output import emit, table
    from console.removals import watched_items
    from console.workspace import open_workspace
    from reports.removals import Removal
    from store.records.ids import utc_now

    with open_workspace(context.obj) as workspace:
        found = watched_items(workspace, now=utc_now())
    heads = ("notice", "platform", "listing", "acted on", "now", "looked at", "look due")
    rows = [
        (
            each.number,
            each.platform,
            each.title,
            f"{each.acted_at:%Y-%m-%d}",
            each.removal.value,
            f"{each.looked_at:%Y-%m-%d}" if each.looked_at else "",
            f"+{each.due.days} d" if each.due else "",
        )
        for each in found
    ]
    data = [
        {
            "notice": each.number,
            "item": each.item,
            "listing": each.listing,
            "platform": each.platform,
            "url": each.url,
            "acted_at": each.acted_at.isoformat(),
            "removal": each.removal.value,
            "looked_at": each.looked_at.isoformat() if each.looked_at else None,
            "due_days": each.due.days if each.due else None,
        }
        for each in found
    ]
    emit(data, json, lambda: table(heads, rows))
    if any(each.removal is Removal.THERE for each in found):
        raise typer.Exit(1)


def look(context: typer.Context, by: By, json: AsJson = False) -> None:
    """Make the looks that are due (1, 7, 30 and 90 days after the platform acted); again, it makes none twice."""
    from console.output import emit, line
    from console.removals import look_at_removals
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        made = look_at_removals(workspace, by=by)
    words = ", ".join(f"{each.listing[-8:]} {each.presence.value}" for each in made) or "no look is due"
    emit([codec.to_json(each) for each in made], json, lambda: line(words))


def relisted(context: typer.Context, json: AsJson = False) -> None:
    """Listings in which a noticed item came back under another address, by content and seller."""
    from console.output import emit, table
    from console.removals import relisting_list
    from console.workspace import open_workspace
    from store.records.ids import utc_now

    with open_workspace(context.obj) as workspace:
        data = relisting_list(workspace, now=utc_now())
    rows = [(d["notice"], d["platform"], d["url"], d["first_seen"][:10], ", ".join(d["same"])) for d in data]
    emit(data, json, lambda: table(("notice", "platform", "came back at", "first seen", "the same"), rows))
