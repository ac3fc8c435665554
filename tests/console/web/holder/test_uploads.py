"""Large uploads: kept for the worker, taken in part by part through kills, once, and followed by whose they are."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from fastapi import FastAPI

from console import uploading
from console.uploading import take_due
from console.workspace import Workspace
from registry.errors import UnreadableFile
from store.db.products import Products
from store.db.references import References
from store.records.accounts import Role
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from store.records.uploads import UploadState
from tests import factories as make
from tests.console.web.holder.test_portal import Holder, _holder, _names, world
from tests.console.web.two_holders import Side

__all__ = ["world"]

World = tuple[FastAPI, Side, Side]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two rows a part, and more than two are not done at once."""
    monkeypatch.setattr(uploading, "PART_ROWS", 2)
    monkeypatch.setattr(uploading, "PART_PICTURES", 2)
    yield


def products(world: World, count: int, *broken: str) -> bytes:
    name, right, other = _names(world)
    rows = [f"N-{n},{name},{right},Watch {n}" for n in range(count)] + [f"X,{other},{right},Theirs", *broken]
    return "\r\n".join(("product_ref,holder,right_refs,name", *rows, "")).encode()


def hand_in(world: World, browser: Holder, data: bytes, act: str = "take") -> str:
    answer = browser.submit("/register/products", files={"file": ("p.csv", data, "text/csv")}, act=act)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def known(workspace: Workspace) -> set[str]:
    with workspace.database.read() as connection:
        return {each.product_ref for each in Products(connection, EVERYTHING).find()}


def test_a_large_sheet_is_taken_in_by_the_worker_and_again_changes_nothing(world: World) -> None:
    workspace = world[0].state.desk.workspace
    browser = _holder(world)
    path = hand_in(world, browser, products(world, 5, "Y,too,many,cells,here"))
    page = browser.get(path).text
    assert "it waits for the worker" in page and 'hx-get="/live/uploads/' in page
    assert "N-0" not in known(workspace), "nothing is taken in by the request"
    (ended,) = take_due(workspace, stop=Event())
    assert (ended.state, ended.rows, ended.done, ended.added, ended.refused) == (UploadState.DONE, 7, 7, 5, 2)
    assert {f"N-{n}" for n in range(5)} <= known(workspace) and "X" not in known(workspace)
    told = browser.get(f"{path}.json").json()
    assert [(each["row"], each["column"]) for each in told["refusals"]] == [("7", "holder"), ("8", "")]
    assert "has 5 cells under 4 heads" in browser.get(path).text and "holder" in browser.get(f"{path}.csv").text
    assert "hx-get" not in browser.get(f"/live/uploads/{ended.id}").text
    assert not (workspace.settings.home / "uploads" / ended.id).exists()
    hand_in(world, browser, products(world, 5))
    (again,) = take_due(workspace, stop=Event())
    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)
    assert browser.get("/").text.count("/register/uploads/") == 2


def test_a_killed_worker_leaves_its_part_to_the_next_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = world[0].state.desk.workspace
    path = hand_in(world, _holder(world), products(world, 6))
    whole, parts = uploading.take_in, list[int]()

    def dies_after_the_third(*args: Any, **more: Any) -> Any:
        done = whole(*args, **more)
        parts.append(len(parts))
        if len(parts) == 3:
            raise KeyboardInterrupt  # after the part is committed, before it is written down
        return done

    monkeypatch.setattr(uploading, "take_in", dies_after_the_third)
    with pytest.raises(KeyboardInterrupt):
        take_due(workspace, stop=Event())
    assert take_due(workspace, stop=Event()) == [], "the dead worker's lease still runs"
    later = utc_now() + uploading.LEASE + timedelta(seconds=1)
    (ended,) = take_due(workspace, stop=Event(), clock=lambda: later)
    assert (ended.done, ended.refused, ended.added, ended.unchanged) == (7, 1, 4, 2)
    assert {f"N-{n}" for n in range(6)} <= known(workspace)
    assert _holder(world).get(path).status_code == 200


def test_a_trial_writes_nothing_and_a_stop_goes_on_later(world: World) -> None:
    workspace = world[0].state.desk.workspace
    hand_in(world, _holder(world), products(world, 4), act="try")
    stopped = Event()
    stopped.set()
    assert take_due(workspace, stop=stopped) == []
    (ended,) = take_due(workspace, stop=Event())
    assert (ended.is_trial, ended.added) == (True, 4) and "N-0" not in known(workspace)


def test_a_zip_of_pictures_is_judged_and_taken_in_part_by_part(world: World) -> None:
    workspace = world[0].state.desk.workspace
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(4):
            archive.writestr(f"P-1/view-{n}.png", make.photo(60 + n))
        archive.writestr("P-1/page.png", b"<html>no picture</html>")
    browser = _holder(world)
    files = {"files": ("photos.zip", packed.getvalue(), "application/zip")}
    answer = browser.submit("/register/photos", files=files, act="take")
    assert answer.status_code == 303, answer.text
    (ended,) = take_due(workspace, stop=Event())
    assert (ended.rows, ended.added, ended.refused) == (5, 4, 1)
    assert [each.row for each in ended.refusals] == ["P-1/page.png"], "by the name the holder gave it"
    with workspace.database.read() as connection:
        found = {each.reference_ref for each in References(connection, EVERYTHING).find()}
    assert {f"P-1-view-{n}" for n in range(4)} <= found


def test_an_upload_is_its_holders_alone(world: World) -> None:
    path = hand_in(world, _holder(world), products(world, 3))
    other = Holder(world[0], Role.HOLDER_EXPERT, holder=world[2].holder)
    for address in (path, f"{path}.json", f"{path}.csv", path.replace("register", "live")):
        assert other.get(address).status_code == 404
    assert path not in other.get("/").text
    assert other.get(f"/register/uploads/{new_id()}").status_code == 404


def test_files_that_are_gone_and_a_sheet_that_cannot_be_read_are_refused_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = world[0].state.desk.workspace
    browser = _holder(world)
    first, second = (hand_in(world, browser, products(world, n)) for n in (3, 4))
    folder = workspace.settings.home / "uploads" / first.rpartition("/")[2]
    (folder / "sheet.json").unlink()

    def unreadable(*_args: Any, **_more: Any) -> Any:
        raise UnreadableFile(str(folder), "is no sheet", "save it anew")

    monkeypatch.setattr(uploading, "take_in", unreadable)
    ended = {each.id: each for each in take_due(workspace, stop=Event())}
    assert {each.state for each in ended.values()} == {UploadState.REFUSED} and len(ended) == 2
    assert "hand them in again" in browser.get(first).text and "is no sheet" in browser.get(second).text
    assert json.loads(browser.get(f"{second}.json").text)["done"] == 0
