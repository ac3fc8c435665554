"""
A site put together from what servers, registries, tables and captured pages say. Pure: answers in, dated facts out.

A fact names its source and its capture. What could not be asked is a gap, never a fact that something is absent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urlsplit

import tldextract
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from crawler.errors import BadDomain
from crawler.kinship import Portrait
from crawler.names import NameAnswer
from crawler.networks import Network
from crawler.registries import Said
from store.records.sites import Basis, FactKind, Site, SiteFact

NAMES_MAX = 100  # of one certificate; a content network's lists thousands
SECURITY_TXT_CHARS = 20_000  # chosen: the file is a few lines

_CONTACT = re.compile(r"^contact:[ \t]*(\S+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_EXPIRES = re.compile(r"^expires:[ \t]*(\S+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a certificate says."""

    names: tuple[str, ...]
    issuer: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact that one look has and the other has not."""

    kind: FactKind
    value: str
    of: str
    is_new: bool


def site_of(url_or_host: str) -> str:
    """
    The site an address or host belongs to: its registrable domain; an IP address as it is; on this machine with port.

    Raises `BadDomain` where there is none.
    """
    text = url_or_host.strip()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise BadDomain(url_or_host, str(error)) from error
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return f"{address}:{port}" if address.is_loopback and port else str(address)
    split = _suffixes()(host)
    found = split.top_domain_under_public_suffix.lower()
    if not split.suffix and split.domain and split.subdomain:
        # The list's own rule for endings it does not know: the last label is the ending (publicsuffix.org/list).
        found = ".".join(host.lower().split(".")[-2:])
    try:
        found = found.encode("idna").decode("ascii") if not found.isascii() else found
    except UnicodeError as error:
        raise BadDomain(url_or_host, f"its name cannot be one: {error}") from error
    if not found:
        raise BadDomain(url_or_host, "there is no registrable domain in it")
    return found


@cache
def _suffixes() -> tldextract.TLDExtract:
    """The public suffix list as the package brings it; nothing is fetched or written."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def facts_of_names(answer: NameAnswer, capture: str, at: datetime) -> list[SiteFact]:
    """What one answer of the DNS says."""
    source = f"DNS {answer.type} by {answer.server}"
    return [
        SiteFact(
            kind=answer.kind, value=value, of=answer.name, source=source, at=at, capture=capture, note=_note(value)
        )
        for value in answer.values
    ]


def _note(value: str) -> str | None:
    try:
        return None if ipaddress.ip_address(value).is_global else "not an address of the public internet"
    except ValueError:
        return None


def facts_of_registry(said: Iterable[Said], of: str, source: str, capture: str, at: datetime) -> list[SiteFact]:
    """What a registry or registrar says over RDAP."""
    return [
        SiteFact(kind=each.kind, value=each.value, of=of, source=source, at=at, capture=capture, note=each.note)
        for each in said
    ]


def facts_of_network(network: Network, at: datetime) -> SiteFact:
    """The network of an address."""
    return SiteFact(kind=FactKind.NETWORK, value=network.words, of=network.address, source=network.source, at=at)


