"""What nobody needs goes, what somebody needs stays, and nothing on hold is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import Settings, load_settings
from console import retaining
from console.cli import app
from console.errors import ErasureRefused, NotFound
from console.retaining import (
    add_hold,
    forget_seller,
    plan_purge,
    release_hold,
    rotate_personal_key,
    run_purge,
    standing_holds,
)
from console.workspace import Workspace, create_workspace, open_workspace
from store.db import tables
from store.db.errors import PersonalKeyChanging
from store.db.personal import keep_values, open_values
from store.db.rows import row_of
from store.evidence.errors import ErasedBlob
from store.evidence.vault import Vault
from store.records.ids import utc_now
from store.records.keeping import HoldKind
from tests import factories as make

NOW = make.NOW
WHO = {"by": "Jane Roe", "second": "Ann Poe", "legal_basis": "Article 17 GDPR"}
NAME = "Ingeborg Example"


def quiet(_done: int, _total: int | None, _what: str) -> None:
    """Nobody watches."""


def late(days: int) -> datetime:
    return NOW + timedelta(days=days)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A confirmed case, and beside it an honest listing of another account that touched nothing."""
    settings = load_settings(tmp_path / "home", {})
    create_workspace(settings)
    with open_workspace(settings) as opened:
        make.store_scene(opened.database, opened.vault, make.goods_scene())
        page, picture = make.page("An honest lamp"), make.photo(40)
        digests = [opened.vault.put(each) for each in (page, picture)]
        opened.vault.flush()
        photo = make.capture(91, picture, response_headers=(("content-type", "image/jpeg"),))
        rows = [
            (tables.seller, make.seller(9, platform_seller_id="honest-9")),
            (tables.listing, make.listing(9, platform_item_id="9", seller=make.an_id("seller", 9))),
            (tables.capture, make.capture(90, page)),
            (tables.capture, photo),
            (tables.observation, replace(make.observation(9, "An honest lamp"), capture=make.an_id("capture", 90))),
        ]
        with opened.database.write() as connection:
            for table, record in rows:
                connection.execute(table.insert().values(row_of(record, table)))
            connection.execute(
                tables.listing_image.insert().values(
                    listing=make.an_id("listing", 9), position=0, url="x", capture=photo.id, sha256=digests[1]
                )
            )
            connection.execute(
                tables.fingerprint.insert().values(
                    sha256=digests[1], algorithm="pdq", version="1", variant="whole", value=b"\0" * 32, quality=90
                )
            )
            seal = opened.sealer.seal
            subjects = (("observation", make.an_id("observation", 9)), ("seller", make.an_id("seller", 9)))
            keep_values(connection, [seal(kind, id, "seller_name", NAME) for kind, id in subjects])
            keep_values(connection, [seal("seller", make.an_id("seller"), "seller_name", "Of the case")])
        yield opened


def names(workspace: Workspace, number: int) -> dict[str, str]:
    with workspace.database.read() as connection:
        return open_values(connection, workspace.sealer, "seller", make.an_id("seller", number))


def honest(workspace: Workspace) -> list[str]:
    with workspace.database.read() as connection:
        wanted = tables.capture.c.id.in_([make.an_id("capture", 90), make.an_id("capture", 91)])
        return [row.body_sha256 for row in connection.execute(tables.capture.select().where(wanted))]


