"""The whole way once: a site over TLS, crawled twice, sealed, stamped, bundled, and judged by the verifier."""

from __future__ import annotations

import json
import shutil
import sys
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from ssl import TLSVersion
from typing import Any

import pytest
from cryptography import x509
from warcio.archiveiterator import ArchiveIterator

from cases.run import build_cases, decide_by_exercise_policy
from config.settings import Settings
from crawler.run import crawl
from exercise.time_authority import TimeAuthority as LocalAuthority
from store.db import tables
from store.db.captures import Captures
from store.db.listings import Listings, Observations
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.seal import create_key
from store.evidence.timestamp import TimeAuthority
from store.evidence.vault import Vault
from store.evidence.verify import WEB_ARCHIVE, Verdict, parse_roots, verify
from store.records.captures import Capture
from store.records.ids import new_id
from store.records.runs import RunKind, RunState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.crawler.site import PNG, Answer, Site, declare, offer_page
from tests.crawler.tls_hosts import make_host
from tests.ledgers import new_ledger
from tests.reports.exhibits.conftest import Office

LIST = (
    b"<html><body><ul><li class='card'><a class='title' href='/item/1'>Watch 1</a>"
    b"<b class='price'>EUR 11.50</b></li></ul></body></html>"
)


class Shop(Site):
    """One offer, whose page says "not modified" when it is asked again."""

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        super().answer(path, headers)
        if path == "/robots.txt":
            return Answer(status=404)
        if path.startswith("/list"):
            return Answer(body=LIST)
        if path.startswith("/photo/") and headers.get("If-None-Match") == '"p1"':
            return Answer(status=304, kind="", headers={"ETag": '"p1"'})
        if path.startswith("/photo/"):
            return Answer(body=PNG, kind="image/png", headers={"ETag": '"p1"'})
        if headers.get("If-None-Match") == '"v1"':
            return Answer(status=304, headers={"ETag": '"v1"'})
        return Answer(body=offer_page(1, "/"), headers={"ETag": '"v1"', "Set-Cookie": "session=crown-jewels"})


def find_it_a_copy(database: Database, vault: Vault) -> Capture:
    """A finding on what the last crawl saw, as a match would write it; gives the capture of the offer's page."""
    scene = make.goods_scene()
    for body in scene.bodies:  # the holder's picture and proof
        vault.put(body)
    vault.flush()
    with database.write() as connection:
        (listing,) = Listings(connection, EVERYTHING).find()
        looks = Observations(connection, EVERYTHING).find()
        look = max(looks, key=lambda each: each.observed_at)
        page = Captures(connection, EVERYTHING).get(look.capture or "")
        assert page is not None
        signs = (replace(scene.finding.signs[0], capture=page.id),)
        grounds = tuple(replace(each, captures=(page.id,)) for each in scene.finding.grounds)
        written: dict[Any, Any] = {  # in the order in which one names another
            tables.party: scene.holder,
            tables.mandate: scene.mandates[0],
            tables.right: scene.right,
            tables.product: scene.product,
            tables.reference: scene.references[0],
            tables.run: make.run(2, kind=RunKind.MATCH, platform=None),
            tables.comparison: replace(scene.comparison, observation=look.id, listing=listing.id),
            tables.finding: replace(scene.finding, listing=listing.id, signs=signs, grounds=grounds),
        }
        for table, record in written.items():
            upsert(connection, table, [row_of(record, table)], ("id",))
    return page


@pytest.mark.slow
def test_what_was_crawled_over_tls_leaves_as_a_bundle_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl for a local time authority")
    now = datetime.now(UTC)
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'marque.db'}", contact=None)
    host = make_host(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(host.trust))
    local = LocalAuthority(tmp_path / "tsa", name="Exercise", now=now)
    took: dict[str, float] = {}
    began = time.monotonic()

    def lap(stage: str) -> None:
        nonlocal began
        took[stage], began = time.monotonic() - began, time.monotonic()

    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        new_ledger(database)
        with Shop({}, host.serving(TLSVersion.TLSv1_3)) as shop:
            declare(tmp_path, shop, "shopnest", pages=1)
            lap("preparing")
            runs = [crawl(settings, ["shopnest"])[0] for _ in range(2)]
            lap("two crawls")
        assert [run.state for run in runs] == [RunState.COMPLETE] * 2
        page = find_it_a_copy(database, vault)
        assert (page.status, page.tls is not None) == (304, True)
        office = Office(
            database=database,
            vault=vault,
            ids=new_id,
            home=tmp_path,
            key=create_key(
                tmp_path / "keys", name="Office", valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=9)
            ),
            authority=TimeAuthority(name="first", url="http://127.0.0.1/", roots=tuple(parse_roots(local.root_pem))),
            local=local,
        )
        declared = make.declarations(platforms=(make.platform(),))
        build_cases(database, declared, clock=office.clock, ids=new_id)
        decide_by_exercise_policy(database, declared, clock=office.clock, ids=new_id)
        lap("case")
        assert len(office.seal()) == 1
        lap("seal")
        exported = office.export(office.authority)
        lap("export")
    report = verify(exported.receipt.path, [office.key.published], office.authority.roots)
    lap("verify")
    assert report.verdict is Verdict.PASS, report.checks
    assert exported.lacking == ()

    with zipfile.ZipFile(exported.receipt.path) as bundle:
        content = {name: bundle.read(name) for name in bundle.namelist()}
    captures = [json.loads(body) for name, body in content.items() if name.endswith("/capture.json")]
    seen = next(each for each in captures if each["id"] == page.id)
    had = next(each for each in captures if each["id"] == page.unchanged_since)
    assert (had["status"], seen["unchanged_since"]) == (200, had["id"])
    assert {str(each["tls"]).split(" ")[0] for each in captures} == {"TLSv1.3"}
    for name in content:
        if name.endswith("/certificate.pem"):
            assert x509.load_pem_x509_certificates(content[name]) == [host.leaf, host.between]
    with zipfile.ZipFile(BytesIO(content[WEB_ARCHIVE])) as archive:
        warc = archive.read("archive/data.warc")
    records = {
        record.rec_headers.get_header("WARC-Record-ID"): (record.rec_type, record.content_stream().read())
        for record in ArchiveIterator(BytesIO(warc), check_digests="raise")
    }
    refers = next(
        record.rec_headers.get_header("WARC-Refers-To")
        for record in ArchiveIterator(BytesIO(warc))
        if record.rec_type == "revisit"
    )
    assert records[refers] == ("response", offer_page(1, "/"))
    assert not any(b"crown-jewels" in body for body in content.values())

    size = exported.receipt.path.stat().st_size
    assert size < 200_000  # three captures and their archive: about 100 kB
    laps = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in took.items())
    sys.stdout.write(f"{laps}; {exported.captures} captures, {size} bytes, web archive {len(content[WEB_ARCHIVE])}\n")
