"""A test authority, and a host of this machine it vouches for: root, intermediate, a certificate for 127.0.0.1."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ORGANISATION = "Example -----BEGIN CERTIFICATE-----\nTrust"  # a name that would be a certificate, if it could


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What a server of 127.0.0.1 presents, and who is to be trusted for it."""

    folder: Path
    leaf: x509.Certificate
    between: x509.Certificate
    root: x509.Certificate

    @property
    def trust(self) -> Path:
        """The root, in PEM."""
        return self.folder / "root.pem"

    def serving(self, version: ssl.TLSVersion) -> ssl.SSLContext:
        """A server's context that speaks one version and sends its certificate and the intermediate one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = context.maximum_version = version
        context.load_cert_chain(self.folder / "server.pem")
        return context


def make_host(folder: Path) -> Host:
    """Made now, valid for a month."""
    root_key, between_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = _certificate("Example Root", root_key.public_key(), "Example Root", root_key, is_authority=True)
    between = _certificate("Example Between", between_key.public_key(), "Example Root", root_key, is_authority=True)
    leaf = _certificate("127.0.0.1", leaf_key.public_key(), "Example Between", between_key, is_authority=False)
    pem = serialization.Encoding.PEM
    secret = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(secret + leaf.public_bytes(pem) + between.public_bytes(pem))
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    return Host(folder=folder, leaf=leaf, between=between, root=root)


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: str, by: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC).replace(microsecond=0)
    built = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
        built = built.add_extension(names, critical=False)
    return built.sign(by, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])  # fmt: skip
