"""A look at a domain: everything asked on loopback, every fact with its source, every answer kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import Settings, load_settings
from console.cli import app
from console.workspace import create_workspace
from crawler.asking import Asker
from crawler.errors import NoContact
from crawler.names import addresses
from crawler.opt_outs import opt_out
from crawler.registries import Directory
from crawler.site_look import Inquiry, look, looks_at
from store.db.captures import Captures
from store.db.runs import Runs
from store.db.session import Database
from store.evidence.vault import Vault
from store.records.captures import CaptureFile, CaptureRole
from store.records.ids import new_id, utc_now
from store.records.runs import Run, RunKind, RunState
from store.records.scope import EVERYTHING
from store.records.sites import Basis, FactKind, Site, Strength
from tests import factories
from tests.crawler.lookups import Server, certificate, http_server, name_server, registry_pages

NETWORKS = (
    "127.0.0.0\t127.255.255.255\t64500\tSE\tExample Hosting AB\n198.51.100.0\t198.51.100.255\t0\tNone\tNot routed\n"
)
SECURITY = b"Contact: mailto:security@shop.test\r\nExpires: 2027-01-01T00:00:00Z\r\n"
PAGE = """<html><head><script>gtag('config', "G-ABCDEF1234");</script></head><body><h1>Valdori {name}</h1></body>"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `marque init` makes it, to be copied: making one takes a second."""
    home = tmp_path_factory.mktemp("workspace")
    create_workspace(load_settings(home, {}))
    return home


@pytest.fixture
def settings(tmp_path: Path, workspace: Path) -> Settings:
    """A workspace with a table of networks."""
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)
    settings = load_settings(tmp_path, {"MARQUE_CONTACT": "mailto:a@b.example"})
    (tmp_path / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    return settings


@pytest.fixture
def asked(settings: Settings) -> Iterator[tuple[Inquiry, Server, Server]]:
    """Whom to ask, and the registry and the host that answer."""
    serving, trusting, _ = certificate(settings.home, "shop.test", "*.shop.test", "other.test")
    host_pages = {
        "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /private\n"),
        "/.well-known/security.txt": (200, {"Content-Type": "text/plain"}, SECURITY),
    }
    with (
        name_server() as resolver,
        http_server(registry_pages()) as registry,
        http_server(host_pages, serving) as host,
    ):
        services = [[["test"], [f"http://127.0.0.1:{registry.port}/old/"]]]
        ip_services = [[["127.0.0.0/8"], [f"http://127.0.0.1:{registry.port}/"]]]
        directory = Directory([("dns.json of today", {"services": services}), ("ipv4", {"services": ip_services})])
        asker = Asker(
            resolve=lambda name: addresses(resolver, name),
            user_agent=settings.user_agent,
            loopback=True,
            tls_port=host.port,
            trust=trusting,
        )
        yield Inquiry(resolver=resolver, asker=asker, directory=directory), registry, host


def captured(settings: Settings, url: str, body: str, *, pem: bytes | None = None) -> None:
    """A page that a crawl took earlier."""
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        crawled = Run(
            id=new_id(),
            kind=RunKind.CRAWL,
            state=RunState.COMPLETE,
            started_at=utc_now(),
            code_version="0",
            config_digest=factories.sha(b"config"),
        )
        id = new_id()
        files: tuple[CaptureFile, ...] = ()
        if pem is not None:
            role = CaptureRole.CERTIFICATE
            files = (CaptureFile(capture=id, role=role, sha256=vault.put(pem), size_bytes=len(pem)),)
        kept = replace(
            factories.capture(),
            id=id,
            run=crawled.id,
            url_requested=url,
            url_final=url,
            status=200,
            response_headers=(("Content-Type", "text/html"),),
            body_sha256=vault.put(body.encode()),
            body_bytes=len(body),
            files=files,
        )
        vault.flush()
        with database.write() as connection:
            Runs(connection, EVERYTHING).add(crawled)
            Captures(connection, EVERYTHING).add(kept)


def values(site: Site, kind: FactKind) -> set[str]:
    """What a look says of one kind."""
    return {fact.value for fact in site.facts if fact.kind is kind}


def test_a_look_tells_who_runs_a_domain(settings: Settings, asked: tuple[Inquiry, Server, Server]) -> None:
    site = look(settings, "https://www.shop.test/offer/1", inquiry=asked[0])
    assert site.domain == "shop.test"
    assert values(site, FactKind.ADDRESS) == {"127.0.0.1"}
    assert values(site, FactKind.NAME_SERVER) == {"ns1.dns.test", "ns2.dns.test"}
    assert values(site, FactKind.MAIL_SERVER) == {"10 mail.shop.test"}
    assert values(site, FactKind.ZONE) == {"ns1.dns.test host.master@dns.test"}
    assert values(site, FactKind.TEXT) == {"v=spf1 -all"}
    assert values(site, FactKind.REGISTRAR) == {"Example Registrar AB"}
    assert values(site, FactKind.REGISTERED) == {"2024-01-02T03:04:05Z"}
    assert values(site, FactKind.CHANGED) == set()  # a date nobody can read
    assert values(site, FactKind.NETWORK) == {"AS64500 Example Hosting AB (SE)", "EXAMPLE-NET"}
    assert values(site, FactKind.CERTIFICATE_NAME) == {"shop.test", "*.shop.test", "other.test"}
    assert values(site, FactKind.ABUSE) == {
        "abuse@registrar.test",
        "+46.8123456",
        "abuse@host.test",
        "mailto:security@shop.test",
        "abuse@shop.test",
    }
    assert not any("Andersson" in fact.value for fact in site.facts)
    (guess,) = [fact for fact in site.facts if fact.basis is Basis.CONVENTION]
    assert guess.value == "abuse@shop.test" and guess.note is not None
    assert all(agent.startswith("Marque/") for server in asked[1:] for _, agent in server.asked)


