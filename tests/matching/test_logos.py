"""A registered logo is found inside a photo, however laid there, and nothing is found where none is."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from config.policy import LogoSearch, Policy
from matching.candidates import build_index
from matching.compare import match
from matching.errors import CodesMisshapen, PhotoRefused
from matching.fingerprints import pack_logo, unpack_logos
from matching.images import open_logo
from matching.logos import LogoIndex, Scene, describe_logo, read_scene
from matching.regions import Box, View
from matching.signals import logo as logo_signal
from store.records.findings import GroundCode
from store.records.references import Medium, Polarity, Reference
from tests.factories import photo, sha
from tests.matching.registered import HOLDER, POLICY, conditions, mark, snapshot_of
from tests.matching.test_compare import offer

Pixels = NDArray[np.uint8]
LEAST, NAMED = POLICY.photos.logo_least, POLICY.photos.logo_named_least


def drawn(seed: int = 1) -> Image.Image:
    """A logo of a few shapes on nothing."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((10, 10, 390, 290), radius=40, fill=(20, 40, 90, 255))
    for _ in range(5):
        x, y = chance.integers(30, 300), chance.integers(30, 200)
        w, h = chance.integers(30, 90), chance.integers(30, 80)
        shape = pen.ellipse if chance.random() < 0.5 else pen.rectangle
        shape((x, y, x + w, y + h), fill=(240, 220, 160, 255))
    pen.polygon([tuple(map(int, chance.integers(30, 270, 2))) for _ in range(5)], fill=(200, 30, 30, 255))
    return picture


def pixels_of(picture: Image.Image) -> Pixels:
    """A logo as the registry has it."""
    out = BytesIO()
    picture.save(out, "PNG")
    return open_logo(out.getvalue())


def scene(laid: Image.Image | None = None, at: tuple[int, int] = (180, 160)) -> Image.Image:
    """A photo of a bag, with a logo on it."""
    page = Image.open(BytesIO(photo(7))).convert("RGB").resize((800, 700))
    if laid is not None:
        page.paste(laid, at, laid)
    return page


def look(page: Image.Image) -> Scene:
    """A photo ready to be searched."""
    return read_scene(np.asarray(page.convert("RGB"), dtype=np.uint8))


@pytest.fixture(scope="module")
def index() -> LogoIndex[int]:
    """Five logos of one manner."""
    found = {seed: describe_logo(pixels_of(drawn(seed))) for seed in range(1, 6)}
    return LogoIndex({seed: logo for seed, logo in found.items() if logo is not None})


def recoloured(picture: Image.Image) -> Image.Image:
    """The logo in other colours."""
    pixels = np.array(picture)
    pixels[..., :3] = pixels[..., [2, 0, 1]]
    return Image.fromarray(pixels)


LAID = {
    "as it is": drawn().resize((280, 210)),
    "small": drawn().resize((150, 112)),
    "turned": drawn().resize((280, 210)).rotate(35, expand=True),
    "recoloured": recoloured(drawn()).resize((280, 210)),
}


@pytest.mark.parametrize("how", LAID)
def test_a_logo_is_found_where_it_stands(index: LogoIndex[int], how: str) -> None:
    laid = LAID[how]
    (seen, *_) = index.find(look(scene(laid)), least=LEAST)
    own = laid.getchannel("A").getbbox()
    assert seen.reference == 1 and own is not None
    box = seen.box
    assert box.left == pytest.approx((180 + own[0]) / 800, abs=0.04)
    assert box.right == pytest.approx((180 + own[2]) / 800, abs=0.04)
    assert box.top == pytest.approx((160 + own[1]) / 700, abs=0.04)
    assert box.bottom == pytest.approx((160 + own[3]) / 700, abs=0.04)


def test_a_photo_without_a_logo_shows_none(index: LogoIndex[int]) -> None:
    assert index.find(look(scene()), least=LEAST) == []
    assert index.find(read_scene(np.full((300, 400, 3), 200, np.uint8)), least=LEAST) == []


def test_only_the_logos_that_are_asked_for_are_looked_for(index: LogoIndex[int]) -> None:
    page = look(scene(LAID["turned"]))
    (seen,) = index.find(page, least=LEAST, among={1})
    assert seen.reference == 1 and seen.box.overlap(index.find(page, least=LEAST)[0].box) > 0.9
    assert index.find(page, least=LEAST, among={2, 3}) == []
    assert index.find(page, least=-9.0, among=set()) == []
    assert index.find(page, least=0.0, among={1}) == index.find(page, least=0.0, among={1})


def test_a_small_logo_is_looked_at_again_in_the_photos_own_pixels(index: LogoIndex[int]) -> None:
    small = drawn(4).resize((56, 42), Image.Resampling.LANCZOS)
    page = scene(small, (500, 300))
    (near,) = index.find(look(page), least=NAMED, among={4})
    place = Box(left=500 / 800, top=300 / 700, right=556 / 800, bottom=342 / 700)
    assert near.box.overlap(place) > 0.8
    (far,) = index.find(look(page.resize((512, 448), Image.Resampling.BOX)), least=-9.0, among={4})
    assert far.sureness + 1 < near.sureness  # it has no pixels beyond those of the first look
    assert index.find(look(page), least=NAMED, among={2, 3}) == []


def test_the_same_photo_gives_the_same_answer(index: LogoIndex[int]) -> None:
    page = look(scene(LAID["turned"]))
    assert index.find(page, least=0.0) == index.find(page, least=0.0)


