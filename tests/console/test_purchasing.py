"""Goods bought to be examined: steps in their order, files by digest, all of it in the case's bundle."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import load_settings
from console.cli import app
from console.errors import NotFound, PurchaseRefused
from console.exhibits import export_bundle, trusted_keys
from console.purchasing import enter_step, list_purchases
from console.workspace import Workspace, create_workspace, open_workspace
from store.db.kept_bytes import each_digest
from store.evidence.verify import Status, verify
from store.records.ids import utc_now
from store.records.purchases import PurchaseStep
from tests import factories as make


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    settings = load_settings(tmp_path / "home", {})
    create_workspace(settings)
    with open_workspace(settings) as opened:
        make.store_scene(opened.database, opened.vault, make.goods_scene())
        yield Workspace(
            settings=settings,
            database=opened.database,
            vault=opened.vault,
            declarations=make.declarations(platforms=(make.platform(),)),
            sealer=opened.sealer,
        )


def a_file(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_a_purchase_stands_in_the_bundle_with_every_hand_and_file(workspace: Workspace, tmp_path: Path) -> None:
    photo, receipt = make.photo(60), b"order 4711, 49.00 EUR"
    steps: list[tuple[PurchaseStep, str | None, list[Path]]] = [
        (PurchaseStep.RECEIVED, None, []),
        (PurchaseStep.OPENED, None, [a_file(tmp_path, "opening of parcel.jpg", photo)]),
        (PurchaseStep.EXAMINED, None, [a_file(tmp_path, "report.html", b"<script>1</script>")]),
        (PurchaseStep.HANDED_OVER, "Customs laboratory", []),
    ]
    base = ["--home", str(workspace.settings.home), "purchases"]
    words = ["order", "1", "--by", "Jane Roe", "--note", "two pieces", "--json"]
    done = CliRunner().invoke(app, [*base, *words, "--file", str(a_file(tmp_path, "order.txt", receipt))])
    assert (done.exit_code, json.loads(done.stdout)["purchase"]) == (0, 1)
    for step, to, files in steps:
        enter_step(workspace, step, purchase=1, by="Ann Poe", to=to, files=files)
    with workspace.database.read() as connection:
        kept = set(each_digest(connection))
    assert {make.sha(photo), make.sha(receipt)} <= kept  # backups and retention know them
    path = Path(export_bundle(workspace, 1, by="Jane Roe")["path"])
    with zipfile.ZipFile(path) as bundle:
        assert bundle.read("purchases/P1-1/order.txt") == receipt
        assert bundle.read("purchases/P1-2/opening-of-parcel.jpg") == photo
        assert "purchases/P1-3/report.html.bin" in bundle.namelist()  # opening one runs nothing
        told = json.loads(bundle.read("purchases/purchases.json"))
        custody = [json.loads(line)["event"] for line in bundle.read("custody.jsonl").splitlines()]
        page = bundle.read("report.html").decode()
    assert [each["step"] for each in told] == ["ordered", "received", "opened", "examined", "handed_over"]
    assert [e["action"] for e in custody if e["object"] == "purchase 1"] == [each["step"] for each in told]
    assert "to Customs laboratory" in page
    assert "&lt;script" not in page
    checks = {check.name: check.status for check in verify(path, trusted_keys(workspace.settings)).checks}
    assert (checks["file_set"], checks["custody_chain"]) == (Status.PASS, Status.PASS)
    assert next(e.step for e in list_purchases(workspace, 1)) is PurchaseStep.ORDERED


def test_a_step_that_goods_cannot_have_gone_through_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    enter_step(workspace, PurchaseStep.ORDERED, case=1, by="Jane Roe")
    one, two = a_file(tmp_path, "a.jpg", b"1"), tmp_path / "sub"
    two.mkdir()
    wrong = [
        ({"step": PurchaseStep.OPENED, "purchase": 1}, "received before"),
        ({"step": PurchaseStep.HANDED_OVER, "purchase": 1}, "to whom"),
        ({"step": PurchaseStep.RECEIVED, "purchase": 1, "to": "Ann"}, "to whom"),
        ({"step": PurchaseStep.RECEIVED, "purchase": 1, "at": utc_now() + timedelta(days=1)}, "to come"),
        ({"step": PurchaseStep.RECEIVED, "purchase": 1, "at": utc_now() - timedelta(days=1)}, "before the step"),
        ({"step": PurchaseStep.RECEIVED, "purchase": 1, "files": [one, a_file(two, "A.jpg", b"2")]}, "two files"),
    ]
    for values, said in wrong:
        with pytest.raises(PurchaseRefused, match=said):
            enter_step(workspace, by="Jane Roe", **values)  # type: ignore[arg-type]  # of one table
    enter_step(workspace, PurchaseStep.DESTROYED, purchase=1, by="Jane Roe")
    with pytest.raises(PurchaseRefused, match="destroyed"):
        enter_step(workspace, PurchaseStep.RECEIVED, purchase=1, by="Jane Roe")
    for missing in ({"step": PurchaseStep.ORDERED, "case": 9}, {"step": PurchaseStep.RECEIVED, "purchase": 9}):
        with pytest.raises(NotFound):
            enter_step(workspace, by="Jane Roe", **missing)  # type: ignore[arg-type]  # of one table
