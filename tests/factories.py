"""
Records with sensible defaults, for any test.

Each factory gives one whole, valid record and takes what shall differ. `scene()` gives a set of records that fit
together, `store_scene()` puts it into a real database and vault, `facts_of()` gives what the blocking rules judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from config.declaration import check, read_toml
from config.declarations import Declarations
from config.law import Law
from config.platform import Platform
from config.policy import Policy
from config.profile import Profile
from config.protected import Protected, load_protected
from config.registers import Registers, load_registers
from reports.facts import CaptureCheck, ItemFacts, Material, Sender
from reports.notice import draft_item
from store.db import tables
from store.db.captures import add_captures
from store.db.listings import add_observations, put_images
from store.db.rows import row_of, upsert
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.captures import Capture, Via
from store.records.cases import Case, CaseState, Decision, Verdict
from store.records.comparisons import Comparison, Sign, SignFamily
from store.records.fetches import RobotsVerdict
from store.records.findings import Band, Finding, Ground, GroundCode, InfringementClass
from store.records.listings import (
    Listing,
    ListingFields,
    ListingImage,
    ListingState,
    Observation,
    PageKind,
    StreamLink,
)
from store.records.money import Money
from store.records.parties import Act, Mandate, Party, PartyKind
from store.records.products import Product, ProductPrice
from store.records.references import Medium, Reference
from store.records.rights import MarkFeature, Right, RightKind, RightStatus
from store.records.runs import Run, RunKind, RunState
from store.records.seen import Seen
from store.records.sellers import Seller
from store.records.works import Work, WorkKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
ANSWER_KEY = b"k" * 32
CONFIG = "c" * 64
SNAPSHOT = "5" * 64
AGENT = "Marque Rights Office"
PERSON = "Jane Roe"
PROFILES = Path(__file__).parents[1] / "config" / "profiles"


def now_and_then() -> Callable[[], datetime]:
    """A clock that moves one second each time it is read, from `NOW` on."""
    seconds = count()
    return lambda: NOW + timedelta(seconds=next(seconds))


def an_id(kind: str, number: int = 1) -> str:
    """An id in the shape of a UUIDv7, the same for the same kind and number."""
    tag = hashlib.sha256(kind.encode()).hexdigest()[:4]
    return f"00000000-0000-7000-8000-{tag}{number:08d}"


def sha(data: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


@cache
def photo(seed: int = 1, side_px: int = 320) -> bytes:
    """A JPEG that shows something: a disc and bars whose places and colours come from the seed."""
    picture = Image.new("RGB", (side_px, side_px), (236, 238 - seed % 9, 240))
    draw = ImageDraw.Draw(picture)
    for bar in range(5):
        left = (seed * 37 + bar * 61) % (side_px - 60)
        shade = ((seed * 53 + bar * 40) % 200, (seed * 29 + bar * 70) % 200, (90 + seed * 17) % 200)
        draw.rectangle((left, 30 + bar * 50, left + 55, 60 + bar * 50), fill=shade)
    draw.ellipse((side_px // 4, side_px // 4, side_px * 3 // 4, side_px * 3 // 4), outline=(30, 60, 90), width=14)
    draw.line((20, side_px - 20, side_px - 20, 20), fill=(160, 40, 30), width=6)
    out = BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def white_logo() -> bytes:
    """A PNG of white shapes and letters on nothing, as brands hand in the logo that stands on their boxes."""
    picture = Image.new("RGBA", (360, 240), (255, 255, 255, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((6, 6, 354, 234), radius=40, outline="white", width=10)
    draw.regular_polygon((90, 120, 60), 5, rotation=20, fill="white")
    draw.text((165, 60), "VEL\nMORA", fill="white", font_size=52)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def seen(value: Any, raw: str | None = None, **more: Any) -> Seen[Any]:
    """A value as read from a page."""
    return Seen(value=value, raw=str(value) if raw is None else raw, rule="test: rule[0]", **more)


def party(number: int = 1, **more: Any) -> Party:
    """A holder that can be reached."""
    values: dict[str, Any] = {
        "id": an_id("party", number),
        "kind": PartyKind.COMPANY,
        "legal_name": "Aurelia Horlogerie SA" if number == 1 else f"Holder {number} AB",
        "country": "CH",
        "address": "Rue des Cadrans 4, 2300 La Chaux-de-Fonds",
        "email": "rights@aurelia.example",
        "phone": "+41 32 555 01 10",
    }
    return Party(**{**values, **more})


def mandate(**more: Any) -> Mandate:
    """A power that covers everything the sender needs."""
    values: dict[str, Any] = {
        "id": an_id("mandate"),
        "grantor": an_id("party"),
        "agent": AGENT,
        "acts": (Act.NOTIFY, Act.RETRACT, Act.SUE),
        "valid_from": date(2025, 1, 15),
        "valid_until": date(2034, 12, 31),
        "document_sha256": sha(b"power of attorney"),
    }
    return Mandate(**{**values, **more})


def right(number: int = 1, **more: Any) -> Right:
    """A registered Union word mark, checked lately, with proof."""
    values: dict[str, Any] = {
        "id": an_id("right", number),
        "right_ref": f"R-AUR-{13 + number}",
        "holder": an_id("party"),
        "kind": RightKind.TRADEMARK,
        "office": "EUIPO" if "territories" not in more else "WO",  # what reaches beyond the Union is Madrid's
        "registration_number": "018100114",
        "mark_text": "AURELIA",
        "mark_feature": MarkFeature.WORD,
        "nice_classes": (14,),
        "goods": "watches; clocks",
        "territories": ("EU", "NO", "CH"),
        "filed_on": date(2014, 3, 3),
        "registered_on": date(2014, 9, 1),
        "expires_on": date(2035, 6, 30),
        "status": RightStatus.ACTIVE,
        "status_checked_on": TODAY - timedelta(days=10),
        "proof_sha256": sha(b"certificate"),
    }
    return Right(**{**values, **more})


def copyright_right(**more: Any) -> Right:
    """The copyright in a film catalogue."""
    values: dict[str, Any] = {
        "right_ref": "R-FILM-PL",
        "territories": ("EU", "NO", "CH", "US"),
        "kind": RightKind.COPYRIGHT,
        "office": None,
        "registration_number": None,
        "mark_text": None,
        "mark_feature": None,
        "nice_classes": (),
        "goods": None,
        "filed_on": date(2018, 1, 1),
        "registered_on": None,
        "status_checked_on": None,
    }
    return right(2, **{**values, **more})


def product(**more: Any) -> Product:
    """A watch with a price."""
    values: dict[str, Any] = {
        "id": an_id("product"),
        "product_ref": "P-SOLARIS",
        "holder": an_id("party"),
        "rights": (an_id("right"),),
        "name": "Aurelia Solaris 40",
        "colours": ("blue", "silver"),
        "prices": (ProductPrice(country="SE", price=Money(amount=Decimal("3200.00"), currency="EUR")),),
        "nice_class": 14,
        "category": "watch",
    }
    return Product(**{**values, **more})


def work(**more: Any) -> Work:
    """A film."""
    values: dict[str, Any] = {
        "id": an_id("work"),
        "work_ref": "W-NIGHT",
        "holder": an_id("party"),
        "rights": (an_id("right", 2),),
        "title": "The Long Night of the Lantern",
        "kind": WorkKind.MOVIE,
        "year": 2021,
        "identifiers": ("eidr:10.5240/7791-8534-2C23-9030-8610-5",),
        "authorised_urls": ("https://polarlantern.example/night",),
    }
    return Work(**{**values, **more})


def reference(number: int = 1, **more: Any) -> Reference:
    """An official photo of the product."""
    values: dict[str, Any] = {
        "id": an_id("reference", number),
        "reference_ref": f"F-SOLARIS-{number}",
        "holder": an_id("party"),
        "product": an_id("product"),
        "medium": Medium.PHOTO,
        "sha256": sha(photo(7)),
        "photo_owner": "Aurelia Horlogerie SA",
    }
    return Reference(**{**values, **more})


def seller(number: int = 1, **more: Any) -> Seller:
    """An account."""
    values: dict[str, Any] = {
        "id": an_id("seller", number),
        "platform": "shopnest",
        "platform_seller_id": f"88{number:04d}",
        "first_seen": NOW - timedelta(days=3),
        "last_seen": NOW - timedelta(hours=1),
    }
    return Seller(**{**values, **more})


def listing(number: int = 1, **more: Any) -> Listing:
    """A live offer."""
    values: dict[str, Any] = {
        "id": an_id("listing", number),
        "platform": "shopnest",
        "platform_item_id": str(5_100_000 + number),
        "kind": PageKind.LISTING,
        "url": f"http://127.0.0.1:8041/item/{5_100_000 + number}",
        "seller": an_id("seller"),
        "first_seen": NOW - timedelta(days=3),
        "last_seen": NOW - timedelta(minutes=30),
        "state": ListingState.LIVE,
    }
    return Listing(**{**values, **more})


def run(number: int = 1, **more: Any) -> Run:
    """A complete crawl."""
    values: dict[str, Any] = {
        "id": an_id("run", number),
        "kind": RunKind.CRAWL,
        "platform": "shopnest",
        "state": RunState.COMPLETE,
        "started_at": NOW - timedelta(hours=1),
        "ended_at": NOW - timedelta(minutes=20),
        "code_version": "0.1.0",
        "config_digest": CONFIG,
    }
    return Run(**{**values, **more})


def page(title: str) -> bytes:
    """A listing's page as fetched, the title escaped as an honest shop would."""
    shown = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<!doctype html><meta charset=utf-8><h1>{shown}</h1><p>49.00 EUR</p>".encode("utf-8", "replace")


