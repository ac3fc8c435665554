"""`marque api-keys add | list | revoke`: keys of programs for `marque serve --door api`."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson, By
from store.records.doors import ApiScope


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(name="api-keys", help="Keys of programs", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_all)
    group.command("revoke")(revoke)
    app.add_typer(group)


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who acts under it, as it stands in the audit trail")],
    by: By,
    scopes: Annotated[list[ApiScope], typer.Option("--scope", help="May be given several times")],
    holder: Annotated[
        str | None, typer.Option("--holder", help="Legal name: sees only this holder's records")
    ] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Sees and answers only what it was sent")] = None,
    compartment: Annotated[str | None, typer.Option("--compartment", help="Sees only this compartment")] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, max=3650, help="Default: until it is revoked")] = None,
    json: AsJson = False,
) -> None:
    """Make a key; its secret is shown here, once, and stored nowhere."""
    from datetime import timedelta

    from console.keys import make_key
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        key, secret = make_key(
            workspace,
            name,
            scopes,
            holder=holder,
            platform=platform,
            compartment=compartment,
            until=utc_now() + timedelta(days=days) if days else None,
            by=by,
            clock=utc_now,
            ids=new_id,
        )
    emit(
        {"id": key.id, "name": key.name, "secret": secret, "scopes": [scope.value for scope in key.scopes]},
        json,
        lambda: line(f"{key.name}: send it as `Authorization: Bearer {secret}`; it is shown this once"),
    )


def list_all(context: typer.Context, json: AsJson = False) -> None:
    """Every key: what it may do, whose records it sees, whether it holds."""
    from console.keys import list_keys
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.records.ids import short_id, utc_now

    with open_workspace(context.obj) as workspace:
        keys = list_keys(workspace)
    now = utc_now()
    data = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": [scope.value for scope in key.scopes],
            "holder": key.holder,
            "platform": key.platform,
            "compartment": key.compartment,
            "state": "revoked" if key.revoked_at else "ended" if key.expires_at and key.expires_at <= now else "open",
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
        for key in keys
    ]
    heads = ("key", "name", "may", "sees", "state")
    rows = [
        (
            short_id(key.id),
            key.name,
            " ".join(scope.value for scope in key.scopes),
            key.platform or key.holder or key.compartment or "everything",
            shown["state"],
        )
        for key, shown in zip(keys, data, strict=True)
    ]
    emit(data, json, lambda: table(heads, rows))


def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Its id, the end of it, or its name")],
    by: By,
    json: AsJson = False,
) -> None:
    """Shut a key for good, at once."""
    from console.keys import revoke_key
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        gone = revoke_key(workspace, key, by=by, clock=utc_now, ids=new_id)
    emit({"id": gone.id, "name": gone.name, "state": "revoked"}, json, lambda: line(f"{gone.name} is shut"))
