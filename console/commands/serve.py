"""`marque serve`: the review desk in a browser. `marque accounts add | list | disable`: who may sign in."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson, By
from store.records.accounts import Role
from store.records.doors import Entrance

PORTS = {Entrance.STAFF: 8741, Entrance.HOLDER: 8742, Entrance.PLATFORM: 8743, Entrance.API: 8744}
DOORS = {
    Entrance.STAFF: "the desk",
    Entrance.HOLDER: "the rights holders' portal",
    Entrance.PLATFORM: "the platform desk",
    Entrance.API: "the interface for programs",
}

BY = "command line"  # whoever can run commands here owns the workspace's keys anyway


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("serve")(serve)
    group = typer.Typer(name="accounts", help="Who may sign in to the desk", no_args_is_help=True)
    group.command("list")(list_accounts)
    group.command("link")(link)
    group.command("unlink")(unlink)
    group.command("add")(add)
    group.command("disable")(disable)
    app.add_typer(group)


def serve(
    context: typer.Context,
    door: Annotated[
        Entrance, typer.Option("--door", help="The review desk, or one of the outer doors: a process and origin each")
    ] = Entrance.STAFF,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Where it listens; default: 8741 and on, by door")
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on")] = "127.0.0.1",
    origin: Annotated[
        str | None, typer.Option("--origin", help="How browsers reach the desk, e.g. https://desk.unit.example")
    ] = None,
    proxy: Annotated[
        str | None, typer.Option("--proxy", help="Address of the TLS proxy whose X-Forwarded-For is believed")
    ] = None,
    exercise: Annotated[
        bool, typer.Option("--exercise", help="Open the exercise world's sites too, to crawl and watch")
    ] = False,
    json: AsJson = False,
) -> None:
    """Open the review desk, or an outer door; on the desk's first run, print the one-time link that sets it up."""
    from console.output import line
    from console.sites import exercise_sites

    port = port or PORTS[door]
    with _listen(host, port) as listener, suppress(KeyboardInterrupt), ExitStack() as stack:
        # The server hands a signal on when it has closed its connections: the desk and the sites are closed then.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        sites = stack.enter_context(exercise_sites(context.obj)) if exercise else {}
        _run_desk(context, listener, door, host, port, origin, proxy, sites, json)
    if not json:
        line("the desk is closed")


def _listen(host: str, port: int) -> socket.socket:
    """The socket of the desk, taken before anything is opened. Raises `PortTaken`."""
    from console.errors import PortTaken

    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as fault:
        listener.close()
        if fault.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from fault
        raise
    return listener


def _run_desk(
    context: typer.Context,
    listener: socket.socket,
    door: Entrance,
    host: str,
    port: int,
    origin: str | None,
    proxy: str | None,
    sites: Mapping[str, str],
    json: bool,
) -> None:
    import uvicorn

    from console.output import emit, line
    from console.web.app import create_app
    from console.web.credentials import new_token
    from console.web.logs import log_to

    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 -- compared, not listened on
    origin = origin or f"http://{shown}:{port}"
    token = new_token()
    is_staff = door is Entrance.STAFF
    app = create_app(context.obj, origin=origin, setup_token=token if is_staff else None, entrance=door)
    commands = _to_watch(context.obj.home, sites)
    app.state.start = commands
    setup = f"{origin}/setup?token={token}" if is_staff and _is_first_run(context) else None

    def say() -> None:
        line(f"{DOORS[door]} is open at {origin}; end it with Ctrl-C")
        if setup:
            line(f"nobody has an account yet; set the desk up, once, at {setup}")
        if sites:
            line(f"the exercise world is up: {', '.join(f'{name} {base}/' for name, base in sites.items())}")
            line(f"in a second terminal, start one of these and follow it at {origin}/runs")
            for command in commands:
                line(f"  {command}")

    emit({"url": origin, "setup": setup, "sites": dict(sites), "start": list(commands)}, json, say)
    log_to()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxy is not None,
        forwarded_allow_ips=proxy,
        timeout_keep_alive=5,
        limit_concurrency=256,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=32 << 10,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _to_watch(home: Path, sites: Mapping[str, str]) -> tuple[str, ...]:
    """Commands that start something to watch, as they are typed where this one was."""
    if not sites:
        return ()
    called = Path(sys.argv[0])
    marque = sys.argv[0] if called.name == "marque" and called.parent.name == "bin" else "marque"
    folder = os.path.relpath(home)
    return (
        f"{marque} --home {folder} crawl run {' '.join(sorted(sites)[:2])}",
        f"{marque} --home {folder} match",
    )