def capture(number: int = 1, body: bytes = b"", **more: Any) -> Capture:
    """One look at one URL."""
    values: dict[str, Any] = {
        "id": an_id("capture", number),
        "run": an_id("run"),
        "url_requested": f"http://127.0.0.1:8041/item/{5_100_000 + number}",
        "url_final": f"http://127.0.0.1:8041/item/{5_100_000 + number}",
        "fetched_at": NOW - timedelta(minutes=30),
        "status": 200,
        "response_headers": (("content-type", "text/html; charset=utf-8"),),
        "body_sha256": sha(body),
        "body_bytes": len(body),
        "robots_verdict": RobotsVerdict.ALLOWED,
        "via": Via.CRAWL,
    }
    return Capture(**{**values, **more})


def observation(number: int = 1, title: str = "AURELIA Solaris replica watch 1:1", **more: Any) -> Observation:
    """What was read of the listing."""
    page_capture = an_id("capture", number * 10)
    values: dict[str, Any] = {
        "id": an_id("observation", number),
        "listing": an_id("listing", number),
        "run": an_id("run"),
        "capture": page_capture,
        "observed_at": NOW - timedelta(minutes=30),
        "state": ListingState.LIVE,
        "content_sha256": sha(title.encode("utf-8", "replace")),
        "fields": ListingFields(
            platform_item_id=seen(str(5_100_000 + number), capture=page_capture),
            title=seen(title, capture=page_capture),
            price=seen(Money(amount=Decimal("49.00"), currency="EUR"), "49.00 EUR", capture=page_capture),
            seller_id=seen("880001", capture=page_capture),
        ),
        "fields_read": 4,
    }
    return Observation(**{**values, **more})


