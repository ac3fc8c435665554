"""A listing that was looked at again: what each look saw is in the bundle, and what did not agree is said."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime

from store.db.captures import add_captures
from store.db.findings import Findings
from store.db.rechecks import Rechecks
from store.db.runs import Runs
from store.records.captures import Capture, CaptureFile, CaptureRole, Via
from store.records.listings import ListingState
from store.records.rechecks import Presence, Recheck, RecheckPurpose, Sight, SightRole
from store.records.runs import RunKind
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.reports.exhibits.conftest import Office


def page(office: Office, run: str, name: str, parent: str | None = None) -> Capture:
    """A capture of a run, in the vault and the ledger."""
    body = f"<html>{name}</html>".encode()
    capture = replace(
        make.capture(1),
        id=office.ids(),
        run=run,
        url_requested=f"http://127.0.0.1:8041/{name}",
        url_final=f"http://127.0.0.1:8041/{name}",
        parent=parent,
        fetched_at=datetime.now(UTC),
        body_sha256=office.vault.put(body),
        body_bytes=len(body),
        via=Via.BROWSER,
    )
    picture = CaptureFile(capture=capture.id, role=CaptureRole.FULL, sha256=office.vault.put(b"png"), size_bytes=3)
    capture = replace(capture, files=(picture,))
    office.vault.flush()
    with office.database.write() as connection:
        add_captures(connection, [capture])
    return capture


def look(role: SightRole, capture: Capture, state: ListingState) -> Sight:
    return Sight(
        role=role,
        url=capture.url_final,
        way="browser",
        locale="en",
        seen_at=capture.fetched_at,
        capture=capture.id,
        state=state,
        because="its page shows the offer",
    )


def test_looks_that_do_not_agree_stand_in_the_bundle_with_the_parts_of_their_pages(office: Office) -> None:
    run = replace(make.run(77), id=office.ids(), kind=RunKind.RECHECK)
    with office.database.write() as connection:
        Runs(connection, EVERYTHING).add(run)
        (finding,) = Findings(connection, EVERYTHING).find()
    first, second, control = (page(office, run.id, name) for name in ("first", "second", "control"))
    page(office, run.id, "style.css", parent=first.id)
    record = Recheck(
        id=office.ids(),
        listing=finding.listing,
        run=run.id,
        purpose=RecheckPurpose.CASE,
        judged_at=datetime.now(UTC),
        presence=Presence.UNKNOWN,
        reasons=("one look was shown the offer and the other was not",),
        divergent=True,
        differences=("the first look saw the offer, the second did not: <b>gone</b>",),
        sights=(
            look(SightRole.FIRST, first, ListingState.LIVE),
            look(SightRole.SECOND, second, ListingState.GONE),
            look(SightRole.CONTROL, control, ListingState.LIVE),
        ),
        by="Jane Roe",
    )
    with office.database.write() as connection:
        Rechecks(connection, EVERYTHING).add(record)
    exported = office.export(office.authority)
    with zipfile.ZipFile(exported.receipt.path) as archive:
        report = archive.read("report.html").decode()
        captured = "".join(
            archive.read(name).decode() for name in archive.namelist() if name.endswith("capture.json")
        )
    assert "Looked at again" in report and "depends on who asks" in report
    assert "the second did not: &lt;b&gt;gone&lt;/b&gt;" in report
    for name in ("first", "second", "style.css"):
        assert f"http://127.0.0.1:8041/{name}" in captured
    assert "8041/control" not in captured, "a page of somebody else proves nothing here"
    assert office.judged(exported) == {}, "every check passes"
