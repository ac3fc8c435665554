"""`marque init | status | doctor`: make a workspace, see how it stands, see what it can and can't do."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("init")(init)
    app.command("status")(status)
    app.command("doctor")(doctor)


def init(
    context: typer.Context,
    seal_vault: Annotated[
        bool,
        typer.Option("--seal-vault", help="Encrypt captured bytes; without keys/vault.key they are lost"),
    ] = False,
    json: AsJson = False,
) -> None:
    """Make a workspace, or bring one up to date; running it again changes nothing."""
    from console.output import emit, line
    from console.standing import standing
    from console.workspace import create_workspace, open_workspace

    settings = context.obj
    done = create_workspace(settings, seals_vault=seal_vault)
    with open_workspace(settings) as workspace:
        data = {"home": str(settings.home), "done": done, "next": standing(workspace)["next"]}

    def say() -> None:
        line(f"workspace {settings.home}: " + ("; ".join(done) if done else "nothing to do"))
        line(f"next: {data['next']}")

    emit(data, json, say)


def status(context: typer.Context, json: AsJson = False) -> None:
    """How many of everything the workspace holds, the last runs, and what to do next."""
    from console.output import emit, line, table
    from console.standing import standing
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = standing(workspace)

    def say() -> None:
        table(("what", "how many"), list(data["counts"].items()), title=f"workspace {data['home']}")
        if data["runs"]:
            heads = ("run", "platform", "state", "started", "counts")
            rows = [
                (
                    r["kind"],
                    r["platform"],
                    r["state"],
                    r["started_at"],
                    ", ".join(f"{k} {v}" for k, v in r["counts"].items()),
                )
                for r in data["runs"]
            ]
            table(heads, rows, title="latest runs")
        for alarm in data["alarms"]:
            line(f"! {alarm}")
        line(f"next: {data['next']}")

    emit(data, json, say)


def doctor(context: typer.Context, json: AsJson = False) -> None:
    """What this set-up can and can't do, and why; exit 1 when something is broken."""
    from console.doctor import examine
    from console.output import emit, table

    checks = examine(context.obj)
    data = [{"check": c.name, "state": c.state, "detail": c.detail, "fix": c.fix} for c in checks]
    emit(
        data,
        json,
        lambda: table(("check", "state", "detail", "fix"), [(c.name, c.state, c.detail, c.fix) for c in checks]),
    )
    if any(c.state == "broken" for c in checks):
        raise typer.Exit(1)