def sign(signal: str, family: SignFamily, because: str, **more: Any) -> Sign:
    """One sign."""
    values: dict[str, Any] = {"strength": 0.9, "ours": "AURELIA", "theirs": "AURELIA Solaris", **more}
    return Sign(signal=signal, family=family, because=because, **values)


def comparison(number: int = 1, **more: Any) -> Comparison:
    """What was compared."""
    values: dict[str, Any] = {
        "id": an_id("comparison", number),
        "observation": an_id("observation", number),
        "listing": an_id("listing", number),
        "right": an_id("right"),
        "product": an_id("product"),
        "references": (an_id("reference"),),
        "run": an_id("run", 2),
        "compared_at": NOW - timedelta(minutes=10),
        "snapshot_digest": SNAPSHOT,
        "config_digest": CONFIG,
        "signs": (),
        "identity_probability": 0.98,
    }
    return Comparison(**{**values, **more})


def finding(number: int = 1, **more: Any) -> Finding:
    """A counterfeit that says itself that it is one."""
    page_capture, photo_capture = an_id("capture", number * 10), an_id("capture", number * 10 + 1)
    values: dict[str, Any] = {
        "id": an_id("finding", number),
        "listing": an_id("listing", number),
        "right": an_id("right"),
        "holder": an_id("party"),
        "product": an_id("product"),
        "comparison": an_id("comparison", number),
        "identity_probability": 0.98,
        "families": ("image", "text"),
        "signs": (
            sign("mark_in_title", SignFamily.TEXT, "The title names the mark AURELIA", capture=page_capture),
            sign(
                "same_photo",
                SignFamily.IMAGE,
                "The photo is the holder's own, cropped",
                capture=photo_capture,
                strength=0.97,
            ),
        ),
        "counter_signs": (),
        "grounds": (
            Ground(
                code=GroundCode.SELF_DECLARED_COPY,
                because="The title calls the article a replica",
                captures=(page_capture,),
            ),
            Ground(
                code=GroundCode.FAR_BELOW_PRICE,
                because="49.00 EUR is 1.5 % of the recommended 3200.00 EUR",
                captures=(page_capture,),
            ),
        ),
        "infringement_class": InfringementClass.COUNTERFEIT,
        "band": Band.NOTICE,
        "because": "identity by text and image, and the listing says that it is a copy",
        "found_at": NOW - timedelta(minutes=10),
        "updated_at": NOW - timedelta(minutes=10),
    }
    return Finding(**{**values, **more})