def test_what_touched_nothing_goes_and_what_a_case_needs_stays(workspace: Workspace) -> None:
    assert plan_purge(workspace, clock=lambda: late(5)).digests == ()
    plan = plan_purge(workspace, clock=lambda: late(40))
    assert set(plan.digests) == set(honest(workspace))
    assert plan.expired.kept == {"of a case": 1}
    assert (plan.is_done, workspace.vault.has(plan.digests[0])) == (False, True)  # a plan changes nothing
    done = run_purge(workspace, by="Jane Roe", told=quiet, clock=lambda: late(40))
    assert (done.is_done, done.values) == (True, 2)
    for digest in honest(workspace):
        with pytest.raises(ErasedBlob, match="time was over"):
            workspace.vault.get(digest)
    assert names(workspace, 9) == {}
    assert names(workspace, 1) == {"seller_name": "Of the case"}
    with workspace.database.read() as connection:
        print_of = tables.fingerprint.c.sha256.in_(honest(workspace))
        assert len(connection.execute(tables.fingerprint.select().where(print_of)).all()) == 1
        look = connection.execute(
            tables.observation.select().where(tables.observation.c.id == make.an_id("observation", 9))
        ).one()
        acts = [row.action for row in connection.execute(tables.audit_entry.select())]
    assert set(look.fields) == {"title"}
    assert acts.count("purge") == 1
    assert list(workspace.vault.check()) == []
    again = run_purge(workspace, by="Jane Roe", told=quiet, clock=lambda: late(40))
    assert (again.digests, again.values) == ((), 0)
    body = make.page("An honest lamp")
    assert workspace.vault.put(body) == make.sha(body)  # seen again, kept again


def test_what_a_crawl_sees_again_meanwhile_stays_with_its_names(workspace: Workspace) -> None:
    page = make.page("An honest lamp")

    def crawls(done: int, total: int | None, what: str) -> None:
        if what == "listings":  # the plan is made, nothing is gone yet
            with Vault(workspace.vault.root, clock=lambda: late(40)) as crawl:
                crawl.put(page)
            with workspace.database.write() as connection:
                connection.execute(tables.listing.update().values(last_seen=late(40)))
                connection.execute(tables.seller.update().values(last_seen=late(40)))

    done = run_purge(workspace, by="Jane Roe", told=crawls, clock=lambda: late(40))
    assert make.sha(page) in done.digests
    assert workspace.vault.get(make.sha(page)) == page
    assert names(workspace, 9) == {"seller_name": NAME}
    gone = next(digest for digest in done.digests if digest != make.sha(page))
    assert not workspace.vault.has(gone)


def test_a_closed_case_goes_after_its_years_and_a_hold_stops_it(workspace: Workspace) -> None:
    years = lambda: late(1095 + 40)  # noqa: E731 -- a clock
    assert set(plan_purge(workspace, clock=years).digests) == set(honest(workspace))  # it is open
    with workspace.database.write() as connection:
        connection.execute(tables.case.update().values(state="closed"))
    assert set(plan_purge(workspace, clock=years).digests) > set(honest(workspace))
    for kind, subject in (("case", "1"), ("listing", make.an_id("listing")), ("seller", make.an_id("seller"))):
        hold = add_hold(workspace, HoldKind(kind), subject, reason="suit 7 O 31", by="Jane Roe")
        assert standing_holds(workspace) == [hold]
        plan = plan_purge(workspace, clock=years)
        assert set(plan.digests) == set(honest(workspace)), kind
        assert plan.expired.kept == {"legal hold": 1}
        release_hold(workspace, hold.id, by="Ann Poe")
        with pytest.raises(NotFound):
            release_hold(workspace, hold.id, by="Ann Poe")
    assert standing_holds(workspace) == []
    for wrong in (("case", "99"), ("listing", "none")):
        with pytest.raises(NotFound):
            add_hold(workspace, HoldKind(wrong[0]), wrong[1], reason="x", by="Jane Roe")


@pytest.mark.parametrize(
    ("verdict", "kept_after_100", "kept_after_200"), [("reject", True, False), ("unsure", True, True)]
)
def test_a_rejected_finding_goes_after_half_a_year_and_an_unsure_one_waits(
    workspace: Workspace, verdict: str, kept_after_100: bool, kept_after_200: bool
) -> None:
    with workspace.database.write() as connection:
        connection.execute(tables.decision.update().values(verdict=verdict))
        connection.execute(tables.notice_item.delete())
    for days, kept in ((100, kept_after_100), (200, kept_after_200)):
        plan = plan_purge(workspace, clock=partial(late, days))
        assert (sum(plan.expired.kept.values()) == 1) is kept, days


