"""Hosts of one's own network that are named one by one, and the addresses such a host may have."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
# RFC 1918, RFC 6598 and RFC 4193. Not among them: this machine, link-local addresses (a cloud's metadata), multicast.
_NETWORKS = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))


def is_inner(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of a private network, and neither this machine nor its link."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in _NETWORKS)


def check_inner_host(host: str) -> None:
    """Raise `ValueError` unless it is one host, by its name or its private address, in small letters."""
    try:
        address = ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        # A last label of digits is an address in a spelling of its own; WHATWG URL, "ends in a number".
        if _NAME.fullmatch(host) is None or last.isdigit() or last.startswith("0x") or last == "localhost":
            raise ValueError(
                f"{host!r} is no host of a network: write its name or address in small letters, without scheme, port"
                " or wildcard; this machine is none"
            ) from None
        return
    if not is_inner(address) or host != str(address):
        raise ValueError(f"{host} is no private address (RFC 1918, 6598, 4193) as it is usually written")
