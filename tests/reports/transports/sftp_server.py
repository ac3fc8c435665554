"""A real SFTP server on loopback over a folder, which fails as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import asyncssh

USER, PASSWORD = "marque", "correct horse"


@dataclass
class SftpHost:
    """The server as a test sees it: what it serves, where, and how its next requests go wrong."""

    root: Path
    port: int = 0
    host_key: str = ""
    fault: str | None = None  # cut, full, kept_short, refused, cut_before_naming, late_cut, unmovable
    client_key: asyncssh.SSHKey | None = None
    signed_in: list[str] = field(default_factory=list)

    def url(self, folder: str = "/in") -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}{folder}"


@contextmanager
def serving_sftp(root: Path) -> Iterator[SftpHost]:
    """Serve a folder until the test is over."""
    host = SftpHost(root=root)
    key = asyncssh.generate_private_key("ssh-ed25519")
    host.client_key = asyncssh.generate_private_key("ssh-ed25519")
    host.host_key = " ".join(key.export_public_key().decode().split()[:2])

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            host.signed_in.append("password")
            return (username, password) == (USER, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            host.signed_in.append("key")
            known = host.client_key
            return known is not None and key.public_data == known.public_data

    class Files(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:  # Any: asyncssh's own channel
            super().__init__(chan, chroot=bytes(root))

        def write(self, file_obj: object, offset: int, data: bytes) -> Any:  # Any: as the class above says
            if host.fault == "full":
                raise asyncssh.SFTPError(asyncssh.FX_FAILURE, "No space left on device")
            if host.fault == "cut":
                super().write(file_obj, offset, data[: len(data) // 2])
                self.channel.get_connection().abort()
                return len(data)
            if host.fault == "kept_short":
                return len(data)
            return super().write(file_obj, offset, data)

        def rename(self, oldpath: bytes, newpath: bytes) -> Any:  # Any: as above
            if host.fault in ("refused", "unmovable"):
                raise asyncssh.SFTPPermissionDenied("no renaming here")
            done = super().rename(oldpath, newpath) if host.fault != "cut_before_naming" else None
            if host.fault in ("late_cut", "cut_before_naming"):
                self.channel.get_connection().abort()
            return done

    loop = asyncio.new_event_loop()
    ready = Event()
    stop = asyncio.Event()

    async def serve() -> None:
        async with await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[key], server_factory=Door, sftp_factory=Files, config=None
        ) as acceptor:
            host.port = acceptor.get_port()
            ready.set()
            await stop.wait()

    thread = Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield host
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
