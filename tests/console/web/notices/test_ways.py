"""Every refusal has its words and its way out."""

from __future__ import annotations

import re

import pytest

from console.access import ROUTES
from console.web.notices.ways import WAYS, way_out
from console.web.words import PSEUDO, speak
from reports.rules.table import RULES


def test_every_rule_has_a_way_out_and_no_way_has_lost_its_rule() -> None:
    assert set(WAYS) == {rule.code for rule in RULES}


@pytest.mark.parametrize("code", WAYS)
def test_a_way_says_what_is_wrong_what_to_do_and_leads_to_a_page(code: str) -> None:
    way = way_out(code)
    assert way.wrong and way.do.endswith(".") and "--" not in way.do, "words of the desk, not of the command line"
    assert bool(way.place) == bool(way.link)
    pages = {re.sub(r"\{[^}]*\}", "{}", access.path) for access in ROUTES if access.method == "GET"}
    assert not way.place or re.sub(r"\{[^}]*\}", "{}", way.place.partition("?")[0]) in pages


def test_a_code_of_an_older_version_is_still_told() -> None:
    assert way_out("OLD-9").do == "Press Prepare again."
    speak(PSEUDO)
    assert way_out("OLD-9").do.startswith("⟦") and way_out("TERR-1").wrong.startswith("⟦")
    speak("en")