def read_certificate(data: bytes) -> Certificate:
    """A certificate in PEM or DER. Raises `ValueError` for one that cannot be read."""
    is_pem = data.lstrip().startswith(b"-----BEGIN")
    found = x509.load_pem_x509_certificate(data) if is_pem else x509.load_der_x509_certificate(data)
    try:
        extension = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
        assert isinstance(extension, x509.SubjectAlternativeName)
        names = [name.lower() for name in extension.get_values_for_type(x509.DNSName)]
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        names = []
    names += [_words(each.value).lower() for each in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    issuer = [_words(each.value) for each in found.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    issuer += [_words(each.value) for each in found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return Certificate(
        names=tuple(dict.fromkeys(name for name in names if name))[:NAMES_MAX],
        issuer=", ".join(dict.fromkeys(issuer)) or "nobody named",
        until=found.not_valid_after_utc,
    )


def _words(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def facts_of_certificate(
    certificate: Certificate, of: str, source: str, capture: str, at: datetime
) -> list[SiteFact]:
    """The names a certificate holds for, and who issued it."""
    until = f"valid until {certificate.until.astimezone(UTC).date().isoformat()}"
    issuer = SiteFact(
        kind=FactKind.ISSUER, value=certificate.issuer, of=of, source=source, at=at, capture=capture, note=until
    )
    names = [
        SiteFact(kind=FactKind.CERTIFICATE_NAME, value=name, of=of, source=source, at=at, capture=capture)
        for name in certificate.names
    ]
    return [issuer, *names]


def facts_of_security_txt(body: bytes, of: str, capture: str, at: datetime) -> list[SiteFact]:
    """The contacts of a security.txt (RFC 9116), said to be meant for security, not for rights."""
    text = body[:SECURITY_TXT_CHARS].decode("utf-8", "replace")
    if "<html" in text.lower():
        return []  # a page in the place of the file
    expires = _EXPIRES.search(text)
    note = "meant for reports on security" + (f"; holds until {expires[1]}" if expires else "")
    contacts = dict.fromkeys(match[1][:300] for match in _CONTACT.finditer(text))
    return [
        SiteFact(kind=FactKind.ABUSE, value=each, of=of, source="security.txt", at=at, capture=capture, note=note)
        for each in list(contacts)[:10]
    ]


def convention(domain: str, at: datetime) -> SiteFact:
    """The address that RFC 2142 reserves for reports of misuse; nobody has confirmed it."""
    return SiteFact(
        kind=FactKind.ABUSE,
        value=f"abuse@{domain}",
        of=domain,
        source="RFC 2142, section 4",
        at=at,
        basis=Basis.CONVENTION,
        note="reserved by convention; not known to be read",
    )


def facts_of_pages(portrait: Portrait, at: datetime) -> list[SiteFact]:
    """The advertising and analytics accounts on a site's captured pages."""
    source = f"{portrait.pages} captured pages"
    return [
        SiteFact(
            kind=FactKind.ACCOUNT,
            value=account,
            of=portrait.domain,
            source=source,
            at=at,
            basis=Basis.SEEN,
            capture=capture,
        )
        for account, capture in sorted(portrait.accounts.items())
    ]


def learn(portrait: Portrait, facts: Iterable[SiteFact]) -> None:
    """Add to a portrait what its facts say that other sites can be compared by."""
    servers = set(portrait.name_servers)
    for fact in facts:
        match fact.kind:
            case FactKind.ADDRESS:
                portrait.addresses.setdefault(fact.value, fact.capture)
            case FactKind.NAME_SERVER:
                servers.add(fact.value)
            case FactKind.CERTIFICATE_NAME:
                try:
                    other = site_of(fact.value.removeprefix("*."))
                except BadDomain:
                    continue
                if other != portrait.domain:
                    portrait.certificate_names.setdefault(other, fact.capture)
            case _:
                pass
    portrait.name_servers = frozenset(servers)


def changes(before: Site, after: Site) -> list[Change]:
    """What came and what went between two looks; what a source could not be asked again is not said to be gone."""
    told = {(fact.kind, fact.value, fact.of): _asker(fact) for fact in before.facts}
    tells = {(fact.kind, fact.value, fact.of) for fact in after.facts}
    asked = {_asker(fact) for fact in after.facts}
    found = [Change(kind=kind, value=value, of=of, is_new=True) for kind, value, of in tells - told.keys()]
    found += [
        Change(kind=kind, value=value, of=of, is_new=False)
        for (kind, value, of), asker in told.items()
        if (kind, value, of) not in tells and asker in asked
    ]
    return sorted(found, key=lambda each: (each.kind.value, each.of, not each.is_new, each.value))


def _asker(fact: SiteFact) -> tuple[FactKind, str, str]:
    """The kind of fact, whom it is about, and which kind of source said it."""
    return fact.kind, fact.of, fact.source.split(" ")[0]


def first_said(looks: Sequence[Site]) -> dict[tuple[FactKind, str, str], datetime]:
    """Since which look each fact is known. `looks`: oldest first."""
    found: dict[tuple[FactKind, str, str], datetime] = {}
    for look in looks:
        for fact in look.facts:
            found.setdefault((fact.kind, fact.value, fact.of), look.looked_at)
    return found
