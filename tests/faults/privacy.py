"""
Private values planted wherever one can stand, and looked for in everything that strangers get to see.

`python -m tests.faults.privacy [N] [--json]` plants 50 values (names, contacts, addresses, cookies, keys, thresholds,
scores, user agent, run ids, people of the office), takes N offers through the real way (a site on loopback, a crawl,
a case, a decision, a bundle), makes the public copy, and looks for each value, in five spellings, in the copy, in
every line of every log, and in the desk's error pages. That the values are really there is shown by finding them in
the workspace itself.
"""

from __future__ import annotations

import argparse
import html
import io
import json
import logging
import os
import sys
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

from starlette.testclient import TestClient

from cases.run import build_cases
from config.settings import Settings, load_settings
from console.exhibits import export_bundle, public_copy
from console.web.app import create_app
from console.web.logs import JsonLines
from console.workspace import Workspace, create_workspace, open_workspace
from crawler.run import crawl
from store.db import tables
from store.db.audit import AuditTrail, act_of
from store.evidence.seal import published_keys
from store.evidence.verify import Verdict, verify
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests import factories as make
from tests.crawler.site import Answer, Site, declare
from tests.faults.told import told
from tests.reports.exhibits.test_live_path import find_it_a_copy

OF_PEOPLE = {
    "seller name": "Ingeborg Planteseller",
    "seller mail": "ingeborg.planteseller@private.example",
    "seller telephone": "+46 70 731 19 42",
    "trader name": "Planteseller Handelsbolag",
    "street": "Hemligagatan 7731",
    "town": "Planteköping",
    "bank account": "SE3550000000054910000003",
    "wallet": "bc1qplantedplantedplantedplantedplante7731x",
    "messenger": "wa.me/46707311942",
    "reviewer name": "Torvald Plantereview",
    "reviewer mail": "torvald@plantereview.example",
    "buyer name": "Sigrun Plantebuyer",
}
OF_THE_VISIT = {
    "session cookie": "crown-jewels-7731-cookie",
    "second cookie": "basket-7731-cookie",
    "csrf token": "csrf-7731-planted-token",
    "auth token": "auth-7731-planted-token",
    "session in an address": "crown7731sessionid",
    "our address": "198.51.100.77",
    "our host": "egress-7731.unit.example",
    "contact": "crawler-desk-7731@unit.example",
}
OF_THE_OFFICE = {
    "exporter": "Edda Planteexport",
    "decider": "Didrik Plantedecide",
    "note": "informant 7731 says the goods come from a cellar",
    "viewer": "Viveka Planteview",
    "copier": "Kopia Plantecopy",
    "publisher": "Pia Plantepublic",
    "supervisor": "Sune Plantechief",
    "operation": "operation-seventy-seven-31",
}
THRESHOLDS = {
    "review threshold": "0.6931742",
    "notice threshold": "0.8684217",
    "product threshold": "0.7517731",
    "far below": "0.4137731",
    "slope": "0.4857731",
    "offset": "0.8167731",
}
SCORES = {"likelihood": "0.9377731", "strength": "0.9717731", "second strength": "0.9037731"}
TYPED = {
    "password": "typed-password-7731",
    "one-time code": "773100",
    "bearer": "bearer-7731-planted",
    "desk cookie": "desk-cookie-7731",
    "typed name": "Nils Plantetyped",
    "typed query": "query-7731-planted",
    "typed path": "path-7731-planted",
}
SELLS = f"AURELIA Solaris replica watch, ask {OF_PEOPLE['seller name']} {OF_PEOPLE['seller telephone']}"


