"""How a workspace stands: how many of everything, the latest runs, what needs attention, what to do next."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from console.workspace import Workspace
from store.db.tables import batch, capture, case, finding, listing, notice, product, reference, right, run, work
from store.records.runs import RunState

RUNS_SHOWN = 8

_COUNTED = {
    "rights": right,
    "products": product,
    "works": work,
    "references": reference,
    "captures": capture,
    "listings": listing,
    "findings": finding,
    "cases": case,
    "notices": notice,
    "batches": batch,
}


def standing(workspace: Workspace) -> dict[str, Any]:
    """Counts, latest runs, alarms and the next step, as JSON values."""
    with workspace.database.read() as connection:
        counts = {
            name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for name, table in _COUNTED.items()
        }
        bands = {
            row.band: int(row.n)
            for row in connection.execute(select(finding.c.band, func.count().label("n")).group_by(finding.c.band))
        }
        latest = connection.execute(select(run).order_by(run.c.id.desc()).limit(RUNS_SHOWN)).all()
    runs = [
        {
            "id": row.id,
            "kind": row.kind,
            "platform": row.platform,
            "state": row.state,
            "started_at": row.started_at.isoformat(timespec="seconds"),
            "counts": row.counts,
            "alarms": row.alarms,
        }
        for row in latest
    ]
    alarms = [f"{r['kind']} {r['platform'] or ''}: {alarm}" for r in runs for alarm in r["alarms"]]
    alarms += [f"declaration {file}: {error}" for file, error in workspace.declarations.broken.items()]
    return {
        "home": str(workspace.settings.home),
        "counts": counts,
        "findings_by_band": bands,
        "runs": runs,
        "alarms": alarms,
        "next": _next_step(workspace, counts, bands, runs),
    }


def _next_step(
    workspace: Workspace, counts: dict[str, int], bands: dict[str, int], runs: list[dict[str, Any]]
) -> str:
    unfinished = [r for r in runs if r["state"] in (RunState.RUNNING.value, RunState.INTERRUPTED.value)]
    if not counts["rights"]:
        template = "`marque rights template > rights.csv`, fill it in, `marque rights import rights.csv --dry-run`"
        return f"register rights: {template}"
    if not workspace.declarations.platforms:
        return "declare a platform: `marque platforms new NAME URL`"
    if unfinished and unfinished[0]["platform"]:
        return f"finish the crawl of {unfinished[0]['platform']}: `marque crawl run {unfinished[0]['platform']}`"
    if not counts["listings"]:
        return f"look: `marque crawl run {min(workspace.declarations.platforms)}`"
    if not counts["findings"]:
        return "compare: `marque match`"
    if bands.get("review") and not counts["cases"]:
        return "open cases: `marque cases build`"
    if not counts["notices"]:
        return "decide and draft: `marque findings list`, `marque cases decide`, `marque notices prepare`"
    return "review what waits: `marque findings list --band review`"
