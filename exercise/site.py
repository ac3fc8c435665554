"""Answers requests to one platform of the world: a path in, a reply out, no network."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exercise.photos import render_photo
from exercise.records import Listing, Mirror, World
from exercise.shelf import CATEGORY_NAMES, ResultPage, Shelf, photo_key, show_posted, show_price, slug
from exercise.streams import SEGMENTS, encode_segment, master_manifest, media_manifest

_HERE = Path(__file__).parent
HTML = "text/html; charset=utf-8"
LISTING_PATH = {
    "shopnest": "/p/{slug}-{id}",
    "bazario": "/artikel/{id}/{slug}",
    "kvarter": "/annons/{slug}/{id}",
    "vitrin": "/post/{id}",
    "filmhamn": "/title/{slug}-{id}",
}
SELLER_PATH = {
    "shopnest": "/shop/{id}",
    "bazario": "/haendler/{id}",
    "kvarter": "/saljare/{id}",
    "vitrin": "/profil/{id}",
    "filmhamn": "/user/{id}",
}
GONE_ID = "0000000"
BROKEN_ID = "0000001"
ROBOTS = "User-agent: *\nDisallow: /cart\nDisallow: /login\nDisallow: /account\n"
GONE_WORDS = {
    "shopnest": "This item is no longer available",
    "bazario": "Dieses Angebot wurde beendet",
    "kvarter": "Annonsen är borttagen",
    "vitrin": "Cette publication n’est plus disponible",
    "filmhamn": "This title was removed",
}
MISSING_WORDS = {
    "shopnest": "We could not find that page",
    "bazario": "Diese Seite gibt es nicht",
    "kvarter": "Sidan finns inte",
    "vitrin": "Page introuvable",
    "filmhamn": "Nothing in this berth",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a platform answers."""

    status: int
    kind: str
    """robots, results, listing, seller, photo, player, manifest, segment, page, or missing."""
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def listing_path(listing: Listing) -> str:
    """Where a listing stands on its platform, without tracking words."""
    return LISTING_PATH[listing.platform].format(slug=slug(listing.title), id=listing.id)


