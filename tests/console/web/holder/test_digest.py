"""The daily digest: one's own findings only, each once with its reason, and written as mail once a day."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from fastapi import FastAPI
from starlette.testclient import TestClient

from cases.decisions import decide
from config.settings import load_settings
from console.digesting import send_mails, write_due, write_mails
from console.workspace import Workspace, open_workspace
from reports.transports.mail import Connect, relay
from store.db import tables
from store.records.accounts import Role
from store.records.cases import RejectReason, Verdict
from store.records.doors import Entrance
from store.records.ids import new_id
from tests.console.web.conftest import Now
from tests.console.web.holder.test_portal import Holder
from tests.console.web.platform.conftest import open_door
from tests.console.web.two_holders import Side, two_holders
from tests.reports.test_outbox import Box


@pytest.fixture
def world(fresh_home: Path, tmp_path: Path, now: Now) -> Iterator[tuple[FastAPI, Side, Side]]:
    made = open_door(Path(shutil.copytree(fresh_home, tmp_path / "home")), now, Entrance.HOLDER)
    with TestClient(made):
        yield (made, *two_holders(made.state.desk))


def test_a_day_shows_ones_own_findings_and_why_some_were_dismissed(
    world: tuple[FastAPI, Side, Side], now: Now
) -> None:
    app, own, other = world
    desk = app.state.desk
    database = desk.workspace.database
    with database.read() as connection:
        found_at = connection.execute(tables.review_item.select()).first().found_at
    found_on = found_at.date()
    now.at = found_at + timedelta(hours=3)
    browser = Holder(app, Role.HOLDER_EXPERT, holder=own.holder)

    def lines(day: str = f"?day={found_on}") -> list[tuple[str, str, str]]:
        # A browser anew: days pass, and sessions end.
        rows = Holder(app, Role.HOLDER_EXPERT, holder=own.holder).get(f"/digest.json{day}").json()["lines"]
        return [(row["change"], row["finding"], row["because"]) for row in rows]

    ((change, finding, because),) = lines()
    assert (change, finding) == ("new", own.finding) and because
    for path in ("/digest", "/digest.csv", f"/digest?day={found_on}"):
        page = browser.get(path)
        assert page.status_code == 200
        assert [mark for mark in other.marks if mark in page.text] == [], path
    assert browser.get("/digest?day=never").status_code == 404
    assert lines(f"?day={found_on - timedelta(days=1)}") == []

    now.move(days=1)
    for each in (own.finding, other.finding):
        decide(
            database,
            [each],
            Verdict.REJECT,
            by="Eve Reviewer",
            clock=now,
            ids=new_id,
            reason=RejectReason.GENUINE_RESALE,
            note="box and papers shown",
        )
    assert lines(f"?day={now().date()}") == [("dismissed", own.finding, "genuine resale: box and papers shown")]
    assert lines() == [], "what was dismissed is new no longer"

    folder = write_mails(desk.workspace, now().date())
    assert folder is not None
    mails = {path.stem: message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.iterdir()}
    assert set(mails) == {own.holder, other.holder}
    text = mails[own.holder].get_content()
    assert "genuine resale: box and papers shown" in text
    assert [mark for mark in other.marks if mark in text] == []
    assert write_mails(desk.workspace, now().date()) is None, "a day is written once"
    now.move(days=1)
    assert write_due(desk.workspace, now=now()) is None, "yesterday's are there"
    now.move(days=1)
    assert write_due(desk.workspace, now=now()) is not None, "a day on which nothing happened is settled too"


@contextmanager
def answering(box: Box) -> Iterator[Connect]:
    """A relay on loopback that answers as the box says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield relay("127.0.0.1", port, user=None, secret=None, is_here=True)
    finally:
        controller.stop()


@pytest.fixture
def mailing(fresh_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace that sends digests, with one that waits and one without an address."""
    home = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    (home / "policy.toml").write_text("[digest]\nsend = true\n")
    folder = home / "out" / "digests" / "2026-03-01"
    folder.mkdir(parents=True)
    (folder / "one.eml").write_bytes(
        b"From: u@unit.example\r\nTo: h@holder.example\r\nSubject: Digest\r\n\r\nNew\r\n"
    )
    (folder / "two.eml").write_bytes(b"From: u@unit.example\r\nSubject: Digest\r\n\r\nNew\r\n")
    with open_workspace(load_settings(home, {})) as opened:
        yield opened


def lying(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in (workspace.settings.out / "digests" / "2026-03-01").iterdir())


def test_a_digest_leaves_once_and_stands_as_the_relay_said(mailing: Workspace) -> None:
    for box, stands, count in (
        (Box(rcpt="450 busy"), "one.eml", {}),
        (Box(data="451 later"), "one.eml", {}),
        (Box(), "one.sent", {"sent": 1}),
    ):
        with answering(box) as connect:
            counts = send_mails(mailing, connect)
            assert {name: n for name, n in counts.items() if n} == {"unaddressed": 1, **count}
            assert lying(mailing) == [stands, "two.eml"]
            if stands == "one.sent":
                assert send_mails(mailing, connect)["sent"] == 0 and len(box.kept) == 1


@pytest.mark.parametrize(
    ("box", "stands"),
    [(Box(rcpt="550 no such box"), "one.refused"), (Box(data="hang up"), "one.sending")],
    ids=["refused", "broke off"],
)
def test_what_was_refused_or_broke_off_is_not_sent_again_blindly(mailing: Workspace, box: Box, stands: str) -> None:
    with answering(box) as connect:
        send_mails(mailing, connect)
        assert lying(mailing) == [stands, "two.eml"]
        assert sum(send_mails(mailing, connect).values()) == 1, "the one without an address alone"


def test_nothing_leaves_unless_the_policy_and_a_relay_say_so(mailing: Workspace) -> None:
    assert sum(send_mails(mailing, None).values()) == 0

    def never() -> object:
        raise AssertionError("no relay is asked")

    (mailing.settings.home / "policy.toml").write_text("")
    with open_workspace(mailing.settings) as quiet:
        assert sum(send_mails(quiet, never).values()) == 0  # type: ignore[arg-type]  # it is never called
    with socket.create_server(("127.0.0.1", 0)) as shut:
        port = shut.getsockname()[1]
    assert send_mails(mailing, relay("127.0.0.1", port, user=None, secret=None, is_here=True))["unknown"] == 0
    assert lying(mailing) == ["one.eml", "two.eml"], "without a relay it waits"
