"""
Every spelling of an inner address, carried by everything that can carry one: does anything ever connect?

    python -m tests.faults.egress [--every N]

A streaming site on the public internet is crawled whose pages carry the spellings; the internet is played: its
names are told by a resolver of the proof's own, its addresses lead to a server on loopback, and every other address
that the process would connect to is a hit. The crawl is run with both layers, with the address check alone, and
with the resolver and its gate alone. Names that point inside, at once or from their second look-up on, are the one
thing that the address check alone cannot know.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer  # type: ignore[import-untyped]  # zope ships no types

from config.declarations import load_declarations
from config.settings import Settings
from console.output import progress
from crawler.egress import GuardedResolver
from crawler.opening import open_run, sow
from crawler.plan import make_fetch
from crawler.urls import host_of, is_fetchable
from store.db.hosts import Hosts
from store.db.session import Database
from store.db.tables import fetch
from store.evidence.vault import Vault
from store.records.fetches import Fetch, FetchKind, Host
from store.records.ids import utc_now
from store.records.runs import RunKind
from store.records.scope import EVERYTHING
from tests.crawler.test_egress import INNER
from tests.faults.raw_site import NOT_FOUND, RawSite, page
from tests.ledgers import new_ledger

CRAWLS = (("both", True), ("resolver", True), ("address check", False), ("address check", True))
PUBLIC = "93.184.216.34"
UNASKABLE = ("http://user@shop.example/", "http://loc%61lhost/")  # no connection can be made to such a host
REBINDING = ("rebind.example", "inside.example", "six.example")  # first public, then inside; inside; inside, IPv6
PLATFORM = """
name = "shop"
kind = "streaming"
home = "http://shop.example/"
[reach]
by = "crawl"
robots_read_on = 2026-11-20
[manners]
delay_s = 1.0
timeout_s = 3.0
attempts = 1
[look]
start = ["/"]
[read.stream]
title = "h1"
images = {{ css = "img", attr = "src", as = "url", all = true }}
players = {{ css = "iframe", attr = "src", as = "url", all = true }}
manifests = {{ css = "video", attr = "src", as = "url", all = true }}
links = {{ css = "a", attr = "href", as = "url", all = true }}
"""
CARRIERS = {
    "link": "<a href='{u}'>watch</a>",
    "refresh": "<meta http-equiv='refresh' content='0;url={u}'>",
    "canonical": "<link rel='canonical' href='{u}'>",
    "form": "<form action='{u}' method='post'><button>go</button></form>",
    "image": "<img src='{u}' width='400' height='400'>",
    "srcset": "<img srcset='{u} 2x' width='400' height='400'>",
    "JSON-LD": '<script type="application/ld+json">{{"@type":"Movie","name":"x","url":"{u}","image":"{u}"}}</script>',
    "player": "<iframe src='{u}'></iframe>",
    "manifest": "<video src='{u}'></video>",
}
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What one crawl connected to."""

    layer: str
    pages: int  # fetches that carried a spelling or were one
    inside: dict[str, int]  # addresses that are not public: how often they were connected to
    public: int  # connections to the played internet, to show that the crawl did crawl
    reasons: dict[str, int]


def spellings(every: int, *, with_names: bool = True) -> list[str]:
    """Each `every`-th spelling, hosts that are none, and the names that point inside."""
    return [*dict.fromkeys([*INNER[::every], *UNASKABLE]), *(f"http://{name}/" for name in REBINDING if with_names)]