class Shop(Site):
    """Offers full of what names people, from a server that tells its visitor who it is."""

    count = 1

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        super().answer(path, headers)
        visit, people = OF_THE_VISIT, OF_PEOPLE
        more = {
            "Set-Cookie": f"session={visit['session cookie']}; basket={visit['second cookie']}",
            "X-CSRF-Token": visit["csrf token"],
            "X-Auth-Token": visit["auth token"],
            "X-Seen-From": f"{visit['our address']} {visit['our host']}",
        }
        if path == "/robots.txt":
            return Answer(status=404)
        if path.startswith("/list"):
            cards = "".join(
                f"<li class='card'><a class='title' href='/item/{n}?PHPSESSID={visit['session in an address']}'>"
                f"{SELLS}</a><b class='price'>EUR 11.50</b></li>"
                for n in range(1, self.count + 1)
            )
            return Answer(body=f"<html><body><ul>{cards}</ul></body></html>".encode(), headers=more)
        if path.startswith("/photo/"):
            return Answer(body=make.photo(5), kind="image/jpeg", headers=more)
        words = " ".join(f"{name}: {value}." for name, value in people.items())
        page = (
            f"<html><head><title>{SELLS}</title></head><body><h1>{SELLS}</h1><p class='price'>EUR 11.50</p>"
            f"<div class='seller'><a href='/shop/4'>{people['seller name']}</a></div>"
            "<img class='photo' src='/photo/1.jpg' width='400' height='400'>"
            f"<p class='text'>{words} You come from {visit['our address']}.</p></body></html>"
        )
        return Answer(body=page.encode(), headers=more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many values were planted, how many of them lie in the workspace, and which were seen by strangers."""

    planted: int
    in_the_workspace: int
    seen_in_copy: tuple[str, ...]
    seen_in_logs: tuple[str, ...]
    seen_in_error_pages: tuple[str, ...]
    copy_bytes: int
    items: int
    copy_verdict: str
    log_lines: int
    error_pages: int

    @property
    def is_clean(self) -> bool:
        """Whether no stranger saw anything, and there was something to see."""
        seen = self.seen_in_copy + self.seen_in_logs + self.seen_in_error_pages
        return not seen and self.copy_bytes <= 300_000 * self.items and self.in_the_workspace >= 35


def prove(folder: Path, offers: int = 1) -> Found:
    """Plant, take the whole way, and look. Writes into `folder`."""
    settings = load_settings(folder / "home-of-7731", {"MARQUE_CONTACT": OF_THE_VISIT["contact"]})
    create_workspace(settings)
    _plant_policy(settings)
    logged = folder / "log.txt"
    with recorded(logged):
        with Shop() as shop:
            shop.count = offers
            declare(settings.home, shop, "shopnest", pages=1)
            crawl(settings, ["shopnest"])
        with open_workspace(settings) as opened:
            workspace = _with_platform(opened)
            planted = _case_of(workspace)
            exported = Path(export_bundle(workspace, 1, by=OF_THE_OFFICE["exporter"])["path"])
            copy = public_copy(workspace, exported, by=OF_THE_OFFICE["publisher"])
            keys = workspace.settings.keys
            planted |= {f"key {path.name}": _secret_line(path) for path in keys.iterdir() if path.suffix != ".json"}
        pages = _error_pages(settings)
    path = Path(copy["path"])
    report = verify(path, published_keys(settings.keys), source=exported)
    with zipfile.ZipFile(path) as archive:
        shown = "\n".join(f"{name}\n{archive.read(name).decode('utf-8', 'replace')}" for name in archive.namelist())
    planted |= {**OF_PEOPLE, **OF_THE_VISIT, **OF_THE_OFFICE, **THRESHOLDS, **SCORES}
    everything = {**planted, **TYPED, "workspace": str(settings.home)}
    log = logged.read_text("utf-8", "replace")
    within = _workspace_text(settings, exported)
    return Found(
        planted=len(everything),
        in_the_workspace=len(seen(planted, within)),
        seen_in_copy=seen(everything, shown),
        # A line may say where the workspace is, and which run it speaks of: its reader runs the machine.
        seen_in_logs=seen({name: v for name, v in everything.items() if name not in _OF_THE_MACHINE}, log),
        seen_in_error_pages=seen(everything, pages),
        copy_bytes=copy["bytes"],
        items=copy["items"],
        copy_verdict=report.verdict.name if report.verdict is not Verdict.FAIL else str(report.checks),
        log_lines=log.count("\n"),
        error_pages=pages.count("<html"),
    )


_OF_THE_MACHINE = ("workspace", "crawl run", "match run", "capture")


def seen(values: dict[str, str], text: str) -> tuple[str, ...]:
    """Which values stand in a text, in any of five spellings, whatever their case."""
    folded = text.casefold()

    def spellings(value: str) -> Iterator[str]:
        yield value
        yield html.escape(value)
        yield json.dumps(value)[1:-1]
        yield quote(value)
        yield quote_plus(value)
        yield b64encode(value.encode()).decode()

    return tuple(name for name, value in values.items() if any(s.casefold() in folded for s in spellings(value)))


@contextmanager
def recorded(path: Path) -> Iterator[None]:
    """Everything this process and its children write to their standard streams, and every log line, in one file."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    handler = logging.StreamHandler(io.TextIOWrapper(os.fdopen(os.dup(fd), "wb"), "utf-8", write_through=True))
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    quiet = logging.getLogger("httpx2"), logging.getLogger("httpx")  # the bench's own browser, not the product's
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for each in quiet:
        each.setLevel(logging.WARNING)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    try:
        yield
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for each_fd in (*kept, fd):
            os.close(each_fd)
        root.removeHandler(handler)
        root.setLevel(level)
        handler.stream.close()


def _plant_policy(settings: Settings) -> None:
    values = THRESHOLDS
    settings.policy.write_text(
        "exercise = true\n"
        f"[identity]\nreview = {values['review threshold']}\nnotice = {values['notice threshold']}\n"
        f"product = {values['product threshold']}\n"
        f"[identity.calibration]\nslope = {values['slope']}\noffset = {values['offset']}\n"
        "low = 0.0\nbelow = 1.0\nhigh = 0.0\ntop = 0.0\nabove = 1.0\n"  # a straight line, whatever ours is
        f"[grounds]\nfar_below_share = {values['far below']}\n"
    )


def _with_platform(opened: Workspace) -> Workspace:
    return Workspace(
        settings=opened.settings,
        database=opened.database,
        vault=opened.vault,
        declarations=make.declarations(platforms=(make.platform(),)),
        sealer=opened.sealer,
    )


def _case_of(workspace: Workspace) -> dict[str, str]:
    """A finding with planted likelihoods on what was crawled, a decided case, and planted people in its trail."""
    from cases.decisions import decide
    from store.records.cases import Verdict as Decided

    database = workspace.database
    page = find_it_a_copy(database, workspace.vault)
    with database.write() as connection:
        rows = connection.execute(tables.finding.select()).all()
        for row in rows:
            signs = [{**sign, "strength": float(SCORES["strength"])} for sign in row.signs]
            changed = tables.finding.update().where(tables.finding.c.id == row.id)
            connection.execute(changed.values(identity_probability=float(SCORES["likelihood"]), signs=signs))
        against = float(SCORES["second strength"])
        connection.execute(tables.comparison.update().values(identity_probability=against))
        runs = {row.kind: row.id for row in connection.execute(tables.run.select())}
    build_cases(database, workspace.declarations, clock=utc_now, ids=new_id)
    office = OF_THE_OFFICE
    decide(
        database,
        [row.id for row in rows],
        Decided.CONFIRM,
        by=office["decider"],
        note=f"{office['note']}; {office['operation']}",
        clock=utc_now,
        ids=new_id,
    )
    with database.write() as connection:
        trail = AuditTrail(connection, EVERYTHING)
        (case,) = connection.execute(tables.case.select()).all()
        for who, what in (("viewer", "view_case"), ("copier", "copy_evidence"), ("supervisor", "approve_export")):
            detail = {"operation": office["operation"], "after": str(timedelta(minutes=3))}
            trail.add(act_of(office[who], what, "case", case.id, clock=utc_now, ids=new_id, detail=detail))
    return {"crawl run": runs["crawl"], "match run": runs["match"], "capture": page.id}


def _secret_line(path: Path) -> str:
    """A line of a key file that only the key has."""
    lines = path.read_text("ascii").splitlines()
    return next(line for line in lines if line and not line.startswith("-----"))


def _error_pages(settings: Settings) -> str:
    """What the desk answers strangers who ask wrongly, with planted values in everything they send."""
    t = TYPED
    headers = {"authorization": f"Bearer {t['bearer']}", "cookie": f"session={t['desk cookie']}"}
    form = {"name": t["typed name"], "password": t["password"], "code": t["one-time code"]}
    app = create_app(settings)
    said = []
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        for path in ("", "/login", "/findings", "/listings", "/captures", "/evidence", "/metrics"):
            said.append(client.get(f"{path}/{t['typed path']}", params={"q": t["typed query"]}, headers=headers))
        said.append(client.post("/login", data=form, headers=headers))
        said.append(client.post("/login", content=b"\xff" * 9, headers=headers))
        said.append(client.put("/findings", data=form, headers=headers))
        said.append(client.get("/findings", headers={**headers, "host": f"{t['typed path']}.example"}))
    return "\n".join(f"<html {answer.status_code}\n{dict(answer.headers)}\n{answer.text}" for answer in said)


def _workspace_text(settings: Settings, exported: Path) -> str:
    """The workspace as whoever may read all of it does: the bundle, the ledger, the policy, the keys."""
    whole = [exported.read_bytes().decode("utf-8", "replace"), settings.policy.read_text()]
    whole += [path.read_text("ascii") for path in settings.keys.iterdir()]
    ledger = Path(settings.database_url.removeprefix("sqlite:///"))
    whole += [path.read_bytes().decode("utf-8", "replace") for path in ledger.parent.glob(f"{ledger.name}*")]
    return "\n".join(whole)


def main() -> int:
    """The command line; 0 when no stranger saw a planted value."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.privacy", description=__doc__)
    parser.add_argument("offers", type=int, nargs="?", default=1, help="offers on the site")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = prove(Path(folder), given.offers)
    sys.stdout.write(told(found, found.is_clean, as_json=given.json))
    return 0 if found.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
