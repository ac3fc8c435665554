"""
Hands in at the portal what an enemy would, and looks what it takes: words, time and memory.

    python -m tests.faults.uploads 500 [--mb 1024] [--json]

A body of so many MB that says so, and one that does not; archives that explode; pictures that are script, pages or
nothing; a sheet of a hundred times N rows with N formulas and pieces of HTML in it. Each has to be refused in words,
or taken, by a process that stays small; nothing may leave again as a formula or run on a page.
"""

from __future__ import annotations

import argparse
import csv
import io
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import httpx2 as httpx

from config.settings import load_settings
from console.outer_access import PHOTOS_BYTES
from console.uploading import take_due
from console.workspace import create_workspace, open_workspace
from registry.intake import import_records
from store.records.ids import new_id, utc_now
from tests.console.web.holder.outside import Outside, portal_of
from tests.faults.told import told
from tests.registry.test_archive import HOSTILE

HOLDER = "Aurelia Horlogerie SA"
STARTS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1+1", '=HYPERLINK("http://x.example")')
SCRIPTS = ("<script>alert({n})</script>", '"><img src=x onerror=alert({n})>', "</title><svg onload=alert({n})>")
MOST_MB = 700  # of the portal's process; a sheet of 50,000 rows is laid out in memory
CHUNK = b"0" * (1 << 20)


