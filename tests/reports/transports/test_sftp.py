"""A batch by SFTP is there whole under its name, or not there; what cannot be known is said to be unknown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import ValidationError

from config.delivery import Delivery
from reports.errors import NoWay
from reports.parcel import Parcel, pack
from reports.transports.contract import Absent, Declined, ForPerson, NotTaken, Taken, Unknown
from reports.transports.sftp import SftpTransport
from reports.transports.ways import ways
from tests import factories as make
from tests.reports.transports.sftp_server import PASSWORD, SftpHost, serving_sftp

KEY = "5e" * 32
GOLDEN = Path(__file__).parents[2] / "golden" / "batches" / "eu-dsa-16"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpHost]:
    with serving_sftp(tmp_path_factory.mktemp("sftp")) as host:
        yield host


@pytest.fixture
def host(served: SftpHost) -> SftpHost:
    served.fault = None
    for name in ("in", "locked"):
        shutil.rmtree(served.root / name, ignore_errors=True)
    (served.root / "in").mkdir()
    return served


@pytest.fixture(scope="module")
def parcel(tmp_path_factory: pytest.TempPathFactory) -> Parcel:
    folder = tmp_path_factory.mktemp("batch")
    (folder / "batch.json").write_bytes(b"{}" * 60_000)
    (folder / "README.txt").write_text("what to do")
    return Parcel(
        key=KEY, number=7, platform="shopnest", profile="eu-dsa-16", manifest_sha256="0" * 64, watermark=None,
        notices=(1,), item_count=1, folder=folder,
    )  # fmt: skip


def delivery(host: SftpHost, **more: Any) -> Delivery:
    values = {"by": "sftp", "to": host.url(), "host_key": host.host_key, "key_env": "MARQUE_KEY_TEST"}
    return Delivery(**{**values, **more})


def way(host: SftpHost, secret: str = PASSWORD, **more: Any) -> SftpTransport:
    return SftpTransport(delivery(host, **more), secret=secret)


def lies(host: SftpHost) -> set[str]:
    return {path.name for path in (host.root / "in").iterdir()}


def test_the_batch_lies_there_whole_and_a_second_time_changes_nothing(host: SftpHost, parcel: Parcel) -> None:
    first = way(host).send(parcel)
    assert isinstance(first, Taken) and first.receipt == parcel.file_name
    written = host.root / "in" / parcel.file_name
    assert written.read_bytes() == b"".join(pack(parcel.folder)) and lies(host) == {parcel.file_name}
    before = written.stat().st_mtime_ns
    assert way(host).send(parcel) == first and written.stat().st_mtime_ns == before
    found = way(host, repeats="look_up").look_up(KEY)
    assert isinstance(found, Taken) and found.receipt == first.receipt


def test_a_private_key_opens_the_account_as_well(host: SftpHost, parcel: Parcel) -> None:
    assert host.client_key is not None
    host.signed_in.clear()
    assert isinstance(way(host, host.client_key.export_private_key().decode()).send(parcel), Taken)
    assert set(host.signed_in) == {"key"}


@pytest.mark.parametrize(
    ("fault", "said", "after"),
    [
        ("cut", NotTaken, Absent),  # the line breaks in the middle of the upload
        ("full", NotTaken, Absent),
        ("kept_short", NotTaken, Absent),
        ("refused", ForPerson, Absent),  # the name is refused
        ("cut_before_naming", Unknown, Absent),
        ("late_cut", Unknown, Taken),
    ],
)
def test_a_fault_says_what_became_of_the_batch(
    host: SftpHost, parcel: Parcel, fault: str, said: type, after: type
) -> None:
    host.fault = fault
    answer = way(host).send(parcel)
    assert isinstance(answer, said) and not isinstance(answer, Taken | Declined) and answer.because
    assert (parcel.file_name in lies(host)) == (after is Taken)
    host.fault = None
    assert isinstance(way(host).look_up(KEY), after)
    assert isinstance(way(host).send(parcel), Taken) and lies(host) == {parcel.file_name}


def test_what_was_fetched_meanwhile_is_unknown_and_not_absent(host: SftpHost, parcel: Parcel) -> None:
    way(host).send(parcel)
    (host.root / "in" / parcel.file_name).unlink()
    assert isinstance(way(host).look_up(KEY), Unknown)


def test_another_file_under_the_name_is_a_persons(host: SftpHost, parcel: Parcel) -> None:
    (host.root / "in" / parcel.file_name).write_bytes(b"something else")
    assert isinstance(way(host).send(parcel), ForPerson)


def test_whoever_is_not_who_was_declared_gets_nothing(host: SftpHost, parcel: Parcel) -> None:
    other = " ".join(asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[:2])
    host.signed_in.clear()
    answer = way(host, host_key=other).send(parcel)
    assert isinstance(answer, ForPerson) and "not the declared one" in answer.because
    assert host.signed_in == [], "no secret is shown to it"
    assert isinstance(way(host, host_key=other).look_up(KEY), Unknown)
    for secret in ("wrong", "-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n-----END OPENSSH PRIVATE KEY-----"):
        assert isinstance(way(host, secret).send(parcel), ForPerson)
    assert isinstance(way(host, to=host.url("/nowhere")).send(parcel), ForPerson)
    assert lies(host) == set()


def test_where_nobody_listens_and_inside_nothing_is_sent(host: SftpHost, parcel: Parcel) -> None:
    assert isinstance(way(host, to="sftp://marque@127.0.0.1:1/in").send(parcel), NotTaken)
    assert isinstance(way(host, to="sftp://marque@10.0.0.1/in").send(parcel), ForPerson)


def test_the_secret_is_named_and_never_written(host: SftpHost, tmp_path: Path) -> None:
    made = ways(
        secret={"MARQUE_KEY_TEST": PASSWORD}.get, user_agent="Marque", home=tmp_path, relay=None,
        clock=lambda: make.NOW,
    )  # fmt: skip
    assert isinstance(made(delivery(host)), SftpTransport)
    with pytest.raises(NoWay, match="MARQUE_KEY_OTHER"):
        made(delivery(host, key_env="MARQUE_KEY_OTHER"))


@pytest.mark.parametrize(
    "change",
    [
        {"to": "sftp://marque:secret@files.example/in"},
        {"to": "sftp://files.example/in"},
        {"to": "ftp://marque@files.example/in"},
        {"to": "sftp://marque@files.example/../etc"},
        {"to": "sftp://marque@files.example/in?x=1"},
        {"host_key": None},
        {"host_key": "files.example ssh-ed25519 AAAA"},
        {"key_env": None},
    ],
)
def test_a_declaration_that_pins_nothing_is_refused(host: SftpHost, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        delivery(host, **change)
