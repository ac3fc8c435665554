"""`marque batches link | links | unlink`: signed links by which a platform opens one batch without an account."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson, By

ORIGIN = "http://127.0.0.1:8743"


def link(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Of the batch")],
    by: By,
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="How long it holds")] = 14,
    origin: Annotated[str, typer.Option("--origin", help="How the platform reaches its desk")] = ORIGIN,
    json: AsJson = False,
) -> None:
    """Make a link that opens one batch, once, in one browser; it is shown here and stored nowhere."""
    from datetime import timedelta

    from console.errors import NotFound
    from console.linking import make_link
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.db.batches import Batches
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        with workspace.database.read() as connection:
            batch = Batches(connection, EVERYTHING).numbered(number)
        if batch is None:
            raise NotFound("batch", str(number), "`marque batches list` shows all")
        until = utc_now() + timedelta(days=days)
        made, token = make_link(workspace, batch, by=by, until=until, clock=utc_now, ids=new_id)
    address = f"{origin.rstrip('/')}/open/{token}"
    emit(
        {"id": made.id, "batch": number, "url": address, "expires_at": made.expires_at.isoformat()},
        json,
        lambda: line(
            f"hand {batch.platform} this link; it opens once, until {made.expires_at:%Y-%m-%d %H:%M} UTC:\n{address}"
        ),
    )


def list_links(
    context: typer.Context, number: Annotated[int, typer.Argument(help="Of the batch")], json: AsJson = False
) -> None:
    """Every link of a batch and where it stands."""
    from console.linking import list_links as read
    from console.linking import state_of
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.records.ids import utc_now

    with open_workspace(context.obj) as workspace:
        found = read(workspace, number)
    now = utc_now()
    data = [
        {
            "id": each.id,
            "state": state_of(each, now).value,
            "made_by": each.made_by,
            "made_at": each.made_at.isoformat(),
            "expires_at": each.expires_at.isoformat(),
            "opened_at": each.opened_at.isoformat() if each.opened_at else None,
        }
        for each in found
    ]
    heads = ("link", "state", "made by", "ends", "opened")
    rows = [(d["id"], d["state"], d["made_by"], d["expires_at"], d["opened_at"] or "") for d in data]
    emit(data, json, lambda: table(heads, rows))


def unlink(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Of the batch")],
    by: By,
    link: Annotated[str | None, typer.Option("--link", help="Its id, or the end of it; default: every link")] = None,
    json: AsJson = False,
) -> None:
    """Take links back; what opened by them is shut at once."""
    from console.linking import revoke_links
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        gone = revoke_links(workspace, number, link=link, by=by, clock=utc_now, ids=new_id)
    emit([each.id for each in gone], json, lambda: line(f"{len(gone)} link(s) of batch {number} taken back"))
