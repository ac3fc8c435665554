"""Reads findings and cases the way a person asks for them: by number, by short id, with reasons and captures."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from console.errors import NotFound
from console.output import line, table
from console.workspace import Workspace
from store.db.cases import Cases
from store.db.decisions import Decisions
from store.db.findings import Findings
from store.db.tables import capture, finding, listing, observation, right
from store.records import codec
from store.records.findings import Band, Finding
from store.records.ids import short_id
from store.records.scope import EVERYTHING


def finding_id(connection: Connection, word: str) -> str:
    """The finding of that id or short id. Raises `NotFound`, also where a short id fits several."""
    rows = connection.execute(select(finding.c.id).where(finding.c.id.like(f"%{word}")).limit(2)).scalars().all()
    if len(rows) != 1:
        hint = "several end so; give the whole id" if rows else "`marque findings list` shows all"
        raise NotFound("finding", word, hint)
    return str(rows[0])


def _titles(connection: Connection, listings: list[str]) -> dict[str, dict[str, Any]]:
    """Platform, address and latest title by listing id."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(listings), 500):
        lot = listings[start : start + 500]
        for row in connection.execute(select(listing).where(listing.c.id.in_(lot))):
            found[row.id] = {"platform": row.platform, "url": row.url, "state": row.state, "title": ""}
        query = (
            select(observation.c.listing, observation.c.fields)
            .where(observation.c.listing.in_(lot))
            .order_by(observation.c.id)
        )
        for row in connection.execute(query):
            title = row.fields.get("title")
            found[row.listing]["title"] = title["value"] if title else ""
    return found


def _shown(connection: Connection, findings: list[Finding]) -> list[dict[str, Any]]:
    about = _titles(connection, [f.listing for f in findings])
    refs = {row.id: row.right_ref for row in connection.execute(select(right.c.id, right.c.right_ref))}
    return [
        {
            "short_id": short_id(f.id),
            **codec.to_json(f),
            "right": refs.get(f.right, f.right),
            **{k: about[f.listing][k] for k in ("platform", "url", "title")},
        }
        for f in findings
    ]


def list_findings(connection: Connection, bands: list[Band]) -> list[dict[str, Any]]:
    """Findings of these bands, in the order of the bands, the surest first."""
    data: list[dict[str, Any]] = []
    for band in bands:
        found = Findings(connection, EVERYTHING).find(finding.c.band == band.value)
        found.sort(key=lambda f: (-f.identity_probability, f.id))
        data += _shown(connection, found)
    return data


def show_finding(workspace: Workspace, id: str) -> dict[str, Any]:
    """One finding whole: signs, grounds, captures with their digests, decisions."""
    with workspace.database.read() as connection:
        found = Findings(connection, EVERYTHING).get(id)
        if found is None:
            raise NotFound("finding", id, "`marque findings list` shows all")
        data = _shown(connection, [found])[0]
        data["decisions"] = [
            codec.to_json(d) for d in Decisions(connection, EVERYTHING).of_findings([id]).get(id, ())
        ]
        named = {c for ground in found.grounds for c in ground.captures}
        named |= {sign.capture for sign in (*found.signs, *found.counter_signs) if sign.capture}
        rows = connection.execute(select(capture).where(capture.c.id.in_(named)).order_by(capture.c.id)).all()
    data["captures"] = [
        {
            "id": row.id,
            "url": row.url_final,
            "fetched_at": row.fetched_at.isoformat(timespec="seconds"),
            "body_sha256": row.body_sha256,
            "robots": row.robots_verdict,
            "via": row.via,
        }
        for row in rows
    ]
    return data


def say_finding(data: dict[str, Any]) -> None:
    """Print a finding for a person."""
    line(f"{data['short_id']}  {data['platform']}  {data['title']}")
    line(f"  {data['url']}")
    line(f"  right {data['right']}; {data['band']}: {data['because']}")
    line(f"  identity {data['identity_probability']:.3f} from {', '.join(data['families']) or 'nothing'}")
    signs = [("for", s["family"], f"{s['strength']:.2f}", s["because"]) for s in data["signs"]]
    signs += [("against", s["family"], f"{s['strength']:.2f}", s["because"]) for s in data["counter_signs"]]
    table(("", "family", "strength", "sign"), signs, title="signs")
    if data["grounds"]:
        table(("ground", "because"), [(g["code"], g["because"]) for g in data["grounds"]], title="grounds")
    if data["suppressions"]:
        table(("rule", "because"), [(s["rule"], s["because"]) for s in data["suppressions"]], title="kept silent by")
    captures = [(c["fetched_at"], c["url"], c["body_sha256"][:16], c["via"], c["robots"]) for c in data["captures"]]
    table(("fetched", "address", "SHA-256", "via", "robots"), captures, title="captures")
    if data["decisions"]:
        rows = [
            (d["at"], d["by"], d["verdict"], d["reason"], "undone" if d["undoes"] else "") for d in data["decisions"]
        ]
        table(("at", "by", "verdict", "reason", ""), rows, title="decisions")


def list_cases(connection: Connection) -> list[dict[str, Any]]:
    """Cases, the most urgent first."""
    refs = {row.id: row.right_ref for row in connection.execute(select(right.c.id, right.c.right_ref))}
    cases = sorted(Cases(connection, EVERYTHING).find(), key=lambda c: (-c.priority, c.number))
    return [
        {**codec.to_json(c), "right": refs.get(c.right, c.right), "seller": c.seller and short_id(c.seller)}
        for c in cases
    ]


def findings_of(connection: Connection, number: int, words: list[str]) -> list[str]:
    """The chosen findings of a case, or all of them. Raises `NotFound`."""
    case = Cases(connection, EVERYTHING).numbered(number)
    if case is None:
        raise NotFound("case", str(number), "`marque cases list` shows all")
    if not words:
        return list(case.findings)
    chosen = []
    for word in words:
        fits = [id for id in case.findings if id.endswith(word)]
        if len(fits) != 1:
            raise NotFound("finding", word, f"`marque cases show {number}` shows those of the case")
        chosen.append(fits[0])
    return chosen


def show_case(workspace: Workspace, number: int) -> dict[str, Any]:
    """One case with its findings whole."""
    with workspace.database.read() as connection:
        ids = findings_of(connection, number, [])
        data = next(c for c in list_cases(connection) if c["number"] == number)
    data["findings"] = [show_finding(workspace, id) for id in ids]
    return data


def say_case(data: dict[str, Any]) -> None:
    """Print a case for a person."""
    line(f"case {data['number']}: {data['state']}; {data['right']} on {data['platform']}, seller {data['seller']}")
    line(f"priority {data['priority']:.2f}: {'; '.join(data['reasons']) or 'not written yet: marque cases build'}")
    for one in data["findings"]:
        line()
        say_finding(one)
