"""Tips: nothing is fetched before a person says so, each is looked at once, and narrowed readers see their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from console.cli import app as cli
from console.errors import Unanswerable
from console.tipping import accept_tip, enter_tip, list_tips, look_at_tips, note_of
from console.web.desk import Desk
from console.workspace import Workspace
from store.db.listings import Listings
from store.db.tips import Tips
from store.records.accounts import Role
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from store.records.tips import TipState
from tests.console.web.conftest import SignIn
from tests.crawler.site import Site, declare, shop

BY: dict[str, Any] = {"by": "Ann Lee", "clock": utc_now, "ids": new_id}
URL = "https://shop.example/item/4"


def bring(workspace: Workspace, url: str = URL, note: str | None = None, **more: Any) -> Any:
    return enter_tip(workspace, url, note, **{"scope": EVERYTHING, "via": "cli", **BY, **more})


def test_the_desk_takes_judges_and_shows_tips_and_keeps_their_words_sealed(desk: Desk, signed_in: SignIn) -> None:
    officer, reviewer, auditor = (signed_in(role) for role in (Role.OFFICER, Role.REVIEWER, Role.AUDITOR))
    assert reviewer.submit("/tips", url=URL, note="Ask for Olga <b>Petrov</b>").status_code == 303
    assert reviewer.submit("/tips", url=URL).status_code == 303, "the same address again is the tip that stands"
    (tip,) = officer.get("/tips.json").json()["tips"]
    assert (tip["url"], tip["state"], tip["via"]) == (URL, "open", "desk")
    assert "Olga &lt;b&gt;Petrov" in officer.get("/tips").text
    assert "Olga" not in officer.get("/tips.json").text + officer.get("/tips.csv").text
    assert b"Olga" not in (desk.workspace.settings.home / "marque.db").read_bytes()
    assert "waits to be judged" in officer.get("/").text
    assert auditor.submit(f"/tips/{tip['tip']}/accept").status_code == 403
    assert officer.submit(f"/tips/{tip['tip']}/dismiss", because=" ").status_code == 409
    assert officer.submit(f"/tips/{tip['tip']}/accept").status_code == 303
    assert officer.submit(f"/tips/{tip['tip']}/accept").status_code == 303, "twice is once"
    assert officer.submit(f"/tips/{tip['tip']}/dismiss", because="sold out").status_code == 409, "it is taken by now"
    assert officer.submit("/tips", url="https://shop.example/2").status_code == 303
    other = next(each for each in officer.get("/tips.json").json()["tips"] if each["state"] == "open")
    assert officer.submit(f"/tips/{other['tip']}/dismiss", because="a genuine shop").status_code == 303
    assert "a genuine shop" in auditor.get("/tips").text
    assert officer.submit(f"/tips/{new_id()}/accept").status_code == 404


INSIDE = ("ftp://shop.example/", "http://127.0.0.1:8041/", "http://10.0.0.1/", "https://0x7f.1/", "no address", "")


@pytest.mark.parametrize("url", INSIDE)
def test_what_is_never_fetched_is_no_tip(desk: Desk, url: str) -> None:
    with pytest.raises(Unanswerable):
        bring(desk.workspace, url)
    assert list_tips(desk.workspace, EVERYTHING) == []


def test_nobody_fills_the_inbox(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.tipping.MOST_OPEN", 2)
    for number in (1, 2):
        bring(desk.workspace, f"https://shop.example/{number}")
    with pytest.raises(Unanswerable, match="wait to be judged"):
        bring(desk.workspace, "https://shop.example/3")
    assert bring(desk.workspace, "https://shop.example/3", by="Bo").state is TipState.OPEN


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site(shop(3))
    yield made
    made.close()


def test_an_accepted_tip_is_captured_once_and_one_that_fails_stops_no_other(
    desk: Desk, site: Site, tmp_path: Path
) -> None:
    workspace = desk.workspace
    home = workspace.settings.home
    declare(home, site, "shop")

    def marque(*words: str, code: int = 0) -> Any:
        result = CliRunner().invoke(cli, ["--home", str(home), "tips", *words, "--json"], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    gone = marque("add", f"{site.home}no-such-page", "--by", "Ann Lee")
    good = marque("add", f"{site.home}item/1", "--by", "Ann Lee", "--note", "seen at a fair")
    assert marque("look", "--by", "Ann Lee") == [], "nothing is fetched before a person says so"
    assert site.asked == []
    for tip in (gone, good):
        marque("accept", tip["id"], "--by", "Ann Lee")
    with workspace.database.write() as connection:
        taken = Tips(connection, EVERYTHING).take(utc_now(), utc_now() + timedelta(minutes=5))
    assert taken is not None and taken.id == gone["id"]
    (looked,) = marque("look", "--by", "Ann Lee")
    assert (looked["id"], looked["state"]) == (good["id"], "looked"), "what another worker holds is left to it"
    with workspace.database.write() as connection:
        connection.execute(Tips.table.update().values(lease_until=utc_now()))
        listing = Listings(connection, EVERYTHING).get(looked["listing"])
    assert listing is not None and listing.url == f"{site.home}item/1"
    assert note_of(workspace, good["id"]) == "seen at a fair"
    (failed,) = look_at_tips(workspace, **BY)
    assert (failed.id, failed.state) == (gone["id"], TipState.FAILED) and failed.because
    assert look_at_tips(workspace, **BY) == []
    assert accept_tip(workspace, failed.id, scope=EVERYTHING, **BY).state is TipState.ACCEPTED


def test_a_narrowed_reader_sees_their_own(app: FastAPI, desk: Desk, signed_in: SignIn) -> None:
    bring(desk.workspace)
    reader = signed_in(Role.REVIEWER, compartment="aurora")
    assert reader.get("/tips.json").json()["tips"] == []
    assert reader.submit("/tips", url=URL).status_code == 303
    assert [tip["url"] for tip in reader.get("/tips.json").json()["tips"]] == [URL]
    assert len(signed_in(Role.OFFICER).get("/tips.json").json()["tips"]) == 2
    del app
