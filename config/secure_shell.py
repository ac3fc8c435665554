"""An account on a server that files are exchanged with by SFTP, as a declaration writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

HOST_KEY = re.compile(r"(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{40,1500}={0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpAddress:
    """Where files are put or fetched, and as whom."""

    url: str
    host: str
    port: int
    user: str
    folder: str  # on the server, from its root


def read_sftp(name: str, value: str) -> SftpAddress:
    """Read `sftp://user@host:port/folder`. Raises `ValueError` for anything else, a password in it among that."""
    shape = f"{name} is sftp://USER@HOST/FOLDER, without password, query and blanks"
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(shape)
    parts = urlsplit(value)
    host, port = parts.hostname, parts.port or 22
    if parts.scheme != "sftp" or not host or not parts.username or parts.password is not None or parts.port == 0:
        raise ValueError(shape)
    if parts.query or parts.fragment or not parts.path.startswith("/"):
        raise ValueError(shape)
    folder = unquote(parts.path).rstrip("/") or "/"
    if "\x00" in folder or ".." in folder.split("/"):
        raise ValueError(f"{name} names its folder from the root, without `..`")
    return SftpAddress(url=value, host=host, port=port, user=unquote(parts.username), folder=folder)


def check_sftp(name: str, value: str, host_key: str | None, key_env: str | None) -> None:
    """Raise `ValueError` unless address, host key and the variable that holds the secret make an account."""
    read_sftp(name, value)
    if host_key is None or HOST_KEY.fullmatch(host_key) is None:
        raise ValueError("by = 'sftp' needs host_key, the server's public key: `ssh-ed25519 AAAA...`, without a name")
    if key_env is None:
        raise ValueError("by = 'sftp' needs key_env, the variable that holds the password or the private key")
