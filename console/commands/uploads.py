"""`marque uploads list | take`: what holders handed in that takes longer than a request."""

from __future__ import annotations

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(name="uploads", help="Large uploads of holders", no_args_is_help=True)
    group.command("list")(list_all)
    group.command("take")(take)
    app.add_typer(group)


def list_all(context: typer.Context, json: AsJson = False) -> None:
    """Uploads and how far each is, the newest first."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.db.uploads import Uploads
    from store.records import codec
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = Uploads(connection, EVERYTHING).find()[::-1]
    heads = ("upload", "kind", "by", "state", "rows", "done", "new", "refused")
    rows = [(u.id, u.kind, u.by, u.state.value, u.rows, u.done, u.added, u.refused) for u in found]
    emit([codec.to_json(each) for each in found], json, lambda: table(heads, rows))


def take(context: typer.Context, json: AsJson = False) -> None:
    """Take in what waits, now, as the worker does; exit 1 where an upload was refused as a whole."""
    from threading import Event

    from console.output import emit, line
    from console.uploading import take_due
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.uploads import UploadState

    with open_workspace(context.obj) as workspace:
        ended = take_due(workspace, stop=Event())
    emit([codec.to_json(each) for each in ended], json, lambda: line(f"{len(ended)} upload(s) ended"))
    raise typer.Exit(1 if any(each.state is UploadState.REFUSED for each in ended) else 0)
