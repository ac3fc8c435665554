"""References that identify nobody are stopped with their reason; copied official photos are not."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from config.policy import GatePolicy
from matching.gate import Fault, Judgement, Reason, Use, judge_name, judge_picture, read_picture, second_approval
from registry.vectors import draw_svg
from store.records.references import Medium
from tests import factories as make

POLICY = GatePolicy()


def _use(number: int, named: bool) -> Use:
    return Use(listing=f"l-{number}", seller=f"s-{number}", title=f"Goods {number}", is_named=named)


def _picture(uses: list[Use], **known: list[str]) -> Judgement:
    read = read_picture(make.photo(7), Medium.PHOTO)
    assert not isinstance(read, Reason)
    return judge_picture(
        read[1],
        medium=Medium.PHOTO,
        uses=uses,
        stored=100,
        other_holders=known.get("other_holders", []),
        left_alone=known.get("left_alone", []),
        policy=POLICY,
    )


def _name(text: str, uses: int = 0, **known: list[str]) -> list[Fault]:
    judged = judge_name(
        text,
        uses=[_use(n, True) for n in range(uses)],
        stored=200,
        other_holders=known.get("other_holders", []),
        platforms=["shopnest"],
        policy=POLICY,
    )
    return [reason.fault for reason in judged.faults]


@pytest.mark.parametrize("tone", ["white", "black", (200, 30, 30)])
def test_one_tone_is_stopped(tone: str | tuple[int, int, int]) -> None:
    out = BytesIO()
    Image.new("RGB", (300, 300), tone).save(out, "PNG")
    read = read_picture(out.getvalue(), Medium.PHOTO)
    assert isinstance(read, Reason) and read.fault is Fault.FLAT


def test_bytes_that_are_no_picture_are_stopped() -> None:
    read = read_picture(b"GIF89a nothing", Medium.PHOTO)
    assert isinstance(read, Reason) and read.fault is Fault.UNREADABLE


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#fff" '
    b'd="M12 .3l3.7 7.5 8.3 1.2-6 5.800 1.400 8.300L12 19.200l-7.400 3.900L6 14.800 0 9l8.300-1.200z"/></svg>'
)


@pytest.mark.parametrize("data", [SVG, draw_svg(SVG)], ids=["drawn", "as pixels on nothing"])
def test_a_white_logo_on_nothing_is_judged_as_it_is_looked_for(data: bytes) -> None:
    logo, photo = read_picture(data, Medium.LOGO), read_picture(data, Medium.PHOTO)
    assert not isinstance(logo, Reason)
    judged = judge_picture(
        logo[1], medium=Medium.LOGO, uses=[], stored=100, other_holders=[], left_alone=[], policy=POLICY
    )
    assert judged.faults == ()
    assert isinstance(photo, Reason), "as a photo it shows nothing, or is none"


def test_a_hostile_svg_is_stopped() -> None:
    read = read_picture(SVG.replace(b"<path", b'<image href="x.png"/><path'), Medium.LOGO)
    assert isinstance(read, Reason) and read.fault is Fault.UNREADABLE


def test_a_photo_of_goods_that_nobody_shows_passes() -> None:
    judged = _picture([])
    assert judged.is_fit
    assert judged.dry_run == "would have matched 0 of 100 stored listings"


def test_an_official_photo_that_twenty_sellers_copied_passes() -> None:
    assert _picture([_use(n, n > 2) for n in range(20)]).is_fit


def test_a_picture_that_strangers_show_is_stopped_with_an_example() -> None:
    (reason,) = _picture([_use(n, n == 0) for n in range(5)]).faults
    assert reason.fault is Fault.NOBODYS
    assert "4 of the 5 stored listings" in reason.because


def test_pictures_of_others_and_those_left_alone_are_stopped() -> None:
    found = _picture([], other_holders=["H-1"], left_alone=["N-1"])
    assert [reason.fault for reason in found.faults] == [Fault.ANOTHER_HOLDERS, Fault.LEFT_ALONE]


def test_names_are_stopped_for_what_they_are() -> None:
    assert _name("Velmora") == []
    assert _name("leather bag") == [Fault.ORDINARY_WORD]
    assert _name("ab") == [Fault.TOO_SHORT]
    assert _name("ShopNest") == [Fault.PLATFORM_NAME]
    assert _name("Velmora", other_holders=["Holmvik"]) == [Fault.ANOTHER_HOLDERS]
    assert _name("Velmora", uses=60) == [Fault.HITS_TOO_MUCH]


def test_a_stopped_reference_needs_a_second_person() -> None:
    assert second_approval("Ann", None, is_fit=True) is None
    assert second_approval("Ann", "Ben", is_fit=False) is None
    for alone in (None, "", " ann "):
        missing = second_approval("Ann", alone, is_fit=False)
        assert missing is not None and missing.fault is Fault.NOT_APPROVED_TWICE
