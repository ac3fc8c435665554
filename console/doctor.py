"""What this set-up can and can't do, and why."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from dataclasses import dataclass

from config.declarations import load_declarations
from config.errors import DeclarationError
from config.settings import Settings
from store.records.ids import utc_now

FREE_WANTED_BYTES = 1 << 30  # 1 GiB: about 30,000 captured pages with their photos


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing examined: `ok`, `limited` (something can't be done), or `broken` (work would fail)."""

    name: str
    state: str
    detail: str
    fix: str = ""


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order of the pipeline."""
    checks = [_python(), _workspace(settings), _vault(settings), _disk(settings)]
    checks += _declarations(settings)
    checks += [_database(settings), _contact(settings), _browser(settings)]
    checks += _evidence(settings)
    return checks


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(name="python", state="ok", detail=f"{version}, SQLite {sqlite3.sqlite_version}")


def _workspace(settings: Settings) -> Check:
    if not (settings.keys / "personal.key").exists():
        return Check(name="workspace", state="broken", detail=f"{settings.home} is none", fix="marque init")
    loose = [
        path.name
        for path in settings.keys.iterdir()
        if path.suffix in (".key", ".pem") and path.stat().st_mode & 0o077
    ]
    if loose:
        return Check(
            name="workspace",
            state="broken",
            detail=f"others can read {', '.join(loose)}",
            fix=f"chmod 600 {settings.keys}/*",
        )
    return Check(name="workspace", state="ok", detail=str(settings.home))


def _vault(settings: Settings) -> Check:
    from store.evidence.errors import VaultKeyMissing
    from store.evidence.vault_key import is_sealed, load_vault_key

    if not is_sealed(settings.vault):
        return Check(
            name="vault",
            state="ok",
            detail="captured bytes lie in the clear, readable by the owner of the folder",
            fix="marque init --seal-vault, where the disk itself is not encrypted",
        )
    try:
        load_vault_key(settings.vault)
    except VaultKeyMissing as error:
        return Check(name="vault", state="broken", detail=str(error), fix="restore keys/vault.key")
    return Check(name="vault", state="ok", detail="captured bytes lie encrypted; keep keys/vault.key in a backup")


def _disk(settings: Settings) -> Check:
    folder = settings.home if settings.home.exists() else settings.home.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    state = "ok" if free >= FREE_WANTED_BYTES else "limited"
    return Check(
        name="disk", state=state, detail=f"{free / (1 << 30):.1f} GiB free", fix="" if state == "ok" else "free space"
    )


def _declarations(settings: Settings) -> list[Check]:
    try:
        declarations = load_declarations(settings)
    except DeclarationError as error:
        return [Check(name="policy", state="broken", detail=str(error), fix="mend the file")]
    checks = [
        Check(name=file, state="broken", detail=str(error), fix="mend the file")
        for file, error in declarations.broken.items()
    ]
    checks.append(
        Check(
            name="platforms",
            state="ok" if declarations.platforms else "limited",
            detail=f"{len(declarations.platforms)} declared",
            fix="" if declarations.platforms else "marque platforms new NAME URL",
        )
    )
    drafts = sorted(name for name, profile in declarations.profiles.items() if profile.is_draft(utc_now().date()))
    checks.append(
        Check(
            name="profiles",
            state="limited" if drafts else "ok",
            detail=f"{len(declarations.profiles)} known; drafts that cannot be sent: {', '.join(drafts) or 'none'}",
            fix="a named person checks each against its sources and says so in the workspace's copy"
            if drafts
            else "",
        )
    )
    if declarations.policy.exercise:
        checks.append(
            Check(name="policy", state="limited", detail="exercise: approves without a person, loopback only")
        )
    return checks


def _database(settings: Settings) -> Check:
    from store.db.session import Database, check_schema, newest_schema

    try:
        with Database(settings.database_url) as database:
            check_schema(database)
    except Exception as error:  # noqa: BLE001 -- whatever the database answers is the finding
        return Check(name="database", state="broken", detail=str(error), fix="marque init")
    return Check(name="database", state="ok", detail=f"schema {newest_schema()}")


def _contact(settings: Settings) -> Check:
    if settings.contact is None:
        return Check(
            name="identity",
            state="limited",
            detail="requests name no contact, so only loopback sites are crawled",
            fix="set MARQUE_CONTACT to a mail address or page",
        )
    return Check(name="identity", state="ok", detail=settings.user_agent)


def _browser(settings: Settings) -> Check:
    from crawler.errors import NoBrowser
    from crawler.footing import footing

    try:
        stands_on = footing(settings)
    except NoBrowser:
        return Check(
            name="browser",
            state="limited",
            detail="no Chromium: pages drawn by scripts are not read, no screenshots are taken",
            fix="install chromium-headless-shell, or set MARQUE_BROWSER",
        )
    if not stands_on.has_sandbox:
        return Check(
            name="browser",
            state="limited",
            detail=f"{stands_on.path}, without its sandbox: this is root",
            fix="crawl as a user of its own",
        )
    if not stands_on.wall:
        return Check(
            name="browser",
            state="limited",
            detail=f"{stands_on.path}, without a network namespace of its own",
            fix="allow unprivileged user namespaces, and install unshare (util-linux)",
        )
    return Check(name="browser", state="ok", detail=stands_on.path)


def _evidence(settings: Settings) -> list[Check]:
    """What evidence of a page this set-up gets, and to which platforms it can send nothing for lack of it."""
    from crawler.errors import NoBrowser
    from crawler.footing import footing

    try:
        declarations = load_declarations(settings)
    except DeclarationError:
        return []  # told by its own check
    try:
        footing(settings)
        has_browser = True
    except NoBrowser:
        has_browser = False
    stopped: dict[str, str] = {}
    for name, platform in sorted(declarations.platforms.items()):
        profile = declarations.profiles.get(platform.notify.profile or "")
        drawn = {"listing", "title_page", "evidence"} & set(platform.browser.pages)
        if not has_browser and profile is not None and profile.evidence.screenshot:
            stopped[name] = f"{profile.name} asks for a screenshot"
        elif not has_browser and drawn:
            stopped[name] = "its pages need a browser, so its offers are not looked at again"
        elif platform.api is not None:
            stopped[name] = (
                "once a notice is older than [evidence] recheck_h: its interface gives no page to look at again"
            )
        elif settings.contact is None and not platform.is_loopback:
            stopped[name] = "its offers are not looked at again without a contact"
    gets = (
        "one load of a page gives answer, headers, connection, document, text, pictures, log and parts"
        if has_browser
        else "a page gives answer, headers and connection: no document after scripts, no text, no picture, no parts"
    )
    told = "; ".join(f"{name} ({why})" for name, why in stopped.items())
    if has_browser and not stopped:
        return [Check(name="evidence", state="ok", detail=gets)]
    detail = f"{gets}. Nothing can be sent to: {told}" if stopped else gets
    return [Check(name="evidence", state="limited", detail=detail, fix="see browser and identity above")]
