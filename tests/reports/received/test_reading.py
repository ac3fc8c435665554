"""Letters in free words: what they say is found by sense and place, and what they lack has our rules' codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.received.lint import lint
from reports.received.reading import Kind, read_notice
from reports.received.sections import split_parts, without_preamble
from reports.received.statements import Said
from tests import factories as make
from tests.benchmarks.notices import folder_of, read_all

DMCA = make.profile("us-dmca-512")
LETTER = """Dear Sir or Madam,

I am the owner of the copyright in the photograph "Harbour at dawn", published at https://jane-roe.example/harbour.

The following page shows it without my leave:
https://host.example/users/7/harbour.jpg

I have a good faith belief that this use is not authorised by the copyright owner, its agent, or the law, and I have
considered fair use. The information in this notification is accurate, and under penalty of perjury I am the owner of
the exclusive right that is infringed.

Telephone: +46 8 555 0100

Yours faithfully,
Jane Roe
"""
FORM = """**Are you the copyright holder or authorized to act on the copyright owner's behalf?**

Yes, I am authorized to act on the copyright owner's behalf.

**Please provide a detailed description of the original copyrighted work that has allegedly been infringed.**

The novel "Lantern", https://publisher.example/lantern

**What files should be taken down? Please provide URLs for each file.**

https://host.example/a/lantern.pdf
https://host.example/b/lantern.epub

**Type (or copy) the following statement: "I have a good faith belief that use is not authorized by the law."**

No.

**I swear, under penalty of perjury, that the information is accurate and that I am the copyright owner.**

**So that we can get back to you, please provide your telephone number or physical address.**

[private]

**Please type your full legal name below to sign this request.**

[private]
"""
COUNTER = """Counter notice

The material was at https://host.example/users/7/tool before it was disabled.
I swear under penalty of perjury that I have a good faith belief that the material was removed by mistake.
I consent to the jurisdiction of the Federal District Court and will accept service of process.
Address: 1 Main Street, Springfield
Signed,
John Doe
"""


def test_a_letter_is_read_whole() -> None:
    read = read_notice(LETTER)
    assert read.kind is Kind.NOTICE
    assert read.material == ("https://host.example/users/7/harbour.jpg",)
    assert read.work_urls == ("https://jane-roe.example/harbour",)
    assert read.work is not None and "Harbour at dawn" in read.work
    assert (read.signature, read.contact is not None, read.owner is not None) == ("Jane Roe", True, True)
    assert set(read.statements) == {Said.GOOD_FAITH, Said.ACCURACY, Said.AUTHORITY, Said.FAIR_USE}
    assert lint(read, DMCA) == ()


def test_a_form_is_read_by_its_questions_and_a_statement_to_be_copied_proves_nothing() -> None:
    read = read_notice(FORM)
    assert read.material == ("https://host.example/a/lantern.pdf", "https://host.example/b/lantern.epub")
    assert read.work_urls == ("https://publisher.example/lantern",)
    assert read.contact == "[private]" and read.signature == "[private]"
    assert set(read.statements) == {Said.ACCURACY, Said.AUTHORITY}
    assert {lack.code for lack in lint(read, DMCA)} == {"STMT-1", "EXC-1"}


def test_a_counter_notice_is_known_and_held_against_its_own_law() -> None:
    read = read_notice(COUNTER)
    assert read.kind is Kind.COUNTER_NOTICE and lint(read, DMCA) == ()
    silent = read_notice(COUNTER.replace("I consent to the jurisdiction", "I dislike the jurisdiction").replace(
        "accept service of process", "say nothing"))  # fmt: skip
    assert [lack.code for lack in lint(silent, DMCA)] == ["CN-D"]


@pytest.mark.parametrize(
    ("without", "codes"),
    [
        ("https://host.example/users/7/harbour.jpg", set()),
        ("Yours faithfully,\nJane Roe\n", {"AUTH-1", "PARTY-1"}),
        ("Telephone: +46 8 555 0100\n", {"PARTY-3"}),
        (", and I have\nconsidered fair use", {"EXC-1"}),
        ("under penalty of perjury ", {"STMT-1"}),
    ],
)
def test_each_part_left_out_is_missed_by_its_own_code(without: str, codes: set[str]) -> None:
    assert without in LETTER
    found = {lack.code for lack in lint(read_notice(LETTER.replace(without, "")), DMCA)}
    if codes:
        assert found == codes
    else:
        assert read_notice(LETTER.replace(without, "")).material != read_notice(LETTER).material


def test_addresses_that_lead_to_no_item_are_refused() -> None:
    said = LETTER.replace("https://host.example/users/7/harbour.jpg", "https://host.example/").replace(
        "published at https://jane-roe.example/harbour", "published"
    )
    assert {lack.code for lack in lint(read_notice(said), DMCA)} == {"LOC-1"}
    carried = LETTER.replace("harbour.jpg", "harbour?sid=9f2c")
    assert "LOC-2" in {lack.code for lack in lint(read_notice(carried), DMCA)}


def test_the_full_stop_of_a_sentence_is_no_part_of_an_address() -> None:
    bare = LETTER.replace("https://host.example/users/7/harbour.jpg", "It is at host.example.com/users/7/harbour.")
    assert read_notice(bare).material == ("host.example.com/users/7/harbour",)


def test_what_a_publisher_set_before_a_letter_is_not_the_senders_word() -> None:
    preamble = "Before disabling any content the recipient\n- contacted the owners of the pages.\n\n---\n\n"
    assert without_preamble(preamble + LETTER).strip() == LETTER.strip()
    assert read_notice(preamble + LETTER) == read_notice(LETTER)


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=600), st.lists(st.sampled_from([LETTER, FORM, COUNTER, "**", "---\n", "1. A?\n"]), max_size=3)
)
def test_any_text_is_a_letter_that_may_say_nothing(text: str, more: list[str]) -> None:
    whole = text.join(["", *more, ""])
    read = read_notice(whole)
    lint(read, DMCA)
    assert all(url in whole.replace("\\_", "_") for url in read.material)
    assert "".join(part.body for part in split_parts(whole)) is not None


def test_published_notices_are_read(real_data: Path) -> None:
    if not folder_of(real_data).is_dir():
        pytest.skip(f"no published notices under {real_data}")
    found = read_all(folder_of(real_data))
    assert len(found) > 50 and sum(bool(read.material) for read in found.values()) >= 0.95 * len(found)
