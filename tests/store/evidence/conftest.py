import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from console.stamping import ask_over_http
from exercise.time_authority import TimeAuthority as LocalAuthority
from exercise.time_authority import serving
from store.evidence.bundle import TimeSeal
from store.evidence.custody import link, write_log
from store.evidence.errors import NoToken
from store.evidence.seal import SigningKey, create_key
from store.evidence.timestamp import Stamp, TimeAuthority, ask_for_token
from store.evidence.verify import parse_roots
from store.records.ids import utc_now

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


def configured(name: str, url: str, pem: bytes, *, qualified: bool = False) -> TimeAuthority:
    """What a workspace knows of an authority."""
    return TimeAuthority(name=name, url=url, roots=tuple(parse_roots(pem)), qualified=qualified)


def time_seal(*authorities: TimeAuthority, now: Callable[[], datetime] = utc_now) -> TimeSeal:
    """Asks every authority over HTTP; one that gives nothing is left out."""

    def stamper(signature: bytes) -> dict[str, Stamp]:
        found = {}
        for authority in authorities:
            try:
                found[authority.name] = ask_for_token(authority, signature, ask=ask_over_http, now=now)
            except NoToken:
                continue
        return found

    return TimeSeal(
        authorities=tuple(sorted(authority.name for authority in authorities)),
        stamper=stamper,
        roots=tuple(root for authority in authorities for root in authority.roots),
    )


@pytest.fixture(scope="session")
def local_authority(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl for a local time authority")
    return LocalAuthority(tmp_path_factory.mktemp("tsa"), name="Exercise", now=datetime.now(UTC))


@pytest.fixture(scope="session")
def authority(local_authority: LocalAuthority) -> Iterator[TimeAuthority]:
    """A time authority that answers on loopback."""
    with serving(local_authority.reply) as url:
        yield configured("first", url, local_authority.root_pem)
