"""Ways to make an evidence bundle false; each says which check is there for it."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from store.evidence.seal import SigningKey, canonical, sign
from store.evidence.verify import parse_canonical
from tests.faults.forging import NAME, Forgery, World, any_listed, check_of, members_of, packed, resealed
from tests.store.evidence.samples import bundle_content


def flip_of_a_byte(world: World, rng: random.Random) -> Forgery:
    """One bit anywhere in the file; the container's own form and checksums find it."""
    at = rng.randrange(len(world.whole))
    changed = world.whole[:at] + bytes([world.whole[at] ^ (1 << rng.randrange(8))]) + world.whole[at + 1 :]
    return Forgery(content=changed, found_by=frozenset({"structure"}))


def flip_in_zip_headers(world: World, rng: random.Random) -> Forgery:
    """One bit of a local header, the directory, or the end record."""
    places, at = [], 0
    for name in sorted(world.members):
        places += range(at, at + 30 + len(name))
        at += 30 + len(name) + len(world.members[name])
    at = rng.choice([*places, *range(at, len(world.whole))])
    changed = world.whole[:at] + bytes([world.whole[at] ^ (1 << rng.randrange(8))]) + world.whole[at + 1 :]
    return Forgery(content=changed, found_by=frozenset({"structure"}))


def flip_packed_again(world: World, rng: random.Random) -> Forgery:
    """One bit of one member, in a container made anew with right checksums."""
    name = rng.choice(sorted(name for name, body in world.members.items() if body))
    body = bytearray(world.members[name])
    body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return Forgery(content=packed({**world.members, name: bytes(body)}), found_by=check_of(name))


def added_file(world: World, rng: random.Random) -> Forgery:
    """A file more, in any folder."""
    folder = rng.choice(["", "captures/", "captures/01/", "signatures/", "timestamps/", "seals/01/"])
    content = packed({**world.members, f"{folder}more-{rng.randrange(1000)}.txt": rng.randbytes(20)})
    return Forgery(content=content, found_by=frozenset({"file_set"}))


def removed_file(world: World, rng: random.Random) -> Forgery:
    """A file less."""
    name = rng.choice(sorted(world.members))
    found_by = {"manifest.json": {"canonical_manifest"}, f"timestamps/{NAME}.tsr": {f"timestamp[{NAME}]"}}
    found_by[f"timestamps/{NAME}.tsq"] = {f"timestamp[{NAME}]"}
    content = packed({other: body for other, body in world.members.items() if other != name})
    return Forgery(content=content, found_by=frozenset(found_by.get(name, {"file_set"})))


def renamed_file(world: World, rng: random.Random) -> Forgery:
    """A file under another name."""
    name = any_listed(world, rng)
    members = {(f"{name}.bak" if other == name else other): body for other, body in world.members.items()}
    return Forgery(content=packed(members), found_by=frozenset({"file_set"}))


def swapped_files(world: World, rng: random.Random) -> Forgery:
    """Two files that trade their content."""
    one = any_listed(world, rng)
    two = rng.choice(sorted(n for n, body in world.members.items() if body != world.members[one] and n != one))
    members = {**world.members, one: world.members[two], two: world.members[one]}
    return Forgery(content=packed(members), found_by=frozenset({"digests"}))


def file_of_another_bundle(world: World, rng: random.Random) -> Forgery:
    """A file taken from a bundle that is sound by itself."""
    names = [n for n in sorted(world.members) if n in world.other and world.other[n] != world.members[n]]
    name = rng.choice(names)
    return Forgery(content=packed({**world.members, name: world.other[name]}), found_by=check_of(name))


def _false_archive(world: World, rng: random.Random) -> bytes:
    """The archive with another price, consistent in itself: every digest inside is made anew."""
    from tests.store.evidence.samples import BODIES, PAGE

    price = f"{rng.randrange(100, 999)} EUR".encode()
    false = PAGE.replace(b"19 EUR", price)
    return bundle_content(world.sealing, lambda digest: false if BODIES[digest] == PAGE else BODIES[digest])[
        "captures.wacz"
    ]


def rebuilt_archive(world: World, rng: random.Random) -> Forgery:
    """A WACZ rebuilt with another price; readers of the format accept it."""
    members = {**world.members, "captures.wacz": _false_archive(world, rng)}
    return Forgery(content=packed(members), found_by=frozenset({"digests"}))


def rebuilt_archive_sealed_by_holder(world: World, rng: random.Random) -> Forgery:
    """The same, sealed and stamped anew by the holder of the right key: it is not what was captured."""
    members = {**world.members, "captures.wacz": _false_archive(world, rng)}
    return Forgery(content=resealed(world, members, world.sealing.key), found_by=frozenset({"web_archive"}))


