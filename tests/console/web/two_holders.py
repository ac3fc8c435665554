"""
A ledger of two holders, each in a compartment of its own, and the address of one object of either for every route.

`OBJECTS` and `FORMS` are keyed by a route's template: a new route without an entry fails the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Table

from console.web.desk import Desk
from store.db import tables
from store.db.review import ReviewItems
from store.db.rows import row_of, upsert
from store.records.cases import CaseState
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.review.stock import keep_sites, site_look, stock
from tests.console.web.worlds import instrument_values

WORDS = {1: "Solaris", 2: "Borealisone"}  # of the titles; the second stands nowhere else


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One holder's things, or, with ids that nothing bears, nobody's."""

    holder: str
    compartment: str
    right: str
    reference: str
    finding: str
    comparison: str
    listing: str
    seller: str
    seller_ref: str
    capture: str
    photo: str
    case: int
    notice: int
    batch: int
    outcome: str
    deadline: str
    objection: str
    hold: str
    tip: str
    run: str
    site: str
    marks: tuple[str, ...]  # what no page of another may show


def side(number: int) -> Side:
    """The first holder's, or the second's."""
    photo = make.sha(make.photo(number))
    word = WORDS[number]
    return Side(
        holder=make.an_id("party", number),
        compartment=("aurora", "borealis")[number - 1],
        right=make.an_id("right", number),
        reference=make.an_id("reference", number),
        finding=make.an_id("finding", number),
        comparison=make.an_id("comparison", number),
        listing=make.an_id("listing", number),
        seller=make.an_id("seller", number),
        seller_ref=f"88{number:04d}",
        capture=make.an_id("capture", number * 10),
        photo=photo,
        case=number,
        notice=number,
        batch=number,
        outcome=make.an_id("outcome", number),
        deadline=make.an_id("deadline", number),
        objection=make.an_id("counter", number),
        tip=make.an_id("tip", number),
        hold=make.an_id("hold", number),
        run=make.an_id("run"),
        site=f"shop{number}.example",
        marks=(
            make.an_id("finding", number),
            make.an_id("listing", number),
            make.an_id("seller", number),
            make.an_id("right", number),
            make.an_id("case", number),
            f"88{number:04d}",
            photo,
            word,
            f"R-AUR-{13 + number}",
            "Aurelia Horlogerie" if number == 1 else "Holder 2 AB",
        ),
    )


def nobodys() -> Side:
    """Ids of the same form that nothing bears."""
    return replace(
        side(1),
        **dict.fromkeys(
            (
                "right",
                "reference",
                "finding",
                "comparison",
                "listing",
                "seller",
                "capture",
                "outcome",
                "deadline",
                "objection",
                "tip",
                "hold",
                "run",
            ),
            "00000000-0000-7000-8000-ffff00000009",
        ),
        seller_ref="990009",
        site="nowhere.example",
        photo="9" * 64,
        case=909,
        notice=909,
        batch=909,
    )


def two_holders(desk: Desk) -> tuple[Side, Side]:
    """Fill the ledger; gives the two sides."""
    workspace = desk.workspace
    for number in (1, 2):
        scene = make.goods_scene(number, f"AURELIA {WORDS[number]} replica")
        holder, right = make.an_id("party", number), make.an_id("right", number)
        product = make.an_id("product", number)
        picture = make.photo(20 + number)
        scene = replace(
            scene,
            holder=make.party(number),
            right=make.right(number, holder=holder),
            product=make.product(
                id=product, holder=holder, rights=(right,), product_ref=f"P-{number}", name=f"Watch {number}"
            ),
            references=(make.reference(number, holder=holder, product=product, sha256=make.sha(picture)),),
            seller=make.seller(number),
            mandates=(make.mandate(id=make.an_id("mandate", number), grantor=holder),),
            listing=replace(scene.listing, seller=make.an_id("seller", number)),
            comparison=replace(
                scene.comparison, right=right, product=product, references=(make.an_id("reference", number),)
            ),
            finding=replace(scene.finding, right=right, holder=holder, product=product),
            bodies=(*scene.bodies, picture),
        )
        stock(
            workspace.database,
            workspace.vault,
            [scene],
            id=make.an_id("case", number),
            number=number,
            compartment=side(number).compartment,
            state=CaseState.READY,
        )
        _notice(desk, number)
    keep_sites(workspace.database, *(site_look(number, domain=side(number).site) for number in (1, 2)))
    with workspace.database.write() as connection:
        ReviewItems(connection, EVERYTHING).refresh([make.an_id("finding", number) for number in (1, 2)])
    return side(1), side(2)


