"""`marque blocklist | quarantine | erasures | vault`: what is never stored, what is sealed away, what was erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson, By

Second = Annotated[str, typer.Option("--second", help="Name of the second person, who decided with the first")]
Basis = Annotated[str, typer.Option("--basis", help="Legal basis in words, with its source")]
Digest = Annotated[str, typer.Argument(help="SHA-256 of the bytes")]


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    lists = typer.Typer(name="blocklist", help="Hashes of content that is never stored", no_args_is_help=True)
    lists.command("import")(import_list)
    lists.command("list")(list_lists)
    lists.command("remove")(remove_list)
    lists.command("search")(search_lists)
    quarantine = typer.Typer(name="quarantine", help="Barred content, for an authority", no_args_is_help=True)
    quarantine.command("setup")(setup)
    quarantine.command("list")(list_quarantine)
    quarantine.command("release")(release)
    erasures = typer.Typer(name="erasures", help="Lawful erasure, with a tombstone", no_args_is_help=True)
    erasures.command("add")(erase)
    erasures.command("list")(list_erasures)
    vault = typer.Typer(name="vault", help="The store of captured bytes", no_args_is_help=True)
    vault.command("sweep")(sweep)
    for group in (lists, quarantine, erasures, vault):
        app.add_typer(group)


def import_list(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: kind (sha256, md5, pdq), value (hex), radius_bits (pdq)")],
    name: Annotated[str, typer.Option("--name", help="The list's name; one of that name is replaced")],
    by: By,
    radius_bits: Annotated[int, typer.Option("--radius", help="Bits, for PDQ codes that name no radius")] = 31,
    json: AsJson = False,
) -> None:
    """Bring a list of hashes; from the next bytes on nothing it names is stored, in whatever process."""
    from console.erasing import import_blocklist
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        counts = import_blocklist(workspace, name, file, by=by, radius_bits=radius_bits)
    said = ", ".join(f"{number} by {kind}" for kind, number in counts.items())
    emit({"name": name, "entries": counts}, json, lambda: line(f"{name}: {said}; next: `marque blocklist search`"))


def list_lists(context: typer.Context, json: AsJson = False) -> None:
    """Every list and how many entries it has; the entries are never shown."""
    from console.erasing import list_blocklists
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        counts = list_blocklists(workspace)
    emit(counts, json, lambda: line("\n".join(f"{name}: {n} entries" for name, n in counts.items()) or "no list"))


def remove_list(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The list's name")],
    by: By,
    json: AsJson = False,
) -> None:
    """Let go of a list."""
    from console.erasing import drop_blocklist
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        found = drop_blocklist(workspace, name, by=by)
    emit({"name": name, "removed": found}, json, lambda: line(f"{name}: {'removed' if found else 'no such list'}"))
    raise typer.Exit(0 if found else 1)


def search_lists(context: typer.Context, json: AsJson = False) -> None:
    """Look for what was stored before its list came; exit 1 where something is found. Reads the whole vault."""
    from console.erasing import search_blocklists
    from console.output import emit, line, progress
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, progress("search", json):
        found = [{"sha256": digest, "under": under} for digest, under in search_blocklists(workspace)]
    said = "\n".join(f"{each['sha256']} {each['under']}: `marque erasures add`" for each in found)
    emit(found, json, lambda: line(said or "nothing that is kept falls under a list"))
    raise typer.Exit(1 if found else 0)


def setup(
    context: typer.Context,
    by: By,
    first: Annotated[Path | None, typer.Option("--first", help="A file whose first line is one passphrase")] = None,
    second: Annotated[Path | None, typer.Option("--second", help="The same of the second person")] = None,
    json: AsJson = False,
) -> None:
    """Make a quarantine that only two persons together open; asks for a passphrase each where no file is named."""
    from console.erasing import set_up_quarantine
    from console.output import emit, line
    from console.workspace import open_workspace

    phrases = (_phrase(first, "First person's passphrase", True), _phrase(second, "Second person's passphrase", True))
    with open_workspace(context.obj) as workspace:
        set_up_quarantine(workspace, *phrases, by=by)
    said = "barred content is sealed away from now on; a lost passphrase opens it never again"
    emit({"quarantine": "made"}, json, lambda: line(said))


def list_quarantine(context: typer.Context, json: AsJson = False) -> None:
    """What fell under a list: digest, list, how, when, and whether it was sealed away. None of it is shown."""
    from console.erasing import quarantined
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        found = quarantined(workspace)
    kept = {True: "sealed away", False: "not kept"}
    lines = [f"{e.sha256} {e.at} {e.list_name}, {e.how}, {kept[e.is_sealed_away]}" for e in found]
    emit([codec.to_json(each) for each in found], json, lambda: line("\n".join(lines) or "nothing was barred"))


def release(
    context: typer.Context,
    digest: Digest,
    to: Annotated[Path, typer.Argument(help="A new file, or a folder, outside the workspace")],
    by: By,
    second: Second,
    basis: Basis,
    first_phrase: Annotated[Path | None, typer.Option("--first-phrase", help="A file with one passphrase")] = None,
    second_phrase: Annotated[Path | None, typer.Option("--second-phrase", help="A file with the other")] = None,
    json: AsJson = False,
) -> None:
    """Write what was sealed away to a file, for an authority; two persons, and the act stands in the trail first."""
    from console.erasing import release as take
    from console.output import emit, line
    from console.workspace import open_workspace

    phrases = (_phrase(first_phrase, "First passphrase"), _phrase(second_phrase, "Second passphrase"))
    with open_workspace(context.obj) as workspace:
        path = take(workspace, digest, to, phrases, by=by, second=second, legal_basis=basis)
    emit({"path": str(path)}, json, lambda: line(f"{path}: do not open it; hand it over and destroy it"))


def erase(
    context: typer.Context,
    digest: Digest,
    reason: Annotated[
        str, typer.Option("--reason", help="unlawful_content, court_order, person_asked, taken_by_mistake")
    ],
    basis: Basis,
    by: By,
    second: Second,
    seal_away: Annotated[bool, typer.Option("--seal-away", help="Keep it in the quarantine first")] = False,
    json: AsJson = False,
) -> None:
    """
    Erase bytes from the vault and from every package kept here; a tombstone stays, and every chain holds.

    Exit 1 while a package could not be looked into. Backups made before still hold the bytes.
    """
    from console.erasing import erase_content
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records.keeping import ErasureReason

    try:
        why = ErasureReason(reason)
    except ValueError as error:
        words = ", ".join(each.value for each in ErasureReason)
        raise typer.BadParameter(f"{reason!r} is none of {words}", param_hint="--reason") from error
    with open_workspace(context.obj) as workspace:
        done = erase_content(
            workspace, digest, reason=why, legal_basis=basis, by=by, second=second, seal_away=seal_away
        )
    data = {"copies": done.copies, "packages": done.packages, "unreadable": done.unreadable}
    said = [f"{digest}: {done.copies} copies overwritten in the vault"]
    said += [f"{path}: {len(files)} files taken out" for path, files in done.packages.items()]
    said += [f"! {path} is no package that can be read; look at it by hand" for path in done.unreadable]
    said.append("backups and bundles that left this workspace before still hold it: erase or recall them too")
    emit(data, json, lambda: line("\n".join(said)))
    raise typer.Exit(1 if done.unreadable else 0)


def list_erasures(context: typer.Context, json: AsJson = False) -> None:
    """Every tombstone: what was erased, when, why, on what basis, by whom."""
    from console.erasing import tombstones
    from console.output import emit, line
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        found = tombstones(workspace)
    lines = [
        f"{each.sha256} {each.at:%Y-%m-%d %H:%M} {each.reason.value}: {each.legal_basis} ({each.by}, {each.second})"
        for each in found
    ]
    emit([codec.to_json(each) for each in found], json, lambda: line("\n".join(lines) or "nothing was erased"))


def sweep(
    context: typer.Context,
    by: By,
    yes: Annotated[bool, typer.Option("--yes", help="Let go of it; without this only told")] = False,
    json: AsJson = False,
) -> None:
    """Let go of bytes that nothing in the ledger names, in any column or note; nobody else may work meanwhile."""
    from console.output import emit, line
    from console.sweeping import sweep as let_go
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        done = let_go(workspace, by=by, really=yes)
    verb = "overwritten" if done.is_done else "would be overwritten; say --yes"
    data = {"blobs": done.blobs, "bytes": done.size_bytes, "done": done.is_done}
    emit(data, json, lambda: line(f"{done.blobs} blobs, {done.size_bytes} bytes, {verb}"))


def _phrase(file: Path | None, asked: str, is_new: bool = False) -> bytes:
    if file is None:
        return str(typer.prompt(asked, hide_input=True, confirmation_prompt=is_new)).encode()
    return file.read_bytes().partition(b"\n")[0].strip()