def test_a_disc_is_too_plain_and_a_white_logo_is_not() -> None:
    disc = np.full((300, 300, 3), 255, np.uint8)
    assert describe_logo(disc) is None
    white = drawn()
    pixels = np.array(white)
    pixels[..., :3] = 255
    cut = Image.fromarray(pixels)
    ImageDraw.Draw(cut).rectangle((60, 60, 200, 120), fill=(0, 0, 0, 0))
    assert pixels_of(cut).std() > 20


def test_a_logo_that_stands_out_by_its_hue_alone_is_found() -> None:
    """Laid on and drawn in colours of one brightness: whoever sees grey alone sees nothing there."""
    card = Image.new("RGB", (400, 300), (176, 104, 96))
    ImageDraw.Draw(card).bitmap((0, 0), drawn(3).convert("L").point(lambda level: 255 * (level > 120)), (80, 153, 96))
    grey = np.asarray(card.convert("L"), np.int16)
    assert np.ptp(grey) <= 2
    logo = describe_logo(pixels_of(card.convert("RGBA")))
    assert logo is not None
    page = Image.new("RGB", (800, 700), (176, 104, 96))
    page.paste(card.resize((240, 180)), (300, 260))
    (seen,) = LogoIndex({"L": logo}).find(look(page), least=NAMED, among={"L"})
    assert 0.35 < seen.box.left < seen.box.right < 0.7


def test_a_transparent_logo_is_laid_on_the_ground_it_stands_out_from() -> None:
    """Black and white ink together stand out from grey alone."""
    both = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    pen = ImageDraw.Draw(both)
    pen.rectangle((40, 40, 180, 260), fill=(0, 0, 0, 255))
    pen.rectangle((220, 40, 360, 260), fill=(255, 255, 255, 255))
    assert pixels_of(both)[0, 0].tolist() == [128, 128, 128]
    pen.rectangle((220, 40, 360, 260), fill=(90, 0, 0, 255))
    assert pixels_of(both)[0, 0].tolist() == [255, 255, 255]


def test_a_logo_survives_its_row() -> None:
    logo = describe_logo(pixels_of(drawn()))
    assert logo is not None
    row = pack_logo("a" * 64, logo)
    again = unpack_logos([row])["a" * 64]
    assert np.array_equal(again.descriptors, logo.descriptors) and np.array_equal(again.outline, logo.outline)
    assert again.middle == pytest.approx(logo.middle) and again.length == pytest.approx(logo.length)
    with pytest.raises(CodesMisshapen):
        unpack_logos([type(row)(sha256="a" * 64, algorithm="logo", version=row.version, value=row.value[:-3])])


def test_an_svg_is_a_logo_and_a_hostile_one_is_not() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M2 2h9l9 9-4 9H2z"/></svg>'
    assert open_logo(svg).shape == (512, 512, 3)
    with pytest.raises(PhotoRefused):
        open_logo(svg.replace(b"<path", b'<image href="x.png"/><path'))


def test_a_logo_is_a_sign_of_identity_with_its_place_and_no_ground() -> None:
    out = BytesIO()
    scene(LAID["as it is"]).save(out, "JPEG", quality=85)
    data = out.getvalue()
    logo = describe_logo(pixels_of(drawn()))
    assert logo is not None
    reference = Reference(
        id="logo-1", reference_ref="L-1", holder=HOLDER.id, right="right-1", medium=Medium.LOGO, sha256="c" * 64
    )
    pixels = np.asarray(Image.open(BytesIO(data)), np.uint8)

    def nothing(_sha256: str, _view: View) -> None:
        """No corners are needed."""

    def colours(sha256: str) -> Pixels | None:
        return pixels if sha256 == sha(data) else None

    def found(title: str, policy: Policy, polarity: Polarity = Polarity.POSITIVE) -> list[str]:
        own = type(reference)(
            **{name: getattr(reference, name) for name in reference.__dataclass_fields__} | {"polarity": polarity}
        )
        snapshot = snapshot_of(rights=[mark("Velmora"), mark("Brastad", id="right-2")], references=[own])
        index = build_index(snapshot, {}, logos={"c" * 64: logo})
        matched = match(
            [offer(title, photos=(data,))],
            index,
            policy,
            conditions(),
            lambda _sha256, _view: None,
            open_colours=colours,
        )
        for each in matched:
            assert {ground.code for ground in each.finding.grounds} <= {GroundCode.FAR_BELOW_PRICE}
        return [
            sign.raw["region"] for each in matched for sign in each.finding.signs if sign.signal == logo_signal.NAME
        ]

    assert found("Brastad handbag", POLICY) == []  # another mark is named than the one whose logo is shown
    everywhere = POLICY.model_copy(update={"photos": POLICY.photos.model_copy(update={"logos": LogoSearch.ALL})})
    (region,) = found("Velmora handbag", POLICY)
    assert [float(edge) for edge in region.split()] == pytest.approx([0.225, 0.23, 0.575, 0.53], abs=0.05)
    assert found("Leather handbag", POLICY) == []
    (alone,) = found("Leather handbag", everywhere)
    assert [float(edge) for edge in alone.split()] == pytest.approx(
        [float(edge) for edge in region.split()], abs=0.01
    )
    assert found("Velmora handbag", POLICY, Polarity.NEGATIVE) == []
