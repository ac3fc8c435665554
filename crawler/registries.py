"""
What a registry says of a domain or an address over RDAP (RFC 9082, 9083): registrar, dates, name servers, abuse.

Pure: which server to ask comes from a table in the form of RFC 9224, what it answered is read here, nothing is
asked. Holders are not read out: the answer stays whole in its capture, and a natural person's name helps nobody here.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.errors import BadTable
from store.records.sites import FactKind

SHIPPED = Path(__file__).resolve().parents[1] / "config" / "rdap"
DEEP_MAX = 6  # of entities within entities; registrars nest two
VALUES_MAX = 60  # of one answer; a domain has a dozen statuses at most

_EVENTS = {
    "registration": FactKind.REGISTERED,
    "last changed": FactKind.CHANGED,
    "expiration": FactKind.EXPIRES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that an answer says."""

    kind: FactKind
    value: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Whom to ask, and which table named it."""

    url: str
    table: str


class Directory:
    """Which RDAP server knows a domain or an address; a workspace's own tables are asked first."""

    def __init__(self, tables: list[tuple[str, Mapping[str, Any]]]) -> None:  # Any: JSON values
        self._tables = tables

    @classmethod
    def load(cls, own: Path) -> Directory:
        """The tables of a workspace's folder, then the shipped ones. Raises `BadTable`."""
        found: list[tuple[str, Mapping[str, Any]]] = []
        for folder in (own, SHIPPED):
            for path in sorted(folder.glob("*.json")):
                data = _read_table(path)
                found.append((f"{path.name} of {data.get('publication', 'no date')}", data))
        return cls(found)

    def of_domain(self, domain: str) -> Server | None:
        """The server of a domain's registry: the longest ending that a table names (RFC 9224, section 4)."""
        labels = domain.lower().split(".")
        for table, data in self._tables:
            for start in range(len(labels)):
                url = _service(data, ".".join(labels[start:]))
                if url is not None:
                    return Server(url=f"{url}domain/{domain}", table=table)
        return None

    def of_address(self, address: str) -> Server | None:
        """The server of an address's registry: the narrowest network that a table names."""
        wanted = ipaddress.ip_address(address)
        for table, data in self._tables:
            best: tuple[int, str] | None = None
            for key, url in _services(data):
                try:
                    network = ipaddress.ip_network(key)
                except ValueError:
                    continue
                if (
                    wanted.version == network.version
                    and wanted in network
                    and (not best or network.prefixlen > best[0])
                ):
                    best = (network.prefixlen, url)
            if best is not None:
                return Server(url=f"{best[1]}ip/{address}", table=table)
        return None


def read_domain(body: bytes) -> list[Said]:
    """What an answer says of a domain. Raises `ValueError` for one that is none."""
    data = _object(body, "domain")
    said = [*_entities(data), *_events(data), *_statuses(data)]
    for server in _list(data.get("nameservers")):
        name = _text(server, "ldhName")
        if name:
            said.append(Said(kind=FactKind.NAME_SERVER, value=name.lower().rstrip("."), note="as registered"))
    return list(dict.fromkeys(said))[:VALUES_MAX]


def read_network(body: bytes) -> list[Said]:
    """What an answer says of the network an address is in. Raises `ValueError` for one that is none."""
    data = _object(body, "ip network")
    name = _text(data, "name") or _text(data, "handle") or "network without a name"
    span = f"{_text(data, 'startAddress') or '?'} - {_text(data, 'endAddress') or '?'}"
    country = _text(data, "country")
    said = [Said(kind=FactKind.NETWORK, value=name, note=span + (f", {country}" if country else ""))]
    said += [each for each in _entities(data) if each.kind is FactKind.ABUSE]
    return list(dict.fromkeys(said))[:VALUES_MAX]