def case(number: int = 1, **more: Any) -> Case:
    """A case ready to be complained of."""
    values: dict[str, Any] = {
        "id": an_id("case", number),
        "number": number,
        "right": an_id("right"),
        "holder": an_id("party"),
        "platform": "shopnest",
        "seller": an_id("seller"),
        "state": CaseState.READY,
        "findings": (an_id("finding", number),),
        "opened_at": NOW - timedelta(minutes=5),
    }
    return Case(**{**values, **more})


def decision(number: int = 1, **more: Any) -> Decision:
    """A person's confirmation."""
    values: dict[str, Any] = {
        "id": an_id("decision", number),
        "finding": an_id("finding", number),
        "comparison": an_id("comparison", number),
        "verdict": Verdict.CONFIRM,
        "by": PERSON,
        "at": NOW - timedelta(minutes=4),
    }
    return Decision(**{**values, **more})


def sender(**more: Any) -> Sender:
    """An agent with a named signatory."""
    values: dict[str, Any] = {
        "agent": AGENT,
        "agent_email": "notices@rights-office.example",
        "agent_address": "Kungsgatan 1, Stockholm",
        "agent_phone": "+46 8 555 01 20",
        "signatory": PERSON,
    }
    return Sender(**{**values, **more})


def platform(name: str = "shopnest", **more: Any) -> Platform:
    """A marketplace on loopback, directed to Sweden and Norway."""
    values: dict[str, Any] = {
        "name": name,
        "kind": "marketplace",
        "home": "http://127.0.0.1:8041/",
        "countries": ["SE", "NO"],
        "manners": {"delay_s": 0.0},
        "notify": {"profile": "eu-dsa-16"},
    }
    return Platform.model_validate({**values, **more})


SHIPPED_PROFILES = tuple(sorted(path.stem for path in PROFILES.glob("*.toml")))
ENTERED: dict[str, dict[str, Any]] = {
    "ebay-vero": {"claim_codes": {"counterfeit": "MEMBERS-OWN"}},
    "xarf-host": {"holder_sites": {"Aurelia Horlogerie SA": "https://aurelia.example/"}},
}
"""What a workspace enters in its copy of a profile, because only it can know."""


@cache
def profile(name: str = "eu-dsa-16") -> Profile:
    """A shipped profile, with what a workspace enters in it."""
    path = PROFILES / f"{name}.toml"
    return check(Profile, {**read_toml(path), **ENTERED.get(name, {})}, str(path))


