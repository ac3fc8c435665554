"""`marque retention | holds`, and the personal key: what is kept how long, what must stay, who is forgotten."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from console.commands.options import AsJson, By


def register(app: typer.Typer) -> None:
    """Add these groups to the command line."""
    retention = typer.Typer(name="retention", help="What is kept, how long and why", no_args_is_help=True)
    retention.command("plan")(plan)
    retention.command("run")(run)
    retention.command("forget")(forget)
    holds = typer.Typer(name="holds", help="Legal holds: nothing of these is let go of", no_args_is_help=True)
    holds.command("add")(add)
    holds.command("list")(list_holds)
    holds.command("release")(release)
    personal = typer.Typer(name="personal-key", help="The key of people's names", no_args_is_help=True)
    personal.command("rotate")(rotate)
    personal.command("destroy")(destroy)
    for group in (retention, holds, personal):
        app.add_typer(group)


def plan(context: typer.Context, json: AsJson = False) -> None:
    """What is over today: captures, names, bytes; what is kept and why. Changes nothing."""
    from console.output import emit, line
    from console.retaining import plan_purge
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        data = _told(plan_purge(workspace), workspace.declarations.policy.retention)
    emit(data, json, lambda: line(_words(data)))


def run(context: typer.Context, by: By, json: AsJson = False) -> None:
    """Forget and overwrite what is over; killed on the way, the next run goes on. `plan` says what it will do."""
    from console.output import emit, line, progress
    from console.retaining import run_purge
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace, progress("retention", json) as told:
        data = _told(run_purge(workspace, by=by, told=told), workspace.declarations.policy.retention)
    emit(data, json, lambda: line(_words(data)))


def forget(
    context: typer.Context,
    seller: Annotated[str, typer.Argument(help="Id of the account, as on its page of the desk")],
    by: By,
    second: Annotated[str, typer.Option("--second", help="Name of the second person, who decided with the first")],
    basis: Annotated[str, typer.Option("--basis", help="Legal basis in words, with its source")],
    json: AsJson = False,
) -> None:
    """Forget who stands behind an account at their request; refused while a case, a decision or a hold needs them."""
    from console.output import emit, line
    from console.retaining import forget_seller
    from console.workspace import open_workspace

    with open_workspace(context.obj) as workspace:
        values, blobs = forget_seller(workspace, seller, by=by, second=second, legal_basis=basis)
    said = f"{seller}: {values} names and contacts deleted, {blobs} pages and photos overwritten"
    emit({"values": values, "blobs": blobs}, json, lambda: line(f"{said}; backups made before still hold them"))


def add(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="case, listing or seller")],
    subject: Annotated[str, typer.Argument(help="The case's number, or the id of listing or account")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is held")],
    by: By,
    json: AsJson = False,
) -> None:
    """Hold something: nothing of it is purged or forgotten until the hold is released."""
    from console.output import emit, line
    from console.retaining import add_hold
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.keeping import HoldKind

    try:
        what = HoldKind(kind)
    except ValueError as error:
        raise typer.BadParameter(f"{kind!r} is none of case, listing, seller", param_hint="KIND") from error
    with open_workspace(context.obj) as workspace:
        hold = add_hold(workspace, what, subject, reason=reason, by=by)
    emit(codec.to_json(hold), json, lambda: line(f"hold {hold.id} on {kind} {subject}"))


def list_holds(context: typer.Context, json: AsJson = False) -> None:
    """Every hold that stands."""
    from console.output import emit, line
    from console.retaining import standing_holds
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        found = standing_holds(workspace)
    lines = [f"{e.id} {e.kind.value} {e.subject} since {e.at:%Y-%m-%d} by {e.by}: {e.reason}" for e in found]
    emit([codec.to_json(each) for each in found], json, lambda: line("\n".join(lines) or "nothing is held"))


def release(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="The hold's id")],
    by: By,
    json: AsJson = False,
) -> None:
    """Release a hold; what it covered follows its class again."""
    from console.output import emit, line
    from console.retaining import release_hold
    from console.workspace import open_workspace
    from store.records import codec

    with open_workspace(context.obj) as workspace:
        hold = release_hold(workspace, id, by=by)
    emit(codec.to_json(hold), json, lambda: line(f"released {hold.id} on {hold.kind.value} {hold.subject}"))


def rotate(context: typer.Context, by: By, json: AsJson = False) -> None:
    """Seal the names of people under a new key; stop desk, worker and crawls first. Back up keys/ after it."""
    from console.output import emit, line
    from console.retaining import rotate_personal_key

    count = rotate_personal_key(context.obj, by=by)
    emit({"values": count}, json, lambda: line(f"{count} values under a new key; back up keys/ now"))


def destroy(
    context: typer.Context,
    by: By,
    yes: Annotated[bool, typer.Option("--yes", help="Every name and contact is gone for good")] = False,
    json: AsJson = False,
) -> None:
    """Delete every name and contact of people, and destroy their key: copies of the ledger open nothing either."""
    from console.output import emit, line
    from console.retaining import rotate_personal_key

    if not yes:
        raise typer.BadParameter("this cannot be taken back; say --yes", param_hint="--yes")
    count = rotate_personal_key(context.obj, by=by, forgets=True)
    emit(
        {"values": count},
        json,
        lambda: line(f"{count} values deleted and their key destroyed, but for copies of keys/"),
    )


def _told(purge: Any, classes: Any) -> dict[str, Any]:  # Any: the module that makes it is imported where it is used
    expired = purge.expired
    return {
        "captures": expired.captures,
        "blobs": len(purge.digests),
        "bytes": purge.size_bytes,
        "listings": len(expired.listings),
        "accounts": len(expired.sellers),
        "values": purge.values,
        "kept": expired.kept,
        "classes": {name: {"days": kept.days, "because": kept.because} for name, kept in classes},
        "done": purge.is_done,
    }


def _words(data: dict[str, Any]) -> str:
    lines = [f"{name}: {kept['days']} days, {kept['because']}" for name, kept in data["classes"].items()]
    lines += [f"kept: {number} listings, {why}" for why, number in sorted(data["kept"].items())]
    verb = "gone" if data["done"] else "would go"
    lines.append(
        f"{verb}: {data['blobs']} pages and photos of {data['captures']} captures ({data['bytes']} bytes), the names "
        f"of {data['accounts']} accounts, the words of {data['listings']} listings; fingerprints and titles stay"
    )
    if not data["done"]:
        lines.append("next: `marque retention run --by NAME`")
    return "\n".join(lines)
