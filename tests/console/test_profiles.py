"""`marque profiles`: what was read at its origin is counted, and a verification stands in the trail."""

from __future__ import annotations

from pathlib import Path

from store.db.audit import AuditTrail
from store.db.session import Database
from store.records.scope import EVERYTHING
from tests.console.test_cli import Desk
from tests.factories import SHIPPED_PROFILES


def test_profiles_are_counted_checked_and_verified_by_name(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    assert desk.run("init")[0] == 0
    listed = {each["name"]: each for each in desk.data("profiles", "list")}
    assert set(listed) == set(SHIPPED_PROFILES)
    for each in listed.values():
        assert each["draft"] and each["outdated"] is None
        assert each["official_share"] == round(each["official"] / each["demands"], 3)
        left = set(each["not_official"]["memory"]) | set(each["not_official"]["third_party"])
        assert each["official"] + len(left) == each["demands"]
    code, said = desk.run("profiles", "check", "xarf-host")
    assert code == 0 and "demands were read at their origin" in said
    assert desk.run("profiles", "verify", "xarf-host", "--by", "  ")[0] == 2
    code, said = desk.run("profiles", "verify", "xarf-host", "--by", " Jane  Roe ")
    assert code == 0 and "on Jane Roe's word alone" in said
    after = {each["name"]: each for each in desk.data("profiles", "list")}["xarf-host"]
    assert not after["draft"] and after["verified_by"] == "Jane Roe"
    with Database(f"sqlite:///{desk.home / 'marque.db'}") as database, database.read() as connection:
        (act,) = AuditTrail(connection, EVERYTHING).of_subject("xarf-host")
    assert (act.actor, act.action) == ("Jane Roe", "verify_profile")
    code, said = desk.run("profiles", "verify", "no-such", "--by", "Jane Roe")
    assert code == 1 and "no profile named 'no-such'" in said