@cache
def law() -> Law:
    """The shipped legal table."""
    path = PROFILES.parent / "law.toml"
    return check(Law, read_toml(path), str(path))


@cache
def protected() -> Protected:
    """The shipped list of protected targets."""
    return load_protected(PROFILES / "none.toml")


@cache
def registers() -> Registers:
    """The shipped addresses of registers."""
    return load_registers(PROFILES / "none.toml")


def declarations(*, exercise: bool = True, platforms: Iterable[Platform] = (), **more: Any) -> Declarations:
    """Declarations with the shipped profiles and one platform."""
    named = {each.name: each for each in (platforms or (platform(),))}
    values: dict[str, Any] = {
        "platforms": named,
        "profiles": {name: profile(name) for name in SHIPPED_PROFILES},
        "policy": Policy(exercise=exercise),
        "law": law(),
        "protected": protected(),
        "registers": registers(),
        "broken": {},
        "archive": b"{}",
        "digest": CONFIG,
    }
    return Declarations(**{**values, **more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Records of one listing that fit together, with the bytes they name."""

    platform: Platform
    profile: Profile
    listing: Listing
    observation: Observation
    captures: tuple[Capture, ...]
    images: tuple[ListingImage, ...]
    comparison: Comparison
    finding: Finding
    case: Case
    decision: Decision
    holder: Party
    right: Right
    product: Product | None
    work: Work | None
    references: tuple[Reference, ...]
    seller: Seller | None
    mandates: tuple[Mandate, ...]
    bodies: tuple[bytes, ...]


def goods_scene(number: int = 1, title: str = "AURELIA Solaris replica watch 1:1", **more: Any) -> Scene:
    """A counterfeit watch with a photo, on a marketplace."""
    body, picture = page(title), photo(number)
    look = observation(number, title)
    offered = listing(number).url
    page_capture = capture(number * 10, body, url_requested=offered, url_final=offered)
    photo_capture = capture(
        number * 10 + 1,
        picture,
        response_headers=(("content-type", "image/jpeg"),),
        url_final=f"http://127.0.0.1:8041/photo/{number}.jpg",
    )
    image = ListingImage(
        listing=an_id("listing", number),
        position=0,
        url=f"http://127.0.0.1:8041/photo/{number}.jpg",
        capture=photo_capture.id,
        sha256=sha(picture),
    )
    values: dict[str, Any] = {
        "platform": platform(),
        "profile": profile(),
        "listing": listing(number),
        "observation": look,
        "captures": (page_capture, photo_capture),
        "images": (image,),
        "comparison": comparison(number),
        "finding": finding(number),
        "case": case(number),
        "decision": decision(number),
        "holder": party(),
        "right": right(),
        "product": product(),
        "work": None,
        "references": (reference(),),
        "seller": seller(),
        "mandates": (mandate(),),
        "bodies": (body, picture, photo(7), b"certificate", b"power of attorney"),
    }
    return Scene(**{**values, **more})


def stream_scene(
    number: int = 1, title: str = "The Long Night of the Lantern (2021) full movie", **more: Any
) -> Scene:
    """A film on a streaming site, with the way to its manifest."""
    base = goods_scene(number, title)
    page, *others = base.captures
    title_page = f"http://127.0.0.1:8042/title/{number}"
    manifest = b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nsegment0.ts\n"
    way = capture(number * 10 + 2, manifest, url_final=f"http://127.0.0.1:8042/play/{number}.m3u8")
    fields = replace(
        base.observation.fields,
        price=None,
        seller_id=None,
        streams=(StreamLink(role="manifest", url=way.url_final, capture=way.id, found_in=base.observation.capture),),
    )
    found = replace(
        base.finding,
        right=an_id("right", 2),
        product=None,
        work=an_id("work"),
        families=("stream", "text"),
        signs=(
            sign(
                "title_and_year",
                SignFamily.TEXT,
                "Title and year are those of the work",
                capture=base.observation.capture,
            ),
            sign("resolved_manifest", SignFamily.STREAM, "The page leads to a running manifest", capture=way.id),
        ),
        grounds=(
            Ground(
                code=GroundCode.NO_LICENCE, because="No licence names filmhamn", captures=(base.observation.capture,)
            ),
        ),
        infringement_class=InfringementClass.PIRATED_COPY,
    )
    values: dict[str, Any] = {
        "platform": platform(
            "filmhamn",
            kind="streaming",
            home="http://127.0.0.1:8042/",
            countries=["NL"],
            notify={"profile": "us-dmca-512"},
        ),
        "profile": profile("us-dmca-512"),
        "listing": replace(
            base.listing,
            platform="filmhamn",
            kind=PageKind.STREAM,
            url=title_page,
            seller=None,
        ),
        "observation": replace(base.observation, fields=fields),
        "captures": (replace(page, url_requested=title_page, url_final=title_page), *others, way),
        "comparison": replace(base.comparison, right=an_id("right", 2), product=None, work=an_id("work")),
        "finding": found,
        "case": replace(base.case, right=an_id("right", 2), platform="filmhamn", seller=None),
        "right": copyright_right(),
        "product": None,
        "work": work(),
        "references": (reference(product=None, work=an_id("work"), medium=Medium.STILL),),
        "seller": None,
        "bodies": (*base.bodies, manifest),
    }
    return replace(base, **{**values, **more})


def placed(scene: Scene) -> Scene:
    """The same scene where its regime applies: a profile of one country moves platform and right there."""
    regions = scene.profile.regions
    if not regions or "EU" in regions:
        return scene
    return replace(
        scene,
        platform=scene.platform.model_copy(update={"countries": regions}),
        right=replace(scene.right, office="WO" if scene.right.office else None, territories=regions),
    )


def material_of(scene: Scene, **more: Any) -> Material:
    """What the rules would be given of a scene whose every byte is in the vault."""
    values: dict[str, Any] = {
        "now": NOW,
        "platform": scene.platform,
        "profile": scene.profile,
        "policy": Policy(exercise=True),
        "law": law(),
        "protected": protected(),
        "registers": registers(),
        "config_digest": CONFIG,
        "sender": sender(),
        "case": scene.case,
        "finding": scene.finding,
        "decision": scene.decision,
        "comparison": scene.comparison,
        "listing": scene.listing,
        "observation": scene.observation,
        "captures": scene.captures,
        "checks": tuple(
            CaptureCheck(capture=each.id, shows_title=each.id == scene.observation.capture) for each in scene.captures
        ),
        "images": scene.images,
        "seller": scene.seller,
        "holder": scene.holder,
        "right": scene.right,
        "product": scene.product,
        "work": scene.work,
        "references": scene.references,
        "mandates": scene.mandates,
        "papers_kept": frozenset(each.document_sha256 for each in scene.mandates),
        "proof_kept": True,
    }
    return Material(**{**values, **more})


def facts_of(scene: Scene, **more: Any) -> ItemFacts:
    """A drafted item that every rule lets pass, unless `more` says otherwise."""
    return draft_item(material_of(scene, **more), notice=an_id("notice"), ids=lambda: an_id("item"))


def store_scene(database: Database, vault: Vault, scene: Scene, *, decided: bool = True) -> None:
    """Put a scene into the ledger and the vault; scenes of other numbers may share holder, right and seller."""
    for body in scene.bodies:
        vault.put(body)
    vault.flush()
    with database.write() as connection:

        def put(table: Any, *records: Any, keys: tuple[str, ...] = ("id",)) -> None:
            upsert(connection, table, [row_of(record, table) for record in records if record is not None], keys)

        put(tables.party, scene.holder)
        put(tables.mandate, *scene.mandates)
        put(tables.right, scene.right)
        put(tables.product, scene.product)
        put(tables.work, scene.work)
        put(tables.reference, *scene.references)
        put(tables.run, run(1, platform=scene.platform.name), run(2, kind=RunKind.MATCH, platform=None))
        put(tables.seller, scene.seller)
        put(tables.listing, scene.listing)
        add_captures(connection, scene.captures)
        add_observations(connection, [scene.observation], None)
        put_images(connection, scene.images)
        put(tables.comparison, scene.comparison)
        put(tables.finding, scene.finding)
        if decided:
            put(tables.case, scene.case)
            put(tables.decision, scene.decision)
