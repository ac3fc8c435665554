"""Findings to review: scenes of one account with one case, stored as the pipeline stores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cases.relist import relist_findings
from store.db import tables
from store.db.audit import act_of
from store.db.cases import Cases
from store.db.review import ReviewItems
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.cases import Case, CaseState
from store.records.findings import Band
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.factories import Scene

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
