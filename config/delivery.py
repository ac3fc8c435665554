"""
How batches reach a platform: by which way, at what pace, and what a repeated delivery does there.

What a repeat does decides what may be done when an answer is lost, so it is declared, never guessed; a platform of
which nothing is known is `neither`, and then a person looks.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from config.declaration import Declaration
from config.secure_shell import check_sftp

Body = Literal["package", "vero", "dsa16", "xarf"]
"""What travels: the whole batch as one ZIP, or one of its files as the request or the message itself."""

NOTICES_ALONE = frozenset({"vero", "dsa16"})
"""Bodies whose format holds notices and no word that follows one, such as a withdrawal."""

WAY_OF_BODY = {"vero": "api", "dsa16": "api", "xarf": "mail"}


class Delivery(Declaration):
    """One platform's way in for batches."""

    by: Literal["api", "mail", "folder", "sftp", "portal"]  # portal: a person uploads it and enters the receipt
    to: str = Field(min_length=1)  # address of the interface, mail address, folder, or page of the portal
    host_key: str | None = None  # sftp: the server's public key, as `ssh-keyscan` prints it without the host's name
    key_env: str | None = Field(
        default=None, pattern=r"^[A-Z][A-Z0-9_]{2,60}$"
    )  # where the secret stands; never here
    sender: str | None = None  # mail: the role mailbox that answers go to
    repeats: Literal["same_key", "look_up", "neither"] = "neither"
    look_up: str | None = None  # api: address that tells of one delivery; {key} stands for its key
    body: Body = "package"
    receipt: str = Field(default="receipt", pattern=r"^[A-Za-z][A-Za-z0-9_]{0,60}$")  # member of the answer
    # Chosen: a queue that has not shown a delivery within an hour is stuck, and a person should know.
    settles_s: float = Field(default=3600.0, gt=0)  # by then it has entered what it was sent, or never will
    per_minute: float = Field(default=10.0, gt=0, le=6000)

    @property
    def pause(self) -> timedelta:
        """How long to wait after one request to the platform."""
        return timedelta(minutes=1 / self.per_minute)

    @property
    def settles(self) -> timedelta:
        """How long to leave an unknown delivery alone."""
        return timedelta(seconds=self.settles_s)

    @model_validator(mode="after")
    def _whole(self) -> Delivery:
        if self.by == "api":
            check_address("to", self.to)
        if WAY_OF_BODY.get(self.body, self.by) != self.by:
            raise ValueError(f"body = {self.body!r} travels by = {WAY_OF_BODY[self.body]!r} alone")
        if self.by == "sftp":
            check_sftp("to", self.to, self.host_key, self.key_env)
        if self.by == "mail":
            for name, value in (("to", self.to), ("sender", self.sender or "")):
                if value.count("@") != 1 or any(c.isspace() or c in "<>,;" for c in value):
                    raise ValueError(f"{name} is one mail address, where by = 'mail'")
        if self.repeats == "look_up" and self.by == "api":
            if self.look_up is None or "{key}" not in self.look_up:
                raise ValueError("repeats = 'look_up' needs look_up, an address with {key} in it")
            check_address("look_up", self.look_up)
        if self.repeats != "neither" and self.by in ("mail", "portal"):
            raise ValueError(f"by = {self.by!r} cannot tell of an earlier delivery: repeats = 'neither'")
        return self


def check_address(name: str, value: str) -> None:
    """Raise `ValueError` unless it is an address of an interface: https, or http on this machine."""
    parts = urlsplit(value)
    host = parts.hostname or ""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost"
    if (
        not host
        or parts.username
        or parts.scheme not in ("https", "http")
        or (parts.scheme == "http" and not is_here)
    ):
        raise ValueError(f"{name} is an https address without credentials (http only on this machine)")
