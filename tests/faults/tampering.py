"""
Evidence bundles changed in every way somebody might try, each found by the check that is there for it.

`python -m tests.faults.tampering N [SEED]` makes N bundles false, spread evenly over the kinds, and prints a table of
kinds: how many, how many were found, and how many by the expected check. An untouched bundle is verified before and
after. Needs openssl for a time authority on loopback.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from cryptography.x509 import Certificate

from exercise.time_authority import TimeAuthority as LocalAuthority
from store.evidence.bundle import TimeSeal, zip_parts
from store.evidence.seal import SigningKey, canonical, create_key, seal, sign
from store.evidence.timestamp import Stamp, TimeAuthority, ask_for_token
from store.evidence.verify import (
    PublishedKey,
    Report,
    Status,
    Verdict,
    checksums,
    parse_canonical,
    parse_roots,
    public_pem,
    read_package,
    verify,
)
from tests.store.evidence.samples import Sealing, bundle_content, now_whole, write_bundle

Files = dict[str, bytes]
NAME = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One sound bundle, who sealed it, and what an attacker has: a key of their own, and another bundle's parts."""

    folder: Path
    whole: bytes
    members: Mapping[str, bytes]
    sealing: Sealing
    attacker: SigningKey
    other: Mapping[str, bytes]
    roots: tuple[Certificate, ...]
    stamp: Callable[[bytes], dict[str, Stamp]]
    foreign_stamp: Callable[[bytes], dict[str, Stamp]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """A false bundle, the checks of which one must not pass, and what its reader trusts where it differs."""

    content: bytes
    found_by: frozenset[str]
    trusted: PublishedKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one forgery."""

    kind: str
    verdict: Verdict
    by: tuple[str, ...]  # checks that did not pass
    expected: frozenset[str]

    @property
    def is_found(self) -> bool:
        """Whether the bundle did not pass."""
        return self.verdict is not Verdict.PASS

    @property
    def is_found_as_expected(self) -> bool:
        """Whether a check that is there for it did not pass."""
        return self.is_found and bool(self.expected & set(self.by))


def make_world(folder: Path, seed: int) -> World:
    """Everything the forgeries start from. Writes into `folder`."""
    now = now_whole()
    local = LocalAuthority(folder / "tsa", name="Exercise", now=now)
    foreign = LocalAuthority(folder / "foreign", name="Exercise", now=now)
    roots = tuple(parse_roots(local.root_pem))
    stamp, foreign_stamp = _stamper(local), _stamper(foreign)
    time = TimeSeal(authorities=(NAME,), stamper=stamp, roots=roots)
    keys = [
        create_key(
            folder / name,
            name="Harbour Unit, evidence desk",
            valid_from=now - timedelta(days=30),
            valid_to=now + timedelta(days=30),
            random_bytes=random.Random(seed + n).randbytes,
        )
        for n, name in enumerate(("own", "attacker"))
    ]
    sealing = Sealing(key=keys[0], time=time, captured_at=now - timedelta(minutes=1), sealed_at=now)
    path = write_bundle(folder / "whole.zip", sealing)
    second = replace(sealing, captured_at=now - timedelta(minutes=2))
    other = write_bundle(folder / "other.zip", second)
    return World(
        folder=folder,
        whole=path.read_bytes(),
        members=_members(path),
        sealing=sealing,
        attacker=keys[1],
        other=_members(other),
        roots=roots,
        stamp=stamp,
        foreign_stamp=foreign_stamp,
    )


def _stamper(local: LocalAuthority) -> Callable[[bytes], dict[str, Stamp]]:
    roots = tuple(parse_roots(local.root_pem))
    authority = TimeAuthority(name=NAME, url="http://127.0.0.1/", roots=roots)

    def stamper(signature: bytes) -> dict[str, Stamp]:
        return {
            NAME: ask_for_token(
                authority, signature, ask=lambda _url, query: local.reply(query), now=lambda: datetime.now(UTC)
            )
        }

    return stamper


def _members(path: Path) -> Files:
    with path.open("rb") as file:
        found = {}
        for name, member in read_package(path).items():
            file.seek(member.at)
            found[name] = file.read(member.size_bytes)
    return found


def _packed(members: Mapping[str, bytes]) -> bytes:
    return b"".join(zip_parts(members))


def _resealed(
    world: World,
    members: Mapping[str, bytes],
    key: SigningKey,
    *,
    at: datetime | None = None,
    stamp: Callable[[bytes], dict[str, Stamp]] | None = None,
) -> bytes:
    """The members with lists, manifest, signature and token made anew: everything a holder of that key can do."""
    old = json.loads(members["manifest.json"])
    content = {name: body for name, body in members.items() if name.split("/")[0] not in ("signatures", "timestamps")}
    listed = [
        {"path": name, "role": "content", "bytes": len(body), "sha256": sha256(body).hexdigest()}
        for name, body in sorted(content.items())
        if name not in ("manifest.json", "SHA256SUMS")
    ]
    content["SHA256SUMS"] = checksums(listed)
    sums = content["SHA256SUMS"]
    listed.append({"path": "SHA256SUMS", "role": "checksums", "bytes": len(sums), "sha256": sha256(sums).hexdigest()})
    moment = at or world.sealing.sealed_at
    manifest = {**old, "files": sorted(listed, key=lambda file: str(file["path"]))}
    manifest["seal"] = {**old["seal"], "key_id": key.key_id, "at": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
    content["manifest.json"] = seal(manifest)
    place = f"signatures/{key.key_id}"
    content[f"{place}.json"] = sign(content["manifest.json"], key, role=old["seal"]["role"], at=moment)
    content[f"{place}.pem"] = public_pem(key.published.public_key)
    content[f"{place}.sig"] = key.private.sign(content["manifest.json"])
    for name, made in (stamp or world.stamp)(content[f"{place}.sig"]).items():
        content[f"timestamps/{name}.tsq"], content[f"timestamps/{name}.tsr"] = made.query, made.response
    return _packed(content)


def _check_of(name: str) -> frozenset[str]:
    """The checks that are there for the bytes of one member."""
    if name == "manifest.json":
        return frozenset({"canonical_manifest", "signature"})
    if name.startswith("signatures/"):
        return frozenset({"signature"})
    if name.startswith("timestamps/"):
        return frozenset({f"timestamp[{NAME}]"})
    return frozenset({"digests"})


def _listed(world: World, rng: random.Random) -> str:
    return rng.choice(sorted(name for name in world.members if _check_of(name) == {"digests"}))


# The kinds. Each gives one forgery; what it is called stands in the table.


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
    return Forgery(content=_packed({**world.members, name: bytes(body)}), found_by=_check_of(name))


def added_file(world: World, rng: random.Random) -> Forgery:
    """A file more, in any folder."""
    folder = rng.choice(["", "captures/", "captures/01/", "signatures/", "timestamps/", "seals/01/"])
    content = _packed({**world.members, f"{folder}more-{rng.randrange(1000)}.txt": rng.randbytes(20)})
    return Forgery(content=content, found_by=frozenset({"file_set"}))


def removed_file(world: World, rng: random.Random) -> Forgery:
    """A file less."""
    name = rng.choice(sorted(world.members))
    found_by = {"manifest.json": {"canonical_manifest"}, f"timestamps/{NAME}.tsr": {f"timestamp[{NAME}]"}}
    found_by[f"timestamps/{NAME}.tsq"] = {f"timestamp[{NAME}]"}
    content = _packed({other: body for other, body in world.members.items() if other != name})
    return Forgery(content=content, found_by=frozenset(found_by.get(name, {"file_set"})))


def renamed_file(world: World, rng: random.Random) -> Forgery:
    """A file under another name."""
    name = _listed(world, rng)
    members = {(f"{name}.bak" if other == name else other): body for other, body in world.members.items()}
    return Forgery(content=_packed(members), found_by=frozenset({"file_set"}))


def swapped_files(world: World, rng: random.Random) -> Forgery:
    """Two files that trade their content."""
    one = _listed(world, rng)
    two = rng.choice(sorted(n for n, body in world.members.items() if body != world.members[one] and n != one))
    members = {**world.members, one: world.members[two], two: world.members[one]}
    return Forgery(content=_packed(members), found_by=frozenset({"digests"}))


def file_of_another_bundle(world: World, rng: random.Random) -> Forgery:
    """A file taken from a bundle that is sound by itself."""
    names = [n for n in sorted(world.members) if n in world.other and world.other[n] != world.members[n]]
    name = rng.choice(names)
    return Forgery(content=_packed({**world.members, name: world.other[name]}), found_by=_check_of(name))


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
    return Forgery(content=_packed(members), found_by=frozenset({"digests"}))


def rebuilt_archive_sealed_by_holder(world: World, rng: random.Random) -> Forgery:
    """The same, sealed and stamped anew by the holder of the right key: it is not what was captured."""
    members = {**world.members, "captures.wacz": _false_archive(world, rng)}
    return Forgery(content=_resealed(world, members, world.sealing.key), found_by=frozenset({"web_archive"}))


def truncated_archive_sealed_by_holder(world: World, rng: random.Random) -> Forgery:
    """A WARC cut inside its WACZ, sealed anew by the holder of the key."""
    path = world.folder / "inner.zip"
    path.write_bytes(world.members["captures.wacz"])
    inner = _members(path)
    warc = inner["archive/data.warc"]
    inner["archive/data.warc"] = warc[: rng.randrange(1, len(warc))]
    members = {**world.members, "captures.wacz": _packed(inner)}
    return Forgery(content=_resealed(world, members, world.sealing.key), found_by=frozenset({"web_archive"}))


def signed_again_by_attacker(world: World, rng: random.Random) -> Forgery:
    """A changed page, everything made anew and stamped, under a key of the attacker's."""
    members = {**world.members, "captures/01/body.txt": rng.randbytes(200)}
    return Forgery(content=_resealed(world, members, world.attacker), found_by=frozenset({"signer"}))


def signed_again_under_the_trusted_name(world: World, rng: random.Random) -> Forgery:
    """The same, claiming the trusted key's id."""
    claimed = replace(world.attacker.published, key_id=world.sealing.key.key_id)
    key = SigningKey(private=world.attacker.private, published=claimed)
    members = {**world.members, "findings.txt": rng.randbytes(200)}
    return Forgery(content=_resealed(world, members, key), found_by=frozenset({"signature"}))


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
        content=_resealed(world, world.members, world.sealing.key, at=at), found_by=frozenset({"time_order"})
    )


