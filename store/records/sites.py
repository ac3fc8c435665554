"""A site: what a domain's servers, registries and captured pages say of who runs it, as of one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class FactKind(Enum):
    """What a fact is about."""

    ADDRESS = "address"
    ALIAS = "alias"
    NAME_SERVER = "name_server"
    MAIL_SERVER = "mail_server"
    TEXT = "text"
    ZONE = "zone"  # primary name server and mailbox of whoever keeps the zone
    REGISTRAR = "registrar"
    REGISTERED = "registered"
    CHANGED = "changed"
    EXPIRES = "expires"
    STATUS = "status"  # the registry's own words: client hold, server transfer prohibited
    NETWORK = "network"  # autonomous system and its holder
    CERTIFICATE_NAME = "certificate_name"
    ISSUER = "issuer"  # who issued the certificate
    ACCOUNT = "account"  # advertising or analytics account
    ABUSE = "abuse"  # where misuse is reported
    MIRROR = "mirror"  # another site that is run by the same hand, as far as signs tell


class Basis(Enum):
    """How a fact is known."""

    STATED = "stated"  # a server, a registry or a table says so
    SEEN = "seen"  # it stands on a captured page
    CONVENTION = "convention"  # a standard reserves the address; nobody confirmed that it is read
    INFERRED = "inferred"  # concluded from other facts


class Strength(Enum):
    """How much a sign says that two sites are one hand's."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFact:
    """One fact with where it comes from and when it was said."""

    kind: FactKind
    value: str
    of: str  # the host, address or domain it is about
    source: str  # who said it, in words: a server with its address, a table with its digest
    at: datetime
    basis: Basis = Basis.STATED
    capture: str | None = None  # None: a table, a convention, a conclusion
    strength: Strength | None = None  # None: only mirrors have one
    note: str | None = None  # None: nothing has to be explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be looked at, and why. It is not known to be absent."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One look at a domain; never overwritten by the next."""

    id: str
    domain: str  # registrable domain, or an address
    looked_at: datetime
    run: str  # whose captures the facts stand in
    facts: tuple[SiteFact, ...]
    gaps: tuple[Gap, ...] = ()
