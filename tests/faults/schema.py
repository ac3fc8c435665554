"""
Asks the interface for programs whatever its own OpenAPI description allows and forbids, by schemathesis.

    python -m tests.faults.schema 100 [--seed N] [--json]

`N` is how many requests of each kind an operation gets. No answer may be a server error, none without a status that
the description names, and every refusal is `application/problem+json`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from starlette.testclient import TestClient

from config.settings import load_settings
from console.workspace import create_workspace
from store.records.doors import ApiScope, Entrance
from tests.console.web.api.program import EVERY, OF_A_PLATFORM, Program
from tests.console.web.conftest import Now
from tests.console.web.notices.office import PLATFORM
from tests.console.web.platform.conftest import open_door
from tests.console.web.two_holders import two_holders
from tests.faults.told import told


@dataclass
class Tally:
    """What all requests came to."""

    operations: int = 0
    asked: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    server_errors: list[str] = field(default_factory=list)  # must be empty
    odd: list[str] = field(default_factory=list)  # undescribed statuses, refusals of another form: must be empty


def ask(app: FastAPI, count: int, *, seed: int) -> Tally:
    """`count` valid and `count` invalid requests of every operation, under a key that may do it."""
    import schemathesis
    from schemathesis.generation import GenerationMode

    tally, statuses = Tally(), Counter[str]()
    described = schemathesis.openapi.from_dict(Program(app).get("/openapi.json").json())
    unit, platform = Program(app, *EVERY, ApiScope.SCHEDULES_WRITE), Program(app, *OF_A_PLATFORM, platform="shopnest")
    for result in described.get_all_operations():
        operation = result.ok()
        if not operation.path.startswith("/api/"):
            continue
        tally.operations += 1
        program = platform if operation.path.endswith("/answers") and operation.method == "post" else unit
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask_operation(program, operation, mode, count, seed, tally, statuses)
    tally.statuses = dict(sorted(statuses.items()))
    return tally


def _ask_operation(
    program: Program,
    operation: Any,  # Any: schemathesis' own types carry none that mypy reads
    mode: Any,
    count: int,
    chance: int,
    tally: Tally,
    statuses: Counter[str],
) -> None:
    described = set(operation.definition.raw["responses"])

    @seed(chance)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        asked = case.as_transport_kwargs(base_url="http://127.0.0.1:8741")
        headers = {
            str(name): str(value).encode("latin-1", "replace")
            for name, value in (asked.get("headers") or {}).items()
            if str(name).lower() not in ("authorization", "user-agent", "host", "content-length")
        }
        answer = program.request(
            asked["method"],
            asked["url"],
            params=asked.get("params"),
            headers=headers,
            **({"json": asked["json"]} if "json" in asked else {"content": _bytes(asked.get("data"))}),
        )
        tally.asked += 1
        status = str(answer.status_code)
        statuses[status] += 1
        told = f"{operation.method} {asked['url']} {status}"
        if answer.status_code >= 500:
            tally.server_errors.append(told)
        elif status not in described or _is_odd(answer):
            tally.odd.append(told)

    each()


def _is_odd(answer: Any) -> bool:
    return bool(answer.status_code >= 400 and answer.headers["content-type"] != "application/problem+json")


def _bytes(data: Any) -> bytes | None:
    return data if isinstance(data, bytes) or data is None else str(data).encode("utf-8", "replace")


def main() -> None:
    """Run the proof; exit 1 where the server failed or answered oddly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=random.Random().randrange(1 << 30))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        create_workspace(load_settings(home, {}))
        (home / "platforms" / "shopnest.toml").write_text(PLATFORM)
        app = open_door(home, Now(), Entrance.API)
        with TestClient(app):
            two_holders(app.state.desk)
            tally = ask(app, args.count, seed=args.seed)
    clean = not tally.server_errors and not tally.odd
    sys.stdout.write(told(tally, clean, as_json=args.json))
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
