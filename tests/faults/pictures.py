"""
Breaks picture files and crafts collisions, and shows that no damage becomes a fingerprint and no hash an identity.

    python -m tests.faults.pictures 50000 [--seed N] [--json]

Files of five formats are cut, overwritten, shuffled and relabelled, and hashed by the child process that hashes
listings' photos. What it answers is held against the file before it was broken: a refusal, the same picture (31 bits
or fewer), or another picture. Cut files, and PNG broken anywhere, must never give another picture: their decoders can
tell. What is overwritten inside the data of a JPEG, WebP, GIF or AVIF carries no checksum and may read as another
valid file; what comes of those is counted and told.

For each 50 files one picture is crafted whose PDQ is that of a protected photo; a listing that shows it under an
unrelated title may reach review, no more.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from matching.candidates import build_index
from matching.compare import match
from matching.errors import PhotoRefused
from matching.geometry import Features
from matching.images import describe_photo, hash_photo, hash_reference, open_photo
from matching.pair import ListingPhoto
from matching.photo_worker import PhotoWorker
from matching.regions import View
from store.pictures.pdq import distance_bits
from store.records.findings import Band
from tests.factories import photo, sha
from tests.matching.registered import conditions, look_at, mark, shipped_policy, snapshot_of
from tests.matching.test_compare import PRODUCT, REFERENCE

KINDS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
DAMAGES = ("cut", "zeros", "noise", "swapped", "head", "one bit")
SAME_BITS = 31
FILES_AT_ONCE = 50
A_CRAFTED = 50  # one for so many broken files
PICTURES = 6  # of each format
SIDE_PX = 200
LOT_S = 120.0

# What its own decoder can tell: these never give another picture.
TOLD = frozenset({("PNG", "head"), ("PNG", "zeros"), ("PNG", "noise"), ("PNG", "swapped"), ("PNG", "one bit")}) | {
    (kind, "cut") for kind in KINDS
}


@dataclass
class Proof:
    """What was tried, and what broke a promise."""

    files: int = 0
    child_deaths: int = 0
    answers: dict[str, Counter[str]] = field(default_factory=dict)  # format and damage: refused, same, another
    wrong: list[str] = field(default_factory=list)  # damage that its decoder could tell, hashed as another picture
    crafted: int = 0
    collided: int = 0  # of the crafted, those within the accepting radius
    identified: int = 0  # of the crafted, those that reached a notice on their own
    small_or_blank: int = 0
    small_or_blank_hashed: int = 0

    @property
    def clean(self) -> bool:
        """Whether every promise held."""
        return not (self.wrong or self.identified or self.small_or_blank_hashed or self.child_deaths)


def prove(files: int, seed: int) -> Proof:
    """Break so many files; gives what came of it."""
    proof = Proof()
    chance = random.Random(seed)
    whole = {kind: [_file(kind, number) for number in range(1, PICTURES + 1)] for kind in KINDS}
    own = {data: hash_photo(open_photo(data, colour=False)).pdq.code for each in whole.values() for data in each}
    with PhotoWorker() as worker:
        while proof.files < files:
            lot = []
            for _ in range(min(FILES_AT_ONCE, files - proof.files)):
                kind, damage = chance.choice(KINDS), chance.choice(DAMAGES)
                data = chance.choice(whole[kind])
                lot.append((kind, damage, own[data], broken(data, damage, chance)))
            for (kind, damage, code, _), answer in zip(
                lot, _hash_lot(worker, proof, [x[3] for x in lot]), strict=True
            ):
                _judge(proof, kind, damage, code, answer)
            proof.files += len(lot)
        _small_and_blank(proof, worker)
    _crafted(proof, max(3, files // A_CRAFTED), chance)
    return proof


def hash_many(files: Sequence[bytes]) -> list[bytes | None]:
    """The PDQ of each file, None where it is refused; runs in the child."""
    answers: list[bytes | None] = []
    for data in files:
        try:
            answers.append(hash_photo(open_photo(data, colour=False)).pdq.code)
        except PhotoRefused:
            answers.append(None)
    return answers


def broken(data: bytes, damage: str, chance: random.Random) -> bytes:
    """The file with one damage; never the file itself."""
    body = bytearray(data)
    at = chance.randrange(len(body) // 10, len(body) - 24)
    match damage:
        case "cut":
            return data[: chance.randrange(12, len(data) - 16)]
        case "zeros":
            body[at : at + 24] = bytes(24)
        case "noise":
            body[at : at + 16] = chance.randbytes(16)
        case "swapped":
            other = chance.randrange(len(body) // 10, len(body) - 24)
            body[at : at + 16], body[other : other + 16] = body[other : other + 16], body[at : at + 16]
        case "head":
            body[chance.randrange(2, 40)] = chance.randrange(256)
        case _:
            body[at] ^= 1 << chance.randrange(8)
    return bytes(body)


def crafted(target: Image.Image, cover: Image.Image, strength: float = 0.35) -> Image.Image:
    """
    The cover's details over a faint copy of the target's lowest frequencies: to PDQ the target, to the eye neither.

    PDQ asks of 256 low frequencies only which lie above their median, so a third of their strength is mostly enough.
    """
    low, shown = (np.asarray(each.convert("L").resize((256, 256)), np.float32) for each in (target, cover))
    spectrum = cv2.dct(low)
    spectrum[20:], spectrum[:, 20:] = 0, 0
    details = cv2.dct(shown)
    details[:20, :20] = 0
    mixed = cv2.idct(strength * spectrum) + 0.5 * cv2.idct(details)
    return Image.fromarray(np.clip(mixed - mixed.mean() + 128, 0, 255).astype(np.uint8)).convert("RGB")


def _file(kind: str, number: int) -> bytes:
    file = BytesIO()
    picture = Image.open(BytesIO(photo(number, SIDE_PX))).convert("RGB")
    grain = np.random.default_rng(number).normal(0, 4, (SIDE_PX, SIDE_PX, 3))
    Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)).save(file, kind)
    return file.getvalue()


def _hash_lot(worker: PhotoWorker, proof: Proof, files: list[bytes]) -> list[bytes | None]:
    try:
        return worker.ask(hash_many, files, seconds=LOT_S)
    except PhotoRefused:
        proof.child_deaths += 1  # the process died or hung on one of them; this one goes on
        return [None] * len(files)


def _judge(proof: Proof, kind: str, damage: str, code: bytes, answer: bytes | None) -> None:
    if answer is None:
        came = "refused"
    elif distance_bits(answer, code) <= SAME_BITS:
        came = "the same picture"
    else:
        came = "another picture"
        if (kind, damage) in TOLD:
            proof.wrong.append(f"{kind} {damage}: {distance_bits(answer, code)} bits away")
    proof.answers.setdefault(f"{kind} {damage}", Counter())[came] += 1


def _small_and_blank(proof: Proof, worker: PhotoWorker) -> None:
    files = [b"", b"\xff\xd8\xff", b"GIF89a"]
    for size in ((1, 1), (63, 400), (400, 63), (20_000, 100)):
        files.append(_png(Image.new("RGB", size, (20, 120, 220))))
    for tone in (0, 128, 255):
        files.append(_png(Image.new("RGB", (300, 300), (tone, tone, tone))))
    files.append(_png(Image.linear_gradient("L").convert("RGB")))
    proof.small_or_blank = len(files)
    proof.small_or_blank_hashed = sum(answer is not None for answer in _hash_lot(worker, proof, files))


def _png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _crafted(proof: Proof, count: int, chance: random.Random) -> None:
    snapshot = snapshot_of(rights=[mark("Velmora")], products=[PRODUCT], references=[REFERENCE])
    target = photo(7)
    reference = hash_reference(open_photo(target))
    index = build_index(
        snapshot,
        {reference.sha256: reference.codes},
        {reference.sha256: (reference.corners, reference.mirrored_corners)},
    )
    policy = shipped_policy()
    for _ in range(count):
        cover = Image.open(BytesIO(photo(chance.randrange(20, 10_000))))
        turned = cover.rotate(chance.choice((0, 90, 180)))
        for strength in (0.35, 0.6, 0.9):  # as an attacker would: no stronger than it takes
            data = _png(crafted(Image.open(BytesIO(target)), turned, strength))
            opened = open_photo(data, colour=False)
            hashed = hash_photo(opened, with_printed=False)
            if distance_bits(hashed.pdq.code, reference.pdq.code) <= policy.photos.accept_bits:
                break
        bodies = {sha(target): open_photo(target, colour=False), hashed.sha256: opened}

        def read(sha256: str, view: View, bodies: dict[str, object] = bodies) -> Features | None:
            return describe_photo(bodies[sha256], view) if sha256 in bodies else None  # type: ignore[arg-type]  # only pictures are put there

        shown = ListingPhoto(position=0, sha256=hashed.sha256, capture="capture-1", hash=hashed)
        found = match([look_at("Garden hose 20 m", photos=(shown,))], index, policy, conditions(), read)
        proof.crafted += 1
        proof.collided += distance_bits(hashed.pdq.code, reference.pdq.code) <= policy.photos.accept_bits
        proof.identified += any(each.finding.band is Band.NOTICE for each in found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what came of it; exit 0 when every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.pictures")
    parser.add_argument("files", type=int, nargs="?", default=50_000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    proof = prove(asked.files, asked.seed)
    summary = {
        "name": "pictures",
        **asdict(proof),
        "answers": {name: dict(each) for name, each in proof.answers.items()},
        "seconds": round(time.monotonic() - start, 1),
    }
    if asked.json:
        text = json.dumps(summary)
    else:
        answers = summary.pop("answers")
        lines = [f"{name:22} {value}" for name, value in summary.items()]
        lines += [f"{name:22} {dict(sorted(counts.items()))}" for name, counts in sorted(answers.items())]
        lines.append("every promise held" if proof.clean else "A PROMISE WAS BROKEN")
        text = "\n".join(lines)
    sys.stdout.write(text + "\n")
    return 0 if proof.clean else 1


if __name__ == "__main__":
    sys.exit(main())
