"""`marque evidence verify` and `marque keys list | publish`: check a package, hand out keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    evidence = typer.Typer(name="evidence", help="Check sealed batches and bundles", no_args_is_help=True)
    evidence.command("verify")(verify)
    keys = typer.Typer(name="keys", help="The keys packages are signed with", no_args_is_help=True)
    keys.command("publish")(publish)
    app.add_typer(evidence)
    app.add_typer(keys)


def verify(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="A sealed folder or ZIP")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="The sender's published keys; default: this workspace's own")
    ] = None,
    json: AsJson = False,
) -> None:
    """Check a package whole: exit 0 pass, 1 fail, 2 inconclusive, 3 unreadable. Works without a workspace."""
    from console.output import emit, line
    from store.evidence import verify as verifier
    from store.evidence.seal import published_keys

    own = published_keys(context.obj.keys) or None
    trusted = own if keys is None else verifier.parse_keys(keys.read_bytes())
    report = verifier.verify(package, trusted)
    emit(verifier.report_json(report), json, lambda: line(verifier.report_text(report)))
    raise typer.Exit(report.verdict.value)


def publish(context: typer.Context, json: AsJson = False) -> None:
    """Print the key file that recipients need; hand it over in another way than the packages."""
    from console.workspace import open_workspace
    from store.evidence.seal import publish as write
    from store.evidence.seal import published_keys

    del json  # the key file is JSON either way
    with open_workspace(context.obj) as workspace:
        sys.stdout.write(write(published_keys(workspace.settings.keys)).decode())
