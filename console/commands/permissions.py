"""`marque authorities`, `marque opt-outs`: what may be fetched against robots.txt, and what is never fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from console.commands.options import AsJson, By

Id = Annotated[str, typer.Argument(help="Its id, as `marque authorities list` shows it")]


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    group = typer.Typer(
        name="authorities", help="Written permissions to go past robots.txt, for one case each", no_args_is_help=True
    )
    group.command("add")(add)
    group.command("approve")(approve)
    group.command("revoke")(revoke)
    group.command("list")(list_authorities)
    group.command("report")(report)
    app.add_typer(group)
    outs = typer.Typer(name="opt-outs", help="Hosts and addresses that are never fetched", no_args_is_help=True)
    outs.command("add")(opt_out)
    outs.command("remove")(opt_in)
    outs.command("list")(list_opt_outs)
    app.add_typer(outs)


def add(
    context: typer.Context,
    case: Annotated[str, typer.Option("--case", help="The issuing authority's case number")],
    legal_basis: Annotated[str, typer.Option("--legal-basis", help="Law and article")],
    issuer: Annotated[str, typer.Option("--issuer", help="Who issued it")],
    scope: Annotated[list[str], typer.Option("--scope", help="A host, or an address with a path; repeat for more")],
    expires: Annotated[datetime, typer.Option("--expires", help="Last moment, UTC")],
    by: By,
    not_before: Annotated[
        datetime | None, typer.Option("--not-before", help="First moment, UTC; default: now")
    ] = None,
    user_agent: Annotated[str | None, typer.Option("--user-agent", help="Another name for the requests")] = None,
    json: AsJson = False,
) -> None:
    """Enter a permission. It opens nothing until somebody else approves it."""
    from datetime import UTC

    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.authority import enter
    from store.records import codec
    from store.records.authorities import Authority
    from store.records.ids import new_id, utc_now

    now = utc_now()
    authority = Authority(
        id=new_id(),
        case_number=case,
        legal_basis=legal_basis,
        issuer=issuer,
        scope=tuple(scope),
        not_before=not_before.replace(tzinfo=UTC) if not_before is not None else now,
        expires_at=expires.replace(tzinfo=UTC),
        user_agent=user_agent,
        entered_by=by,
        entered_at=now,
    )
    with open_workspace(context.obj) as workspace:
        entered = enter(workspace.database, authority, ids=new_id)
    next_step = (
        f"entered as {entered.id}; next, by somebody else: `marque authorities approve {entered.id} --by NAME`"
    )
    emit(codec.to_json(entered), json, lambda: line(next_step))


def approve(context: typer.Context, id: Id, by: By, json: AsJson = False) -> None:
    """Approve a permission that somebody else entered."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.authority import approve as approve_authority
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        found = approve_authority(workspace.database, id, by=by, clock=utc_now, ids=new_id)
    said = f"in force from {found.not_before:%Y-%m-%d %H:%M} to {found.expires_at:%Y-%m-%d %H:%M} UTC"
    emit(codec.to_json(found), json, lambda: line(said))


def revoke(context: typer.Context, id: Id, by: By, json: AsJson = False) -> None:
    """End a permission now; crawls under way heed it within a minute."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.authority import revoke as revoke_authority
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        found = revoke_authority(workspace.database, id, by=by, clock=utc_now, ids=new_id)
    emit(codec.to_json(found), json, lambda: line(f"{found.case_number} is revoked"))


def list_authorities(context: typer.Context, json: AsJson = False) -> None:
    """List every permission ever entered, and whether it is in force."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from crawler.authority import is_in_force
    from store.db.authorities import Authorities
    from store.records import codec
    from store.records.ids import utc_now
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = Authorities(connection, EVERYTHING).find()
    now = utc_now()
    data = [{**codec.to_json(each), "in_force": is_in_force(each, now)} for each in found]
    heads = ("id", "case", "scope", "until (UTC)", "entered by", "approved by", "in force")
    rows = [
        (
            each.id,
            each.case_number,
            " ".join(each.scope),
            f"{each.expires_at:%Y-%m-%d %H:%M}",
            each.entered_by,
            each.second_approver or "-",
            "yes" if is_in_force(each, now) else "no",
        )
        for each in found
    ]
    emit(data, json, lambda: table(heads, rows, title=f"{len(rows)} permissions"))


def report(
    context: typer.Context,
    month: Annotated[str, typer.Argument(help="The month, as 2026-11")],
    json: AsJson = False,
) -> None:
    """Report every request of a month that went past robots.txt, with the permission it went under."""
    from console.output import emit, line, table
    from console.past_robots import past_robots
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        data = past_robots(connection, month)

    def say() -> None:
        line(f"{month}: {len(data['requests'])} requests went past robots.txt")
        rows = [(each["case_number"], each["requests"], each["hosts"]) for each in data["authorities"]]
        if rows:
            table(("case", "requests", "hosts"), rows)

    emit(data, json, say)


def opt_out(
    context: typer.Context,
    prefix: Annotated[str, typer.Argument(help="A host (with those below it), or an address with a path")],
    reason: Annotated[str, typer.Option("--reason", help="Who asked, and why")],
    by: By,
    json: AsJson = False,
) -> None:
    """Never fetch a host or what stands under an address."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.opt_outs import opt_out as enter_opt_out
    from store.records import codec
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        entry = enter_opt_out(workspace.database, prefix, reason=reason, by=by, clock=utc_now, ids=new_id)
    said = f"{entry.prefix} is never fetched; crawls under way heed it within a minute"
    emit(codec.to_json(entry), json, lambda: line(said))


def opt_in(
    context: typer.Context,
    prefix: Annotated[str, typer.Argument(help="As it was entered")],
    by: By,
    json: AsJson = False,
) -> None:
    """Take an opt-out back."""
    from console.output import emit, line
    from console.workspace import open_workspace
    from crawler.opt_outs import opt_in as take_back
    from store.records.ids import new_id, utc_now

    with open_workspace(context.obj) as workspace:
        take_back(workspace.database, prefix, by=by, clock=utc_now, ids=new_id)
    emit({"prefix": prefix}, json, lambda: line(f"{prefix} may be fetched again"))


def list_opt_outs(context: typer.Context, json: AsJson = False) -> None:
    """List what is never fetched."""
    from console.output import emit, table
    from console.workspace import open_workspace
    from store.db.opt_outs import OptOuts
    from store.records import codec
    from store.records.scope import EVERYTHING

    with open_workspace(context.obj) as workspace, workspace.database.read() as connection:
        found = OptOuts(connection, EVERYTHING).find()
    rows = [(each.prefix, each.reason, each.by, f"{each.at:%Y-%m-%d}") for each in found]
    heads = ("never fetched", "reason", "by", "since")
    emit([codec.to_json(each) for each in found], json, lambda: table(heads, rows))
