"""Webhooks: told once what happened, signed so that the library believes it, tried again, given up, sent anew."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from ssl import TLSVersion
from threading import Event
from typing import Any

import pytest
from standardwebhooks import Webhook as Library
from standardwebhooks import WebhookVerificationError
from typer.testing import CliRunner

from cases.decisions import decide
from config.settings import load_settings
from console.answering import Said, hand_in
from console.cli import app as cli
from console.errors import NotFound, Unanswerable
from console.webhooks.posting import check_endpoint, post
from console.webhooks.subscribing import (
    list_messages,
    list_webhooks,
    make_webhook,
    replay,
    resume_webhook,
    revoke_webhook,
    secret_of,
)
from console.webhooks.telling import WAITS, Told, collect, tell
from console.workspace import Workspace, open_workspace
from reports.taking_back import recall_within
from store.db.audit_chain import seal_entries
from store.db.batches import Batches
from store.db.notices import Notices
from store.records.accounts import Role
from store.records.cases import RejectReason, Verdict
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from store.records.webhooks import MessageState, Webhook, WebhookEvent
from tests import factories as make
from tests.console.web.conftest import Now, SignIn
from tests.console.web.platform.conftest import batched_home
from tests.console.web.review.stock import stock
from tests.console.web.webhooks.receiver import TAKEN, Receiver, receiving
from tests.crawler.tls_hosts import make_host
from tests.reports.transports.serving import serving

__all__ = ["batched_home"]

ALL = tuple(WebhookEvent)
BY: dict[str, Any] = {"by": "Ann Lee", "ids": new_id}


@pytest.fixture
def workspace(batched_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace of an exercise, whose first batch, of two items, has left."""
    home = Path(shutil.copytree(batched_home, tmp_path / "home"))
    (home / "policy.toml").write_text(f"exercise = true\n{(home / 'policy.toml').read_text()}")
    with open_workspace(load_settings(home, {})) as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def hook(workspace: Workspace, url: str, *events: WebhookEvent, **more: Any) -> tuple[Webhook, str]:
    narrowed = {"holder": None, "platform": None, "compartment": None, **more}
    return make_webhook(workspace, "Their desk", url, events or ALL, clock=utc_now, **BY, **narrowed)


def told(workspace: Workspace, clock: Any = utc_now, **more: float) -> Told:
    seal_entries(workspace.database)
    return tell(workspace, stop=Event(), clock=clock, **more)


def reject(workspace: Workspace) -> None:
    finding = make.an_id("finding")
    decide(workspace.database, [finding], Verdict.REJECT, reason=RejectReason.PARODY, clock=utc_now, **BY)


def recall(workspace: Workspace) -> None:
    with workspace.database.write() as connection:
        notice = Notices(connection, EVERYTHING).numbered(1)
        assert notice is not None
        recall_within(connection, notice, because="Mistaken: sold by Jane Roe", clock=utc_now, **BY)


def answer(workspace: Workspace) -> list[str]:
    with workspace.database.read() as connection:
        batch = Batches(connection, EVERYTHING).numbered(1)
        notice = Notices(connection, EVERYTHING).numbered(1)
    assert batch is not None and notice is not None
    items = [item.id for item in notice.items]
    said = [Said(item=item, word="removed", decided_at=utc_now()) for item in items]
    hand_in(workspace, batch, said, labels={}, via="api", clock=utc_now, **BY)
    return items


def come_back(workspace: Workspace) -> str:
    """The noticed offer again, under another address, identified and put in a case."""
    scene = make.goods_scene(50)
    scene = replace(scene, listing=replace(scene.listing, first_seen=utc_now(), last_seen=utc_now()))
    stock(workspace.database, workspace.vault, [scene], id=make.an_id("case", 50), number=50)
    return scene.listing.id


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in receiver.had]