def test_every_answer_is_a_capture_and_every_fact_names_its_source(
    settings: Settings, asked: tuple[Inquiry, Server, Server]
) -> None:
    site = look(settings, "shop.test", inquiry=asked[0])
    with Database(settings.database_url) as database, Vault(settings.vault) as vault:
        with database.read() as connection:
            kept = {each.id: each for each in Captures(connection, EVERYTHING).of_run(site.run)}
            ended = Runs(connection, EVERYTHING).get(site.run)
        for fact in site.facts:
            assert fact.source and fact.at
            if fact.capture is not None:
                assert vault.get(kept[fact.capture].body_sha256)
    assert ended is not None and (ended.kind, ended.state) == (RunKind.SITE, RunState.COMPLETE)
    moved = [each for each in kept.values() if each.status == 301]
    assert [
        each.parent for each in kept.values() if each.url_final.endswith("/domain/shop.test") and each.parent
    ] == [moved[0].id]
    assert any(each.url_final == "dns:shop.test?type=A" for each in kept.values())


def test_a_second_look_keeps_the_first_and_tells_what_changed(
    settings: Settings, asked: tuple[Inquiry, Server, Server]
) -> None:
    first = look(settings, "shop.test", inquiry=asked[0])
    asked[1].pages["/domain/shop.test"] = (404, {}, b"")
    second = look(settings, "shop.test", inquiry=asked[0])
    assert [each.id for each in looks_at(settings, "shop.test")] == [first.id, second.id]
    assert values(second, FactKind.REGISTRAR) == set()
    assert [gap.why for gap in second.gaps if gap.what == "RDAP of shop.test"] == ["the registry does not know it"]
    done = CliRunner().invoke(app, ["--home", str(settings.home), "site", "show", "www.shop.test", "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert len(data["looks"]) == 2 and data["changed"] == []  # not asked is not gone
    assert {fact["known_since"] for fact in data["facts"] if fact["kind"] == "address"} == {
        first.looked_at.isoformat()
    }


def test_sites_with_one_account_and_one_certificate_are_mirrors(
    settings: Settings, asked: tuple[Inquiry, Server, Server], tmp_path: Path
) -> None:
    captured(settings, "https://www.shop.test/1", PAGE.format(name="Tide"))
    captured(settings, "https://other.test/1", PAGE.format(name="Tide"))
    captured(settings, "https://stranger.test/1", "<html><h1>Valdori Tide</h1></html>")
    site = look(settings, "shop.test", inquiry=asked[0])
    assert values(site, FactKind.ACCOUNT) == {"google-analytics:G-ABCDEF1234"}
    mirrors = [fact for fact in site.facts if fact.kind is FactKind.MIRROR]
    assert {fact.value for fact in mirrors} == {"other.test"}
    assert {fact.strength for fact in mirrors} == {Strength.STRONG}
    assert {fact.source.split(",")[0] for fact in mirrors} >= {"account", "certificate"}
    assert all(fact.note for fact in mirrors)


def test_certificates_kept_by_crawls_are_read(settings: Settings, tmp_path: Path) -> None:
    _, _, pem = certificate(tmp_path, "127.0.0.1", "shown.test")
    captured(settings, "http://127.0.0.1:8001/1", PAGE.format(name="Tide"), pem=pem)
    site = look(settings, "http://127.0.0.1:8001/")
    assert site.domain == "127.0.0.1:8001"
    assert "shown.test" in values(site, FactKind.CERTIFICATE_NAME)
    assert values(site, FactKind.ACCOUNT) == {"google-analytics:G-ABCDEF1234"}


def test_a_site_that_opted_out_is_not_asked(settings: Settings, asked: tuple[Inquiry, Server, Server]) -> None:
    with Database(settings.database_url) as database:
        opt_out(database, "shop.test", reason="asked to", by="Anna", clock=utc_now, ids=new_id)
    site = look(settings, "shop.test", inquiry=asked[0])
    assert asked[2].asked == [] and values(site, FactKind.CERTIFICATE_NAME) == set()
    assert values(site, FactKind.REGISTRAR) == {"Example Registrar AB"}


@pytest.mark.parametrize("robots", [(200, {}, b"User-agent: *\nDisallow: /\n"), (500, {}, b"")])
def test_security_txt_heeds_robots(
    settings: Settings, asked: tuple[Inquiry, Server, Server], robots: tuple[int, dict[str, str], bytes]
) -> None:
    asked[2].pages["/robots.txt"] = robots
    site = look(settings, "shop.test", inquiry=asked[0])
    assert "mailto:security@shop.test" not in values(site, FactKind.ABUSE)
    assert [path for path, _ in asked[2].asked] == ["/robots.txt"]


def test_without_a_contact_nobody_is_asked(settings: Settings) -> None:
    with pytest.raises(NoContact):
        look(replace(settings, contact=None), "shop.example")
