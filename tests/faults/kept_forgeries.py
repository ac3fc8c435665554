"""Ways to make false what is kept around bundles: purchases, lawful erasures, public copies, the quarantine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from reports.exhibits.public import make_public
from store.evidence.bundle import TimeSeal
from store.evidence.erasing import ErasureWords, erase_from_package
from store.evidence.errors import QuarantineRefused
from store.evidence.quarantine import BOX, FOLDER, make_quarantine, note_barred, take_out
from store.evidence.seal import SigningKey, canonical, sign
from store.evidence.verify import EXHIBITS, Verdict, parse_canonical
from tests.faults.forging import NAME, Forgery, World, members_of, packed, resealed
from tests.store.evidence.samples import PAGE

Files = dict[str, bytes]
FIRST, SECOND = b"first passphrase here", b"second passphrase here"
CHEAP = 2**4  # of scrypt: the proof opens the box hundreds of times
BARRED = (b"barred bytes, one", b"barred bytes, two")
_PAGE_NAME = "captures/01/body.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A quarantine that somebody laid hands on, and how it is to be opened. Found: it gives nothing."""

    files: Mapping[str, bytes]
    digest: str
    passphrases: tuple[bytes, bytes] = (FIRST, SECOND)

    def judged(self, folder: Path) -> Verdict:
        """FAIL where the quarantine refuses, PASS where it gives the bytes that were sealed away."""
        place = folder / "locked" / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        for old in place.iterdir():
            old.unlink()
        for name, content in self.files.items():
            (place / name).write_bytes(content)
        try:
            taken = take_out(folder / "locked", self.digest, *self.passphrases)
        except QuarantineRefused:
            return Verdict.FAIL
        assert sha256(taken).hexdigest() == self.digest, "it gave other bytes than it names"
        return Verdict.PASS


# --- test purchases: files and steps of a bundle like any other -------------------------------------------------


def _purchases(world: World) -> list[str]:
    return sorted(name for name in world.members if name.startswith("purchases/"))


def purchase_changed(world: World, rng: random.Random) -> Forgery:
    """A photo of bought goods, or what is told of a step, changed."""
    name = rng.choice(_purchases(world))
    body = bytearray(world.members[name])
    body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return Forgery(content=packed({**world.members, name: bytes(body)}), found_by=frozenset({"digests"}))


def purchase_taken_out(world: World, rng: random.Random) -> Forgery:
    """A step's file left out."""
    name = rng.choice(_purchases(world))
    members = {other: body for other, body in world.members.items() if other != name}
    return Forgery(content=packed(members), found_by=frozenset({"file_set"}))


def purchase_slipped_in(world: World, rng: random.Random) -> Forgery:
    """A photo that nobody handed in."""
    members = {**world.members, f"purchases/P1-{rng.randrange(3, 99)}/more.jpg": rng.randbytes(40)}
    return Forgery(content=packed(members), found_by=frozenset({"file_set"}))


# --- lawful erasures: a loss is not passed off as one ------------------------------------------------------------


def _erased(world: World) -> Files:
    """The members of the bundle of which a page was erased as it should be."""
    path = world.folder / "erased.zip"
    if not path.exists():
        path.write_bytes(world.whole)
        words = ErasureWords(
            reason="court_order", legal_basis="Order 7", by="Jane Roe", second="Ann Poe", at=datetime.now(UTC)
        )
        erase_from_package(path, {sha256(PAGE).hexdigest()}, words, world.sealing.key)
    return members_of(path)


