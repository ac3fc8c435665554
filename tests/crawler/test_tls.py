"""Every capture says over what it came: protocol, cipher and the whole chain, from the connection that carried it."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from sqlalchemy import select

from config.settings import Settings
from crawler import tls
from crawler.run import crawl
from crawler.sites import read_certificate
from store.db.session import Database
from store.db.tables import capture, capture_file
from store.evidence.vault import Vault
from store.records.runs import Run, RunState
from tests.crawler.site import PNG, Answer, Site, declare, offer_page
from tests.crawler.tls_hosts import Host, make_host
from tests.ledgers import new_ledger

OFFERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A shop over TLS 1.3 whose photos stand on a host of TLS 1.2 and on one without TLS, crawled once."""

    run: Run
    host: Host
    shop: Site
    photos: Site
    plain: Site
    tls: dict[str, list[str | None]]  # home of a host: what each of its captures says
    chains: dict[str, list[str]]  # home of a host: digests of the chains of its captures
    pem: bytes
    blobs: int  # in the vault, of chains


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One crawl."""
    home = tmp_path_factory.mktemp("tls")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'marque.db'}", contact=None)
    with Database(settings.database_url) as database:
        new_ledger(database)
    host = make_host(home)
    picture = Answer(body=PNG, kind="image/png")
    with (
        Site({"*": picture}, host.serving(ssl.TLSVersion.TLSv1_2)) as photos,
        Site({"*": picture}) as plain,
        Site({}, host.serving(ssl.TLSVersion.TLSv1_3)) as shop,
        pytest.MonkeyPatch.context() as patch,
    ):
        cards = "".join(
            f"<li class='card'><a class='title' href='/item/{n}'>Watch {n}</a><b class='price'>EUR 9</b></li>"
            for n in range(OFFERS)
        )
        shop.pages["/list"] = Answer(body=f"<html><body><ul>{cards}</ul></body></html>".encode())
        shop.pages["/item/0"] = Answer(status=301, headers={"Location": "/moved/0"})  # an answer without a body
        for number in range(OFFERS):
            page = Answer(body=offer_page(number, (photos if number % 2 else plain).home))
            shop.pages[f"/item/{number}" if number else "/moved/0"] = page
        declare(home, shop, pages=1)
        patch.setenv("SSL_CERT_FILE", str(host.trust))
        (run,) = crawl(settings, ["shop"])
        with Database(settings.database_url) as database, database.read() as connection:
            rows = connection.execute(select(capture)).all()
            files = connection.execute(select(capture_file).where(capture_file.c.role == "certificate")).all()
        said: dict[str, list[str | None]] = {site.home: [] for site in (shop, photos, plain)}
        chains: dict[str, list[str]] = {site.home: [] for site in (shop, photos, plain)}
        for row in rows:
            where = next(each for each in said if row.url_requested.startswith(each))
            said[where].append(row.tls)
            chains[where] += [file.sha256 for file in files if file.capture == row.id]
        with Vault(settings.vault) as vault:
            digests = {file.sha256 for file in files}
            pem = vault.get(min(digests))
        yield World(
            run=run, host=host, shop=shop, photos=photos, plain=plain, tls=said, chains=chains, pem=pem,
            blobs=len(digests),
        )  # fmt: skip


def test_every_answer_says_the_protocol_and_cipher_it_came_over(world: World) -> None:
    assert world.run.state is RunState.COMPLETE, world.run.alarms
    new, old = world.tls[world.shop.home], world.tls[world.photos.home]
    assert len(new) == OFFERS + 3  # with robots.txt, the list, and the redirect, which has no body
    assert {str(each).split(" ")[0] for each in new} == {"TLSv1.3"}
    assert {str(each).split(" ")[0] for each in old} == {"TLSv1.2"}
    assert all(str(each).partition(" ")[2].isupper() for each in [*new, *old])


def test_connections_that_are_used_again_still_tell(world: World) -> None:
    assert len(world.shop.callers) < len(world.shop.asked)
    assert all(world.tls[world.shop.home])
    assert len(world.chains[world.shop.home]) == len(world.tls[world.shop.home])


def test_plain_http_exposes_nothing(world: World) -> None:
    assert world.plain.asked
    assert set(world.tls[world.plain.home]) == {None}
    assert world.chains[world.plain.home] == []


def test_the_whole_chain_is_kept_once_with_what_it_says(world: World) -> None:
    assert world.blobs == 1  # both hosts present the same one
    chain = x509.load_pem_x509_certificates(world.pem)
    assert [each.public_bytes(Encoding.DER) for each in chain] == [
        each.public_bytes(Encoding.DER) for each in (world.host.leaf, world.host.between)
    ]
    words = world.pem.decode().splitlines()
    leaf = world.host.leaf
    assert f"sha256: {leaf.fingerprint(hashes.SHA256()).hex()}" in words
    assert f"not after: {leaf.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}" in words
    assert any(line.startswith("subject: CN=127.0.0.1,") for line in words)
    assert any(line.startswith("issuer: CN=Example Between,") for line in words)
    assert read_certificate(world.pem).until == leaf.not_valid_after_utc


def test_a_name_in_a_certificate_makes_no_certificate_of_its_own(world: World) -> None:
    assert world.pem.count(b"-----BEGIN CERTIFICATE-----") == 2
    assert world.pem.count(b"\n-----BEGIN") == 1


def test_a_connection_tells_all_of_its_own_certificate(world: World) -> None:
    left, right = SSL.Context(SSL.TLS_METHOD), SSL.Context(SSL.TLS_METHOD)
    left.use_certificate_chain_file(str(world.host.folder / "server.pem"))
    left.use_privatekey_file(str(world.host.folder / "server.pem"))
    server, client = SSL.Connection(left), SSL.Connection(right)
    server.set_accept_state()
    client.set_connect_state()
    assert tls.read_connection(client) is None  # before the handshake
    _shake(server, client)
    found = tls.read_connection(client)
    assert found is not None and found.words == f"TLSv1.3 {client.get_cipher_name()}"
    leaf = world.host.leaf
    assert found.not_after == leaf.not_valid_after_utc
    assert found.sha256 == hashlib.sha256(leaf.public_bytes(Encoding.DER)).hexdigest()
    assert found.subject is not None and found.subject.startswith("CN=127.0.0.1,")
    assert found.issuer is not None and found.issuer.startswith("CN=Example Between,")
    assert found.pem == world.pem
    assert tls.read_connection(object()) is None


def _shake(server: SSL.Connection, client: SSL.Connection) -> None:
    """A handshake in memory."""
    for one, other in [(client, server), (server, client)] * 5:
        with contextlib.suppress(SSL.WantReadError):
            one.do_handshake()
        with contextlib.suppress(SSL.WantReadError):
            other.bio_write(one.bio_read(65536))