def clock_set_forward(world: World, rng: random.Random) -> Forgery:
    """The holder states a later time than that of the token."""
    at = world.sealing.sealed_at + timedelta(minutes=rng.randrange(2, 30_000))
    return Forgery(
        content=_resealed(world, world.members, world.sealing.key, at=at), found_by=frozenset({"time_order"})
    )


def token_of_another_file(world: World, rng: random.Random) -> Forgery:
    """A sound token, over another signature."""
    content = _resealed(
        world, world.members, world.sealing.key, stamp=lambda _signature: world.stamp(rng.randbytes(64))
    )
    return Forgery(content=content, found_by=frozenset({f"timestamp[{NAME}]"}))


def token_of_nobody_trusted(world: World, _rng: random.Random) -> Forgery:
    """A token of an authority of the same name with another root."""
    content = _resealed(world, world.members, world.sealing.key, stamp=world.foreign_stamp)
    return Forgery(content=content, found_by=frozenset({f"timestamp[{NAME}]"}))


def token_with_another_query(world: World, _rng: random.Random) -> Forgery:
    """A sound token over this signature, beside a query with another nonce."""
    again = world.stamp(world.members[f"signatures/{world.sealing.key.key_id}.sig"])[NAME]
    content = _packed({**world.members, f"timestamps/{NAME}.tsq": again.query})
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
    content = _resealed(world, world.members, world.sealing.key, at=at)
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
    return Forgery(content=_resealed(world, members, world.sealing.key), found_by=frozenset({"custody_chain"}))


