"""What the DNS says of a domain: each answer with the bytes it came in, so that it is kept like any other capture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.rdata
import dns.rdatatype
import dns.resolver
import dns.reversename

from crawler.errors import Refused
from store.records.sites import FactKind

QUESTION_S = 5.0  # chosen: a resolver that needs longer has lost the question
VALUES_MAX = 40  # of one answer; round-robin names give a dozen addresses
_OF_DOMAIN = ("A", "AAAA", "NS", "MX", "TXT", "SOA")
_OF_HOST = ("A", "AAAA", "CNAME")
_KINDS = {
    "A": FactKind.ADDRESS,
    "AAAA": FactKind.ADDRESS,
    "CNAME": FactKind.ALIAS,
    "NS": FactKind.NAME_SERVER,
    "MX": FactKind.MAIL_SERVER,
    "TXT": FactKind.TEXT,
    "SOA": FactKind.ZONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAnswer:
    """One answer of the DNS."""

    name: str
    type: str
    kind: FactKind
    values: tuple[str, ...]  # empty: the name has none of this type
    server: str  # who was asked
    wire: bytes  # the message as it came

    @property
    def url(self) -> str:
        """The question as an address, after RFC 4501."""
        return f"dns:{self.name}?type={self.type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """A question that was not answered: the name does not exist, or nobody said anything."""

    name: str
    type: str
    why: str


def system_resolver() -> dns.resolver.Resolver:
    """The resolver this machine is set up with. Raises `Refused` where there is none."""
    try:
        resolver = dns.resolver.Resolver()
    except dns.exception.DNSException as error:
        raise Refused("unreachable", "dns:", f"this machine names no resolver: {error}") from error
    return resolver


def questions(domain: str, hosts: Sequence[str]) -> list[tuple[str, str]]:
    """What is asked of a domain and of its hosts, each once."""
    asked = [(domain, type) for type in _OF_DOMAIN]
    asked += [(host, type) for host in hosts if host != domain for type in _OF_HOST]
    return list(dict.fromkeys(asked))


def ask_name(resolver: dns.resolver.Resolver, name: str, type: str) -> NameAnswer | NoAnswer:
    """Ask one question."""
    try:
        answer = resolver.resolve(name, type, raise_on_no_answer=False, lifetime=QUESTION_S, search=False)
    except dns.resolver.NXDOMAIN:
        return NoAnswer(name=name, type=type, why="the name does not exist")
    except (dns.exception.DNSException, OSError) as error:
        return NoAnswer(name=name, type=type, why=f"no answer: {str(error)[:200] or error.__class__.__name__}")
    values = sorted(_value(each) for each in answer.rrset or ())[:VALUES_MAX]
    wire = answer.response.to_wire()
    server = f"{answer.nameserver or 'resolver'}"
    return NameAnswer(name=name, type=type, kind=_KINDS[type], values=tuple(values), server=server, wire=wire)


def addresses(resolver: dns.resolver.Resolver, host: str) -> list[str]:
    """The addresses of a host, IPv4 first. Raises `Refused` where it has none."""
    found: list[str] = []
    why = "it has no address"
    for type in ("A", "AAAA"):
        answer = ask_name(resolver, host, type)
        if isinstance(answer, NameAnswer):
            found += answer.values
        else:
            why = answer.why
    if not found:
        raise Refused("unreachable", f"dns:{host}", why)
    return found


def _value(data: dns.rdata.Rdata) -> str:
    """A record's value as a person reads it: names without their last dot, text without its quotes."""
    match data.rdtype:
        case dns.rdatatype.TXT:
            parts: tuple[bytes, ...] = data.strings  # type: ignore[attr-defined]  # dnspython types records loosely
            return b"".join(parts).decode("utf-8", "backslashreplace")[:2000]
        case dns.rdatatype.SOA:
            mailbox = _mailbox(data.rname.to_text(omit_final_dot=True))  # type: ignore[attr-defined]  # as above
            return f"{data.mname.to_text(omit_final_dot=True)} {mailbox}".lower()  # type: ignore[attr-defined]  # as above
        case _:
            return data.to_text().rstrip(".").lower()


def _mailbox(name: str) -> str:
    """The mailbox that a zone's record writes as a name: its first dot that is not escaped is the at sign."""
    for place, sign in enumerate(name):
        if sign == "." and name[place - 1] != "\\":
            return f"{name[:place]}@{name[place + 1 :]}".replace("\\.", ".")
    return name