def test_an_account_is_forgotten_on_request_and_not_while_a_case_needs_it(workspace: Workspace) -> None:
    clock = lambda: late(1)  # noqa: E731 -- a clock
    with pytest.raises(ErasureRefused, match="of a case"):
        forget_seller(workspace, make.an_id("seller"), clock=clock, **WHO)
    hold = add_hold(workspace, HoldKind.SELLER, make.an_id("seller", 9), reason="suit", by="Jane Roe")
    with pytest.raises(ErasureRefused, match="legal hold"):
        forget_seller(workspace, make.an_id("seller", 9), clock=clock, **WHO)
    release_hold(workspace, hold.id, by="Jane Roe")
    with pytest.raises(ErasureRefused, match="two different"):
        forget_seller(workspace, make.an_id("seller", 9), clock=clock, **{**WHO, "second": "jane roe"})
    assert forget_seller(workspace, make.an_id("seller", 9), clock=clock, **WHO) == (2, 2)
    assert names(workspace, 9) == {}
    assert not any(workspace.vault.has(digest) for digest in honest(workspace))


def with_names(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home", {})
    create_workspace(settings)
    with open_workspace(settings) as opened, opened.database.write() as connection:
        keep_values(
            connection, [opened.sealer.seal("seller", str(n), "seller_name", f"{NAME} {n}") for n in range(9)]
        )
        totp = opened.sealer.seal("account", "a", "totp", "SECRET")["sealed"].hex()
        connection.execute(
            tables.account.insert().values(
                id="a", name="A", name_folded="a", roles=[], totp_step=0, totp_sealed=totp, created_at=utc_now()
            )
        )
    return settings


def test_a_new_key_opens_every_name_and_the_old_one_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = with_names(tmp_path)
    old = (settings.keys / "personal.key").read_text()
    with open_workspace(settings), pytest.raises(ErasureRefused, match="at work"):
        rotate_personal_key(settings, by="Jane Roe")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):  # killed before the key takes its place
        patch.setattr(retaining, "_reseal_codes", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        rotate_personal_key(settings, by="Jane Roe")
    with pytest.raises(PersonalKeyChanging, match="again"), open_workspace(settings):
        pass
    assert rotate_personal_key(settings, by="Jane Roe") == 9
    assert (settings.keys / "personal.key").read_text() != old
    with open_workspace(settings) as opened, opened.database.read() as connection:
        assert open_values(connection, opened.sealer, "seller", "7") == {"seller_name": f"{NAME} 7"}
        (account,) = connection.execute(tables.account.select()).all()
        assert opened.sealer.open("account", "a", "totp", bytes.fromhex(account.totp_sealed)) == "SECRET"


def test_the_key_destroyed_forgets_every_name_and_people_still_sign_in(tmp_path: Path) -> None:
    settings = with_names(tmp_path)
    run = CliRunner()
    base = ["--home", str(settings.home), "personal-key", "destroy", "--by", "Jane Roe", "--json"]
    assert run.invoke(app, base).exit_code == 2
    done = run.invoke(app, [*base, "--yes"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"values": 9})
    with open_workspace(settings) as opened, opened.database.read() as connection:
        assert connection.execute(tables.personal_value.select()).all() == []
        (account,) = connection.execute(tables.account.select()).all()
        assert opened.sealer.open("account", "a", "totp", bytes.fromhex(account.totp_sealed)) == "SECRET"
    told = run.invoke(app, ["--home", str(settings.home), "retention", "plan", "--json"])
    data = json.loads(told.stdout)
    assert (told.exit_code, data["blobs"], data["done"]) == (0, 0, False)
    assert set(data["classes"]) == {"non_matches", "rejected", "cases", "sites"}
    assert all(each["because"] != "not stated" for each in data["classes"].values())
