"""What the accused, the platform's reviewer and a judge would object to in a notice is not in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reports.legal import find_basis
from reports.lots import part_hosts
from reports.notice import read_facts
from store.records.findings import InfringementClass
from tests import factories as make
from tests.golden.regenerate import GOLDEN

BATCHES = sorted((GOLDEN / "batches").iterdir())
PEOPLE = ("Ann Example", "Bo Example")  # who confirmed and who approved the golden notices


@pytest.mark.parametrize("folder", BATCHES, ids=lambda path: path.name)
def test_every_batch_tells_the_accused_what_they_may_do(folder: Path) -> None:
    told = make.profile(folder.name).to_accused
    assert told is not None and told in json.loads((folder / "batch.json").read_bytes())["to_accused"]
    page = (folder / "index.html").read_text()
    assert "For whoever is accused" in page and "Takedown request" not in page


@pytest.mark.parametrize("folder", BATCHES, ids=lambda path: path.name)
def test_every_signature_says_in_whose_name(folder: Path) -> None:
    page = (folder / "index.html").read_text()
    signed = re.findall(r"Signed: (.*?)</", page)
    assert signed and all(each.startswith(f"{make.PERSON}, for {make.AGENT}, agent of ") for each in signed)


@pytest.mark.parametrize("folder", BATCHES, ids=lambda path: path.name)
def test_what_travels_on_names_no_reviewer_and_to_the_public_no_account(folder: Path) -> None:
    shown = make.profile(folder.name).passes_on
    texts = [path.read_text() for path in folder.iterdir() if path.suffix in (".html", ".json", ".csv", ".txt")]
    for person in PEOPLE:
        assert not (shown and any(person in text for text in texts)), person
    account = make.seller().platform_seller_id
    assert not ("public" in shown and any(account in text for text in texts))


def test_what_no_register_shows_is_the_holders_own_word() -> None:
    film = [fact.sentence for fact in read_facts(make.facts_of(make.stream_scene()).item.explanation)]
    assert any(" states that it holds the copyright" in each for each in film)
    watch = [fact.sentence for fact in read_facts(make.facts_of(make.goods_scene()).item.explanation)]
    assert any(" holds the trade mark" in each and "states" not in each for each in watch)


@pytest.mark.parametrize("name", ["us-dmca-512", "google-search-copyright", "cloudflare-dmca"])
def test_a_notification_under_american_law_rests_on_american_law_alone(name: str) -> None:
    profile, film = make.profile(name), make.copyright_right()
    claim = InfringementClass.PIRATED_COPY
    assert "17 U.S.C." in str(find_basis(make.law(), film, ("NL",), profile, claim))
    elsewhere = replace(film, territories=("EU", "NO"))
    basis = find_basis(make.law(), elsewhere, ("NL",), profile, claim)
    assert not str(basis) and "is not held there" in (basis.unsupported or "")


def test_a_recipient_of_one_host_name_a_report_gets_one() -> None:
    scenes = [make.goods_scene(number) for number in (1, 2, 3)]
    urls = ("https://a.example/item/1", "https://b.example/item/2", "https://A.example/item/3")
    material = [
        make.material_of(replace(scene, listing=replace(scene.listing, url=url)))
        for scene, url in zip(scenes, urls, strict=True)
    ]
    parts = [[each.listing.url for each in part] for part in part_hosts(material, 1)]
    assert parts == [[urls[0], urls[2]], [urls[1]]]
    assert [len(part) for part in part_hosts(material, None)] == [3]
    assert [len(part) for part in part_hosts(material, 2)] == [3]
    for name in ("cloudflare-dmca", "cloudflare-trademark"):
        assert make.profile(name).limits.hosts_per_notice == 1
