"""`marque webhooks add | list | pause | resume | revoke | messages | replay | tell`: who is told what."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson, By
from store.records.webhooks import MessageState, WebhookEvent


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(name="webhooks", help="Addresses that are told what happens", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_all)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("revoke")(revoke)
    group.command("messages")(messages)
    group.command("replay")(replay)
    group.command("tell")(tell)
    app.add_typer(group)


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it")],
    url: Annotated[str, typer.Argument(help="https address that takes the messages")],
    by: By,
    events: Annotated[list[WebhookEvent], typer.Option("--event", help="May be given several times")],
    holder: Annotated[str | None, typer.Option("--holder", help="Legal name: hears of this holder alone")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="Hears of what was sent to it alone")] = None,
    compartment: Annotated[str | None, typer.Option("--compartment", help="Hears of this compartment alone")] = None,
    json: AsJson = False,
) -> None:
    """Tell an address what happens from now on; its secret is shown here, once."""
    from console.output import emit, line
    from console.webhooks.subscribing import make_webhook
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        made, secret = make_webhook(
            workspace,
            name,
            url,
            events,
            holder=holder,
            platform=platform,
            compartment=compartment,
            by=by,
            clock=utc_now,
            ids=new_id,
        )
    emit(
        {"id": made.id, "name": made.name, "url": made.url, "secret": secret},
        json,
        lambda: line(
            f"{made.name} is told at {made.url}; it checks messages with {secret}, which is shown this once"
        ),
    )


def list_all(context: typer.Context, json: AsJson = False) -> None:
    """Every webhook: where it is, what it hears of, and whose records."""
    from console.output import emit, table
    from console.webhooks.subscribing import list_webhooks
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        found = list_webhooks(workspace)
    data = [
        {
            "id": each.id,
            "name": each.name,
            "url": each.url,
            "events": [event.value for event in each.events],
            "holder": each.holder,
            "platform": each.platform,
            "compartment": each.compartment,
            "state": "revoked" if each.revoked_at else "paused" if each.paused_at else "told",
            "because": None if each.revoked_at else each.paused_because,
        }
        for each in found
    ]
    heads = ("webhook", "name", "where", "hears of", "state", "why")
    rows = [(d["id"], d["name"], d["url"], " ".join(d["events"] or ()), d["state"], d["because"] or "") for d in data]
    emit(data, json, lambda: table(heads, rows))


def pause(
    context: typer.Context,
    webhook: Annotated[str, typer.Argument(help="Its id, the end of it, or its name")],
    because: Annotated[str, typer.Option("--because", help="Why, for whoever looks at it later")],
    by: By,
    json: AsJson = False,
) -> None:
    """Tell an address nothing until it is resumed."""
    from console.output import emit, line
    from console.webhooks.subscribing import pause_webhook
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        paused = pause_webhook(workspace, webhook, because=because, by=by, clock=utc_now, ids=new_id)
    emit({"id": paused.id, "state": "paused"}, json, lambda: line(f"{paused.name} waits: {paused.paused_because}"))


def resume(
    context: typer.Context,
    webhook: Annotated[str, typer.Argument(help="Its id, the end of it, or its name")],
    by: By,
    json: AsJson = False,
) -> None:
    """Tell an address again, also what happened while it was paused."""
    from console.output import emit, line
    from console.webhooks.subscribing import resume_webhook
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        told = resume_webhook(workspace, webhook, by=by, clock=utc_now, ids=new_id)
    emit({"id": told.id, "state": "told"}, json, lambda: line(f"{told.name} is told again, from where it stopped"))


def revoke(
    context: typer.Context,
    webhook: Annotated[str, typer.Argument(help="Its id, the end of it, or its name")],
    by: By,
    json: AsJson = False,
) -> None:
    """Tell an address nothing more; its secret is forgotten."""
    from console.output import emit, line
    from console.webhooks.subscribing import revoke_webhook
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        gone = revoke_webhook(workspace, webhook, by=by, clock=utc_now, ids=new_id)
    emit({"id": gone.id, "state": "revoked"}, json, lambda: line(f"{gone.name} is told nothing more"))


def messages(
    context: typer.Context,
    state: Annotated[MessageState | None, typer.Option("--state", help="Only those that stand so")] = None,
    json: AsJson = False,
) -> None:
    """Messages and how each stands, the newest first."""
    from console.output import emit, table
    from console.webhooks.subscribing import list_messages
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        found = list_messages(workspace, state=state)
    data = [{**codec.to_json(message), "to": webhook.name} for message, webhook in found]
    heads = ("message", "to", "of", "state", "attempts", "why")
    rows = [(d["id"], d["to"], d["event"], d["state"], d["attempts"], d["because"] or "") for d in data]
    emit(data, json, lambda: table(heads, rows))


def replay(
    context: typer.Context,
    message: Annotated[str, typer.Argument(help="Id of a dead message")],
    by: By,
    json: AsJson = False,
) -> None:
    """Send a dead message anew, under the id it had."""
    from console.output import emit, line
    from console.webhooks.subscribing import replay as send_anew
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        again = send_anew(workspace, message, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(again), json, lambda: line(f"{again.id} is {again.state.value}; the worker carries it"))


def tell(context: typer.Context, json: AsJson = False) -> None:
    """Tell what happened since the last look, now, as the worker does; exit 1 where a receiver did not take it."""
    from dataclasses import asdict
    from threading import Event

    from console.auditing import seal_acts
    from console.output import emit, line
    from console.webhooks.telling import tell as tell_now
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        seal_acts(workspace.database)
        done = tell_now(workspace, stop=Event())
    emit(
        asdict(done),
        json,
        lambda: line(
            f"{done.entered} entered, {done.delivered} taken, {done.failed} to try again, {done.dead} given up"
        ),
    )
    raise typer.Exit(1 if done.failed or done.dead else 0)