def _structured_data(listing: Listing, seller_name: str, base: str) -> Markup:
    """schema.org Product as JSON-LD, safe inside a script element."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": listing.title,
        "description": listing.description,
        "sku": listing.id,
        "image": [f"{base}/img/{photo_key(photo)}.jpg" for photo in listing.photos],
    }
    for key, value in (
        ("mpn", listing.mpn),
        ("gtin13", listing.gtin),
        ("color", listing.colour),
        ("size", listing.size),
    ):
        if value:
            data[key] = value
    if listing.brand:
        data["brand"] = {"@type": "Brand", "name": listing.brand}
    if listing.price:
        condition = "NewCondition" if listing.condition == "new" else "UsedCondition"
        data["offers"] = {
            "@type": "Offer",
            "price": str(listing.price.amount),
            "priceCurrency": listing.price.currency,
            "availability": "https://schema.org/InStock",
            "itemCondition": f"https://schema.org/{condition}",
            "seller": {"@type": "Organization", "name": seller_name, "url": f"{base}/shop/{listing.seller_id}"},
        }
    return Markup(json.dumps(data, ensure_ascii=False).replace("</", "<\\/"))  # noqa: S704  # closing tags are escaped


class Site:
    """One platform of the world."""

    def __init__(self, world: World, platform: str) -> None:
        self.platform = platform
        self.shelf = Shelf(world, platform)
        self.base = ""  # its own address; `serve` fills it in once the port is known
        self._style = (_HERE / "looks" / f"{platform}.css").read_text("utf-8")
        self._photos: dict[str, bytes] = {}
        self._segments: dict[tuple[int, int], bytes] = {}
        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(
            categories=CATEGORY_NAMES[platform],
            sellers=self.shelf.sellers,
            seller_path=self._seller_path,
            path=listing_path,
            photo=lambda photo: f"/img/{photo_key(photo)}.jpg",
            price=lambda value: show_price(platform, value),
            posted=lambda days: show_posted(platform, days),
            gone_path=self._gone_path(),
            broken_path=self._fixed_path(BROKEN_ID),
            platform=platform,
        )
        self._templates = {
            name: environment.get_template(f"{platform}/{name}.html")
            for name in (
                "results",
                "listing",
                "seller",
                "plain",
                *(("play", "embed") if platform == "filmhamn" else ()),
            )
        }

    def _seller_path(self, seller_id: str) -> str:
        return SELLER_PATH[self.platform].format(id=seller_id)

    def _fixed_path(self, item_id: str) -> str:
        return LISTING_PATH[self.platform].format(slug="item", id=item_id)

    def _gone_path(self) -> str:
        return self._fixed_path(GONE_ID)

    def answer(self, target: str) -> Reply:
        """Answer one GET request target (path and query)."""
        try:
            parts = urlsplit(target)
        except ValueError:  # not an address at all, such as an open bracket where a host would stand
            return self._plain(404, "missing", "missing")
        query = parse_qs(parts.query)
        steps = [step for step in parts.path.split("/") if step]
        raw_page = query.get("page", ["1"])[0]
        page = int(raw_page) if raw_page.isdecimal() and len(raw_page) < 6 else 1
        match steps:
            case []:
                return self._home()
            case ["robots.txt"]:
                return Reply(
                    status=200, kind="robots", content_type="text/plain; charset=utf-8", body=ROBOTS.encode()
                )
            case ["style.css"]:
                return Reply(
                    status=200, kind="page", content_type="text/css; charset=utf-8", body=self._style.encode()
                )
            case ["about"]:
                return self._plain(200, "about", "page")
            case ["search"]:
                words = query.get("q", [""])[0][:200]
                return self._results(self.shelf.search(words, page), f"/search?q={quote(words)}", words)
            case ["c", name]:
                found = self.shelf.category(name, page)
                if found is None:
                    return self._plain(404, "missing", "missing")
                return self._results(found, f"/c/{name}?", CATEGORY_NAMES[self.platform][name])
            case ["img", name]:
                return self._photo(name.removesuffix(".jpg"))
            case ["hls", item_id, number, name] if self.platform == "filmhamn":
                return self._media(item_id, number, name)
            case ["play" | "embed" | "frame" as step, item_id, number] if self.platform == "filmhamn":
                return self._player(step, item_id, number)
            case ["shop" | "haendler" | "saljare" | "profil" | "user", seller_id] if seller_id in self.shelf.sellers:
                return self._page(
                    "seller",
                    "seller",
                    seller=self.shelf.sellers[seller_id],
                    found=self.shelf.seller_listings(seller_id),
                )
        return self._listing(parts.path)

    def _page(self, template: str, kind: str, status: int = 200, **values: object) -> Reply:
        text = self._templates[template].render(base=self.base, **values)
        return Reply(status=status, kind=kind, content_type=HTML, body=text.encode())

    def _plain(self, status: int, about: str, kind: str) -> Reply:
        words = {"gone": GONE_WORDS, "missing": MISSING_WORDS}.get(about, {}).get(self.platform, "")
        return self._page("plain", kind, status, about=about, words=words)

    def _home(self) -> Reply:
        found = ResultPage(
            listings=tuple(self.shelf.recommended("home", 12)),
            sponsored=(),
            page=1,
            pages=1,
            found=len(self.shelf.listings),
        )
        return self._results(found, "/", "", home=True)

    def _results(self, found: ResultPage, address: str, heading: str, home: bool = False) -> Reply:
        joint = address if address.endswith("?") else f"{address}&"
        following = f"{joint}page={found.page + 1}" if found.page < found.pages else ""
        return self._page(
            "results",
            "results",
            found=found,
            heading=heading,
            following=following,
            home=home,
            recommended=self.shelf.recommended(address),
        )

    def _listing(self, path: str) -> Reply:
        steps = path.strip("/").split("/")
        tails = [step.rsplit("-", 1)[-1] for step in steps] + steps
        if GONE_ID in tails:
            return self._plain(410, "gone", "page")
        listing = next((self.shelf.by_id[tail] for tail in tails if tail in self.shelf.by_id), None)
        broken = BROKEN_ID in tails
        if broken:
            listing = self.shelf.listings[0] if self.shelf.listings else None
        known = LISTING_PATH[self.platform].split("/")[1]
        if listing is None or steps[0] != known:
            return self._plain(404, "missing", "missing")
        seller = self.shelf.sellers[listing.seller_id]
        reply = self._page(
            "listing",
            "listing",
            listing=listing,
            seller=seller,
            recommended=self.shelf.recommended(listing.id),
            structured=_structured_data(listing, seller.name, self.base),
        )
        if broken:  # the server of a real shop died half-way through: no end, tags left open
            return Reply(status=200, kind="page", content_type=HTML, body=reply.body[: len(reply.body) // 4])
        return reply

    def _photo(self, key: str) -> Reply:
        photo = self.shelf.photos.get(key)
        if photo is None:
            return self._plain(404, "missing", "missing")
        body = self._photos.get(key)
        if body is None:
            body = self._photos[key] = render_photo(photo)
        return Reply(
            status=200,
            kind="photo",
            content_type="image/jpeg",
            body=body,
            headers={"Cache-Control": "public, max-age=86400"},
        )

    def _mirror(self, item_id: str, number: str) -> tuple[Listing, Mirror] | None:
        listing = self.shelf.by_id.get(item_id)
        if listing is None or listing.stream is None or not number.isdecimal():
            return None
        mirrors = listing.stream.mirrors
        place = int(number)
        return (listing, mirrors[place]) if place < len(mirrors) else None

    def _player(self, step: str, item_id: str, number: str) -> Reply:
        """The player page, its frame, and on some mirrors a frame in the frame."""
        hit = self._mirror(item_id, number)
        if hit is None:
            return self._plain(404, "missing", "missing")
        listing, mirror = hit
        inner = {
            "play": f"/embed/{item_id}/{number}",
            "embed": f"/frame/{item_id}/{number}" if mirror.nested else "",
        }.get(step, "")
        manifest = f"/hls/{item_id}/{number}/master.m3u8"
        template = "play" if step == "play" else "embed"
        return self._page(template, "player", listing=listing, mirror=mirror, inner=inner, manifest=manifest)

    def _media(self, item_id: str, number: str, name: str) -> Reply:
        hit = self._mirror(item_id, number)
        if hit is None or not hit[1].alive or hit[0].stream is None:
            return Reply(
                status=404, kind="missing", content_type="text/plain; charset=utf-8", body=b"File not found\n"
            )
        footage = hit[0].stream.footage
        playlist = {"master.m3u8": master_manifest, "media.m3u8": media_manifest}.get(name)
        if playlist is not None:
            return Reply(
                status=200, kind="manifest", content_type="application/vnd.apple.mpegurl", body=playlist().encode()
            )
        place = name.removeprefix("segment").removesuffix(".ts")
        if not place.isdecimal() or int(place) >= SEGMENTS:
            return Reply(
                status=404, kind="missing", content_type="text/plain; charset=utf-8", body=b"File not found\n"
            )
        key = (footage, int(place))
        if key not in self._segments:
            self._segments[key] = encode_segment(*key)
        return Reply(status=200, kind="segment", content_type="video/mp2t", body=self._segments[key])