def _is_first_run(context: typer.Context) -> bool:
    from console.workspace import open_workspace
    from store.db.accounts import Accounts
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        return Accounts(connection, EVERYTHING).is_first_run()


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As it shall stand under decisions")],
    roles: Annotated[list[Role], typer.Option("--role", help="May be given several times")],
    holder: Annotated[
        str | None, typer.Option("--holder", help="Legal name: sees only this holder's records")
    ] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="A recipient's platform")] = None,
    compartment: Annotated[str | None, typer.Option("--compartment", help="Sees only this compartment")] = None,
    origin: Annotated[str, typer.Option("--origin", help="How browsers reach the desk")] = "http://127.0.0.1:8741",
    json: AsJson = False,
) -> None:
    """Make an account and print its one-time link; the person chooses the password."""
    from console.errors import NotFound
    from console.output import emit, line
    from console.web.accounts import welcome_link
    from console.web.membership import Members
    from console.workspace import open_workspace
    from store.db.parties import Parties
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        party = None
        if holder is not None:
            with workspace.database.read() as connection:
                party = Parties(connection, EVERYTHING).by_names([holder]).get(holder)
            if party is None:
                raise NotFound("holder", holder, "`marque rights list` names them")
        account, token = Members(workspace, by=BY, clock=utc_now, ids=new_id).invite(
            name, roles, holder=party.id if party else None, platform=platform, compartment=compartment
        )
    link = welcome_link(origin.rstrip("/"), token)
    emit(
        {"id": account.id, "name": account.name, "link": link},
        json,
        lambda: line(f"hand {account.name} this link; it works once, for 72 hours: {link}"),
    )


def list_accounts(context: typer.Context, json: AsJson = False) -> None:
    """Who may sign in, and as what."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.db.accounts import Accounts
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        accounts = Accounts(connection, EVERYTHING).find()
    data = [
        {
            "id": each.id,
            "name": each.name,
            "roles": [role.value for role in each.roles],
            "state": "disabled" if each.disabled_at else "open" if each.password_hash else "invited",
        }
        for each in accounts
    ]
    rows = [(row["name"], ", ".join(row["roles"]), row["state"]) for row in data]
    emit(data, json, lambda: table(("name", "roles", "state"), rows))


def disable(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Of the account")], json: AsJson = False
) -> None:
    """Shut an account and sign it out everywhere; its decisions stay under its name."""
    from console.errors import NotFound
    from console.output import emit, line
    from console.web.membership import Members
    from console.workspace import open_workspace
    from store.db.accounts import Accounts
    from store.records.ids import new_id, utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace:
        with workspace.database.read() as connection:
            account = Accounts(connection, EVERYTHING).named(name)
        if account is None:
            raise NotFound("account", name, "`marque accounts list` shows all")
        Members(workspace, by=BY, clock=utc_now, ids=new_id).disable(account.id)
    emit({"name": account.name, "state": "disabled"}, json, lambda: line(f"{account.name} is shut out"))


def link(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of the account")],
    subject: Annotated[str, typer.Option("--subject", help="The issuer's `sub` of the person, letter for letter")],
    by: By,
    issuer: Annotated[str | None, typer.Option("--issuer", help="Default: MARQUE_OIDC_ISSUER")] = None,
    json: AsJson = False,
) -> None:
    """Let a person sign in to their account with the account of their office."""
    from console.errors import Unanswerable
    from console.output import emit, line
    from console.web.oidc.identities import link as let_in
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    named = issuer or context.obj.oidc_issuer
    if named is None:
        raise Unanswerable("no issuer is set: give --issuer, or set MARQUE_OIDC_ISSUER")
    with open_workspace(context.obj) as workspace:
        made = let_in(workspace, name, named, subject, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(made), json, lambda: line(f"{subject} of {named} opens {name}"))


def unlink(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of the account")],
    by: By,
    json: AsJson = False,
) -> None:
    """Let nobody in to an account from an issuer any more, and sign it out everywhere."""
    from console.output import emit, line
    from console.web.oidc.identities import unlink as shut_out
    from console.workspace import open_workspace
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        gone = shut_out(workspace, name, by=by, clock=utc_now, ids=new_id)
    emit({"unlinked": gone}, json, lambda: line(f"{gone} subject(s) no longer open {name}"))