def test_every_kind_of_event_is_told_once_and_the_library_believes_it(
    workspace: Workspace, receiver: Receiver
) -> None:
    _, secret = hook(workspace, receiver.url)
    assert told(workspace) == Told(entered=0, delivered=0, failed=0, dead=0), "what was before is not told"
    items = answer(workspace)
    listing = come_back(workspace)
    reject(workspace)
    done = told(workspace)
    recall(workspace)
    more = told(workspace)
    assert (done.failed, done.dead, done.delivered, more.delivered) == (0, 0, done.entered, 1)
    assert len(receiver.had) == done.entered + 1
    said = bodies(receiver)
    assert {body["type"] for body in said} == {event.value for event in ALL}
    of = {body["type"]: body["data"] for body in said}
    assert of["batch.answered"] == {
        "batch": 1,
        "notice": 1,
        "platform": "shopnest",
        "items": [{"item": item, "status": "actioned"} for item in items],
    }
    assert of["finding.decided"].items() >= {"finding": make.an_id("finding"), "verdict": "reject"}.items()
    assert [body["data"]["became"] for body in said if body["type"] == "notice.state"] == ["sent", "recalled"]
    assert (of["listing.returned"]["listing"], of["listing.returned"]["notice"]) == (listing, 1)
    for request in receiver.had:
        assert Library(secret).verify(request.body, request.headers) == json.loads(request.body)
        with pytest.raises(WebhookVerificationError):
            Library(secret).verify(request.body.replace(b"data", b"dada"), request.headers)
        assert b"Roe" not in request.body and b"Mistaken" not in request.body, "ids and words of closed lists alone"
        assert request.path == "/marque?of=us"
    assert len({request.headers["webhook-id"] for request in receiver.had}) == len(receiver.had)
    assert told(workspace).entered == 0 and len(receiver.had) == done.entered + 1, "nothing is told twice"


def test_two_that_collect_at_once_and_a_kill_between_tell_nothing_twice_and_miss_nothing(
    workspace: Workspace,
) -> None:
    made, _ = hook(workspace, "http://127.0.0.1:9/")
    reject(workspace)
    seal_entries(workspace.database)
    assert collect(workspace, clock=utc_now, ids=new_id) == 1
    with workspace.database.write() as connection:
        from store.db import tables

        # As if the process had died before it wrote down how far it had read.
        connection.execute(tables.webhook.update().values(read_to=made.read_to))
    collect(workspace, clock=utc_now, ids=new_id)
    assert len(list_messages(workspace)) == 1


def test_a_narrowed_webhook_hears_what_its_scope_may_see(workspace: Workspace) -> None:
    of_a_platform = (WebhookEvent.BATCH_ANSWERED, WebhookEvent.NOTICE_STATE)
    every = {event.value for event in ALL}
    cases: dict[str, tuple[tuple[WebhookEvent, ...], dict[str, str], set[str]]] = {
        "a platform's": (of_a_platform, {"platform": "shopnest"}, {event.value for event in of_a_platform}),
        "the holder's": (ALL, {"holder": make.party().legal_name}, every),
        "a compartment's": (ALL, {"compartment": "aurora"}, set()),
    }
    names = {}
    for name, (events, narrowed, _) in cases.items():
        names[hook(workspace, "http://127.0.0.1:9/", *events, **narrowed)[0].id] = name
    answer(workspace)
    come_back(workspace)
    reject(workspace)
    seal_entries(workspace.database)
    collect(workspace, clock=utc_now, ids=new_id)
    heard: dict[str, set[str]] = {name: set() for name in cases}
    for message, webhook in list_messages(workspace):
        heard[names[webhook.id]].add(message.event.value)
    assert heard == {name: expected for name, (_, _, expected) in cases.items()}


