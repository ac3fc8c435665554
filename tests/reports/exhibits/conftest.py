"""An office with one confirmed finding, a key, and a time authority that can be silenced."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cases.run import build_cases, decide_by_exercise_policy
from exercise.time_authority import TimeAuthority as LocalAuthority
from reports.exhibits.exporting import Exported, export_case
from reports.exhibits.sealing import seal_new_captures
from reports.facts import Sender
from store.db.session import Database
from store.evidence.seal import SigningKey, create_key
from store.evidence.timestamp import TimeAuthority
from store.evidence.vault import Vault
from store.evidence.verify import Status, parse_roots, verify
from store.records.scope import EVERYTHING
from tests import factories as make

Ids = Callable[[], str]


@dataclass
class Office:
    """A ledger with one confirmed finding, its key, and a time authority that can be silenced."""

    database: Database
    vault: Vault
    ids: Ids
    home: Path
    key: SigningKey
    authority: TimeAuthority
    local: LocalAuthority
    is_silent: bool = False

    def ask(self, _url: str, query: bytes) -> bytes:
        if self.is_silent:
            raise OSError("connection refused")
        return self.local.reply(query)

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def seal(self) -> list[str]:
        return seal_new_captures(
            self.database,
            self.vault,
            key=self.key,
            authorities=[self.authority],
            ask=self.ask,
            clock=self.clock,
            ids=self.ids,
        )

    def export(self, *authorities: TimeAuthority, number: int = 1) -> Exported:
        return export_case(
            self.database,
            self.vault,
            make.declarations(platforms=(make.platform(),)),
            number=number,
            out=self.home / "out",
            key=self.key,
            authorities=authorities,
            sender=Sender(agent=None, agent_email=None, agent_address=None, agent_phone=None, signatory=None),
            ask=self.ask,
            by="Jane Roe",
            clock=self.clock,
            ids=self.ids,
            scope=EVERYTHING,
        )

    def judged(self, exported: Exported) -> dict[str, Status]:
        report = verify(exported.receipt.path, [self.key.published], self.authority.roots)
        return {check.name: check.status for check in report.checks if check.status is not Status.PASS}


@pytest.fixture
def office(database: Database, vault: Vault, clock: Callable[[], datetime], ids: Ids, tmp_path: Path) -> Office:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl for a local time authority")
    now = datetime.now(UTC)
    local = LocalAuthority(tmp_path / "tsa", name="Exercise", now=now)
    declared = make.declarations(platforms=(make.platform(),))
    make.store_scene(database, vault, make.goods_scene(), decided=False)
    build_cases(database, declared, clock=clock, ids=ids)
    decide_by_exercise_policy(database, declared, clock=clock, ids=ids)
    return Office(
        database=database,
        vault=vault,
        ids=ids,
        home=tmp_path,
        key=create_key(
            tmp_path / "keys", name="Office", valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=9)
        ),
        authority=TimeAuthority(name="first", url="http://127.0.0.1/", roots=tuple(parse_roots(local.root_pem))),
        local=local,
    )
