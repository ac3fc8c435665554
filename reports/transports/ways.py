"""The transport of a declared delivery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from config.delivery import Delivery
from reports.errors import NoWay
from reports.outbox import Way
from reports.transports.api import ApiTransport
from reports.transports.contract import Transport
from reports.transports.folder import FolderTransport
from reports.transports.mail import Connect, MailTransport
from reports.transports.sftp import SftpTransport
from store.records.ids import Clock

Secret = Callable[[str], str | None]
"""Gives the secret of a name, from wherever the installation keeps it."""


def ways(
    *,
    secret: Secret,
    user_agent: str,
    home: Path,
    relay: Connect | None,
    clock: Clock,
    read_s: float = 60.0,
    inner: tuple[str, ...] = (),
) -> Way:
    """
    Transports by declaration, each made once.

    `home` is what relative folders are named from, `inner` are the hosts of one's own network that may be reached.
    """
    made: dict[Delivery, Transport] = {}

    def way(delivery: Delivery) -> Transport:
        if delivery not in made:
            made[delivery] = _make(delivery)
        return made[delivery]

    def _make(delivery: Delivery) -> Transport:
        match delivery.by:
            case "api":
                key = secret(delivery.key_env) if delivery.key_env else None
                if delivery.key_env and not key:
                    raise NoWay(f"the environment has no {delivery.key_env}, the key of {delivery.to}")
                return ApiTransport(
                    delivery, secret=key, user_agent=user_agent, clock=clock, read_s=read_s, inner=inner
                )
            case "folder":
                return FolderTransport(home / delivery.to)
            case "sftp":
                key = secret(delivery.key_env or "")
                if not key:
                    raise NoWay(f"the environment has no {delivery.key_env}, the password or key of {delivery.to}")
                return SftpTransport(delivery, secret=key, inner=inner)
            case "mail":
                if relay is None:
                    raise NoWay("no mail relay is set: MARQUE_SMTP=host:port")
                return MailTransport(delivery, connect=relay, clock=clock)
            case "portal":
                raise NoWay("a portal is filled in by a person")

    return way