def _said_anew(files: Files, key: SigningKey, **change: object) -> Files:
    said = {**parse_canonical(files["erasures/01.json"]), **change}
    said["seal"] = {**said["seal"], "key_id": key.key_id}
    written = canonical(said)
    at = datetime.strptime(said["seal"]["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return {
        **files,
        "erasures/01.json": written,
        "erasures/01.signature.json": sign(written, key, role="erasure", at=at),
    }


def _loss(files: Files, *found_by: str) -> Forgery:
    return Forgery(content=packed(files), found_by=frozenset(found_by), must_fail=True)


def erasure_signed_by_attacker(world: World, _rng: random.Random) -> Forgery:
    """The statement signed anew by somebody else."""
    return _loss(_said_anew(_erased(world), world.attacker), "erasure[01]")


def erasure_of_another_package(world: World, rng: random.Random) -> Forgery:
    """A statement that speaks of another manifest, signed by the holder."""
    other = rng.randbytes(32).hex()
    return _loss(_said_anew(_erased(world), world.sealing.key, manifest_sha256=other), "erasure[01]")


def erasure_by_one_person(world: World, rng: random.Random) -> Forgery:
    """One person twice, or nobody, signed by the holder."""
    second = rng.choice(["jane roe", "JANE ROE ", "", " "])
    return _loss(_said_anew(_erased(world), world.sealing.key, second=second), "erasure[01]")


def erasure_of_what_is_there(world: World, _rng: random.Random) -> Forgery:
    """A file said to be erased that is still in the package."""
    return _loss({**_erased(world), _PAGE_NAME: world.members[_PAGE_NAME]}, "erasure[01]")


def erasure_statement_changed(world: World, rng: random.Random) -> Forgery:
    """One bit of the statement or of its signature."""
    files = _erased(world)
    name = rng.choice(["erasures/01.json", "erasures/01.signature.json"])
    body = bytearray(files[name])
    body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return _loss({**files, name: bytes(body)}, "erasure[01]")


def loss_beside_an_erasure(world: World, rng: random.Random) -> Forgery:
    """One file more is gone than the statement names."""
    files = _erased(world)
    gone = rng.choice(sorted(name for name in files if name.startswith(("captures/", "purchases/", "findings"))))
    return _loss({name: body for name, body in files.items() if name != gone}, "file_set")


def loss_without_a_statement(world: World, _rng: random.Random) -> Forgery:
    """What was erased is gone, and so is the word of it."""
    return _loss({n: body for n, body in _erased(world).items() if not n.startswith("erasures/")}, "file_set")


# --- public copies ------------------------------------------------------------------------------------------------


def _copy(world: World) -> Path:
    """The public copy of the bundle."""
    made = make_public(
        world.folder / "whole.zip",
        out=world.folder / "public",
        key=world.sealing.key,
        time=TimeSeal(authorities=(NAME,), stamper=world.stamp, roots=world.roots),
        words=(),
        clock=lambda: world.sealing.sealed_at,
    )
    return made.receipt.path


def _public(world: World, members: Mapping[str, bytes], *found_by: str, key: SigningKey | None = None) -> Forgery:
    sealed = resealed(world, members, key or world.sealing.key)
    return Forgery(content=sealed, found_by=frozenset(found_by), source=world.whole)


def copy_with_another_capture(world: World, rng: random.Random) -> Forgery:
    """The digest of an answer changed, sealed anew by the holder: the source does not have it."""
    members = members_of(_copy(world))
    exhibits = parse_canonical(members[EXHIBITS])
    rng.choice(exhibits)["sha256"] = rng.randbytes(32).hex()
    return _public(world, {**members, EXHIBITS: canonical(exhibits)}, "derived_from")


def copy_with_another_leaf(world: World, rng: random.Random) -> Forgery:
    """A record that never stood in the sealed log, sealed anew by the holder."""
    members = members_of(_copy(world))
    exhibits = parse_canonical(members[EXHIBITS])
    rng.choice(exhibits)["leaf"] = rng.randbytes(32).hex()
    return _public(world, {**members, EXHIBITS: canonical(exhibits)}, "capture_log")


def copy_with_another_claim(world: World, rng: random.Random) -> Forgery:
    """Another claim, price or time than the source's, sealed anew by the holder."""
    members = members_of(_copy(world))
    found = parse_canonical(members["findings.json"])
    field = rng.choice(["claim", "price", "observed_at", "grounds"])
    found["items"][0][field] = ["Another ground"] if field == "grounds" else "something else"
    return _public(world, {**members, "findings.json": canonical(found)}, "derived_from")


def copy_beside_another_source(world: World, _rng: random.Random) -> Forgery:
    """A sound copy, shown with a bundle it was not made from."""
    other = (world.folder / "other.zip").read_bytes()
    return Forgery(content=_copy(world).read_bytes(), found_by=frozenset({"derived_from"}), source=other)


def copy_signed_by_attacker(world: World, rng: random.Random) -> Forgery:
    """A changed page of a copy, everything made anew under a key of the attacker's."""
    members = {**members_of(_copy(world)), "index.html": b"<!doctype html>" + rng.randbytes(9).hex().encode()}
    return _public(world, members, "signer", key=world.attacker)


def copy_with_a_flipped_bit(world: World, rng: random.Random) -> Forgery:
    """One bit anywhere in the file."""
    whole = bytearray(_copy(world).read_bytes())
    whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
    return Forgery(content=bytes(whole), found_by=frozenset({"structure"}), source=world.whole)


# --- the quarantine -----------------------------------------------------------------------------------------------


@cache
def _box(folder: Path) -> Files:
    """The files of a quarantine that holds two things."""
    root = folder / "kept"
    root.mkdir()
    make_quarantine(root, FIRST, SECOND, cost=CHEAP)
    for data in BARRED:
        note_barred(root, sha256(data).hexdigest(), data, list_name="unit", how="sha256", at=datetime.now(UTC))
    return {path.name: path.read_bytes() for path in (root / FOLDER).iterdir()}


def _digests() -> list[str]:
    return [sha256(data).hexdigest() for data in BARRED]


def quarantined_bytes_changed(world: World, rng: random.Random) -> Lock:
    """One bit of what was sealed away."""
    digest = rng.choice(_digests())
    files = dict(_box(world.folder))
    body = bytearray(files[f"{digest}.sealed"])
    body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return Lock(files={**files, f"{digest}.sealed": bytes(body)}, digest=digest)


def quarantined_under_anothers_name(world: World, rng: random.Random) -> Lock:
    """Two things sealed away that trade their names."""
    digests = _digests()
    rng.shuffle(digests)
    one, two = (f"{digest}.sealed" for digest in digests)
    files = _box(world.folder)
    return Lock(files={**files, one: files[two], two: files[one]}, digest=digests[0])


def quarantine_opened_by_one_person(world: World, rng: random.Random) -> Lock:
    """One passphrase twice, or one and a guess."""
    guess = rng.choice([FIRST, SECOND, rng.randbytes(9).hex().encode()])
    known = rng.choice([(FIRST, guess), (guess, SECOND)])
    pair = known if known != (FIRST, SECOND) else (SECOND, FIRST)
    return Lock(files=_box(world.folder), digest=rng.choice(_digests()), passphrases=pair)


def quarantine_box_exchanged(world: World, rng: random.Random) -> Lock:
    """The box replaced by one under passphrases of the attacker's: it opens, and what lies under the old key not."""
    folder = world.folder / "exchanged"
    if not folder.exists():
        folder.mkdir()
        make_quarantine(folder, b"attackers passphrase", b"attackers second one", cost=CHEAP)
    files = {**_box(world.folder), BOX: (folder / FOLDER / BOX).read_bytes()}
    pair = (b"attackers passphrase", b"attackers second one")
    return Lock(files=files, digest=rng.choice(_digests()), passphrases=pair)


OF_PURCHASES: tuple[Callable[[World, random.Random], Forgery], ...] = (
    purchase_changed,
    purchase_taken_out,
    purchase_slipped_in,
)
OF_ERASED: tuple[Callable[[World, random.Random], Forgery], ...] = (
    erasure_signed_by_attacker,
    erasure_of_another_package,
    erasure_by_one_person,
    erasure_of_what_is_there,
    erasure_statement_changed,
    loss_beside_an_erasure,
    loss_without_a_statement,
)
OF_COPIES: tuple[Callable[[World, random.Random], Forgery], ...] = (
    copy_with_another_capture,
    copy_with_another_leaf,
    copy_with_another_claim,
    copy_beside_another_source,
    copy_signed_by_attacker,
    copy_with_a_flipped_bit,
)
OF_QUARANTINE: tuple[Callable[[World, random.Random], Lock], ...] = (
    quarantined_bytes_changed,
    quarantined_under_anothers_name,
    quarantine_opened_by_one_person,
    quarantine_box_exchanged,
)


def sound_packages(world: World) -> Iterator[tuple[str, Forgery, Verdict]]:
    """What nobody touched, with the word it has to get."""
    nothing: frozenset[str] = frozenset()
    yield "bundle", Forgery(content=world.whole, found_by=nothing), Verdict.PASS
    yield "erased bundle", Forgery(content=packed(_erased(world)), found_by=nothing), Verdict.INCONCLUSIVE
    copy = _copy(world).read_bytes()
    yield "public copy", Forgery(content=copy, found_by=nothing, source=world.whole), Verdict.PASS


def sound_locks(world: World) -> Iterator[Lock]:
    """What was sealed away and nobody touched: two persons get it."""
    for digest in _digests():
        yield Lock(files=_box(world.folder), digest=digest)
