"""Domains that no request about a whole name, address or network may be aimed at, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from config.declaration import Declaration, check, read_toml

SHIPPED = Path(__file__).parent / "protected.toml"


class Group(Declaration):
    """Domains that are spared for one reason."""

    because: str = Field(min_length=10)
    domains: tuple[str, ...] = Field(min_length=1)


class _Groups(Declaration):
    groups: dict[str, Group]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """The whole list."""

    groups: dict[str, Group]

    def group_of(self, host: str) -> str | None:
        """The name of the group that spares this host, or a domain above it; None where none does."""
        labels = host.casefold().rstrip(".").split(".")
        names = {".".join(labels[start:]) for start in range(len(labels))}
        return next((name for name, group in self.groups.items() if names & set(group.domains)), None)

    def reason(self, host: str) -> str | None:
        """Why this host, or a domain above it, is spared; None where it isn't."""
        name = self.group_of(host)
        if name is None:
            return None
        return f"{host} is on the list of protected targets ({name.replace('_', ' ')}): {self.groups[name].because}"


def load_protected(own: Path) -> Protected:
    """The shipped list with the workspace's own file added to it. Raises the mistake of a broken file."""
    groups = _read(SHIPPED)
    for name, group in (_read(own) if own.exists() else {}).items():
        known = groups.get(name)
        groups[name] = group if known is None else Group(
            because=known.because, domains=tuple(dict.fromkeys((*known.domains, *group.domains)))
        )  # fmt: skip
    return Protected(groups=groups)


def _read(path: Path) -> dict[str, Group]:
    data: dict[str, Any] = {"groups": read_toml(path)}  # Any: TOML values
    return dict(check(_Groups, data, str(path)).groups)
