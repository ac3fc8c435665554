"""`marque policy diff` and `marque calibrate`: what another policy would do, and what decisions teach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    group = typer.Typer(name="policy", help="How strict to be, tried before it is in force", no_args_is_help=True)
    group.command("diff")(diff)
    app.add_typer(group)
    app.command("calibrate")(calibrate)


def diff(
    context: typer.Context,
    policy: Annotated[Path | None, typer.Option("--policy", help="A policy file laid over the shipped one")] = None,
    declarations: Annotated[str | None, typer.Option("--declarations", help="Digest of earlier ones")] = None,
    snapshot: Annotated[str | None, typer.Option("--snapshot", help="Digest of an earlier registry")] = None,
    samples: Annotated[int, typer.Option("--samples", min=0, help="Listings shown of each kind of change")] = 5,
    json: AsJson = False,
) -> None:
    """What would newly be sent or withheld, on the stored looks; nothing is written."""
    from config.declarations import SHIPPED
    from console.output import emit, line, progress, table
    from console.pipeline import freeze_registry
    from console.trying import compare_policies, overlaid_policy, policy_of, snapshot_at
    from console.workspace import open_workspace
    from store.records import codec
    from store.records.ids import new_id, utc_now

    if policy is None and declarations is None and snapshot is None:
        raise typer.BadParameter("name another policy, earlier declarations or an earlier registry")
    with open_workspace(context.obj) as workspace, progress("trying", json) as show:
        now = freeze_registry(workspace), workspace.declarations.policy
        other = now[1]
        if declarations is not None:
            other = policy_of(workspace.vault, declarations)
        if policy is not None:
            other = overlaid_policy(SHIPPED / "policy.toml", policy)
        registry = snapshot_at(workspace.vault, snapshot) if snapshot else now[0]
        found = compare_policies(
            workspace,
            now,
            (registry, other),
            samples=samples,
            clock=utc_now,
            ids=new_id,
            progress=lambda done, total: show(done, total, ""),
        )

    def say() -> None:
        missing = "their photos are not hashed, or the words in them not read, yet"
        line(f"{found.looks} looks compared under both; {found.left_out} left out: {missing}")
        table(("now to then", "listings"), sorted(found.counts.items()))
        rows = [
            (m.before.value if m.before else "nothing", m.after.value if m.after else "nothing", m.title, m.because)
            for m in found.moves
        ]
        table(("now", "then", "title", "why then"), rows, title=f"{len(rows)} samples")

    emit(codec.to_json(found), json, say)


def calibrate(
    context: typer.Context,
    split: Annotated[str, typer.Option("--split", help="seller, holder, product or platform")] = "seller",
    write: Annotated[bool, typer.Option("--write", help="Lay the line into the workspace's policy.toml")] = False,
    json: AsJson = False,
) -> None:
    """Learn from the decisions how surely signs identify; shows the reliability before and after, and draws it."""
    from console.output import emit, line, table
    from console.trying import Split, learn_calibration, write_calibration
    from console.workspace import open_workspace
    from matching.calibrate import draw_curve
    from store.records import codec
    from store.records.ids import utc_now

    if split not in {each.value for each in Split}:
        raise typer.BadParameter(f"split by one of {', '.join(each.value for each in Split)}, not {split!r}")
    with open_workspace(context.obj) as workspace:
        taught = learn_calibration(workspace, Split(split), utc_now().date())
        drawn = workspace.settings.out / "calibration.svg"
        drawn.parent.mkdir(parents=True, exist_ok=True)
        drawn.write_text(draw_curve(taught.after), "utf-8")
        if write:
            write_calibration(workspace.settings.policy, taught.line)
    data = {
        "line": taught.line.model_dump(mode="json"),
        "learned_from": taught.learned_from,
        "before": codec.to_json(taught.before),
        "after": codec.to_json(taught.after),
        "curve": str(drawn),
        "written": write,
    }

    def say() -> None:
        line(
            f"probability = logistic({taught.line.slope} x bent log-odds + {taught.line.offset}), from "
            f"{taught.line.pairs} decisions; error on {taught.after.pairs} it did not learn from: "
            f"{taught.after.error:.3f}, before {taught.before.error:.3f}"
        )
        table(
            ("said", "was so", "decisions"),
            [(f"{each.said:.2f}", f"{each.was:.2f}", each.pairs) for each in taught.after.curve],
        )
        line(f"drawn in {drawn}; " + ("written to policy.toml" if write else "`--write` puts it in force"))

    emit(data, json, say)
