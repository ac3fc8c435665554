"""`marque evidence` and `marque keys`: captures sealed, bundles handed over and checked, and who sealed them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from console.commands.options import AsJson
from console.output import warn

USAGE = 64  # where 2 already says something else: an inconclusive package
# What the library raises for words it does not know; it exports only this child of it.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]


class OwnStatus(TyperCommand):
    """A command whose exit status 2 is an answer: wrong usage ends with 64."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # Any: a context of the library's own making
        """Read the arguments; whatever is wrong with them ends with 64."""
        try:
            return super().parse_args(ctx, args)
        except _USAGE_ERROR as error:
            warn(f"{ctx.get_usage()}\n{error}")
            raise typer.Exit(USAGE) from error


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    evidence = typer.Typer(name="evidence", help="Seal, hand over and check evidence", no_args_is_help=True)
    evidence.command("recheck")(recheck)
    evidence.command("seal")(seal)
    evidence.command("export")(export)
    evidence.command("complete")(complete)
    evidence.command("public")(public)
    evidence.command("verify", cls=OwnStatus)(verify)
    evidence.command("verifier")(verifier)
    keys = typer.Typer(name="keys", help="The keys packages are signed with", no_args_is_help=True)
    keys.command("list")(list_keys)
    keys.command("publish")(publish)
    keys.command("trust")(trust)
    keys.command("rotate")(rotate)
    keys.command("revoke")(revoke)
    app.add_typer(evidence)
    app.add_typer(keys)


def recheck(
    context: typer.Context,
    by: Annotated[str, typer.Option("--by", help="Who asks for it: a person's name")],
    what: Annotated[
        list[str] | None, typer.Argument(help="Addresses of listings, notices (12) or items of one (12-3)")
    ] = None,
    case: Annotated[int | None, typer.Option(help="Every listing of a case, by its number")] = None,
    batch: Annotated[int | None, typer.Option(help="Every item of a sealed batch, by its number")] = None,
    purpose: Annotated[str | None, typer.Option(help="case, sending or removal; default: by what was named")] = None,
    json: AsJson = False,
) -> None:
    """Look at listings twice more, with control pages: present, changed, absent or unknown (exit 1)."""
    from console.output import emit, line
    from console.rechecking import look_again, recheck_json
    from console.workspace import open_workspace
    from store.records.rechecks import Presence, RecheckPurpose

    words = [each.value for each in RecheckPurpose]
    if purpose is not None and purpose not in words:
        raise typer.BadParameter(f"--purpose is one of {', '.join(words)}")
    if not what and case is None and batch is None:
        raise typer.BadParameter("name an address, a notice, an item, --case or --batch")
    with open_workspace(context.obj) as workspace:
        done = look_again(
            workspace,
            what or (),
            case=case,
            batch=batch,
            purpose=RecheckPurpose(purpose) if purpose else None,
            by=by,
        )

    def say() -> None:
        for record in done:
            line(f"{record.sights[0].url if record.sights else record.listing}: {record.presence.value}\n")
            for sentence in (*record.reasons, *record.differences):
                line(f"  {sentence}\n")

    emit([recheck_json(record) for record in done], json, say)
    raise typer.Exit(1 if any(record.presence is Presence.UNKNOWN for record in done) else 0)


def seal(context: typer.Context, json: AsJson = False) -> None:
    """Seal every capture that is in no seal yet, and ask for time tokens that are missing."""
    from console.output import emit, line
    from console.sealing import seal_captures
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        done = seal_captures(workspace)
    emit(done, json, lambda: line(f"{done['sealed']} seals made, {done['lacking']} lack a time token\n"))
    raise typer.Exit(1 if done["lacking"] else 0)


def export(
    context: typer.Context,
    case: Annotated[int, typer.Argument(help="The case's number")],
    by: Annotated[str, typer.Option("--by", help="Who exports it: a person's name")],
    json: AsJson = False,
) -> None:
    """Write the sealed bundle of one case; exit 1 while a time token is missing (`marque evidence complete`)."""
    from console.exhibits import export_bundle
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        done = export_bundle(workspace, case, by=by)
    emit(done, json, lambda: line("".join(f"{name}: {value}\n" for name, value in done.items())))
    raise typer.Exit(1 if done["lacking"] else 0)


def complete(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="A bundle of this workspace that lacks time tokens")],
    json: AsJson = False,
) -> None:
    """Ask the time authorities whose tokens a bundle lacks; nothing else in it changes."""
    from console.exhibits import complete_bundle
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        lacking = complete_bundle(workspace, package)
    emit({"lacking": list(lacking)}, json, lambda: line(f"still lacking: {', '.join(lacking) or 'none'}\n"))
    raise typer.Exit(1 if lacking else 0)


