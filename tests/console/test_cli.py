"""What a person meets at the command line: the unhappy paths end with a clear message and leave the rest alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from console.cli import OURS, app
from tests.crawler.site import Answer, Site, dead_port, shop
from tests.factories import photo, white_logo

PLATFORM = """
name = "{name}"
kind = "marketplace"
home = "{home}"
countries = ["DE"]
reach = {{ by = "crawl", robots_read_on = 2026-11-20 }}
manners = {{ delay_s = 0.0, timeout_s = 3.0, attempts = 1 }}
look = {{ category = ["/list?page={{page}}"], pages = 2, photos = false }}
notify = {{ profile = "url-list" }}
[read.results]
card = "li.offer, .card, li"
link = {{ css = "a", attr = "href", as = "url" }}
[read.listing]
title = "h1"
price = {{ css = ".price", as = "money" }}
platform_item_id = {{ url = "/item/(\\\\d+)" }}
"""


class Desk:
    """A person at the command line of one workspace."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and everything said."""
        result = CliRunner().invoke(app, ["--home", str(self.home), *words])
        error = result.exception
        if error is not None and not isinstance(error, SystemExit):
            # As `main` does it: one message of ours and exit 1; anything else is a fault of the program.
            if type(error).__module__.split(".")[0] not in OURS:
                raise error
            return 1, f"{result.output}\nmarque: {error}"
        return result.exit_code, result.output

    def data(self, *words: str) -> Any:  # Any: JSON of any shape
        """What a verb gives as JSON."""
        result = CliRunner().invoke(app, ["--home", str(self.home), *words, "--json"])
        return json.loads(result.stdout)

    def declare(self, name: str, home: str, more: str = "") -> None:
        """Write a platform file."""
        (self.home / "platforms" / f"{name}.toml").write_text(PLATFORM.format(name=name, home=home) + more)

    def import_rights(self, folder: Path, *rows: str) -> tuple[int, str]:
        """Import rights from CSV rows below the template's head."""
        head = self.run("rights", "template")[1].splitlines()[0]
        (folder / "rights.csv").write_text("\n".join([head, *rows]) + "\n")
        return self.run("rights", "import", str(folder / "rights.csv"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A fresh workspace."""
    made = Desk(tmp_path / "home")
    assert made.run("init")[0] == 0
    return made


def _right(ref: str, expires: str) -> str:
    cells = {
        "right_ref": ref,
        "holder": "Aurelia SA",
        "holder_country": "CH",
        "kind": "copyright",
        "territories": "EU",
        "expires_on": expires,
        "status": "active",
    }
    heads = CliRunner().invoke(app, ["rights", "template"]).output.splitlines()[0].split(",")
    return ",".join(cells.get(head, "") for head in heads)


def test_init_twice_changes_nothing(desk: Desk) -> None:
    assert desk.data("init")["done"] == []


def test_without_a_workspace_every_verb_says_how_to_make_one(tmp_path: Path) -> None:
    code, said = Desk(tmp_path / "nowhere").run("status")
    assert code == 1
    assert "marque init" in said


def test_broken_toml_names_file_and_place_and_stops_only_itself(desk: Desk) -> None:
    with Site(shop(4)) as site:
        desk.declare("fine", site.home)
        (desk.home / "platforms" / "torn.toml").write_text('name = "torn\n')
        code, said = desk.run("crawl", "run", "torn")
        assert code == 1
        assert "torn.toml" in said
        assert "line 1" in said
        code, said = desk.run("crawl", "run", "fine")
    assert code == 0, said


def test_unknown_key_names_the_nearest(desk: Desk) -> None:
    desk.declare("fine", "http://127.0.0.1:9/", "[expct]\n")
    code, said = desk.run("platforms", "check", "fine")
    assert code == 1
    assert "did you mean 'expect'" in said


def test_wrong_date_names_row_column_and_fix_and_keeps_the_good_row(desk: Desk, tmp_path: Path) -> None:
    code, said = desk.import_rights(tmp_path, _right("R-1", "2030-01-01"), _right("R-2", "31.02.2030"))
    assert code == 1
    assert "expires_on" in said
    assert "3" in said
    assert [row["right_ref"] for row in desk.data("rights", "list")] == ["R-1"]


def test_unreadable_photo_is_refused_one_that_shows_nothing_comes_in_withdrawn(desk: Desk, tmp_path: Path) -> None:
    desk.import_rights(tmp_path, _right("R-1", "2030-01-01"))
    folder = tmp_path / "references"
    folder.mkdir()
    (folder / "good.jpg").write_bytes(photo(3))
    sign = Image.new("RGB", (320, 320), "white")
    ImageDraw.Draw(sign).text((120, 140), "NO PHOTO", fill="black", font_size=30)
    sign.save(folder / "plain.jpg", "PNG")
    (folder / "torn.jpg").write_bytes((folder / "good.jpg").read_bytes()[:900])
    head = desk.run("references", "template")[1].splitlines()[0].split(",")
    names = ("good", "plain", "torn")
    rows = [{"reference_ref": n, "file": f"{n}.jpg", "medium": "photo", "right_ref": "R-1"} for n in names]
    lines = [
        ",".join(head),
        *(",".join(row.get(h, "positive" if h == "polarity" else "") for h in head) for row in rows),
    ]
    (folder / "references.csv").write_text("\n".join(lines) + "\n")
    tried = desk.data("references", "import", str(folder), "--dry-run")
    assert [said.split(" is not fit")[0] for said in tried["gate"]] == ["row 3: reference plain"]
    assert desk.data("references", "list") == []
    code, said = desk.run("references", "import", str(folder))
    assert code == 1
    assert "torn" in said
    assert "came in withdrawn" in said
    listed = desk.data("references", "list")
    assert {row["reference_ref"]: row["withdrawn_on"] is not None for row in listed} == {"good": False, "plain": True}


def test_a_white_logo_on_nothing_comes_in_live_and_as_a_photo_it_is_refused_with_its_way_in(
    desk: Desk, tmp_path: Path
) -> None:
    desk.import_rights(tmp_path, _right("R-1", "2030-01-01"))
    (tmp_path / "white.png").write_bytes(white_logo())
    sheet = "reference_ref,file,medium,right_ref\nL-1,white.png,logo,R-1\nL-2,white.png,photo,R-1\n"
    (tmp_path / "references.csv").write_text(sheet)
    code, said = desk.run("references", "import", str(tmp_path / "references.csv"))
    assert code == 1 and "1 added" in said and "1 refused" in said, said
    listed = desk.data("references", "list")
    assert {row["reference_ref"]: row["withdrawn_on"] for row in listed} == {"L-1": None}, said


def test_dead_site_ends_blocked_and_the_other_is_crawled(desk: Desk) -> None:
    with Site(shop(4)) as site:
        desk.declare("alive", site.home)
        desk.declare("dead", f"http://127.0.0.1:{dead_port()}/")
        result = desk.data("crawl", "run", "dead", "alive")
    states = {run["platform"]: run["state"] for run in result}
    assert states == {"dead": "blocked", "alive": "complete"}


def test_robots_refusal_is_said_and_nothing_is_fetched(desk: Desk) -> None:
    pages = {**shop(4), "/robots.txt": Answer(body=b"User-agent: *\nDisallow: /\n", kind="text/plain")}
    with Site(pages) as site:
        desk.declare("shut", site.home)
        code, said = desk.run("crawl", "run", "shut")
        assert site.paths() == ["/robots.txt"]
    assert code == 1
    assert "robots.txt" in said


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"%PDF-1.4 nothing to read here", kind="application/pdf"),
        Answer(body=b"<html><body><main><h1>Watch 2</h1><p class='pri", cut_at=30),
    ],
    ids=["wrong content type", "half a page"],
)
def test_page_that_cannot_be_read_makes_no_listing_and_is_told(desk: Desk, answer: Answer) -> None:
    with Site({**shop(4), "/item/2": answer}) as site:
        desk.declare("odd", site.home)
        result = desk.data("crawl", "run", "odd")[0]
    assert result["counts"]["listings"] == 3
    assert any("1" in alarm for alarm in result["alarms"]), result


def test_stranger_without_contact_is_not_crawled(desk: Desk) -> None:
    text = PLATFORM.format(name="outside", home="https://shop.example/").replace("delay_s = 0.0", "delay_s = 3.0")
    (desk.home / "platforms" / "outside.toml").write_text(text)
    code, said = desk.run("crawl", "run", "outside")
    assert code == 1
    assert "MARQUE_CONTACT" in said


def test_a_stranger_is_not_visited_without_a_contact_and_leaves_no_draft(desk: Desk) -> None:
    code, said = desk.run("platforms", "new", "myshop", "https://shop.example/c/watches")
    assert code == 1
    assert "MARQUE_CONTACT" in said
    assert not (desk.home / "platforms" / "myshop.toml").exists()


def test_nothing_is_called_supported_without_all_four(desk: Desk) -> None:
    amazon = next(p for p in desk.data("platforms", "list") if p["name"] == "amazon")
    assert amazon["supported"] is False
    assert amazon["missing"] == ["a healthy run"]
    assert (amazon["reached_by"], amazon["robots_read_on"], amazon["terms_read_on"]) == ("import", None, None)
    assert {"kind": "listing", "pages": 1, "year": 2019} in amazon["read_on"]
    assert amazon["notified_by"] == "url-list"
    assert amazon["notified_because"]


def test_tip_that_is_nothing_says_so(desk: Desk, tmp_path: Path) -> None:
    code, said = desk.run("capture", str(tmp_path / "nothing.html"))
    assert code == 1
    assert "cannot be opened" in said


def test_export_is_taken_row_by_row(desk: Desk, tmp_path: Path) -> None:
    desk.declare("fine", "http://127.0.0.1:9/")
    (tmp_path / "export.csv").write_text(
        "platform,platform_item_id,url,title,price,currency\n"
        "fine,1,http://127.0.0.1:9/item/1,Watch,12.50,EUR\n"
        "fine,2,not an address,Watch,12.50,EUR\n"
    )
    result = desk.data("listings", "import", str(tmp_path / "export.csv"))
    assert result["observations"] == 1
    assert [(r["line"], r["column"]) for r in result["refusals"]] == [(3, "url")]


def test_package_that_is_none_is_unreadable(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK nothing")
    assert desk.run("evidence", "verify", str(tmp_path / "no.zip"))[0] in (1, 3)


def test_doctor_says_what_cannot_be_done(desk: Desk) -> None:
    checks = {check["check"]: check for check in desk.data("doctor")}
    assert checks["database"]["state"] == "ok"
    assert checks["identity"]["state"] == "limited"
    assert "MARQUE_CONTACT" in checks["identity"]["fix"]


def test_usage_errors_exit_with_two(desk: Desk) -> None:
    assert desk.run("crawl", "run")[0] == 2
    assert desk.run("no-such-verb")[0] == 2


def test_help_loads_nothing_heavy() -> None:
    """`marque --help` stays quick because no stage is imported for it."""
    heavy = ("scrapy", "numpy", "cv2", "sqlalchemy")
    code = f"import sys; import console.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
