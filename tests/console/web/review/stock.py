"""Findings to review: scenes of one account with one case, stored as the pipeline stores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cases.relist import relist_findings
from store.db import tables
from store.db.audit import act_of
from store.db.cases import Cases
from store.db.review import ReviewItems
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.db.sites import Sites
from store.evidence.vault import Vault
from store.records.cases import Case, CaseState
from store.records.findings import Band
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from store.records.sites import Basis, FactKind, Gap, Site, SiteFact, Strength
from tests import factories as make
from tests.factories import Scene

DOMAIN = "127.0.0.1:8041"  # where the scenes' listings stand
MIRROR = "mirror.example"
PLAIN = "AURELIA Solaris replica watch 1:1"


def stock(database: Database, vault: Vault, scenes: Sequence[Scene], **case: object) -> Case:
    """Store scenes as open findings of one case, listed for the desk."""
    for scene in scenes:
        make.store_scene(database, vault, scene, decided=False)
    values = {
        "state": CaseState.OPEN,
        "findings": tuple(scene.finding.id for scene in scenes),
        "priority": 0.6,
        "platform": scenes[0].listing.platform,
        "right": scenes[0].right.id,
        "holder": scenes[0].holder.id,
        "seller": scenes[0].listing.seller,
    }
    opened = make.case(**{**values, **case})
    act = act_of("marque", "open_case", "case", opened.id, clock=lambda: make.NOW, ids=new_id)
    relist_findings(database)
    with database.write() as connection:
        Cases(connection, EVERYTHING).write([opened], act)
    return opened


def scenes_of(count: int, *, title: str = PLAIN, same_photo: bool = False, start: int = 1) -> list[Scene]:
    """So many scenes of one account; with `same_photo` they show the bytes of the first one's photo."""
    made = [make.goods_scene(number, title) for number in range(start, start + count)]
    if same_photo:
        sha256 = made[0].images[0].sha256
        made = [replace(scene, images=(replace(scene.images[0], sha256=sha256),)) for scene in made]
    return made


def of_another_seller(scene: Scene, number: int) -> Scene:
    """The same scene under another account."""
    return replace(
        scene, listing=replace(scene.listing, seller=make.an_id("seller", number)), seller=make.seller(number)
    )


def compare_anew(database: Database, finding_number: int) -> None:
    """What a further run of matching leaves: a newer comparison, which the finding points to."""
    newer = make.comparison(1000 + finding_number, observation=make.an_id("observation", finding_number),
                            listing=make.an_id("listing", finding_number), config_digest="d" * 64)  # fmt: skip
    found = make.finding(finding_number, comparison=newer.id, band=Band.NOTICE)
    with database.write() as connection:
        upsert(connection, tables.comparison, [row_of(newer, tables.comparison)], ["id"])
        upsert(connection, tables.finding, [row_of(found, tables.finding)], ["id"])
        ReviewItems(connection, EVERYTHING).refresh([found.id])


def site_look(number: int = 1, *facts: SiteFact, domain: str = DOMAIN, **more: Any) -> Site:
    """One look at a site; without facts, one that tells something of every subject."""
    at = make.NOW + timedelta(days=number)
    said = facts or (
        _fact(at, FactKind.ADDRESS, "192.0.2.17", capture=make.an_id("capture", 10)),
        _fact(at, FactKind.NAME_SERVER, "ns1.registrar.example"),
        _fact(at, FactKind.MAIL_SERVER, "mail.shopnest.example", note="priority 10"),
        _fact(at, FactKind.REGISTRAR, "Registrar AB", source="RDAP of .example"),
        _fact(at, FactKind.REGISTERED, "2024-03-01", source="RDAP of .example"),
        _fact(at, FactKind.NETWORK, "AS64500 Hosting Ltd", of="192.0.2.17", source="table of networks"),
        _fact(at, FactKind.ISSUER, "CN=Some CA", source="certificate"),
        _fact(at, FactKind.CERTIFICATE_NAME, "*.shopnest.example", source="certificate"),
        _fact(at, FactKind.ACCOUNT, "google-analytics:UA-1234-1", source="captured pages", basis=Basis.SEEN),
        _fact(at, FactKind.MIRROR, MIRROR, source="shared account", basis=Basis.INFERRED, strength=Strength.STRONG),
        _fact(at, FactKind.ABUSE, f"abuse@{domain}", source="RFC 2142", basis=Basis.CONVENTION),
    )
    values: dict[str, Any] = {
        "id": make.an_id("site", number),
        "domain": domain,
        "looked_at": at,
        "run": make.an_id("run"),
        "facts": said,
        "gaps": (Gap(what="certificate of www", why="no answer on port 443"),),
    }
    return Site(**{**values, **more})


def keep_sites(database: Database, *sites: Site) -> None:
    """Store looks at sites."""
    with database.write() as connection:
        for site in sites:
            Sites(connection, EVERYTHING).add(site)


def _fact(
    at: datetime, kind: FactKind, value: str, *, of: str = DOMAIN, source: str = "DNS", **more: Any
) -> SiteFact:
    return SiteFact(kind=kind, value=value, of=of, source=source, at=at, **more)