def _notice(desk: Desk, number: int) -> None:
    """A notice of the case with its item, a sealed batch that holds it, and the platform's answer."""
    now = desk.clock()
    with desk.workspace.database.write() as connection:

        def put(table: Table, **values: Any) -> None:
            upsert(connection, table, [values], ["id"])

        put(
            tables.notice,
            id=make.an_id("notice", number),
            number=number,
            case=make.an_id("case", number),
            platform="shopnest",
            profile="eu-dsa-16",
            profile_version=1,
            regime="eu-dsa-16",
            right=make.an_id("right", number),
            holder=make.an_id("party", number),
            language="en",
            state="sent",
            statements=[],
            drafted_at=now,
            legal_basis="Article 16",
            draft_profile=True,
        )
        put(
            tables.batch,
            id=make.an_id("batch", number),
            number=number,
            platform="shopnest",
            profile="eu-dsa-16",
            notices=[make.an_id("notice", number)],
            item_count=1,
            path=f"out/{number}",
            manifest_sha256="c" * 64,
            created_at=now,
            limits_applied={},
        )
        put(
            tables.outcome,
            id=make.an_id("outcome", number),
            notice=make.an_id("notice", number),
            kind="decision",
            status_raw="Removed",
            status="actioned",
            received_at=now,
            raw_sha256="a" * 64,
        )
        put(
            tables.counter_notice,
            id=make.an_id("counter", number),
            notice=make.an_id("notice", number),
            reason="other",
            elements=[],
            received_at=now,
            raw_sha256="b" * 64,
        )
        put(
            tables.tip,
            id=make.an_id("tip", number),
            url=f"https://{side(number).site}/{WORDS[number]}",
            holder=make.an_id("party", number),
            compartment=side(number).compartment,
            by="A program",
            via="api",
            at=now,
            state="open",
        )
        put(
            tables.deadline,
            id=make.an_id("deadline", number),
            subject_kind="notice",
            subject=make.an_id("notice", number),
            notice=make.an_id("notice", number),
            kind="dsa_decision",
            regime="eu-dsa-16",
            holder="recipient",
            event="left",
            event_id=make.an_id("notice", number),
            starts_at=now,
            due_at=now + timedelta(days=3),
            calendar="calendar",
            counted="7 days",
            source="Article 16",
            basis="memory",
            state="running",
        )
        upsert(connection, tables.run, [row_of(make.run(1), tables.run)], ["id"])
        instrument = instrument_values(
            make.an_id("instrument", number),
            make.an_id("case", number),
            now,
            number=number,
            form=("preservation-us", "ncb-message")[number - 1],
            compartment=side(number).compartment,
        )
        put(tables.instrument, **instrument)
        put(
            tables.takedown_hold,
            id=make.an_id("hold", number),
            kind=("silence", "preserve_first")[number - 1],
            unit=f"Unit of {WORDS[number]}",
            because="An arrest is planned",
            placed_by="Ann",
            placed_at=now,
            right=make.an_id("right", number),
            holder=make.an_id("party", number),
            compartment=side(number).compartment,
        )


def _seen(one: Side) -> str:
    return f"{one.finding}~{one.comparison}~"