def links_on(body: bytes) -> str | None:
    """The registrar's own RDAP address of the same domain, where the registry names it (RFC 9083, rel=related)."""
    for link in _list(_object(body, "domain").get("links")):
        kind = _text(link, "type") or ""
        if _text(link, "rel") == "related" and "rdap" in kind:
            return _text(link, "href")
    return None


def _entities(data: Mapping[str, Any], deep: int = 0) -> Iterator[Said]:  # Any: JSON values
    for entity in _list(data.get("entities")):
        named = entity.get("roles")
        roles = {role for role in named if isinstance(role, str)} if isinstance(named, list) else set()
        card = _card(entity)
        if "registrar" in roles:
            name = next(iter(card.get("fn", ())), None) or _text(entity, "handle")
            if name:
                yield Said(kind=FactKind.REGISTRAR, value=name)
        if "abuse" in roles:
            for value in (*card.get("email", ()), *card.get("tel", ())):
                yield Said(kind=FactKind.ABUSE, value=value)
        if deep < DEEP_MAX:
            yield from _entities(entity, deep + 1)


def _card(entity: Mapping[str, Any]) -> dict[str, list[str]]:  # Any: JSON values
    """The values of a contact's jCard (RFC 7095) by property; only those that are one text."""
    card = entity.get("vcardArray")
    found: dict[str, list[str]] = {}
    if isinstance(card, list) and len(card) == 2 and isinstance(card[1], list):
        for part in card[1]:
            if isinstance(part, list) and len(part) >= 4 and isinstance(part[0], str) and isinstance(part[3], str):
                value = part[3].removeprefix("tel:").removeprefix("mailto:").strip()
                if value:
                    found.setdefault(part[0].lower(), []).append(value[:300])
    return found


def _events(data: Mapping[str, Any]) -> Iterator[Said]:  # Any: JSON values
    for event in _list(data.get("events")):
        kind = _EVENTS.get(_text(event, "eventAction") or "")
        when = _text(event, "eventDate")
        if kind is None or when is None:
            continue
        try:
            datetime.fromisoformat(when)
        except ValueError:
            continue  # the answer stays in its capture; a date nobody can read is no fact
        yield Said(kind=kind, value=when)


def _statuses(data: Mapping[str, Any]) -> Iterator[Said]:  # Any: JSON values
    statuses = data.get("status")
    for status in statuses if isinstance(statuses, list) else ():
        if isinstance(status, str):
            yield Said(kind=FactKind.STATUS, value=status[:300])


def _object(body: bytes, kind: str) -> dict[str, Any]:  # Any: JSON values
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the answer is no JSON: {error}") from error
    if not isinstance(data, dict) or data.get("objectClassName") != kind:
        raise ValueError(f"the answer is no RDAP object of class {kind!r}")
    return data


def _list(value: Any) -> list[dict[str, Any]]:  # Any: JSON values
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(data: Mapping[str, Any], name: str) -> str | None:  # Any: JSON values
    value = data.get(name)
    return value[:2000] if isinstance(value, str) and value else None


def _read_table(path: Path) -> Mapping[str, Any]:  # Any: JSON values
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadTable(path, f"it cannot be read: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("services"), list):
        raise BadTable(path, "it has no services, as RFC 9224 writes them")
    return data


def _services(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # Any: JSON values
    for service in data["services"]:
        if isinstance(service, list) and len(service) >= 2 and all(isinstance(part, list) for part in service[:2]):
            urls = [url for url in service[1] if isinstance(url, str)]
            # RFC 9224, section 3: of several servers the secure one is preferred; their order means nothing.
            url = next((each for each in urls if each.startswith("https:")), urls[0] if urls else None)
            if url is not None:
                for key in service[0]:
                    if isinstance(key, str):
                        yield key.lower(), url if url.endswith("/") else f"{url}/"


def _service(data: Mapping[str, Any], ending: str) -> str | None:  # Any: JSON values
    return next((url for key, url in _services(data) if key == ending), None)