def truncated_archive_sealed_by_holder(world: World, rng: random.Random) -> Forgery:
    """A WARC cut inside its WACZ, sealed anew by the holder of the key."""
    path = world.folder / "inner.zip"
    path.write_bytes(world.members["captures.wacz"])
    inner = members_of(path)
    warc = inner["archive/data.warc"]
    inner["archive/data.warc"] = warc[: rng.randrange(1, len(warc))]
    members = {**world.members, "captures.wacz": packed(inner)}
    return Forgery(content=resealed(world, members, world.sealing.key), found_by=frozenset({"web_archive"}))


def signed_again_by_attacker(world: World, rng: random.Random) -> Forgery:
    """A changed page, everything made anew and stamped, under a key of the attacker's."""
    members = {**world.members, "captures/01/body.txt": rng.randbytes(200)}
    return Forgery(content=resealed(world, members, world.attacker), found_by=frozenset({"signer"}))


def signed_again_under_the_trusted_name(world: World, rng: random.Random) -> Forgery:
    """The same, claiming the trusted key's id."""
    claimed = replace(world.attacker.published, key_id=world.sealing.key.key_id)
    key = SigningKey(private=world.attacker.private, published=claimed)
    members = {**world.members, "findings.txt": rng.randbytes(200)}
    return Forgery(content=resealed(world, members, key), found_by=frozenset({"signature"}))


def cut_tail(world: World, rng: random.Random) -> Forgery:
    """The end of the file missing."""
    return Forgery(content=world.whole[: rng.randrange(4, len(world.whole))], found_by=frozenset({"structure"}))


def grown_tail(world: World, rng: random.Random) -> Forgery:
    """Bytes after the end."""
    return Forgery(content=world.whole + rng.randbytes(rng.randrange(1, 400)), found_by=frozenset({"structure"}))


def bytes_between_members(world: World, rng: random.Random) -> Forgery:
    """Bytes that belong to no member, where the directory begins."""
    whole, hidden = world.whole, rng.randbytes(rng.randrange(1, 200))
    (at,) = struct.unpack_from("<I", whole, len(whole) - 6)
    end = whole[-22:-6] + struct.pack("<I", at + len(hidden)) + b"\0\0"
    return Forgery(content=whole[:at] + hidden + whole[at:-22] + end, found_by=frozenset({"structure"}))


def checksum_of_the_container(world: World, rng: random.Random) -> Forgery:
    """A CRC changed in both headers, so that other programs refuse the member."""
    name = rng.choice(sorted(world.members))
    old = struct.pack("<I", zlib.crc32(world.members[name]))
    return Forgery(content=world.whole.replace(old, rng.randbytes(4)), found_by=frozenset({"structure"}))


def clock_set_back(world: World, rng: random.Random) -> Forgery:
    """The holder states an earlier time than that of the token."""
    at = world.sealing.sealed_at - timedelta(minutes=rng.randrange(11, 30_000))
    return Forgery(
        content=resealed(world, world.members, world.sealing.key, at=at), found_by=frozenset({"time_order"})
    )


def clock_set_forward(world: World, rng: random.Random) -> Forgery:
    """The holder states a later time than that of the token."""
    at = world.sealing.sealed_at + timedelta(minutes=rng.randrange(2, 30_000))
    return Forgery(
        content=resealed(world, world.members, world.sealing.key, at=at), found_by=frozenset({"time_order"})
    )


def token_of_another_file(world: World, rng: random.Random) -> Forgery:
    """A sound token, over another signature."""
    content = resealed(
        world, world.members, world.sealing.key, stamp=lambda _signature: world.stamp(rng.randbytes(64))
    )
    return Forgery(content=content, found_by=frozenset({f"timestamp[{NAME}]"}))


def token_of_nobody_trusted(world: World, _rng: random.Random) -> Forgery:
    """A token of an authority of the same name with another root."""
    content = resealed(world, world.members, world.sealing.key, stamp=world.foreign_stamp)
    return Forgery(content=content, found_by=frozenset({f"timestamp[{NAME}]"}))


def token_with_another_query(world: World, _rng: random.Random) -> Forgery:
    """A sound token over this signature, beside a query with another nonce."""
    again = world.stamp(world.members[f"signatures/{world.sealing.key.key_id}.sig"])[NAME]
    content = packed({**world.members, f"timestamps/{NAME}.tsq": again.query})
    return Forgery(content=content, found_by=frozenset({f"timestamp[{NAME}]"}))


def expired_key(world: World, rng: random.Random) -> Forgery:
    """Sealed after the key's validity."""
    over = replace(
        world.sealing.key.published, valid_to=world.sealing.sealed_at - timedelta(days=rng.randrange(1, 20))
    )
    return Forgery(content=world.whole, trusted=over, found_by=frozenset({"key_valid_at_time"}))


def revoked_key(world: World, rng: random.Random) -> Forgery:
    """Sealed with a key that was revoked before."""
    gone = replace(
        world.sealing.key.published, revoked_at=world.sealing.sealed_at - timedelta(minutes=rng.randrange(0, 9000))
    )
    return Forgery(content=world.whole, trusted=gone, found_by=frozenset({"key_valid_at_time"}))