Address = Callable[[Side], str]

OBJECTS: dict[str, Address] = {
    "/static/{name}": lambda one: "/static/marque.css",
    "/tips/{tip}/accept": lambda one: f"/tips/{one.tip}/accept",
    "/tips/{tip}/dismiss": lambda one: f"/tips/{one.tip}/dismiss",
    "/crawls/schedules/{schedule}/{act}": lambda one: f"/crawls/schedules/{one.run}/pause",
    "/crawls/permissions/{permission}/{act}": lambda one: f"/crawls/permissions/{one.run}/revoke",
    "/webhooks/{message}/replay": lambda one: f"/webhooks/{one.run}/replay",
    "/webhooks/addresses/{webhook}/{act}": lambda one: f"/webhooks/addresses/{one.run}/resume",
    "/answers/{kind}/{id}/read": lambda one: f"/answers/outcome/{one.outcome}/read",
    "/live/runs/{id}": lambda one: f"/live/runs/{one.run}",
    "/sites/{domain}": lambda one: f"/sites/{one.site}",
    "/runs/{run}": lambda one: f"/runs/{one.run}",
    "/runs/{run}/replay": lambda one: f"/runs/{one.run}/replay",
    "/findings/{finding}": lambda one: f"/findings/{one.finding}",
    "/findings/{finding}/decide": lambda one: f"/findings/{one.finding}/decide",
    "/findings/{finding}/undo": lambda one: f"/findings/{one.finding}/undo",
    "/listings/{listing}": lambda one: f"/listings/{one.listing}",
    "/sellers/{seller}": lambda one: f"/sellers/{one.seller}",
    "/sellers/{seller}/reveal": lambda one: f"/sellers/{one.seller}/reveal",
    "/cases/{number}": lambda one: f"/cases/{one.case}",
    "/cases/{number}/notice": lambda one: f"/cases/{one.case}/notice",
    "/captures/{capture}": lambda one: f"/captures/{one.capture}",
    "/captures/{capture}/body": lambda one: f"/captures/{one.capture}/body",
    "/captures/{capture}/reveal": lambda one: f"/captures/{one.capture}/reveal",
    "/picture/{sha256}": lambda one: f"/picture/{one.photo}",
    "/pictures/{sha256}": lambda one: f"/pictures/{one.photo}",
    "/rights/{right}": lambda one: f"/rights/{one.right}",
    "/references/{reference}": lambda one: f"/references/{one.reference}",
    "/determinations/{finding}": lambda one: f"/determinations/{one.finding}",
    "/notices/{number}": lambda one: f"/notices/{one.notice}",
    "/notices/{number}/approve": lambda one: f"/notices/{one.notice}/approve",
    "/notices/{number}/sign": lambda one: f"/notices/{one.notice}/sign",
    "/notices/{number}/send-back": lambda one: f"/notices/{one.notice}/send-back",
    "/notices/{number}/recall": lambda one: f"/notices/{one.notice}/recall",
    "/notices/{number}/export": lambda one: f"/notices/{one.notice}/export",
    "/deadlines/{deadline}/step": lambda one: f"/deadlines/{one.deadline}/step",
    "/objections/{objection}/answer": lambda one: f"/objections/{one.objection}/answer",
    "/cases/{number}/instruments": lambda one: f"/cases/{one.case}/instruments",
    "/instruments/{number}": lambda one: f"/instruments/{one.notice}",
    "/instruments/{number}/instrument.txt": lambda one: f"/instruments/{one.notice}/instrument.txt",
    "/instruments/{number}/approve": lambda one: f"/instruments/{one.notice}/approve",
    "/instruments/{number}/issue": lambda one: f"/instruments/{one.notice}/issue",
    "/instruments/{number}/renew": lambda one: f"/instruments/{one.notice}/renew",
    "/instruments/{number}/follow": lambda one: f"/instruments/{one.notice}/follow",
    "/instruments/{number}/withdraw": lambda one: f"/instruments/{one.notice}/withdraw",
    "/holds/{hold}/lift": lambda one: f"/holds/{one.hold}/lift",
    "/calendar/{token}": lambda one: f"/calendar/{one.outcome}.ics",
    "/batches/{number}": lambda one: f"/batches/{one.batch}",
    "/batches/{number}/page": lambda one: f"/batches/{one.batch}/page",
    "/batches/{number}/queue": lambda one: f"/batches/{one.batch}/queue",
    "/batches/{number}/settle": lambda one: f"/batches/{one.batch}/settle",
    "/batches/{number}/batch.zip": lambda one: f"/batches/{one.batch}/batch.zip",
}

