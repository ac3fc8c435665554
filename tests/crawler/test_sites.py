"""Domains told apart, registries' answers and tables read, guarded questions, mirrors weighed."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler import asking
from crawler.asking import Asker
from crawler.errors import BadDomain, BadTable, Refused
from crawler.kinship import Portrait, kin
from crawler.names import addresses
from crawler.networks import find_networks
from crawler.registries import Directory, links_on, read_domain, read_network
from crawler.sites import facts_of_security_txt, read_certificate, site_of
from store.records.sites import Strength
from tests.conftest import START
from tests.crawler.lookups import DOMAIN, http_server, name_server


@pytest.mark.parametrize(
    ("given_name", "domain"),
    [
        ("shop.example.co.uk", "example.co.uk"),
        ("HTTPS://WWW.Shop.Example:8443/a?b", "shop.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("198.51.100.7", "198.51.100.7"),
        ("http://[2001:db8::1]:80/x", "2001:db8::1"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
    ],
)
def test_a_site_is_its_registrable_domain(given_name: str, domain: str) -> None:
    assert site_of(given_name) == domain


@pytest.mark.parametrize("name", ["", "localhost", "co.uk", "http://[::1", "http://a:b:c/"])
def test_what_is_no_domain_is_refused(name: str) -> None:
    with pytest.raises(BadDomain):
        site_of(name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["entities", "roles", "vcardArray", "events", "status", "nameservers", "links", "name"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=50)
@given(json_values)
@example({"entities": [{"roles": 1}]})
def test_no_answer_of_a_registry_breaks_its_reader(data: object) -> None:
    for kind, read in (("domain", read_domain), ("ip network", read_network)):
        body = json.dumps({**data, "objectClassName": kind} if isinstance(data, dict) else data).encode()
        try:
            read(body)
        except ValueError:
            assert not isinstance(data, dict)


def test_a_registry_names_the_registrar_s_own_answer() -> None:
    link = {"rel": "related", "type": "application/rdap+json", "href": "https://rdap.registrar.example/domain/x"}
    assert links_on(json.dumps({**DOMAIN, "links": [link]}).encode()) == link["href"]
    assert links_on(json.dumps(DOMAIN).encode()) is None


def test_the_longest_ending_and_the_narrowest_network_answer(tmp_path: Path) -> None:
    services = [[["uk"], ["https://uk.example/"]], [["co.uk"], ["http://x.example", "https://co.example"]]]
    (tmp_path / "dns.json").write_text(json.dumps({"services": services, "publication": "2026-01-01"}))
    nets = [[["198.0.0.0/8"], ["https://wide.example/"]], [["198.51.100.0/24"], ["https://narrow.example/"]]]
    (tmp_path / "ipv4.json").write_text(json.dumps({"services": nets}))
    directory = Directory.load(tmp_path)
    found = directory.of_domain("shop.co.uk")
    assert found is not None and (found.url, found.table) == (
        "https://co.example/domain/shop.co.uk",
        "dns.json of 2026-01-01",
    )
    narrow, com = directory.of_address("198.51.100.7"), directory.of_domain("shop.com")
    assert narrow is not None and narrow.url == "https://narrow.example/ip/198.51.100.7"
    assert com is not None and com.url.startswith("https://rdap.verisign.com/")  # the shipped table
    assert directory.of_domain("shop.nowhere") is None
    (tmp_path / "dns.json").write_text("[]")
    with pytest.raises(BadTable):
        Directory.load(tmp_path)


def test_networks_are_found_in_both_families(tmp_path: Path) -> None:
    path = tmp_path / "networks.tsv.gz"
    lines = "198.51.100.0\t198.51.100.255\t64500\tSE\tHost AB\n2001:db8::\t2001:db8::ffff\t64501\tNone\tSix\n"
    path.write_bytes(gzip.compress(lines.encode()))
    found = find_networks(path, ["198.51.100.9", "2001:db8::1", "203.0.113.1"])
    assert {each: network.words for each, network in found.items()} == {
        "198.51.100.9": "AS64500 Host AB (SE)",
        "2001:db8::1": "AS64501 Six",
    }


@pytest.mark.parametrize(
    "line", ["198.51.100.0\t198.51.100.255\t64500", "a\tb\t1\tSE\tx", "1.1.1.0\t1.1.1.9\tAS1\tSE\tx"]
)
def test_a_broken_table_of_networks_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "networks.tsv"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadTable, match="line 1"):
        find_networks(path, ["198.51.100.9"])


def nowhere(host: str) -> list[str]:
    return {"inner.example": ["10.0.0.7"], "mixed.example": ["169.254.169.254", "::ffff:127.0.0.1"]}.get(host, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://10.0.0.7/",
        "https://0x7f000001/",
        "https://localhost/",
        "https://inner.example/",
        "https://mixed.example/",
        "https://anna@shop.example/",
        "file:///etc/passwd",
        "https://[::ffff:127.0.0.1]/",
    ],
)
def test_nothing_inside_is_asked(url: str) -> None:
    with pytest.raises(Refused) as refused:
        Asker(resolve=nowhere, user_agent="Marque").ask(url)
    assert refused.value.code == "egress"


def test_a_redirect_is_checked_like_the_first_address() -> None:
    pages = {"/a": (302, {"Location": "ftp://127.0.0.1/x"}, b""), "/loop": (302, {"Location": "/loop"}, b"")}
    with http_server(pages) as server:
        asker = Asker(resolve=nowhere, user_agent="Marque", loopback=True)
        for path, code in (("/a", "egress"), ("/loop", "redirects")):
            with pytest.raises(Refused) as refused:
                asker.ask(f"http://127.0.0.1:{server.port}{path}")
            assert refused.value.code == code
        with pytest.raises(Refused) as refused:
            asker.ask("http://198.51.100.7/")  # loopback reaches nothing else
        assert refused.value.code == "egress"


def test_answers_that_are_too_long_or_too_slow_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TIME_S", 0.3)
    slow = socket.create_server(("127.0.0.1", 0))

    def trickle() -> None:
        connection, _ = slow.accept()
        with connection:
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                for _ in range(100):
                    connection.sendall(b"X-A: b\r\n")
                    threading.Event().wait(0.05)
            except OSError:
                return

    threading.Thread(target=trickle, daemon=True).start()
    asker = Asker(resolve=nowhere, user_agent="Marque", loopback=True)
    with slow, pytest.raises(Refused) as refused:
        asker.ask(f"http://127.0.0.1:{slow.getsockname()[1]}/")
    assert refused.value.code == "unreachable"
    with http_server({"/": (200, {}, b"x" * (asking.BODY_BYTES + 1))}) as server, pytest.raises(Refused) as refused:
        asker.ask(f"http://127.0.0.1:{server.port}/")
    assert refused.value.code == "too_large"


def test_a_name_without_an_address_is_refused() -> None:
    with name_server() as resolver:
        assert addresses(resolver, "shop.test") == ["127.0.0.1"]
        with pytest.raises(Refused, match="does not exist"):
            addresses(resolver, "missing.test")


def test_a_page_in_the_place_of_security_txt_says_nothing() -> None:
    page = b"<HTML>\nContact: mailto:a@b.example\n"
    assert facts_of_security_txt(page, "shop.example", "c", START) == []


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_of_certificates(data: bytes) -> None:
    with pytest.raises(ValueError):
        read_certificate(data)


def portrait(domain: str, **more: object) -> Portrait:
    made = Portrait(domain=domain)
    for name, value in more.items():
        setattr(made, name, value)
    return made


TITLES = {f"film {number}": "c" for number in range(6)}
STREAMS = {"stream_hosts": {"cdn.example": "c"}, "addresses": {"198.51.100.7": "c"}}
CLASSES = frozenset(f"part-{name}" for name in "abcdefghijklmnopqrst")


@pytest.mark.parametrize(
    ("here", "there", "strength"),
    [
        ({"accounts": {"google-analytics:UA-1": "c"}}, {"accounts": {"google-analytics:UA-1": "d"}}, Strength.FAIR),
        ({"redirects": {"b.example": "c"}, "titles": TITLES}, {"titles": TITLES}, Strength.STRONG),
        ({"classes": CLASSES, "titles": TITLES}, {"classes": CLASSES, "titles": TITLES}, Strength.FAIR),
        ({"classes": CLASSES}, {"classes": CLASSES}, None),
        ({"name_servers": frozenset({"n"})}, {"name_servers": frozenset({"n"})}, None),
        ({"certificate_names": {"b.example": "c"}}, {}, Strength.FAIR),
        ({"certificate_names": dict.fromkeys(["b.example", *map(str, range(30))])}, {}, None),
        (STREAMS, STREAMS, Strength.FAIR),
    ],
)  # fmt: skip
def test_mirrors_need_a_strong_sign_or_two(
    here: dict[str, object], there: dict[str, object], strength: Strength | None
) -> None:
    found = kin(portrait("a.example", **here), [portrait("b.example", **there)], START)
    assert {fact.strength for fact in found} == ({strength} if strength else set())


def test_what_many_sites_show_links_none() -> None:
    shared = {"accounts": {"google-analytics:UA-1": "c"}, "stream_hosts": {"cdn.example": "c"}}
    others = [portrait(f"{name}.example", **shared) for name in "bcdef"]
    assert kin(portrait("a.example", **shared), others, START) == []
