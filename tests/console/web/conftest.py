"""A desk on a fresh workspace, and browsers signed in to it in any role."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from config.settings import load_settings
from console.web.app import LOCAL, create_app
from console.web.credentials import digest
from console.web.desk import Desk, csrf_token_of
from console.web.limits import RateLimit
from console.web.sessions import open_session, seal_totp
from console.workspace import create_workspace
from store.db.accounts import Accounts
from store.db.audit import act_of
from store.records.accounts import Account, Role
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests.conftest import START

PASSWORD = "correct horse battery"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SETUP = "setup-token-of-the-first-run"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the real cost is tested once, in test_credentials


class Now:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def move(self, **length: float) -> None:
        """Let time pass."""
        self.at += timedelta(**length)


@pytest.fixture
def now() -> Now:
    """The desk's clock."""
    return Now()


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as `marque init` leaves it, made once; each test gets a copy."""
    home = tmp_path_factory.mktemp("desk") / "home"
    create_workspace(load_settings(home, {}))
    return home


def open_desk(home: Path, now: Now) -> FastAPI:
    """The desk on the workspace at `home`, with cheap hashes and no rate limit in the way."""
    return create_app(
        load_settings(home, {}),
        clock=now,
        setup_token=SETUP,
        hasher=QUICK,
        limit=RateLimit(now, strangers_per_minute=60_000, accounts_per_minute=60_000),
    )


@pytest.fixture
def app(tmp_path: Path, now: Now, fresh_home: Path) -> Iterator[FastAPI]:
    """The desk, open, on a workspace of the test's own."""
    made = open_desk(Path(shutil.copytree(fresh_home, tmp_path / "home")), now)
    with TestClient(made):
        yield made


@pytest.fixture(scope="session")
def shared_app(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """One desk for all tests that leave nothing behind."""
    made = open_desk(Path(shutil.copytree(fresh_home, tmp_path_factory.mktemp("shared") / "home")), Now())
    with TestClient(made):
        yield made


@pytest.fixture
def passer_by(shared_app: FastAPI) -> Browser:
    """A stranger at the shared desk."""
    return Browser(shared_app)


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    """What the pages stand on."""
    found: Desk = app.state.desk
    return found


class Browser(TestClient):
    """A browser that carries its form token and stays where it is sent from."""

    def __init__(self, app: FastAPI, cookie: str = "") -> None:
        super().__init__(app, base_url=LOCAL, follow_redirects=False, headers={"accept": "text/html"})
        if cookie:
            self.cookies.set("marque", cookie)

    @property
    def token(self) -> str:
        """The form token of the cookie it has; a stranger first fetches one."""
        if "marque" not in self.cookies:
            self.get("/login")
        return csrf_token_of(self.cookies["marque"])

    def submit(self, path: str, **fields: Any) -> Any:
        """Send a form as a page of ours would."""
        return self.post(path, data={"csrf_token": self.token, **fields})


def add_account(desk: Desk, name: str = "Jane Roe", *roles: Role, **more: Any) -> Account:
    """An account that can sign in."""
    id = new_id()
    account = Account(
        id=id,
        name=name,
        roles=roles or (Role.OFFICER,),
        password_hash=desk.passwords.hash(PASSWORD),
        totp_sealed=seal_totp(desk, id, TOTP),
        created_at=desk.clock(),
        **more,
    )
    with desk.workspace.database.write() as connection:
        act = act_of("test", "create_account", "account", id, clock=desk.clock, ids=new_id)
        Accounts(connection, EVERYTHING).save(account, act)
    return account


def browser_of(app: FastAPI, account: Account) -> Browser:
    """A browser already signed in."""
    desk: Desk = app.state.desk
    with desk.workspace.database.write() as connection:
        return Browser(app, open_session(connection, desk, account, ""))


SignIn = Callable[..., Browser]


@pytest.fixture
def signed_in(app: FastAPI) -> SignIn:
    """`signed_in(Role.REVIEWER, holder=...)`: a browser signed in under a fresh account of these roles."""

    def sign_in(*roles: Role, **more: Any) -> Browser:
        name = "-".join(role.value for role in roles) + "-" + new_id()[-6:]
        return browser_of(app, add_account(app.state.desk, name, *roles, **more))

    return sign_in


@pytest.fixture
def stranger(app: FastAPI) -> Browser:
    """A browser nobody knows."""
    return Browser(app)


def session_rows(desk: Desk, cookie: str) -> Any:
    """The stored session of a cookie."""
    from store.db.sessions import Sessions

    with desk.workspace.database.read() as connection:
        return Sessions(connection, EVERYTHING).of_token(digest(cookie))