def capture_changed_by_holder(world: World, rng: random.Random) -> Forgery:
    """A page changed with its record, lists and seal: the log of captures was sealed before."""
    body = world.members["captures/01/body.txt"].replace(b"19 EUR", f"{rng.randrange(100, 999)} EUR".encode())
    name = "captures/01/capture.json"
    record = parse_canonical(world.members[name])
    for file in record["files"]:
        if file["path"] == "body.txt":
            file |= {"sha256": sha256(body).hexdigest(), "bytes": len(body)}
    members = {**world.members, "captures/01/body.txt": body, name: canonical(record)}
    return Forgery(content=_resealed(world, members, world.sealing.key), found_by=frozenset({"capture_log"}))


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
    return Forgery(content=_resealed(world, members, world.sealing.key), found_by=frozenset({"capture_seal[01]"}))


def log_without_its_token(world: World, _rng: random.Random) -> Forgery:
    """The token of the time of capture taken out, and the rest sealed anew."""
    members = {name: body for name, body in world.members.items() if name != f"seals/01/{NAME}.tsr"}
    return Forgery(content=_resealed(world, members, world.sealing.key), found_by=frozenset({"capture_seal[01]"}))


def another_spelling_of_the_manifest(world: World, rng: random.Random) -> Forgery:
    """The same list in JSON of another spelling, signed by the holder."""
    spelled = json.dumps(json.loads(world.members["manifest.json"]), indent=rng.randrange(1, 5)).encode()
    place = f"signatures/{world.sealing.key.key_id}.sig"
    members = {**world.members, "manifest.json": spelled, place: world.sealing.key.private.sign(spelled)}
    return Forgery(content=_packed(members), found_by=frozenset({"canonical_manifest"}))


