"""`marque audit`: the trail of every act, sealed, its end handed over, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.evidence import USAGE, OwnStatus
from console.commands.options import AsJson
from console.output import warn


def register(app: typer.Typer) -> None:
    """Add this group to the command line."""
    audit = typer.Typer(name="audit", help="Seal and check the trail of every act", no_args_is_help=True)
    audit.command("seal")(seal)
    audit.command("checkpoint")(checkpoint)
    audit.command("verify", cls=OwnStatus)(verify)
    app.add_typer(audit)


def seal(context: typer.Context, json: AsJson = False) -> None:
    """Number and chain every act that is not sealed yet; the worker does this by itself."""
    from console.output import emit, line, progress
    from console.workspace import open_workspace
    from store.db.audit_chain import audit_entries, seal_entries

    with open_workspace(context.obj) as workspace, progress("seal", json) as told:
        with workspace.database.read() as connection:
            total = audit_entries(connection)
        sealed = seal_entries(workspace.database, lambda done: told(done, total, "entries"))
    emit({"sealed": sealed}, json, lambda: line(f"{sealed} entries sealed"))


def checkpoint(
    context: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="A folder that another party keeps; default: out/checkpoints of the workspace"),
    ] = None,
    json: AsJson = False,
) -> None:
    """Write the signed end of the chain for another party to keep: an office, a notary, a mailbox out of reach."""
    from console.auditing import make_checkpoint
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        path = make_checkpoint(workspace, to if to is not None else workspace.settings.out / "checkpoints")

    def say() -> None:
        line(f"{path}, with its .sig and .pem: hand them to somebody who cannot change this workspace")
        line(f"check: openssl pkeyutl -verify -pubin -inkey {path}.pem -rawin -in {path} -sigfile {path}.sig")

    emit({"path": str(path)}, json, say)


def verify(
    context: typer.Context,
    against: Annotated[
        Path | None, typer.Option("--against", help="A checkpoint (its .json, the .sig beside it) that another kept")
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="The published keys it was signed with; default: the workspace's own"),
    ] = None,
    json: AsJson = False,
) -> None:
    """
    Recompute the whole chain: exit 0 whole, 1 changed, 2 inconclusive (always without a checkpoint, since a cut end
    leaves a whole chain), 3 the checkpoint is unreadable, 64 usage.
    """
    from console.auditing import check_trail, report_json, report_text
    from console.exhibits import trusted_keys
    from console.output import emit, line, progress
    from console.workspace import open_workspace
    from store.evidence.checkpoint import read_checkpoint
    from store.evidence.errors import CheckpointUnreadable
    from store.evidence.verify import Refused, Verdict, parse_keys

    try:
        kept = None if against is None else read_checkpoint(against)
        trusted = trusted_keys(context.obj) if keys is None else parse_keys(keys.read_bytes())
    except CheckpointUnreadable as error:
        warn(f"marque: {error}")
        raise typer.Exit(Verdict.UNREADABLE.value) from error
    except (OSError, Refused) as error:
        warn(f"--keys: {error}")
        raise typer.Exit(USAGE) from error
    with open_workspace(context.obj) as workspace, progress("verify", json) as told:
        report = check_trail(workspace.database, kept, trusted, told)
    emit(report_json(report), json, lambda: line(report_text(report)))
    raise typer.Exit(report.verdict.value)
