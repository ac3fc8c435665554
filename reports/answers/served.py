"""Filled sheets in a folder on a server, fetched by SFTP, each moved aside there once it was taken."""

from __future__ import annotations

import asyncio
import logging
import posixpath
import stat
from collections.abc import Callable

import asyncssh

from config.returns import Returns
from config.secure_shell import read_sftp
from reports.answers.inbox import Fetched, Inbox, failed
from reports.answers.intake import take_sheet
from reports.answers.sheet import BYTES_MOST as SHEET_BYTES
from reports.errors import UnreadableAnswers
from reports.transports.secure_shell import Account, NotLetIn, NotReached, signed_in

WHOLE_S = 240.0  # of one look
SHEETS = 200  # of one look, the first names first; the next look takes the others

log = logging.getLogger(__name__)

Secret = Callable[[str], str | None]


def take_served(inbox: Inbox, platform: str, returns: Returns, secret: Secret) -> list[Fetched]:
    """
    Take every sheet that lies there; each is then moved to `taken` or `unreadable` beside it.

    One that cannot be moved is told, and changes nothing when it is read again. Raises `UnreadableAnswers` where the
    folder cannot be looked into.
    """
    key = secret(returns.key_env or "")
    if not key:
        raise UnreadableAnswers(f"the environment has no {returns.key_env}, the password or key of {returns.at}")
    inner = inbox.declarations.policy.network.inner_hosts
    account = Account(address=read_sftp("at", returns.at), host_key=returns.host_key or "", secret=key, inner=inner)
    found: list[Fetched] = []
    try:
        asyncio.run(asyncio.wait_for(_take(inbox, platform, account, found), WHOLE_S))
    except (NotLetIn, NotReached, asyncssh.Error, OSError, TimeoutError) as error:
        fault = str(error) or f"it took longer than {WHOLE_S:g} s as a whole"
        if not found:
            raise UnreadableAnswers(fault) from error
        found.append(Fetched(platform=platform, source=returns.at, fault=fault))
    return found


async def _take(inbox: Inbox, platform: str, account: Account, found: list[Fetched]) -> None:
    folder = account.address.folder
    async with signed_in(account) as server:
        names = sorted(str(name) for name in await server.listdir(folder))
        for name in [each for each in names if each.endswith(".csv") and not each.startswith(".")][:SHEETS]:
            try:
                fetched = await _take_one(inbox, platform, server, folder, name)
            except (asyncssh.ConnectionLost, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, TimeoutError):
                raise
            except Exception as error:  # one sheet's boundary: it stays for the next look
                log.exception("a sheet was not taken", extra={"sheet": name})
                fetched = Fetched(platform=platform, source=name, fault=failed(error))
            found.append(fetched)


async def _take_one(inbox: Inbox, platform: str, server: asyncssh.SFTPClient, folder: str, name: str) -> Fetched:
    path = posixpath.join(folder, name)
    try:
        data = await _read(server, path, name)
        taken = take_sheet(
            inbox.database, inbox.vault, inbox.declarations, data,
            key=inbox.key, by=inbox.by, clock=inbox.clock, ids=inbox.ids,
        )  # fmt: skip
        fetched = Fetched(platform=platform, source=name, taken=tuple(taken))
    except UnreadableAnswers as error:
        fetched = Fetched(platform=platform, source=name, fault=str(error))
    # Only now: whoever dies before takes it once more, and what was entered is known.
    why = await _move_aside(server, folder, name, "taken" if fetched.fault is None else "unreadable")
    if why is None:
        return fetched
    said = "; ".join(
        filter(None, [fetched.fault, f"it cannot be moved aside there ({why}) and is read again each time"])
    )
    return Fetched(platform=platform, source=name, taken=fetched.taken, fault=said)


async def _read(server: asyncssh.SFTPClient, path: str, name: str) -> bytes:
    kept = await server.lstat(path)
    if kept.permissions is None or not stat.S_ISREG(kept.permissions):
        raise UnreadableAnswers(f"{name} is no plain file")
    async with server.open(path, "rb") as file:
        data = await file.read(SHEET_BYTES + 1)
    if not isinstance(data, bytes) or len(data) > SHEET_BYTES:
        raise UnreadableAnswers(f"{name} has more than {SHEET_BYTES} bytes")
    return data


async def _move_aside(server: asyncssh.SFTPClient, folder: str, name: str, into: str) -> str | None:
    """Move a sheet into a folder beside it, under a name that nothing has there; why not, where it cannot be."""
    try:
        await server.makedirs(posixpath.join(folder, into), exist_ok=True)
        stem, number, to = name.removesuffix(".csv"), 1, name
        while await server.exists(posixpath.join(folder, into, to)):
            number += 1
            to = f"{stem}-{number}.csv"
        await server.rename(posixpath.join(folder, name), posixpath.join(folder, into, to))
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection):
        raise
    except asyncssh.SFTPError as error:
        return error.reason
    return None