KINDS: tuple[Callable[[World, random.Random], Forgery], ...] = (
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


def judge(world: World, forgery: Forgery) -> Report:
    """The verifier's word on one bundle."""
    path = world.folder / "false.zip"
    path.write_bytes(forgery.content)
    return verify(path, [forgery.trusted or world.sealing.key.published], world.roots)


def tamper(world: World, kind: Callable[[World, random.Random], Forgery], rng: random.Random) -> Outcome:
    """One forgery of a kind, judged. One that comes out as it was is made again."""
    forgery = kind(world, rng)
    while forgery.content == world.whole and forgery.trusted is None:
        forgery = kind(world, rng)
    report = judge(world, forgery)
    return Outcome(
        kind=kind.__name__,
        verdict=report.verdict,
        by=tuple(check.name for check in report.checks if check.status is not Status.PASS),
        expected=forgery.found_by,
    )


def prove(count: int, seed: int, folder: Path) -> list[Outcome]:
    """As many forgeries, the kinds in turn. Raises `RuntimeError` when the untouched bundle does not pass."""
    world = make_world(folder, seed)
    sound = Forgery(content=world.whole, found_by=frozenset())
    outcomes = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        outcomes.append(tamper(world, kind, random.Random(f"{seed} {number}")))
    if judge(world, sound).verdict is not Verdict.PASS:
        raise RuntimeError("the untouched bundle does not pass")
    return outcomes


def main(arguments: list[str]) -> int:
    """Print the table; 1 where a forgery was not found, or not by its check."""
    count, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = prove(count, seed, Path(folder))
    tried = Counter(outcome.kind for outcome in outcomes)
    found = Counter(outcome.kind for outcome in outcomes if outcome.is_found)
    expected = Counter(outcome.kind for outcome in outcomes if outcome.is_found_as_expected)
    out = sys.stdout
    out.write(f"{'kind':38} {'tried':>6} {'found':>6} {'by its check':>13}  verdicts\n")
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        verdicts = Counter(outcome.verdict.name for outcome in outcomes if outcome.kind == kind)
        told = ", ".join(f"{name} {number}" for name, number in sorted(verdicts.items()))
        out.write(f"{kind:38} {tried[kind]:6} {found[kind]:6} {expected[kind]:13}  {told}\n")
    out.write(
        f"{'all':38} {count:6} {found.total():6} {expected.total():13}  seed {seed}, {perf_counter() - begun:.0f} s\n"
    )
    return 0 if expected.total() == count else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