def begin(folder: Path, urls: Sequence[str]) -> tuple[Settings, str]:
    """A workspace with a run whose seeds are the spellings themselves and every page that carries one."""
    (folder / "platforms").mkdir(parents=True)
    (folder / "platforms" / "shop.toml").write_text(PLATFORM.format(), encoding="utf-8")
    settings = Settings(home=folder, database_url=f"sqlite:///{folder / 'marque.db'}", contact=None)
    declarations = load_declarations(settings)
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        new_ledger(database)
        opened = open_run(database, vault, declarations, kind=RunKind.CRAWL, platform="shop")
        run = opened.id
        seeds: dict[str, Fetch] = {}
        hosts = {}
        for number, url in enumerate(urls):
            wanted = [(f"http://shop.example/{carrier}/{number}", FetchKind.TITLE_PAGE) for carrier in CARRIERS]
            wanted += [(f"http://shop.example/{code}/{number}", FetchKind.LISTING) for code in REDIRECTS]
            wanted += [(f"http://shop.example/variant/{number}.m3u8", FetchKind.MANIFEST)]
            wanted += [(f"http://h{number}.example/x", FetchKind.LISTING)]
            if is_fetchable(url):
                wanted += [(url, FetchKind.LISTING), (url + "?p", FetchKind.PHOTO), (url + "?m", FetchKind.MANIFEST)]
                hosts[host_of(url)] = True
            for each, kind in wanted:
                made = make_fetch(run, each, kind)
                seeds[made.fingerprint] = made
        known = [
            Host(host=name, robots_status=404, robots_at=utc_now(), robots_had_at=utc_now())
            for name in ["http://shop.example", *hosts]
        ]
        with database.write() as connection:
            Hosts(connection, EVERYTHING).keep(known)
        sow(database, opened, list(seeds.values()))
    return settings, run


def site(urls: Sequence[str]) -> RawSite:
    """The played internet."""

    def say(host: str, path: str) -> Iterator[bytes | float]:
        del host
        carrier, _, rest = path.lstrip("/").partition("/")
        if carrier == "robots.txt":
            yield NOT_FOUND
            return
        digits = rest.partition(".")[0]
        url = urls[int(digits)] if digits.isdigit() and int(digits) < len(urls) else "http://127.0.0.1/"
        target = url.encode("utf-8", "replace")
        if carrier.isdigit():
            yield b"HTTP/1.1 %s X\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (
                carrier.encode(),
                target,
            )
        elif carrier == "variant":
            yield page(b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + target + b"\n#EXTINF:4,\n" + target + b"\n")
        else:
            body = f"<html><head></head><body><h1>Film</h1>{CARRIERS.get(carrier, '').format(u=url)}</body></html>"
            yield page(body.encode("utf-8", "replace"))

    return RawSite(say)


def crawl(layer: str, every: int, *, with_names: bool = True) -> Hits:
    """One crawl in a process of its own."""
    urls = spellings(every, with_names=with_names)
    with site(urls) as internet, tempfile.TemporaryDirectory() as folder:
        settings, run = begin(Path(folder) / "w", urls)
        command = [sys.executable, "-m", "tests.faults.egress", "--child", layer, str(settings.home), run]
        command.append(str(internet.port))
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        with Database(settings.database_url) as database, database.read() as connection:
            rows = connection.execute(fetch.select().where(fetch.c.run == run)).all()
    reasons = Counter(row.reason or row.state for row in rows)
    counted = dict(reasons.most_common())
    return Hits(layer=layer, pages=len(rows), inside=told["inside"], public=told["public"], reasons=counted)


# --- the child: the crawl itself, on a played network -------------------------------------------------------


class _Network:
    """What the child's network is told and tells."""

    layer = "both"
    port = 0
    inside: Counter[str] = Counter()
    public = 0
    asked: Counter[str] = Counter()


@implementer(IHostnameResolver)
class Internet:
    """Scrapy's resolver in the child: the played names, with the product's own layer over it or not."""

    def __init__(self, reactor: Any) -> None:  # Any: Twisted's reactor has no type of its own
        self._reactor = reactor

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Internet:  # Any: Scrapy passes its process here
        """Made by Scrapy."""
        del crawler
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Play the names and the wires, then put the product's layer above them."""
        connect = self._reactor.connectTCP

        def played(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
            if host == PUBLIC:
                _Network.public += 1
                return connect("127.0.0.1", _Network.port, *args, **kwargs)
            _Network.inside[f"{_told_by(host)}"] += 1
            return connect("127.0.0.1", _Network.port, *args, **kwargs)

        self._reactor.connectTCP = played
        self._reactor.installNameResolver(self)
        if _Network.layer != "address check":
            GuardedResolver.from_crawler(None, self._reactor).install_on_reactor()

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *args: Any, **kwargs: Any) -> Any:  # noqa: N802 -- Twisted's name
        """As Twisted asks for it."""
        del args, kwargs
        _Network.asked[name] += 1
        receiver.resolutionBegan(None)
        for address in _answers(name, _Network.asked[name]):
            receiver.addressResolved(IPv4Address("TCP", address, port))
        receiver.resolutionComplete()


