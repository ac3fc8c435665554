"""A desk on which every page has something to draw: titles long, short, disguised and from right to left among it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from cases.decisions import decide
from config.declarations import load_declarations
from console.web.desk import Desk, Visit
from console.web.notices import acts
from matching.signals import photo as photo_signal
from reports.signing import sight_of
from store.db import tables
from store.db.captures import Captures
from store.db.listings import Observations
from store.db.notices import Notices
from store.evidence.seal import create_key
from store.records.accounts import Role
from store.records.cases import RejectReason, Verdict
from store.records.comparisons import SignFamily
from store.records.findings import Band, Suppression
from store.records.ids import new_id
from store.records.listings import ListingImage, ListingState, Observation
from store.records.money import Money
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.console.web.conftest import add_account
from tests.console.web.review.stock import MIRROR, keep_sites, site_look, stock
from tests.console.web.worlds import busy_day

TITLES = (
    "AURELIA Solaris replica watch 1:1",
    "АURЕLIА Sоlаris 40 mm – 1:1 superclone, full set, sapphire glass, Swiss movement, ships from EU, no customs",
    "אאורליה סולאריס שעון יד לגבר, איכות 1:1 AURELIA",
    "オーレリア ソラリス AURELIA 腕時計 高級レプリカ 送料無料",
    "ساعة أوريليا سولاريس الأصلية AURELIA",
    "A" * 140,
    "Aurelia",
    "Vintage AURELIA Solaris, box and papers, bought 2019 in Geneva",
)
PLATFORM = """\
name = "shopnest"
kind = "marketplace"
home = "http://127.0.0.1:8041/"
countries = ["SE", "NO"]
[reach]
by = "import"
[notify]
profile = "eu-dsa-16"
"""
POLICY = f"""\
[sender]
agent = "{make.AGENT}"
email = "notices@rights-office.example"
"""
FIRST = 2  # number 1 is the scene of the busy day


def full_desk(desk: Desk) -> None:
    """The busy day, a second case of findings in every standing, and a notice of it in a sealed batch."""
    busy_day(desk)
    digest = open_office(desk)
    scenes = [_scene(number, title) for number, title in enumerate(TITLES, FIRST)]
    scenes = [replace(scene, comparison=replace(scene.comparison, config_digest=digest)) for scene in scenes]
    workspace, clock = desk.workspace, desk.clock
    stock(workspace.database, workspace.vault, scenes, number=2, id=make.an_id("case", 2))
    keep_sites(
        workspace.database,
        site_look(1, *site_look(1).facts[1:5]),
        site_look(2),
        site_look(3, site_look(3).facts[0], domain=MIRROR, gaps=()),
    )
    looks = [_earlier(scenes[-1].observation, days) for days in (1, 4, 9, 20)]
    with workspace.database.write() as connection:
        for look in looks:
            Captures(connection, EVERYTHING).add(replace(scenes[-1].captures[0], id=look.capture))
            Observations(connection, EVERYTHING).add(look)
        connection.execute(tables.seller.update().values(last_seen=clock() - timedelta(hours=1)))
    verdicts = (
        (4, Verdict.CONFIRM, None, None),
        (5, Verdict.REJECT, RejectReason.GENUINE_RESALE, None),
        (6, Verdict.UNSURE, None, "the hands look right"),
        (7, Verdict.NEEDS_HOLDER, None, None),
    )
    for number, verdict, reason, note in verdicts:
        finding = make.an_id("finding", number)
        decide(
            workspace.database, [finding], verdict, by="Ann Key", clock=clock, ids=new_id, reason=reason, note=note
        )
    officer, approver, signatory = (
        _visit(desk, name, role)
        for name, role in (("Ann Key", Role.OFFICER), ("Bo Lund", Role.APPROVER), ("Jane Roe", Role.SIGNATORY))
    )
    number = acts.prepare(officer, 2).number
    acts.approve(approver, number, _sight(officer, number))
    acts.sign(signatory, number, _sight(officer, number), "Jane Roe")
    acts.export(officer, number, _sight(officer, number))


def open_office(desk: Desk) -> str:
    """Declare platform and sender, with a key as old as the tests' calendar; gives the declarations' digest."""
    settings = desk.workspace.settings
    (settings.platforms / "shopnest.toml").write_text(PLATFORM)
    settings.policy.write_text(POLICY)
    year = timedelta(days=365)
    create_key(settings.keys, name="Office", valid_from=desk.clock() - year, valid_to=desk.clock() + year)
    return load_declarations(settings).digest


def _earlier(look: Observation, days: int) -> Observation:
    """What the same listing showed so many days before: dearer, and once sold."""
    price = make.seen(Money(amount=Decimal(399 + 25 * days), currency="EUR"), capture=look.capture)
    return replace(
        look,
        id=make.an_id("observation", 500 + days),
        capture=make.an_id("capture", 500 + days),
        observed_at=look.observed_at - timedelta(days=days),
        fields=replace(look.fields, price=price),
        state=ListingState.SOLD if days == 4 else look.state,
        because="the page says “sold out”" if days == 4 else None,
    )


def _visit(desk: Desk, name: str, role: Role) -> Visit:
    account = add_account(desk, name, role)
    return Visit(desk=desk, request_id="", cookie="", account=account, session=None, language="en")


def _sight(here: Visit, number: int) -> str:
    with here.read() as connection:
        notice = Notices(connection, EVERYTHING).numbered(number)
    assert notice is not None
    return sight_of(notice)


def _scene(number: int, title: str) -> make.Scene:
    """A scene whose photo sign frames a region, with signs against, further photos, and a price."""
    scene = make.goods_scene(number, title)
    further = tuple(
        ListingImage(
            listing=scene.listing.id,
            position=position,
            url=f"http://127.0.0.1:8041/photo/{number}-{position}.jpg",
            sha256=make.sha(make.photo(30 + position)) if position < 3 else None,
            refused=None if position < 3 else "too_small",
        )
        for position in range(1, 4)
    )
    sign = replace(
        scene.finding.signs[1],
        signal=photo_signal.NAME,
        raw={
            "photo_sha256": scene.images[0].sha256 or "",
            "region": "0.12,0.2,0.7,0.85",
            "reference": scene.references[0].id,
        },
    )
    against = make.sign(
        "descriptive_use",
        SignFamily.TEXT,
        "The name may describe the article: “solaris” is also a word for the sun",
        against=True,
        strength=0.4,
    )
    look = replace(
        scene.observation,
        fields=replace(
            scene.observation.fields,
            description=make.seen("Brand new, boxed. " * (20 if number % 2 else 2), capture=scene.captures[0].id),
            price=make.seen(Money(amount=Decimal(39 + 40 * number), currency="EUR"), capture=scene.captures[0].id),
        ),
    )
    found = replace(
        scene.finding,
        signs=(scene.finding.signs[0], sign),
        counter_signs=(against,) if number % 3 == 0 else (),
        band=Band.REVIEW if number % 2 else Band.NOTICE,
        suppressions=(
            (Suppression(rule="authorised_seller", record=make.an_id("rule"), because="The account is an outlet"),)
            if number == FIRST + len(TITLES) - 1
            else ()
        ),
    )
    return replace(
        scene,
        finding=found,
        observation=look,
        images=(*scene.images, *further),
        bodies=(*scene.bodies, make.photo(31), make.photo(32)),
    )