FAULTS = {
    "500": (b"HTTP/1.1 500 No\r\n\r\n", 500),
    "404": (b"HTTP/1.1 404 No\r\n\r\n", 404),
    "a redirect to ourselves": (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 302),
    "garbage": (b"\x00\xff\x13garbage\r\n\r\n", None),
    "nothing at all": (b"", None),
    "endless headers": (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500 + b"\r\n", None),
    "silence": (None, None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_receiver_is_an_answer_that_nobody_took(receiver: Receiver, fault: str) -> None:
    receiver.answer, status = FAULTS[fault]
    answer = post(receiver.url, b"{}", {}, loopback=True, whole_s=0.3 if receiver.answer is None else 20.0)
    assert (answer.status, answer.is_taken) == (status, False) and answer.because
    assert len(receiver.had) == 1, "nothing is followed"


def test_a_receiver_that_drips_under_tls_is_left_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = make_host(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(host.trust))

    def drip(line: socket.socket, over: Event) -> None:
        while not over.wait(0.05):
            line.sendall(b"x")

    with serving(drip, tls=host.serving(TLSVersion.TLSv1_3)) as address:
        assert post(address, b"{}", {}, loopback=True, whole_s=2.0).status is None


def test_a_receiver_that_drips_for_ever_is_left_when_the_time_is_up(receiver: Receiver) -> None:
    receiver.answer, receiver.drips = b"HT", True
    assert post(receiver.url, b"{}", {}, loopback=True, whole_s=0.3).status is None


def test_what_was_not_taken_is_tried_again_under_the_same_id(workspace: Workspace, receiver: Receiver) -> None:
    hook(workspace, receiver.url, WebhookEvent.FINDING_DECIDED)
    reject(workspace)
    receiver.answer = FAULTS["500"][0]
    now = utc_now()
    done = told(workspace, lambda: now)
    assert (done.failed, done.delivered) == (1, 0)
    ((message, _),) = list_messages(workspace)
    assert (message.state, message.status, message.attempts) == (MessageState.READY, 500, 1)
    assert message.because and message.next_at == now + WAITS[0]
    assert told(workspace, lambda: now + WAITS[0] / 2).failed == 0, "not before its time"
    receiver.answer = b"HTTP/1.1 200 OK\r\n\r\n"
    assert told(workspace, lambda: now + WAITS[0]).delivered == 1
    first, again = receiver.had
    assert first.headers["webhook-id"] == again.headers["webhook-id"] and first.body == again.body


def test_what_is_never_taken_is_given_up_and_a_person_sends_it_anew(workspace: Workspace, receiver: Receiver) -> None:
    hook(workspace, receiver.url, WebhookEvent.FINDING_DECIDED)
    reject(workspace)
    receiver.answer = b"HTTP/1.1 503 Later\r\nRetry-After: 20\r\n\r\n"
    now, outcomes = utc_now(), []
    for wait in (timedelta(0), timedelta(seconds=20), *WAITS[1:], timedelta(days=9)):
        now += wait
        done = told(workspace, lambda at=now: at)  # type: ignore[misc]  # bound now
        outcomes.append((done.failed, done.dead))
    assert outcomes == [(1, 0)] * len(WAITS) + [(0, 1), (0, 0)]
    ((message, _),) = list_messages(workspace, state=MessageState.DEAD)
    again = replay(workspace, message.id, clock=lambda: now, **BY)
    assert replay(workspace, message.id, clock=lambda: now, **BY) == again
    receiver.answer = b"HTTP/1.1 200 OK\r\n\r\n"
    assert told(workspace, lambda: now).delivered == 1
    assert len({request.headers["webhook-id"] for request in receiver.had}) == 1
    with pytest.raises(NotFound):
        replay(workspace, new_id(), clock=utc_now, **BY)


def test_whoever_wants_no_more_or_was_taken_out_hears_no_more(workspace: Workspace, receiver: Receiver) -> None:
    made, _ = hook(workspace, receiver.url, WebhookEvent.FINDING_DECIDED, WebhookEvent.NOTICE_STATE)
    receiver.answer = b"HTTP/1.1 410 Gone\r\n\r\n"
    reject(workspace)
    assert told(workspace).dead == 1
    (gone,) = list_webhooks(workspace)
    assert (gone.is_told, gone.paused_by) == (False, None) and "410" in str(gone.paused_because)
    ((message, _),) = list_messages(workspace)
    with pytest.raises(Unanswerable, match="resume it first"):
        replay(workspace, message.id, clock=utc_now, **BY)
    recall(workspace)
    receiver.answer = TAKEN
    assert told(workspace) == Told(entered=0, delivered=0, failed=0, dead=0)
    assert resume_webhook(workspace, made.id, clock=utc_now, **BY).is_told
    replay(workspace, message.id, clock=utc_now, **BY)
    assert told(workspace).delivered == 2, "what happened meanwhile, and what was given up"
    revoke_webhook(workspace, made.id, clock=utc_now, **BY)
    assert secret_of(workspace, made.id) is None
    with pytest.raises(Unanswerable, match="told nothing"):
        replay(workspace, message.id, clock=utc_now, **BY)
    with pytest.raises(NotFound):
        resume_webhook(workspace, made.id, clock=utc_now, **BY)


def test_a_receiver_that_is_down_holds_up_nobody_else(workspace: Workspace, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as shut:
        port = shut.getsockname()[1]
    hook(workspace, f"http://127.0.0.1:{port}/", WebhookEvent.FINDING_DECIDED, WebhookEvent.NOTICE_STATE)
    hook(workspace, receiver.url)
    reject(workspace)
    recall(workspace)
    done = told(workspace)
    assert (done.failed, done.delivered) == (1, 2), "one attempt at the one that is down, and all of the other's"


ADDRESSES = [
    "ftp://example.com/",
    "https://user:word@example.com/",
    "http://example.com/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::ffff:127.0.0.1]/",
    "https://127.0.0.1/",
    "http://127.0.0.1:8041/",
    "https://localhost/",
    "https://intranet/",
    "https://printer.local/",
    "https://example.com/a b",
    "https://example.com/\r\nx: y",
    "https://exämple.com/",
    "https://example.com/#part",
    "https://example.com:0/",
    "https:///x",
    "https://" + "a" * 3000 + ".example/",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_leads_inside_or_travels_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(Unanswerable):
        check_endpoint(url, loopback=False)
    assert post(url, b"{}", {}, loopback=False).status is None


def test_a_host_of_our_own_network_is_told_where_the_policy_names_it() -> None:
    check_endpoint("https://intranet/marque", loopback=False, inner=("intranet",))
    for url in ("http://intranet/", "https://intranet.local/", "https://localhost/", "https://10.0.0.1/"):
        with pytest.raises(Unanswerable):
            check_endpoint(url, loopback=False, inner=("intranet",))


@pytest.mark.parametrize("found", ["10.1.2.3", "127.0.0.1", "169.254.169.254", "fd00::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_inside_is_not_connected_to(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, port: int, **_more: object) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in ("93.184.216.34", found)]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    answer = post("https://hooks.example.com/", b"{}", {}, loopback=False)
    assert answer.status is None and "may not be connected to" in answer.because


def test_a_loopback_address_outside_an_exercise_is_refused_when_it_is_made(
    batched_home: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(batched_home, tmp_path / "home"))
    with open_workspace(load_settings(home, {})) as workspace:
        for url in ("http://127.0.0.1:8041/", "https://127.0.0.1/"):
            with pytest.raises(Unanswerable):
                hook(workspace, url)
        with pytest.raises(Unanswerable, match="may hear"):
            hook(workspace, "https://hooks.example.com/", WebhookEvent.FINDING_DECIDED, platform="shopnest")
        with pytest.raises(NotFound):
            hook(workspace, "https://hooks.example.com/", holder="Nobody AB")
        _, secret = hook(workspace, "https://hooks.example.com/")
    assert secret.encode() not in (home / "marque.db").read_bytes(), "its secret is kept sealed"


def test_the_command_line_makes_lists_and_ends_webhooks(workspace: Workspace, receiver: Receiver) -> None:
    home = ["--home", str(workspace.settings.home), "webhooks"]

    def marque(*words: str, code: int = 0) -> Any:
        result = CliRunner().invoke(cli, [*home, *words, "--json"], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    made = marque("add", "Desk", receiver.url, "--event", "finding.decided", "--by", "Ann Lee")
    assert made["secret"].startswith("whsec_") and "secret" not in marque("list")[0]
    receiver.answer = b"HTTP/1.1 410 Gone\r\n\r\n"
    reject(workspace)
    assert marque("tell", code=1)["dead"] == 1
    (message,) = marque("messages", "--state", "dead")
    assert [line["state"] for line in marque("list")] == ["paused"]
    assert marque("resume", "Desk", "--by", "Ann Lee")["state"] == "told"
    assert marque("replay", message["id"], "--by", "Ann Lee")["state"] == "ready"
    receiver.answer = b"HTTP/1.1 200 OK\r\n\r\n"
    assert marque("tell")["delivered"] == 1
    assert marque("pause", "Desk", "--because", "it moves", "--by", "Ann Lee")["state"] == "paused"
    assert marque("list")[0]["because"] == "it moves"
    assert marque("revoke", "Desk", "--by", "Ann Lee")["state"] == "revoked"


def test_the_desk_shows_what_was_given_up_and_sends_it_anew(
    desk: Any, signed_in: SignIn, now: Now, receiver: Receiver
) -> None:
    from store.db.rows import row_of
    from store.db.webhooks import WebhookMessages, Webhooks
    from store.records.webhooks import WebhookMessage

    made = Webhook(
        id=new_id(), name="Desk <b>", url="https://a.example/", events=ALL, read_to=0, made_by="A", made_at=now()
    )
    dead = WebhookMessage(
        id=new_id(), webhook=made.id, event=ALL[0], source="x", body="{}", state=MessageState.DEAD, attempts=10,
        because="500: refused", status=500, made_at=now(), settled_at=now(),
    )  # fmt: skip
    with desk.workspace.database.write() as connection:
        connection.execute(Webhooks.table.insert(), row_of(made, Webhooks.table))
        WebhookMessages(connection, EVERYTHING).enter([dead])
    officer, auditor = signed_in(Role.OFFICER), signed_in(Role.AUDITOR)
    page = auditor.get("/webhooks").text
    assert "500: refused" in page and "Desk &lt;b&gt;" in page
    assert auditor.submit(f"/webhooks/{dead.id}/replay").status_code == 403
    assert signed_in(Role.OFFICER, compartment="aurora").get("/webhooks.json").json()["messages"] == []
    assert officer.submit(f"/webhooks/{dead.id}/replay").status_code == 303
    (line,) = officer.get("/webhooks.json").json()["messages"]
    assert (line["state"], line["attempts"]) == ("ready", 0)
    assert "on its way" in officer.get("/webhooks").text and dead.id in officer.get("/webhooks.csv").text
    assert officer.submit(f"/webhooks/{new_id()}/replay").status_code == 404


def test_the_desk_makes_pauses_and_ends_webhooks_and_shows_their_secret_once(desk: Any, signed_in: SignIn) -> None:
    officer = signed_in(Role.OFFICER)
    asked = {"name": "Their <b>", "url": "https://hooks.example.com/in", "events": ["notice.state", "batch.answered"]}
    answer = officer.submit("/webhooks", **asked)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    secret = answer.text.partition("whsec_")[2].partition("<")[0]
    (made,) = list_webhooks(desk.workspace)
    assert secret_of(desk.workspace, made.id) == f"whsec_{secret}" and secret not in officer.get("/webhooks").text
    assert made.name == "Their <b>" and made.made_by.startswith("officer-")
    for wrong in ({"url": "https://10.0.0.1/"}, {"events": []}, {"holder": "Nobody AB"}, {"platform": "nowhere"}):
        refused = officer.submit("/webhooks", **asked | wrong)
        assert refused.status_code == 422 and "whsec_" not in refused.text, wrong
    assert len(list_webhooks(desk.workspace)) == 1
    at = f"/webhooks/addresses/{made.id}"
    assert officer.submit(f"{at}/pause").status_code == 422, "why is asked"
    assert officer.submit(f"{at}/pause", because="it moves").status_code == 303
    assert "it moves" in officer.get("/webhooks").text and "A webhook is paused" in officer.get("/").text
    assert officer.submit(f"{at}/resume").status_code == 303 and list_webhooks(desk.workspace)[0].is_told
    for _ in range(2):
        assert officer.submit(f"{at}/revoke").status_code == 303
    assert officer.submit(f"{at}/resume").status_code == 422 and secret_of(desk.workspace, made.id) is None
    assert officer.submit(f"{at}/wipe").status_code == 404
    stranger = signed_in(Role.OFFICER, compartment="aurora")
    assert stranger.submit("/webhooks", **asked).status_code == 404
