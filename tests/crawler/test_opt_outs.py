"""Whoever asks to be left alone is left alone, and the ledger says who entered it."""

from __future__ import annotations

from itertools import count

import pytest

from crawler.errors import BadOptOut
from crawler.opt_outs import check_prefix, opt_in, opt_out
from store.db.audit import AuditTrail
from store.db.opt_outs import OptOuts
from store.db.session import Database
from store.records.scope import EVERYTHING
from tests.conftest import START

NUMBERS = count()


def ids() -> str:
    """Ids in order."""
    return f"id-{next(NUMBERS):04}"


@pytest.mark.parametrize("prefix", ["", "shop.example/a", "*.shop.example", "ftp://shop.example/", "a b", "https://"])
def test_what_names_neither_host_nor_address_is_refused(prefix: str) -> None:
    with pytest.raises(BadOptOut, match="neither a host"):
        check_prefix(prefix)


def test_an_opt_out_stands_until_it_is_taken_back_and_both_are_acts(database: Database) -> None:
    first = opt_out(database, "shop.example", reason="owner asked", by="Jane Roe", clock=lambda: START, ids=ids)
    again = opt_out(database, "shop.example", reason="again", by="Max", clock=lambda: START, ids=ids)
    assert again == first
    opt_in(database, "shop.example", by="Jane Roe", clock=lambda: START, ids=ids)
    with pytest.raises(BadOptOut, match="nobody opted it out"):
        opt_in(database, "shop.example", by="Jane Roe", clock=lambda: START, ids=ids)
    with database.read() as connection:
        assert OptOuts(connection, EVERYTHING).prefixes() == ()
        acts = [entry.action for entry in AuditTrail(connection, EVERYTHING).of_subject(first.id)]
    assert acts == ["enter_opt_out", "remove_opt_out"]
