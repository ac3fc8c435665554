"""A holder's lists: their own alone, in parts, the same as page, JSON and table."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi import FastAPI

from console.web.holder import pages_registered
from console.web.review import lists
from tests.console.web.holder.test_portal import _holder, world
from tests.console.web.two_holders import Side

__all__ = ["world"]


def test_a_holder_walks_what_they_registered_and_nothing_else(
    world: tuple[FastAPI, Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = _holder(world)
    own, other = world[1], world[2]
    for kind in pages_registered.REPOSITORIES:
        page = browser.get(f"/registered/{kind}")
        told = browser.get(f"/registered/{kind}.json").json()
        table = list(csv.DictReader(io.StringIO(browser.get(f"/registered/{kind}.csv").text.lstrip("\ufeff"))))
        assert page.status_code == 200 and told["next"] is None
        assert [row["id"] for row in table] == [row["id"] for row in told[kind]]
        assert [mark for mark in other.marks if mark in page.text + str(told)] == [], kind
    assert own.reference in browser.get("/registered/references").text
    assert browser.get("/registered/accounts").status_code == 422

    name = b"product_ref,holder,right_refs,name\r\n"
    with world[0].state.desk.workspace.database.read() as connection:
        from store.db.parties import Parties
        from store.db.rights import Rights
        from store.records.scope import EVERYTHING

        party, right = Parties(connection, EVERYTHING).get(own.holder), Rights(connection, EVERYTHING).get(own.right)
    assert party is not None and right is not None
    rows = "".join(f"W-{n},{party.legal_name},{right.right_ref},Watch {n}\r\n" for n in range(5))
    sheet = {"file": ("p.csv", name + rows.encode(), "text/csv")}
    assert browser.submit("/register/products", files=sheet, act="take").status_code == 200
    monkeypatch.setattr(pages_registered, "PAGE", 2)
    monkeypatch.setattr(lists, "MOST_ROWS", 2)
    for suffix in (".json", ".csv"):
        seen, path = [], f"/registered/products{suffix}"
        while path:
            answer = browser.get(path)
            if suffix == ".json":
                seen += [row["product_ref"] for row in answer.json()["products"]]
                path = answer.json()["next"]
            else:
                seen += [row["product_ref"] for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))]
                path = answer.headers.get("link", "").partition(">")[0].lstrip("<")
        assert len(seen) == len(set(seen)) == 5 + 1 and {f"W-{n}" for n in range(5)} < set(seen)
    assert 'href="/registered/products?after=' in browser.get("/registered/products").text
