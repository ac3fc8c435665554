"""Opens one workspace: database, vault, keys and declarations, and closes them again."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.declarations import Declarations, load_declarations
from config.settings import Settings
from console.errors import NoWorkspace
from store.db.session import Database, check_schema, migrate
from store.evidence.vault import Vault

PERSONAL_KEY = "personal.key"
SIGNING_ROLE = "unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open workspace."""

    settings: Settings
    database: Database
    vault: Vault
    declarations: Declarations
    personal_key: bytes


def _write_once(path: Path, data: bytes) -> bool:
    """Write a secret for the owner alone, never over an older one; says whether it was written."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return True


def create_workspace(settings: Settings) -> list[str]:
    """
    Make the folder, its keys and its database, or bring them up to date; says what it did.

    Running it again changes nothing.
    """
    from store.evidence.seal import create_key, signing_keys

    done: list[str] = []
    for folder in (settings.home, settings.keys, settings.platforms, settings.profiles, settings.out):
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700 if folder == settings.keys else 0o755)
            done.append(f"made {folder.name}/")
    if _write_once(settings.keys / PERSONAL_KEY, secrets.token_bytes(32)):
        done.append("made the key for personal values")
    if not signing_keys(settings.keys):
        create_key(settings.keys)
        done.append("made the signing key")
    with Database(settings.database_url) as database:
        try:
            check_schema(database)
        except Exception as error:  # noqa: BLE001 -- any unreadable schema is answered by migrating
            done.append(f"brought the database to schema {migrate(database)} ({type(error).__name__})")
    with Vault(settings.vault):
        pass
    return done


@contextmanager
def open_workspace(settings: Settings) -> Iterator[Workspace]:
    """
    The workspace at `settings.home`.

    Raises `NoWorkspace` where none was made, `SchemaOutdated` where `marque init` has to run again, and the
    policy's mistake where it cannot be read.
    """
    key = settings.keys / PERSONAL_KEY
    if not key.exists():
        raise NoWorkspace(settings.home)
    declarations = load_declarations(settings)
    with Database(settings.database_url) as database:
        check_schema(database)
        with Vault(settings.vault) as vault:
            yield Workspace(
                settings=settings,
                database=database,
                vault=vault,
                declarations=declarations,
                personal_key=key.read_bytes(),
            )
