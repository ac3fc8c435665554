"""A name server, a registry and a TLS host on loopback, for looks at domains."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ZONE = {
    ("shop.test", "A"): ["127.0.0.1"],
    ("shop.test", "NS"): ["ns1.dns.test.", "ns2.dns.test."],
    ("shop.test", "MX"): ["10 mail.shop.test."],
    ("shop.test", "TXT"): ['"v=spf1 -all"'],
    ("shop.test", "SOA"): ["ns1.dns.test. host\\.master.dns.test. 1 2 3 4 5"],
    ("www.shop.test", "CNAME"): ["shop.test."],
    ("inner.test", "A"): ["10.0.0.7"],
}
DOMAIN: dict[str, Any] = {
    "objectClassName": "domain",
    "ldhName": "SHOP.TEST",
    "status": ["client hold"],
    "events": [
        {"eventAction": "registration", "eventDate": "2024-01-02T03:04:05Z"},
        {"eventAction": "expiration", "eventDate": "2027-01-02T03:04:05Z"},
        {"eventAction": "last changed", "eventDate": "yesterday"},
    ],
    "nameservers": [{"objectClassName": "nameserver", "ldhName": "NS1.DNS.TEST"}],
    "entities": [
        {"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", "Anna Andersson"]]]},
        {
            "roles": ["registrar"],
            "vcardArray": ["vcard", [["fn", {}, "text", "Example Registrar AB"]]],
            "entities": [
                {
                    "roles": ["abuse"],
                    "vcardArray": [
                        "vcard",
                        [["email", {}, "text", "abuse@registrar.test"], ["tel", {}, "uri", "tel:+46.8123456"]],
                    ],
                }
            ],
        },
    ],
}
NETWORK: dict[str, Any] = {
    "objectClassName": "ip network",
    "name": "EXAMPLE-NET",
    "startAddress": "127.0.0.0",
    "endAddress": "127.255.255.255",
    "country": "SE",
    "entities": [{"roles": ["abuse"], "vcardArray": ["vcard", [["email", {}, "text", "abuse@host.test"]]]}],
}


@contextmanager
def name_server() -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks a name server of this machine, which knows `ZONE` alone."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                data, there = server.recvfrom(4096)
            except OSError:
                return
            question = dns.message.from_wire(data)
            reply = dns.message.make_response(question)
            asked = question.question[0]
            name = asked.name.to_text(omit_final_dot=True)
            values = ZONE.get((name, dns.rdatatype.to_text(asked.rdtype)))
            if values:
                reply.answer.append(dns.rrset.from_text(asked.name, 60, asked.rdclass, asked.rdtype, *values))
            elif not any(each == name for each, _ in ZONE):
                reply.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(reply.to_wire(), there)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.getsockname()[1]
    try:
        yield resolver
    finally:
        server.close()


class Pages(BaseHTTPRequestHandler):
    """Answers what the server's `pages` hold: status, headers, body by path."""

    def do_GET(self) -> None:
        """Answer."""
        pages: dict[str, tuple[int, dict[str, str], bytes]] = self.server.pages  # type: ignore[attr-defined]  # set below
        self.server.asked.append((self.path, self.headers["User-Agent"]))  # type: ignore[attr-defined]  # set below
        status, headers, body = pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server with pages that notes what it was asked."""

    daemon_threads = True

    def __init__(self, pages: dict[str, tuple[int, dict[str, str], bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.pages = pages
        self.asked: list[tuple[str, str]] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no fault here."""


@contextmanager
def http_server(pages: dict[str, tuple[int, dict[str, str], bytes]], context: Any = None) -> Iterator[Server]:
    """A server on loopback, over TLS where a context is given."""
    server = Server(pages)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def registry_pages() -> dict[str, tuple[int, dict[str, str], bytes]]:
    """What the registry answers."""
    return {
        "/old/domain/shop.test": (301, {"Location": "/domain/shop.test"}, b""),
        "/domain/shop.test": (200, {"Content-Type": "application/rdap+json"}, json.dumps(DOMAIN).encode()),
        "/ip/127.0.0.1": (200, {"Content-Type": "application/rdap+json"}, json.dumps(NETWORK).encode()),
    }


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext, bytes]:
    """A certificate for these names: the server's context, one that trusts it, and its PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(secret + pem)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    trusting = ssl.create_default_context(cadata=pem.decode())
    return serving, trusting, pem
