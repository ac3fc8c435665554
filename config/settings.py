"""Where a workspace is and how this installation is set up: the only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DEFAULT_HOME = ".marque"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One workspace: its folder, its database, and who is behind the requests."""

    home: Path
    database_url: str
    contact: str | None  # mail or URL that goes into the User-Agent; None: not set, crawling others is refused
    browser_path: Path | None = None  # a configured Chromium; None: looked up
    relay: str | None = None  # host:port that mail leaves by; None: no mail leaves
    oidc_issuer: str | None = None  # where people of the office sign in; None: with names and passwords alone
    oidc_client: str | None = None  # what this installation is called there

    def child_environment(self) -> dict[str, str]:
        """The environment that gives a process of ours these settings, whatever they came from."""
        told = {
            "MARQUE_HOME": str(self.home),
            "MARQUE_DATABASE_URL": self.database_url,
            "MARQUE_CONTACT": self.contact or "",
            "MARQUE_BROWSER": str(self.browser_path or ""),
            "MARQUE_SMTP": self.relay or "",
            "MARQUE_OIDC_ISSUER": self.oidc_issuer or "",
            "MARQUE_OIDC_CLIENT": self.oidc_client or "",
        }
        return {**os.environ, **told}

    def secret(self, name: str) -> str | None:
        """A secret that a declaration names, read where it is used, so that no record and no log ever holds it."""
        return os.environ.get(name) or None

    @property
    def vault(self) -> Path:
        """The folder of captured bytes."""
        return self.home / "vault"

    @property
    def keys(self) -> Path:
        """The folder of keys, readable by the owner alone."""
        return self.home / "keys"

    @property
    def platforms(self) -> Path:
        """The folder of the workspace's own platform files."""
        return self.home / "platforms"

    @property
    def families(self) -> Path:
        """The folder of the workspace's own families."""
        return self.home / "families"

    @property
    def profiles(self) -> Path:
        """The folder of the workspace's own notice profiles."""
        return self.home / "profiles"

    @property
    def policy(self) -> Path:
        """The workspace's own policy, laid over the shipped one; may be absent."""
        return self.home / "policy.toml"

    @property
    def law(self) -> Path:
        """The workspace's own rows of the legal table."""
        return self.home / "law.toml"

    @property
    def instruments(self) -> Path:
        """The folder of the workspace's own forms of orders, requests and referrals."""
        return self.home / "instruments"

    @property
    def protected(self) -> Path:
        """The workspace's own additions to the list of protected targets."""
        return self.home / "protected.toml"

    @property
    def registers(self) -> Path:
        """The workspace's own addresses of registers."""
        return self.home / "registers.toml"

    @property
    def out(self) -> Path:
        """The folder of what leaves the house."""
        return self.home / "out"

    @property
    def user_agent(self) -> str:
        """How every request names itself."""
        contact = f"; {self.contact}" if self.contact else ""
        return f"Marque/{code_version()} (intellectual property enforcement{contact})"


def load_settings(home: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """
    The settings of the workspace at `home`, else `MARQUE_HOME`, else `./.marque`.

    `MARQUE_DATABASE_URL` names another database than the workspace's SQLite file, `MARQUE_CONTACT` the mail or
    page that requests name, `MARQUE_BROWSER` a Chromium, `MARQUE_SMTP` the relay that mail leaves by (host:port),
    `MARQUE_OIDC_ISSUER` and `MARQUE_OIDC_CLIENT` where people may sign in with the account of their office.
    """
    environ = os.environ if environ is None else environ
    folder = Path(home or environ.get("MARQUE_HOME") or DEFAULT_HOME).absolute()
    browser = environ.get("MARQUE_BROWSER")
    return Settings(
        home=folder,
        database_url=environ.get("MARQUE_DATABASE_URL") or f"sqlite:///{folder / 'marque.db'}",
        contact=environ.get("MARQUE_CONTACT") or None,
        browser_path=Path(browser) if browser else None,
        relay=environ.get("MARQUE_SMTP") or None,
        oidc_issuer=environ.get("MARQUE_OIDC_ISSUER") or None,
        oidc_client=environ.get("MARQUE_OIDC_CLIENT") or None,
    )


def read_secret(name: str) -> str | None:
    """A secret by the name of its variable; None where it is not set. Never log it, never write it anywhere."""
    return os.environ.get(name) or None


def code_version() -> str:
    """The version of Marque that is running."""
    try:
        return version("marque")
    except PackageNotFoundError:
        return "0.0.0"
