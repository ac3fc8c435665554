"""
By SFTP: one ZIP a batch, named by its key, in a folder on the recipient's server.

It is uploaded under a name that nobody fetches, its length is asked back, and then it gets its name in one step. Up
to that step nothing was taken; when the line breaks within it, the delivery is unknown. Asked later, a file under
its name is there; one that still has the other name never got it; where neither is, somebody may have fetched it.
"""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from collections.abc import Coroutine
from typing import TypeVar

import asyncssh

from config.delivery import Delivery
from config.secure_shell import read_sftp
from reports.parcel import Parcel, pack
from reports.transports.contract import Absent, Answer, ForPerson, NotTaken, Taken, Unknown
from reports.transports.secure_shell import Account, NotLetIn, NotReached, signed_in

WHOLE_S = 240.0  # below the longest attempt of the outbox; 25 MB at 1 Mbit/s take 200 s

_OURS_TO_MEND = (
    asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPWriteProtect,
    asyncssh.SFTPOpUnsupported,
)  # fmt: skip
_LINE_LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)

T = TypeVar("T")


class SftpTransport:
    """One recipient's folder on a server."""

    def __init__(
        self, delivery: Delivery, *, secret: str, whole_s: float = WHOLE_S, inner: tuple[str, ...] = ()
    ) -> None:
        address = read_sftp("to", delivery.to)
        self.account = Account(address=address, host_key=delivery.host_key or "", secret=secret, inner=inner)
        self.whole_s = whole_s

    def send(self, parcel: Parcel) -> Answer:
        """Upload the ZIP beside its name, and give it its name."""
        upload = _Upload(self.account, parcel)
        try:
            return self._within(upload.carry())
        except NotLetIn as error:
            return ForPerson(because=str(error))
        except NotReached as error:
            return NotTaken(because=f"no connection: {error}")
        except (asyncssh.Error, OSError, TimeoutError) as error:
            because = self._words(error)
            is_answered = isinstance(error, asyncssh.SFTPError) and not isinstance(error, _LINE_LOST)
            if upload.is_naming and not is_answered:
                return Unknown(because=f"the line broke when the file got its name: {because}")
            if isinstance(error, _OURS_TO_MEND):
                folder = self.account.address.folder
                return ForPerson(because=f"{because}; {folder} has to exist there and to be writable")
            return NotTaken(because=because)

    def look_up(self, key: str) -> Taken | Absent | Unknown:
        """Whether a file of that key has its name, still has the other, or neither is there."""
        try:
            return self._within(_look_up(self.account, key))
        except (NotLetIn, NotReached, asyncssh.Error, OSError, TimeoutError) as error:
            return Unknown(because=f"the look-up failed: {self._words(error)}")

    def _within(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run(asyncio.wait_for(work, self.whole_s))

    def _words(self, error: Exception) -> str:
        if isinstance(error, TimeoutError) and not str(error):
            return f"it took longer than {self.whole_s:g} s as a whole"
        return f"the server answered: {error.reason}" if isinstance(error, asyncssh.SFTPError) else str(error)


class _Upload:
    """One parcel on its way; `is_naming` from where on the recipient may see it."""

    def __init__(self, account: Account, parcel: Parcel) -> None:
        self.account = account
        self.parcel = parcel
        self.is_naming = False

    async def carry(self) -> Answer:
        folder, name = self.account.address.folder, self.parcel.file_name
        target, partial = posixpath.join(folder, name), posixpath.join(folder, _partial(name))
        body = b"".join(pack(self.parcel.folder))
        receipt = f"{hashlib.sha256(body).hexdigest()}  {name}".encode()
        async with signed_in(self.account) as server:
            if await server.exists(target):
                if await server.getsize(target) == len(body):
                    return Taken(receipt=name, raw=receipt)
                return ForPerson(because=f"another file lies under the name {name} in {folder}")
            async with server.open(partial, "wb") as file:
                await file.write(body)
            size = await server.getsize(partial)
            if size != len(body):
                return NotTaken(because=f"the server kept {size} of {len(body)} bytes")
            self.is_naming = True
            try:
                await server.rename(partial, target)
            except _LINE_LOST:
                raise
            except asyncssh.SFTPError:
                if not await server.exists(target):
                    raise
            return Taken(receipt=name, raw=receipt)


async def _look_up(account: Account, key: str) -> Taken | Absent | Unknown:
    end = f"-{key[:16]}.zip"
    async with signed_in(account) as server:
        names = sorted(str(name) for name in await server.listdir(account.address.folder))
    found = next((name for name in names if name.endswith(end) and not name.startswith(".")), None)
    if found is not None:
        return Taken(receipt=found, raw=found.encode())
    if any(name.startswith(".") and name.endswith(_partial(end)[1:]) for name in names):
        return Absent(raw="\n".join(names).encode()[:1000])
    return Unknown(because=f"nothing of {key[:16]} lies there; whoever fetches may have taken it")


def _partial(name: str) -> str:
    """The name of what is not whole yet: hidden, and of another ending than anybody fetches."""
    return f".{name}.partial"