def public(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="An evidence bundle")],
    by: Annotated[str, typer.Option("--by", help="Who makes it: a person's name; it stands in the audit trail only")],
    to: Annotated[Path | None, typer.Option("--to", help="A folder; default: out/public of the workspace")] = None,
    json: AsJson = False,
) -> None:
    """
    Make a copy for everybody: claims, addresses, times, digests, proofs, one small picture an item.

    It names its source and holds no page, no header, no name of anybody, no score; at most 300 kB an item.
    """
    from console.exhibits import public_copy
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        done = public_copy(workspace, package, by=by, to=to)
    emit(done, json, lambda: line("".join(f"{name}: {value}\n" for name, value in done.items())))


def verify(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="A sealed folder or ZIP")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="The sender's published keys; default: this workspace's own")
    ] = None,
    trust_file: Annotated[
        Path | None,
        typer.Option("--trust", help="Root certificates (PEM) of time authorities; default: this workspace's own"),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--source", help="Of a public copy: the bundle it was made from, to compare")
    ] = None,
    json: AsJson = False,
) -> None:
    """Check a package whole: exit 0 pass, 1 fail, 2 inconclusive, 3 unreadable. Works without a workspace."""
    from console.exhibits import own_roots, trusted_keys
    from console.output import emit, line
    from store.evidence import verify as verifier

    try:
        trusted = trusted_keys(context.obj) if keys is None else verifier.parse_keys(keys.read_bytes())
        roots = own_roots(context.obj) if trust_file is None else verifier.parse_roots(trust_file.read_bytes())
    except (OSError, verifier.Refused) as error:
        warn(f"--keys or --trust: {error}")
        raise typer.Exit(USAGE) from error
    report = verifier.verify(package, trusted, roots, source)
    emit(verifier.report_json(report), json, lambda: line(verifier.report_text(report)))
    raise typer.Exit(report.verdict.value)


def verifier(
    out: Annotated[Path, typer.Argument(help="A folder; `verify.py` and its SHA-256 are written there")],
    json: AsJson = False,
) -> None:
    """Write the verifier as one file of its own; publish it apart from any bundle."""
    import hashlib

    from console.output import emit, line
    from store.evidence import verify as module

    code = Path(module.__file__).read_bytes()
    digest = hashlib.sha256(code).hexdigest()
    out.mkdir(parents=True, exist_ok=True)
    (out / "verify.py").write_bytes(code)
    (out / "verify.py.sha256").write_text(f"{digest}  verify.py\n")
    emit({"path": str(out / "verify.py"), "sha256": digest}, json, lambda: line(f"{out / 'verify.py'} {digest}\n"))


def list_keys(context: typer.Context, json: AsJson = False) -> None:
    """Every signing key of this workspace, and every key it trusts of others, with how long each counts."""
    from console.exhibits import key_list
    from console.output import emit, line

    found = key_list(context.obj)
    emit(found, json, lambda: line("".join(f"{' '.join(map(str, key.values()))}\n" for key in found)))


def publish(context: typer.Context, json: AsJson = False) -> None:
    """Print the key file that recipients need; hand it over in another way than the packages."""
    from console.workspace import open_workspace
    from store.evidence.seal import publish as write
    from store.evidence.seal import published_keys

    del json  # the key file is JSON either way
    with open_workspace(context.obj) as workspace:
        sys.stdout.write(write(published_keys(workspace.settings.keys)).decode())


def trust(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Another office's published keys, from `marque keys publish`")],
    fingerprint: Annotated[
        str, typer.Option("--sha256", help="SHA-256 of the file, as that office told you in another way")
    ],
    json: AsJson = False,
) -> None:
    """Trust another office's keys from now on; refused unless the digest is the one you were told."""
    from console.exhibits import trust_keys
    from console.output import emit, line

    names = trust_keys(context.obj, file, fingerprint)
    emit({"trusted": names}, json, lambda: line("".join(f"trusted: {name}\n" for name in names)))


def rotate(context: typer.Context, json: AsJson = False) -> None:
    """Make a new signing key and end the old one's validity; what it signed stays good. Publish again after it."""
    from console.exhibits import rotate_key
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        made = rotate_key(workspace)
    emit({"key_id": made}, json, lambda: line(f"new key {made}; hand out `marque keys publish` again\n"))


def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(help="The key that others may have")],
    json: AsJson = False,
) -> None:
    """Declare a key lost: only what a time token shows to be earlier counts. A new key is made in its place."""
    from console.exhibits import revoke_own_key
    from console.output import emit, line
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        made = revoke_own_key(workspace, key_id)
    emit({"revoked": key_id, "key_id": made}, json, lambda: line(f"{key_id} revoked; new key {made}\n"))
