"""
A way into a server's folders by SFTP: its key is the one that was declared, its address the one that was checked.

Nothing of the person who runs this is used: no file of theirs, no agent, no known hosts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncssh

from config.secure_shell import SftpAddress
from crawler.errors import NoConnection, Refused
from crawler.exchange import addresses_of
from crawler.manners import is_loopback_host

CONNECT_S = 20.0  # greeting and sign-in of a slow server


class NotReached(Exception):
    """No connection stands; trying again may help."""


class NotLetIn(Exception):
    """The server, its key or the sign-in is not what was declared: a person looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: where, the server's public key, and the password or private key (OpenSSH or PEM, in clear)."""

    address: SftpAddress
    host_key: str
    secret: str
    inner: tuple[str, ...] = ()  # hosts of one's own network that may be reached


@asynccontextmanager
async def signed_in(account: Account) -> AsyncIterator[asyncssh.SFTPClient]:
    """The server's folders. Raises `NotReached` and `NotLetIn`; inside, `asyncssh.Error` and `OSError` may come."""
    address = account.address
    here = is_loopback_host(f"ssh://{address.host}")
    try:
        found = addresses_of(address.url, address.host, address.port, here=here, inner=account.inner)
        host_key = asyncssh.import_public_key(account.host_key)
        is_key = account.secret.lstrip().startswith("-----BEGIN")
        keys = [asyncssh.import_private_key(account.secret)] if is_key else []
    except NoConnection as error:
        raise NotReached(error.why) from error
    except Refused as error:
        raise NotLetIn(error.why) from error
    except asyncssh.KeyImportError as error:
        raise NotLetIn(f"host_key or the private key cannot be read: {error}") from error
    try:
        connection = await asyncssh.connect(
            found[0], address.port, username=address.user, password=None if is_key else account.secret,
            client_keys=keys, known_hosts=([host_key], [], []), config=None, agent_path=None,
            preferred_auth="publickey" if is_key else "password,keyboard-interactive",
            connect_timeout=CONNECT_S, login_timeout=CONNECT_S, keepalive_interval=15, compression_algs=None,
        )  # fmt: skip
    except asyncssh.HostKeyNotVerifiable as error:
        raise NotLetIn(f"the server's key is not the declared one: {error}") from error
    except asyncssh.PermissionDenied as error:
        raise NotLetIn(f"the server refuses the sign-in: {error.reason}") from error
    except (asyncssh.Error, OSError) as error:
        raise NotReached(_words(error)) from error
    try:
        try:
            client = await connection.start_sftp_client()
        except (asyncssh.Error, OSError) as error:
            raise NotReached(f"no SFTP there: {_words(error)}") from error
        yield client
    finally:
        connection.abort()  # nothing is left to say; a goodbye could wait for ever
        await connection.wait_closed()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