def revoked_key_with_an_earlier_date(world: World, rng: random.Random) -> Forgery:
    """The thief of a revoked key states a time before the revocation; the token tells."""
    revoked = world.sealing.sealed_at - timedelta(minutes=rng.randrange(1, 500))
    at = revoked - timedelta(minutes=rng.randrange(1, 500))
    gone = replace(world.sealing.key.published, revoked_at=revoked)
    content = resealed(world, world.members, world.sealing.key, at=at)
    return Forgery(content=content, trusted=gone, found_by=frozenset({"key_valid_at_time"}))


def custody_cut_or_changed_by_holder(world: World, rng: random.Random) -> Forgery:
    """Events taken out, changed or put in another order, and the rest sealed anew."""
    lines = world.members["custody.jsonl"].splitlines(keepends=True)
    match rng.randrange(3):
        case 0:
            lines.pop(rng.randrange(len(lines)))
        case 1:
            at = rng.randrange(len(lines))
            lines[at] = lines[at].replace(b"Jane Roe", b"Nobody")
        case _:
            lines = lines[1:] + lines[:1]
    members = {**world.members, "custody.jsonl": b"".join(lines)}
    return Forgery(content=resealed(world, members, world.sealing.key), found_by=frozenset({"custody_chain"}))


def capture_changed_by_holder(world: World, rng: random.Random) -> Forgery:
    """A page changed with its record, lists and seal: the log of captures was sealed before."""
    body = world.members["captures/01/body.txt"].replace(b"19 EUR", f"{rng.randrange(100, 999)} EUR".encode())
    name = "captures/01/capture.json"
    record = parse_canonical(world.members[name])
    for file in record["files"]:
        if file["path"] == "body.txt":
            file |= {"sha256": sha256(body).hexdigest(), "bytes": len(body)}
    members = {**world.members, "captures/01/body.txt": body, name: canonical(record)}
    return Forgery(content=resealed(world, members, world.sealing.key), found_by=frozenset({"capture_log"}))


def log_sealed_again_by_attacker(world: World, _rng: random.Random) -> Forgery:
    """The log of captures under another key, in a bundle that the right one seals."""
    statement = parse_canonical(world.members["seals/01/statement.json"])
    statement["seal"]["key_id"] = world.attacker.key_id
    written = canonical(statement)
    signature = sign(written, world.attacker, role="capture", at=world.sealing.sealed_at)
    made = world.stamp(world.attacker.private.sign(written))[NAME]
    members = {
        **world.members,
        "seals/01/statement.json": written,
        "seals/01/signature.json": signature,
        f"seals/01/{NAME}.tsq": made.query,
        f"seals/01/{NAME}.tsr": made.response,
    }
    return Forgery(content=resealed(world, members, world.sealing.key), found_by=frozenset({"capture_seal[01]"}))


def log_without_its_token(world: World, _rng: random.Random) -> Forgery:
    """The token of the time of capture taken out, and the rest sealed anew."""
    members = {name: body for name, body in world.members.items() if name != f"seals/01/{NAME}.tsr"}
    return Forgery(content=resealed(world, members, world.sealing.key), found_by=frozenset({"capture_seal[01]"}))


def another_spelling_of_the_manifest(world: World, rng: random.Random) -> Forgery:
    """The same list in JSON of another spelling, signed by the holder."""
    spelled = json.dumps(json.loads(world.members["manifest.json"]), indent=rng.randrange(1, 5)).encode()
    place = f"signatures/{world.sealing.key.key_id}.sig"
    members = {**world.members, "manifest.json": spelled, place: world.sealing.key.private.sign(spelled)}
    return Forgery(content=packed(members), found_by=frozenset({"canonical_manifest"}))


OF_BUNDLES: tuple[Callable[[World, random.Random], Forgery], ...] = (
    flip_of_a_byte,
    flip_in_zip_headers,
    flip_packed_again,
    added_file,
    removed_file,
    renamed_file,
    swapped_files,
    file_of_another_bundle,
    rebuilt_archive,
    rebuilt_archive_sealed_by_holder,
    truncated_archive_sealed_by_holder,
    signed_again_by_attacker,
    signed_again_under_the_trusted_name,
    cut_tail,
    grown_tail,
    bytes_between_members,
    checksum_of_the_container,
    clock_set_back,
    clock_set_forward,
    token_of_another_file,
    token_of_nobody_trusted,
    token_with_another_query,
    expired_key,
    revoked_key,
    revoked_key_with_an_earlier_date,
    custody_cut_or_changed_by_holder,
    capture_changed_by_holder,
    log_sealed_again_by_attacker,
    log_without_its_token,
    another_spelling_of_the_manifest,
)