FORMS: dict[str, Callable[[Side], dict[str, Any]]] = {
    "/answers/{kind}/{id}/read": lambda one: {},
    "/webhooks/{message}/replay": lambda one: {},
    "/webhooks": lambda one: {"name": "Desk", "url": "https://a.example/", "events": "notice.state"},
    "/webhooks/addresses/{webhook}/{act}": lambda one: {},
    "/crawls/schedules/{schedule}/{act}": lambda one: {},
    "/crawls/permissions/{permission}/{act}": lambda one: {},
    "/tips/{tip}/accept": lambda one: {},
    "/tips/{tip}/dismiss": lambda one: {"because": "a genuine shop"},
    "/batches/{number}/queue": lambda one: {},
    "/batches/{number}/settle": lambda one: {"entry": make.an_id("outbox", 1), "found": "missing"},
    "/review/together": lambda one: {"seen": [_seen(one)], "reject": "parody"},
    "/findings/{finding}/decide": lambda one: {"seen": _seen(one), "reject": "parody"},
    "/findings/{finding}/undo": lambda one: {},
    "/sellers/{seller}/reveal": lambda one: {"reason": "to serve the notice"},
    "/captures/{capture}/reveal": lambda one: {"reason": "to serve the notice"},
    "/determinations/{finding}": lambda one: {"answer": "genuine", "statement": "it is one of ours, by its number"},
    "/cases/{number}/notice": lambda one: {},
    "/notices/{number}/approve": lambda one: {"seen": "x"},
    "/notices/{number}/sign": lambda one: {"seen": "x", "name": "Ann Key"},
    "/notices/{number}/send-back": lambda one: {"seen": "x", "because": "not clear enough"},
    "/notices/{number}/recall": lambda one: {"seen": "x", "because": "an error of ours"},
    "/notices/{number}/export": lambda one: {"seen": "x"},
    "/cases/{number}/instruments": lambda one: {"form": "preservation-letter", "code": ["records"], "words": ["all"]},
    "/instruments/{number}/approve": lambda one: {"seen": "x"},
    "/instruments/{number}/issue": lambda one: {"reference": "AZ 1"},
    "/instruments/{number}/renew": lambda one: {"reference": " "},
    "/instruments/{number}/follow": lambda one: {"reference": " "},
    "/instruments/{number}/withdraw": lambda one: {},
    "/holds/{hold}/lift": lambda one: {},
    "/objections/{objection}/answer": lambda one: {"response": "reject", "because": "too short"},
    "/deadlines/{deadline}/step": lambda one: {"because": "asked by mail, number 12"},
}

SEARCHES: tuple[Address, ...] = (
    lambda one: f"?q=hash:{one.photo}",
    lambda one: f"?q=hash:{one.photo[:8]}",
    lambda one: f"?q=seller:{one.seller_ref}",
    lambda one: f"?q=seller:{one.seller}",
    lambda one: f"?q=item:{one.listing}",
    lambda one: f"?q=right:{one.right}",
    lambda one: "?q=replica",
    lambda one: "?q=bor*",
    lambda one: f"?seller={one.seller}",
    lambda one: f"?right={one.right}",
)
