"""The interface: who may ask for what, in parts, once, and every refusal as RFC 9457 has it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from console.access import Access
from console.errors import NotFound, Unanswerable
from console.keys import revoke_key
from console.outer_access import API_ROUTES
from store.db.outcomes import Outcomes
from store.db.parties import Parties
from store.db.rights import Rights
from store.records.doors import ApiScope
from store.records.ids import new_id
from store.records.scope import EVERYTHING
from tests.console.web.api.program import EVERY, OF_A_PLATFORM, READS, Program
from tests.console.web.conftest import Now
from tests.console.web.two_holders import Side

World = tuple[FastAPI, Side, Side]
KEYED = tuple(access for access in API_ROUTES if access.key_scope is not None)
OBJECTS = {
    "/api/v1/rights/{right}": lambda one: f"/api/v1/rights/{one.right}",
    "/api/v1/findings/{finding}": lambda one: f"/api/v1/findings/{one.finding}",
    "/api/v1/cases/{number}": lambda one: f"/api/v1/cases/{one.case}",
    "/api/v1/batches/{number}": lambda one: f"/api/v1/batches/{one.batch}",
    "/api/v1/batches/{number}/items": lambda one: f"/api/v1/batches/{one.batch}/items",
    "/api/v1/batches/{number}/answers": lambda one: f"/api/v1/batches/{one.batch}/answers",
    "/api/v1/batches/{number}/receipts/{receipt}": lambda one: f"/api/v1/batches/{one.batch}/receipts/{new_id()}",
    "/api/v1/tips/{tip}": lambda one: f"/api/v1/tips/{one.tip}",
    **{
        f"/api/v1/schedules/{{schedule}}{act}": lambda one, act=act: f"/api/v1/schedules/{one.run}{act}"
        for act in ("", "/pause", "/resume")
    },
    "/api/v1/registry/{kind}": lambda one: "/api/v1/registry/products",
}
BODIES: dict[str, Any] = {
    "/api/v1/batches/{number}/answers": {
        "answers": [{"item": new_id(), "answer": "removed", "decided_at": "2026-03-02T10:00:00Z"}]
    },
    "/api/v1/tips": {"url": "https://shop.example/4", "note": "Olga sells there"},
    "/api/v1/schedules": {"platform": "shopnest", "cron": "30 4 * * *"},
    "/api/v1/registry/{kind}": {"rows": [{"product_ref": "X"}]},
}


def _ask(program: Program, access: Access, one: Side) -> Any:
    path = OBJECTS[access.path](one) if "{" in access.path else access.path
    if access.method == "GET":
        return program.get(path)
    body = {"json": BODIES[access.path]} if access.path in BODIES else {}
    return program.request(access.method, path, headers={"idempotency-key": new_id()}, **body)


def test_every_route_is_in_the_table_and_every_row_has_its_route(world: World) -> None:
    listed = {(access.method, access.path) for access in API_ROUTES}
    routed = {
        (method, route.path)
        for route in world[0].router.routes
        for method in (getattr(route, "methods", None) or ())
        if method != "HEAD"
    }
    assert routed == listed and len(API_ROUTES) == len(listed)
    assert {access.path for access in KEYED if "{" in access.path} == set(OBJECTS), "say which object to ask for"


@pytest.mark.parametrize("scope", [None, *ApiScope], ids=lambda scope: scope.value if scope else "no key")
def test_the_matrix_of_routes_and_scopes_holds_no_surprise(world: World, scope: ApiScope | None) -> None:
    app, own, _ = world
    platform = "shopnest" if scope is ApiScope.ANSWERS_WRITE else None
    program = Program(app, *([scope] if scope else []), platform=platform)
    surprises = []
    for access in KEYED:
        answer = _ask(program, access, own)
        opens = scope is access.key_scope
        refused = 401 if scope is None else 403
        if opens == (answer.status_code in (401, 403)) or (not opens and answer.status_code != refused):
            surprises.append((access.path, answer.status_code))
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json().keys() == {"type", "title", "status", "detail", "request"}
            assert answer.json()["status"] == answer.status_code
    assert surprises == []


@pytest.mark.parametrize("narrowed_by", ["holder", "compartment"])
def test_what_is_anothers_answers_like_what_is_not_there_and_no_list_names_it(world: World, narrowed_by: str) -> None:
    app, own, other = world
    program = Program(app, *EVERY, **{narrowed_by: getattr(own, narrowed_by)})
    registry = ("/rights", "/products", "/works", "/references", "/sellers", "/registry")
    for access in KEYED:
        if access.method != "GET":
            continue
        if narrowed_by == "compartment" and access.path.removeprefix("/api/v1").startswith(registry):
            continue  # a compartment keeps cases apart, not the register of rights
        if "{" in access.path and "receipt" not in access.path:
            assert _ask(program, access, other).status_code == 404, access.path
            assert _ask(program, access, own).status_code == 200, access.path
        text = _ask(program, access, own).text
        assert [mark for mark in other.marks if mark in text] == [], access.path


def test_a_key_is_narrowed_as_it_was_made(world: World) -> None:
    app, own, other = world
    platform = Program(app, *OF_A_PLATFORM, platform="shopnest")
    assert len(platform.get("/api/v1/batches").json()["items"]) == 2
    assert len(platform.get("/api/v1/answers").json()["items"]) == 2
    holder = Program(app, ApiScope.BATCHES_READ, ApiScope.ANSWERS_READ, holder=own.holder)
    assert [batch["number"] for batch in holder.get("/api/v1/batches").json()["items"]] == [own.batch]
    assert len(holder.get("/api/v1/answers").json()["items"]) == 1
    del other
    for scopes, more in (
        ([ApiScope.ANSWERS_WRITE], {}),
        ([ApiScope.FINDINGS_READ], {"platform": "shopnest"}),
        ([], {}),
    ):
        with pytest.raises(Unanswerable):
            _make(app, scopes, **more)
    with pytest.raises(NotFound):
        _make(app, [ApiScope.BATCHES_READ], platform="nowhere")


def _make(app: FastAPI, scopes: list[ApiScope], **more: Any) -> None:
    from console.keys import make_key

    asked = {"holder": None, "platform": None, "compartment": None, "until": None, **more}
    make_key(app.state.desk.workspace, "R", scopes, by="Ann", clock=app.state.desk.clock, ids=new_id, **asked)


def test_a_key_that_was_revoked_ended_or_changed_opens_nothing_and_is_stored_nowhere(world: World) -> None:
    app, _own, _other = world
    desk = app.state.desk
    program = Program(app, ApiScope.CASES_READ)
    assert program.key is not None
    assert program.get("/api/v1/cases").status_code == 200
    secret = program.secret
    for wrong in (
        "",
        "Bearer",
        f"Basic {secret}",
        f"Bearer {secret}x",
        f"Bearer {secret[:-1]}",
    ):
        answer = program.get("/api/v1/cases", headers={"authorization": wrong})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    revoke_key(desk.workspace, program.key.id, by="Ann", clock=desk.clock, ids=new_id)
    assert program.get("/api/v1/cases").status_code == 401
    ended = Program(app, ApiScope.CASES_READ, until=desk.clock() - timedelta(seconds=1))
    assert ended.get("/api/v1/cases").status_code == 401
    stored = (desk.workspace.settings.home / "marque.db").read_bytes()
    assert program.secret.encode() not in stored and program.secret.removeprefix("mq_").encode() not in stored


def test_lists_come_in_parts_and_each_record_once(world: World) -> None:
    app, _own, _other = world
    program = Program(app, *READS)
    for path in ("/rights", "/products", "/references", "/findings", "/cases", "/batches", "/answers"):
        whole = program.get(f"/api/v1{path}").json()
        assert whole["next"] is None and len(whole["items"]) >= 2, path
        walked, after = [], ""
        while True:
            part = program.get(f"/api/v1{path}", params={"limit": 1, "after": after})
            walked += part.json()["items"]
            after = part.json()["next"]
            if after is None:
                break
            assert re.fullmatch(r"</api/v1/\w+\?[^>]+>; rel=\"next\"", part.headers["link"])
        assert walked == whole["items"]
    for cursor in ("x", "é", "MTox", "a" * 300, "MTo="):
        assert program.get("/api/v1/cases", params={"after": cursor}).status_code in (200, 400, 422)
    assert program.get("/api/v1/cases", params={"after": "x"}).status_code == 400


def _items(program: Program) -> list[str]:
    return [item["item"] for item in program.get("/api/v1/batches/1/items").json()["items"]]


def test_answers_are_taken_with_a_fate_each_and_again_under_their_key_done_once(batched: FastAPI, now: Now) -> None:
    program = Program(batched, *OF_A_PLATFORM, platform="shopnest")
    first, second = _items(program)
    now.move(hours=2)
    said = {
        "answers": [
            {"item": first, "answer": "removed", "decided_at": now().isoformat(), "platform_case": "T-1"},
            {
                "item": second,
                "answer": "kept",
                "decided_at": now().isoformat(),
                "reason_code": "authorised",
                "note": "sells for them",
            },
            {"item": new_id(), "answer": "removed", "decided_at": now().isoformat()},
        ]
    }
    headers = {"idempotency-key": "batch-1-try-1", "x-correlation-id": "corr/7"}
    answer = program.post("/api/v1/batches/1/answers", json=said, headers=headers)
    assert (answer.status_code, answer.headers["x-correlation-id"]) == (202, "corr/7"), answer.text
    body = answer.json()
    assert [(line["fate"], line["code"]) for line in body["outcomes"]] == [
        ("entered", None),
        ("entered", None),
        ("refused", "not_ours"),
    ]
    again = program.post("/api/v1/batches/1/answers", json=said, headers=headers)
    assert again.json() == body and again.headers["idempotency-replayed"] == "true"
    other = {"answers": said["answers"][:1]}
    assert program.post("/api/v1/batches/1/answers", json=other, headers=headers).status_code == 422
    fresh = program.post("/api/v1/batches/1/answers", json=said, headers={"idempotency-key": "batch-1-try-2"})
    assert fresh.json()["counts"] == {"known": 2, "refused": 1}
    with batched.state.desk.workspace.database.read() as connection:
        outcomes = Outcomes(connection, EVERYTHING).find()
    said_of = {o.item: (o.status.value if o.status else None, o.explanation) for o in outcomes}
    assert said_of == {first: ("actioned", None), second: ("rejected", "authorised: sells for them")}
    receipt = program.get(f"/api/v1/batches/1/receipts/{body['receipt']}").json()
    assert receipt["counts"] == body["counts"]
    shown = program.get("/api/v1/batches/1/items").json()["items"]
    assert [item["answer"] for item in shown] == ["actioned", "rejected"]


def test_what_cannot_be_read_is_refused_before_anything_is_entered(batched: FastAPI, now: Now) -> None:
    program = Program(batched, *OF_A_PLATFORM, platform="shopnest")
    good = {"item": _items(program)[0], "answer": "removed", "decided_at": now().isoformat()}
    path = "/api/v1/batches/1/answers"
    bad: list[Any] = [
        {},
        {"answers": []},
        {"answers": [{**good, "decided_at": "2026-03-02"}]},
        {"answers": [{**good, "decided_at": "2026-03-02T10:00:00"}]},
        {"answers": [{**good, "more": 1}]},
        {"answers": [{**good, "answer": "a\x00b"}]},
        {"answers": [{**good, "reason_code": "because"}]},
        {"answers": [{**good, "reason_code": "other"}]},
        [],
        None,
    ]
    for body in bad:
        answer = program.post(path, json=body, headers={"idempotency-key": new_id()})
        assert answer.status_code in (400, 422), body
        assert answer.headers["content-type"] == "application/problem+json"
    assert program.post(path, json={"answers": [good]}).status_code == 422, "no idempotency key"
    big = program.post(path, content=b"[" * (9 << 20), headers={"idempotency-key": new_id()})
    assert big.status_code == 413
    with batched.state.desk.workspace.database.read() as connection:
        assert Outcomes(connection, EVERYTHING).find() == []


def test_a_holders_key_registers_only_its_own(world: World) -> None:
    app, own, other = world
    desk = app.state.desk
    with desk.workspace.database.read() as connection:
        right = Rights(connection, EVERYTHING).get(own.right)
        party = Parties(connection, EVERYTHING).get(own.holder)
    assert right is not None and party is not None
    program = Program(app, ApiScope.REGISTRY_READ, ApiScope.REGISTRY_WRITE, holder=own.holder)
    row = {"product_ref": "P-new", "holder": party.legal_name, "right_refs": [right.right_ref], "name": "Watch 9"}
    path = "/api/v1/registry/products"
    rows = {"rows": [row, {**row, "product_ref": "P-theirs", "holder": "Holder 2 AB"}]}
    trial = program.post(f"{path}?dry_run=true", json=rows, headers={"idempotency-key": new_id()}).json()
    assert (trial["added"], trial["dry_run"], [r["column"] for r in trial["refusals"]]) == (1, True, ["holder"]), (
        trial
    )
    assert "P-new" not in program.get("/api/v1/products").text
    done = program.post(path, json=rows, headers={"idempotency-key": "import-0001"}).json()
    again = program.post(path, json=rows, headers={"idempotency-key": "import-0002"}).json()
    assert (done["added"], again["added"], again["unchanged"]) == (1, 0, 1)
    names = [product["product_ref"] for product in program.get("/api/v1/products").json()["items"]]
    assert names == ["P-1", "P-new"]
    del other


def test_a_tip_is_taken_once_and_told_of_to_whoever_may_see_it(world: World) -> None:
    app, own, other = world
    program = Program(app, ApiScope.TIPS_WRITE, ApiScope.TIPS_READ, holder=own.holder)
    tip = {"url": "https://market.example/item/77", "note": "Olga sells there"}
    taken = program.post("/api/v1/tips", json=tip, headers={"idempotency-key": "tip-00001"})
    assert (taken.status_code, taken.json()["state"]) == (202, "open")
    again = program.post("/api/v1/tips", json=tip, headers={"idempotency-key": "tip-00001"})
    assert again.json() == taken.json() and again.headers["idempotency-replayed"] == "true"
    assert program.post("/api/v1/tips", json=tip, headers={"idempotency-key": "tip-00002"}).json() == taken.json()
    theirs = Program(app, ApiScope.TIPS_READ, holder=other.holder)
    id = taken.json()["id"]
    assert program.get(f"/api/v1/tips/{id}").json() == taken.json()
    assert theirs.get(f"/api/v1/tips/{id}").status_code == 404 and id not in theirs.get("/api/v1/tips").text
    assert "Olga" not in program.get("/api/v1/tips").text
    for url in ("https://10.0.0.1/", "ftp://a.example/", "x", "https://a.example/\x00"):
        refused = program.post("/api/v1/tips", json={"url": url}, headers={"idempotency-key": new_id()})
        assert (refused.status_code, refused.headers["content-type"]) in (
            (422, "application/problem+json"),
            (400, "application/problem+json"),
        ), url


def test_schedules_are_entered_paused_and_taken_out_by_the_units_own_keys(world: World) -> None:
    app, own, _other = world
    program = Program(app, ApiScope.SCHEDULES_READ, ApiScope.SCHEDULES_WRITE)

    def ask(method: str, path: str, **more: Any) -> Any:
        return program.request(method, f"/api/v1/schedules{path}", headers={"idempotency-key": new_id()}, **more)

    weekly = {"platform": "shopnest", "cron": "0 5 * * 1", "zone": "Europe/Oslo", "terms": ["AURELIA"]}
    made = ask("POST", "", json=weekly)
    assert made.status_code == 201 and made.json()["due_at"]
    assert ask("POST", "", json=weekly).json()["id"] == made.json()["id"], "the same rhythm is the one that stands"
    path = f"/{made.json()['id']}"
    assert ask("POST", f"{path}/pause").json()["enabled"] is False
    assert ask("POST", f"{path}/resume").json()["enabled"] is True
    assert made.json()["id"] in program.get("/api/v1/schedules").text
    assert ask("DELETE", path).status_code == 200 and ask("DELETE", path).status_code == 404
    for bad in (
        {**weekly, "cron": "every day"},
        {**weekly, "zone": "Mars/Base"},
        {**weekly, "platform": "nowhere"},
        {
            **weekly,
            "events": [
                {"name": "x", "begins_at": "0001-01-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z", "every_min": 5}
            ],
        },
        {**weekly, "seasons": [{"name": "x", "first": "02-31", "last": "03-01", "cron": "0 5 * * 1"}]},
    ):
        refused = ask("POST", "", json=bad)
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json"), bad
    with pytest.raises(Unanswerable):
        _make(app, [ApiScope.SCHEDULES_WRITE], compartment=own.compartment)


def test_the_description_names_every_operation(world: World) -> None:
    described = Program(world[0]).get("/openapi.json").json()
    operations = {(method.upper(), path) for path, ways in described["paths"].items() for method in ways}
    assert {(access.method, access.path) for access in KEYED} <= operations
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    json.dumps(described)
