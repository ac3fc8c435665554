"""`marque backup` and `marque restore`: a workspace copied whole while it is in use, and made anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson

Passphrase = Annotated[
    Path | None,
    typer.Option("--keys-under", help="A file whose first line is the passphrase of the private keys in the backup"),
]
_WITHOUT_KEYS = (
    "private keys are NOT in it: without keys/ nobody reads names of people or a sealed vault, or signs as before; "
    "keep keys/ apart, or use --keys-under"
)
_BRING_KEYS = (
    "private keys were not restored: put personal.key, vault.key and *.pem into keys/ before anything else, and do "
    "not run `marque init` first, which would make new ones that open nothing"
)


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A new folder, or a new file NAME.tar")],
    keys_under: Passphrase = None,
    json: AsJson = False,
) -> None:
    """Copy the whole workspace, also while crawls write; private keys only under a passphrase."""
    from console.backups import make_backup
    from console.output import emit, line, progress, warn
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, progress("backup", json) as told:
        made = make_backup(workspace, target, passphrase=_passphrase(keys_under), told=told)
    data = {
        "path": str(made.path),
        "manifest_sha256": made.manifest_sha256,
        "files": made.files,
        "bytes": made.size_bytes,
        "keys": "sealed" if made.has_keys else "left out",
        "absent": list(made.absent),
    }
    said = f"{made.path}: {made.files} files, {made.size_bytes} bytes, manifest SHA-256 {made.manifest_sha256}"
    emit(data, json, lambda: line(said))
    if not made.has_keys:
        warn(_WITHOUT_KEYS)
    if made.absent:
        warn(f"{len(made.absent)} captured files that the ledger names are lost in the vault itself")
        raise typer.Exit(1)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A backup: the folder, or the .tar file")],
    keys_under: Passphrase = None,
    manifest: Annotated[
        str | None, typer.Option("--sha256", help="SHA-256 of its manifest, as `marque backup` printed it")
    ] = None,
    json: AsJson = False,
) -> None:
    """Make the workspace anew from a backup, every byte checked; its folder must be absent or empty."""
    from dataclasses import asdict

    from console.output import emit, line, progress, warn
    from console.restoring import restore_backup

    with progress("restore", json) as told:
        done = restore_backup(
            context.obj,
            source.absolute(),
            passphrase=_passphrase(keys_under),
            told=told,
            manifest_sha256=manifest,
        )
    data = {**asdict(done), "home": str(done.home)}
    emit(data, json, lambda: line("".join(f"{name}: {value}\n" for name, value in data.items())))
    if not done.has_keys:
        warn(_BRING_KEYS)
    if not done.chain_holds:
        warn("the audit trail does not hold; it did not when the backup was made: see `marque audit verify`")
        raise typer.Exit(1)


def _passphrase(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes().split(b"\n", 1)[0].strip()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read ({error.strerror})", param_hint="--keys-under") from error
