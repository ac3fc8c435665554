"""Hosts of one's own network are named one by one; nothing else opens one."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from pydantic import ValidationError

from config.inner_hosts import check_inner_host, is_inner
from config.policy import Policy


@pytest.mark.parametrize(
    "host", ["intranet", "dsa.office.internal", "printer.local", "10.0.0.5", "fd00::5", "a-1.example"]
)
def test_a_host_is_named_by_its_name_or_its_private_address(host: str) -> None:
    check_inner_host(host)
    assert Policy.model_validate({"network": {"inner_hosts": [host]}}).network.inner_hosts == (host,)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "*",
            "*.internal",
            "Intranet",
            "intranet.",
            "https://intranet",
            "intranet:8443",
            "user@intranet",
            "a b",
        ),
        *("localhost", "x.localhost", "127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "fe80::1", "224.0.0.1"),
        *("8.8.8.8", "2606:4700::1111", "10.0.0.0/8", "10.1", "0xa000001", "167772161", "fd00:0::5", "intränet"),
        "::ffff:10.0.0.1",
    ],
)
def test_a_network_this_machine_and_a_public_address_are_none(host: str) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"network": {"inner_hosts": [host]}})


def test_nothing_is_named_as_shipped() -> None:
    assert Policy().network.inner_hosts == ()


INSIDE = ("10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1")
ELSEWHERE = (
    *("127.0.0.1", "::1", "169.254.169.254", "fe80::1", "172.32.0.1", "8.8.8.8", "ff02::1", "0.0.0.0", "::"),
    *("::ffff:127.0.0.1", "255.255.255.255"),
)


@pytest.mark.parametrize(
    ("address", "expected"), [*((each, True) for each in INSIDE), *((each, False) for each in ELSEWHERE)]
)
def test_an_inner_address_is_one_of_a_private_network(address: str, expected: bool) -> None:
    assert is_inner(ip_address(address)) is expected
