"""Opens one workspace: database, vault, keys and declarations, and closes them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from config.declarations import Declarations, load_declarations
from config.settings import Settings
from console.errors import NoWorkspace
from store.db.errors import SchemaOutdated
from store.db.personal import Sealer, read_key
from store.db.session import Database, check_schema, migrate
from store.evidence.vault import Vault
from store.records.ids import utc_now

PERSONAL_KEY = "personal.key"
SIGNER = "Marque workspace"  # shown to whoever verifies a package
KEY_DAYS = 730  # chosen: long enough for a case to end, short enough that keys do change


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open workspace."""

    settings: Settings
    database: Database
    vault: Vault
    declarations: Declarations
    sealer: Sealer


def create_workspace(settings: Settings, *, seals_vault: bool = False) -> list[str]:
    """
    Make the folder, its keys and its database, or bring them up to date; says what it did.

    `seals_vault`: what is captured from now on lies encrypted. Running it again changes nothing, and opens no vault
    that was sealed.
    """
    from store.evidence.seal import create_key, published_keys
    from store.evidence.vault_key import make_vault_key

    done: list[str] = []
    for folder in (settings.home, settings.keys, settings.platforms, settings.profiles, settings.out):
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700 if folder == settings.keys else 0o755)
            done.append(f"made {folder.name}/")
    if not (settings.keys / PERSONAL_KEY).exists():
        read_key(settings.keys)
        done.append("made the key for personal values")
    if not published_keys(settings.keys):
        now = utc_now()
        create_key(settings.keys, name=SIGNER, valid_from=now, valid_to=now + timedelta(days=KEY_DAYS))
        done.append(f"made a signing key, valid for {KEY_DAYS} days")
    with Database(settings.database_url) as database:
        try:
            check_schema(database)
        except SchemaOutdated as outdated:
            done.append(f"brought the database from schema {outdated.found or 'none'} to {migrate(database)}")
    if seals_vault and make_vault_key(settings.vault, settings.keys):
        done.append("sealed the vault: captured bytes lie encrypted from now on, and keys/vault.key alone opens them")
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
    if not (settings.keys / PERSONAL_KEY).exists():
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
                sealer=Sealer(read_key(settings.keys)),
            )