def _answers(name: str, time: int) -> list[str]:
    if name == "rebind.example":
        return [PUBLIC] if time == 1 else ["127.0.0.1"]
    if name == "six.example":
        return ["::1", "fe80::1", "::ffff:127.0.0.1"]
    if name == "shop.example" or (name.startswith("h") and name.endswith(".example")):
        return [PUBLIC]
    return ["127.0.0.1"]  # whatever else is asked points inside


def _told_by(host: str) -> str:
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return host


def child(layer: str, home: str, run: str, port: str) -> None:
    """Crawl the run and print what was connected to."""
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings as ScrapySettings

    from crawler import egress, intake, ledger, manners
    from crawler.loader import spider_for

    _Network.layer, _Network.port = layer, int(port)
    manners.pace = lambda host, latency_s, platform_delay_s: 0.0  # nobody is disturbed: the internet is played
    if layer == "resolver":
        for module in (egress, ledger, intake):
            module.check_target = lambda url, *, loopback: None  # type: ignore[attr-defined]  # taken away
    settings = Settings(home=Path(home), database_url=f"sqlite:///{Path(home) / 'marque.db'}", contact=None)
    ours = ScrapySettings()
    ours.setmodule("crawler.settings", priority="project")
    chosen = {
        "MARQUE_HOME": home,
        "MARQUE_DATABASE_URL": settings.database_url,
        "MARQUE_RUN": run,
        "TWISTED_DNS_RESOLVER": "tests.faults.egress.Internet",
    }
    for name, value in chosen.items():
        ours.set(name, value, priority="cmdline")
    process = AsyncCrawlerProcess(ours)
    process.crawl(spider_for(load_declarations(settings).platform("shop")))
    process.start()
    sys.stdout.write(json.dumps({"inside": _Network.inside, "public": _Network.public}) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what each layer let through; 0 when that is nothing, but names to the address check alone."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.egress", description=__doc__)
    parser.add_argument("count", nargs="?", help="not used: every spelling is tried")
    parser.add_argument("--every", type=int, default=1, help="a sample: each N-th spelling")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=4, metavar=("LAYER", "HOME", "RUN", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.child:
        # Scrapy finds its resolver by name, and must find this very module's state behind it.
        from tests.faults import egress as named

        named.child(*asked.child)
        return 0
    clean = True
    carriers = len(CARRIERS) + len(REDIRECTS) + 5
    rows: list[dict[str, Any]] = []  # Any: JSON values
    with progress("egress", asked.json) as show:
        for number, (layer, with_names) in enumerate(CRAWLS):
            called = f"{layer}{'' if with_names else ', without names'}"
            show(number, len(CRAWLS), called)
            found = crawl(layer, asked.every, with_names=with_names)
            total = sum(found.inside.values())
            clean = clean and bool(found.public) and (not total or (layer == "address check" and with_names))
            clean = clean and not any(reason.startswith("error:") for reason in found.reasons)
            rows.append({"layers": called, "connections_inside": total, **asdict(found)})
    number = len(spellings(asked.every))
    if asked.json:
        told = {"name": "egress", "clean": clean, "spellings": number, "carriers": carriers, "rows": rows}
        sys.stdout.write(json.dumps(told) + "\n")
        return 0 if clean else 1
    sys.stdout.write(f"{number} spellings, {carriers} carriers\n")
    for row in rows:
        called, inside = row["layers"], row["inside"] or ""
        through = f"{row['connections_inside']} {inside}, public: {row['public']}"
        sys.stdout.write(f"{called:28} connections inside: {through}\n")
        sys.stdout.write(f"{'':28} {row['pages']} fetches: {row['reasons']}\n")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