@dataclass
class Tally:
    """What became of everything that was handed in."""

    handed_in: int = 0
    refused: int = 0
    unclear: list[str] = field(default_factory=list)  # neither refused in words nor taken: must stay empty
    sent_mb_announced: int = 0  # read of a body that said it is too long: must be 0
    sent_mb_unannounced: int = 0  # of one that did not, before the door was shut
    rows: int = 0
    injections: int = 0
    rows_refused: int = 0
    ran: int = 0  # pieces of HTML that stand on a page as they came: must be 0
    formulas_out: int = 0  # cells that leave as formulas: must be 0
    seconds_sheet: float = 0.0
    peak_mb: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether every promise held."""
        bound_mb = (PHOTOS_BYTES >> 20) + 16
        return (
            not (self.unclear or self.ran or self.formulas_out or self.sent_mb_announced)
            and self.sent_mb_unannounced <= bound_mb
            and self.peak_mb <= MOST_MB
            and self.refused == self.handed_in
        )


def run(injections: int, megabytes: int, folder: Path) -> Tally:
    """Hand everything in at a portal of its own."""
    tally = Tally()
    home = folder / "home"
    create_workspace(load_settings(home, {}))
    _register(home, folder)
    with portal_of(home) as portal:
        _long_bodies(portal, megabytes, tally)
        _archives_and_pictures(portal, tally)
        _sheet(portal, home, injections, tally)
        tally.peak_mb = portal.peak_mb
    return tally


def _register(home: Path, folder: Path) -> None:
    sheet = folder / "rights.csv"
    sheet.write_text(
        "right_ref,holder,kind,office,registration_number,mark_text,nice_classes,territories,registered_on,status\n"
        f"R-1,{HOLDER},trademark,EM,018000001,Aurelia,14,EU,2020-01-01,active\n"
    )
    with open_workspace(load_settings(home, {})) as workspace:
        report = import_records(
            "rights",
            workspace.database,
            workspace.vault,
            sheet,
            dry_run=False,
            clock=utc_now,
            by="proof",
            new_id=new_id,
        )
    if report.added != 1:
        raise SystemExit(f"the right was not taken: {report.refusals}")


def _long_bodies(portal: Outside, megabytes: int, tally: Tally) -> None:
    """A body that says how long it is gets its answer before a byte is sent; another is cut off at the bound."""
    cookie = "; ".join(f"{each.name}={each.value}" for each in portal.client.cookies.jar)
    head = (
        f"POST /register/photos HTTP/1.1\r\nhost: {portal.host}:{portal.port}\r\ncookie: {cookie}\r\n"
        f"x-csrf-token: {portal.token}\r\ncontent-type: multipart/form-data; boundary=x\r\n"
    )
    for announced in (True, False):
        tally.handed_in += 1
        length = f"content-length: {megabytes << 20}\r\n" if announced else "transfer-encoding: chunked\r\n"
        sent = 0
        with socket.create_connection((portal.host, portal.port), timeout=120) as line:
            line.sendall(f"{head}{length}\r\n".encode())
            with suppress(OSError):  # the door is shut on us
                while not announced and sent < megabytes:
                    line.sendall(b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK))
                    sent += 1
            answer = _first_line(line)
        if announced:
            tally.sent_mb_announced = sent
        else:
            tally.sent_mb_unannounced = sent
        _judge(tally, f"{megabytes} MB, announced: {announced}", b" 413 " in answer or (not announced and not answer))


def _first_line(line: socket.socket) -> bytes:
    try:
        return line.recv(4096).split(b"\r\n")[0]
    except OSError:
        return b""


def _archives_and_pictures(portal: Outside, tally: Tally) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    pictures = {
        "script.svg": svg,
        "script.png": svg,
        "page.jpg": b"<html><script>alert(1)</script></html>",
        "program.png": b"MZ\x90\x00" + bytes(2000),
        "sheet.jpg": b"reference_ref,file\r\n",
        "cut.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
        "nothing.gif": b"",
        "large.png": b"\x89PNG\r\n\x1a\n" + bytes(21 << 20),
    }
    for name, data in {**{f"{name}.zip": data for name, data in HOSTILE.items()}, **pictures}.items():
        tally.handed_in += 1
        answer = portal.submit("/register/photos", files={"files": (name, data, "image/png")}, ref="P-1", act="take")
        tally.ran += answer.text.count("<script>alert")
        in_words = 'role="alert"' in answer.text or "To mend" in answer.text
        _judge(tally, name, answer.status_code in (200, 400, 413) and in_words)


def _judge(tally: Tally, what: str, was_refused: bool) -> None:
    if was_refused:
        tally.refused += 1
    else:
        tally.unclear.append(what)


def _sheet(portal: Outside, home: Path, injections: int, tally: Tally) -> None:
    """A sheet of a hundred times as many rows; what comes in is asked for again as page, table and JSON."""
    tally.rows, tally.injections = injections * 100, injections
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("product_ref", "holder", "right_refs", "name"))
    hostile = (*STARTS, *SCRIPTS)
    for n in range(tally.rows):
        name = f"Watch {n}"
        if n % 100 == 0:
            name = hostile[n // 100 % len(hostile)].replace("{n}", str(n))
        writer.writerow((f"P-{n}", HOLDER, "R-1", name))
    started = time.monotonic()
    answer = portal.submit(
        "/register/products", files={"file": ("products.csv", text.getvalue().encode(), "text/csv")}, act="take"
    )
    if answer.status_code == 303:  # the worker's part, done here
        with open_workspace(load_settings(home, {})) as workspace:
            take_due(workspace, stop=Event())
        answer = portal.client.get(answer.headers["location"])
    tally.seconds_sheet = round(time.monotonic() - started, 1)
    if answer.status_code != 200:
        tally.unclear.append(f"the sheet: {answer.status_code}")
    shown = answer.text.partition('class="figures"')[2].split('<b translate="no">')[1:5]
    tally.rows_refused = int(shown[3].partition("<")[0].replace(",", "")) if len(shown) == 4 else -1
    pages: list[httpx.Response] = [answer]
    right = portal.client.get("/rights.json").json()["rights"][0]["right"]
    pages.append(portal.client.get(f"/rights/{right}"))
    for page in pages:
        tally.ran += sum(page.text.count(script.split("{n}")[0]) for script in SCRIPTS)
    for row in csv.reader(io.StringIO(portal.client.get("/rights.csv").text)):
        tally.formulas_out += sum(cell[:1] in tuple("=+-@\t＝") for cell in row if cell)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof; 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.uploads", description=__doc__)
    parser.add_argument("injections", type=int, nargs="?", default=500)
    parser.add_argument("--mb", type=int, default=1024)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        tally = run(asked.injections, asked.mb, Path(folder))
    sys.stdout.write(told(tally, tally.is_clean, as_json=asked.json))
    return 0 if tally.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
