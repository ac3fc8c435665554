"""Letters: read for what they are, whatever stands in them; nothing but an unreadable one is an error."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.delivery import Delivery
from reports.answers.letters import LETTER_BYTES, LetterKind, read_letter
from reports.parcel import Parcel
from reports.transports.contract import ForPerson
from reports.transports.mail import MailTransport
from tests import factories as make
from tests.faults import letters as proof
from tests.golden.regenerate import GOLDEN

KEY = "ab" * 32
REPLY = f"From: Desk <Desk@Shop.example>\nIn-Reply-To: <{KEY}@unit.example>\n"


def test_a_reply_gives_its_lines_and_not_those_it_quotes() -> None:
    letter = read_letter(f"{REPLY}\nHello\n 12-3 : Removed \n12-4= kept\n> 12-5: removed\nno 1: x\n".encode())
    assert (letter.kind, letter.keys, letter.domain) == (LetterKind.REPLY, (KEY,), "shop.example")
    assert letter.lines == ((2, "12-3", "Removed"), (3, "12-4", "kept"))


def test_a_name_that_was_folded_into_encoded_words_is_still_found() -> None:
    message = EmailMessage()
    message["From"], message["In-Reply-To"] = "desk@shop.example", f"<{KEY}@office.of.a.unit.example>"
    message.set_content("1-1: removed")
    assert b"=?utf-8?" in message.as_bytes(), "this is what some programs make of it"
    assert read_letter(message.as_bytes()).keys == (KEY,)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Auto-Submitted: auto-replied\n", LetterKind.AUTOMATIC),
        ("Auto-Submitted: no\n", LetterKind.REPLY),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", LetterKind.ON_THE_WAY),
        ("Content-Type: multipart/report; report-type=feedback-report; boundary=b\n", LetterKind.COMPLAINT),
        ("Content-Type: multipart/report\n", LetterKind.REPLY),
    ],
)
def test_a_letter_is_what_its_header_says(head: str, kind: LetterKind) -> None:
    assert read_letter(f"{REPLY}{head}\nWe have it.\n".encode()).kind is kind


@pytest.mark.parametrize("sender", ["a@shop.example, b@shop.example", "", "<>", "nobody", "a b@shop.example"])
def test_a_letter_from_nobody_or_from_two_has_no_domain(sender: str) -> None:
    assert read_letter(f"From: {sender}\nSubject: x\n\nx\n".encode()).domain == ""


def test_what_is_no_letter_is_refused() -> None:
    for data in (b"", b"\n\nno header", b"x" * (LETTER_BYTES + 1)):
        with pytest.raises(ValueError, match="it has"):
            read_letter(data)


@given(st.binary(max_size=300), st.sampled_from(["delivery-status", "feedback-report", "x", ""]))
def test_no_letter_breaks_the_reading(noise: bytes, report: str) -> None:
    head = f"{REPLY}Content-Type: multipart/report; report-type={report}; boundary=b\n\n--b\n".encode()
    for data in (noise, head + noise, head + b"Content-Type: message/delivery-status\n\n" + noise + b"\n--b--"):
        try:
            letter = read_letter(data)
        except ValueError:
            continue
        assert all(len(key) == 64 for key in letter.keys)


def parcel(folder: Path) -> Parcel:
    return Parcel(
        key=KEY,
        number=1,
        platform="shopnest",
        profile="xarf-host",
        manifest_sha256="0" * 64,
        watermark="EXERCISE",
        notices=(1,),
        item_count=1,
        folder=folder,
    )


def test_a_xarf_report_travels_as_a_feedback_report_of_three_parts(tmp_path: Path) -> None:
    report = sorted((GOLDEN / "batches" / "xarf-host" / "xarf").glob("*.json"))[0]
    (tmp_path / "xarf").mkdir()
    (tmp_path / "xarf" / report.name).write_bytes(report.read_bytes())
    delivery = Delivery(by="mail", to="abuse@host.example", sender="office@unit.example", body="xarf")
    transport = MailTransport(delivery, connect=lambda: pytest.fail("nothing leaves"), clock=lambda: make.NOW)
    made = transport.compose(parcel(tmp_path))
    assert isinstance(made, EmailMessage)
    message = email.message_from_bytes(made.as_bytes(), policy=email.policy.default)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "feedback-report"
    words, fields, carried = message.get_payload()
    assert "Abuse report" in words.get_content() and "1-1: removed" in words.get_content()
    assert fields.get_content_type() == "message/feedback-report"
    told = email.message_from_string(fields.get_payload()[0].as_string())
    assert (told["Feedback-Type"], told["Version"], bool(told["User-Agent"])) == ("xarf", "1", True)
    assert json.loads(carried.get_payload(decode=True)) == json.loads(report.read_bytes())
    again = transport.compose(parcel(tmp_path))
    assert isinstance(again, EmailMessage) and again.as_bytes() == made.as_bytes(), "the same each time"
    (tmp_path / "xarf" / "two.json").write_bytes(report.read_bytes())
    assert isinstance(transport.compose(parcel(tmp_path)), ForPerson), "one report a message"


def test_forged_edited_and_replayed_letters_change_nothing() -> None:
    tally = proof.run(40, seed=7)
    assert (tally.changed, tally.true_entered) == (0, tally.true_letters), tally
    assert len(tally.by_kind) >= 10
