from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from store.evidence.custody import link, write_log
from store.evidence.seal import SigningKey, create_key

SIGNED_AT = datetime(2026, 11, 21, 10, 30, 15, tzinfo=UTC)
VALID_FROM = datetime(2026, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2027, 1, 1, tzinfo=UTC)


def make_key(folder: Path, seed: int = 1, name: str = "Harbour Unit, evidence desk") -> SigningKey:
    return create_key(
        folder, name=name, valid_from=VALID_FROM, valid_to=VALID_TO, random_bytes=Random(seed).randbytes
    )


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return make_key(tmp_path / "keys")


@pytest.fixture
def custody_log() -> bytes:
    return write_log(
        link(
            {"seq": n, "at": f"2026-11-21T10:0{n}:00Z", "actor": "capture", "action": action}
            for n, action in enumerate(["created", "viewed", "sealed"])
        )
    )


@pytest.fixture
def evidence(custody_log: bytes) -> dict[str, bytes]:
    """What a small evidence bundle holds."""
    return {
        "capture/dom.html": b"<title>Nordlys lamp</title>" * 40,
        "capture/full.png": Random(5).randbytes(3000),
        "match/report.json": b"{}",
        "custody.jsonl": custody_log,
        "certificate.md": "Zeugnis über die Aufnahme\n".encode(),
    }


@pytest.fixture
def fields() -> dict[str, object]:
    return {"package": "ev-0190", "case": "C-7", "captured_at": "2026-11-21T10:00:00Z", "score": "0.97"}
