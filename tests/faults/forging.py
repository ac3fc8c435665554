"""What bundles are made false from: sound ones, their keys and tokens, and how a holder of a key seals anew."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.x509 import Certificate

from exercise.time_authority import TimeAuthority as LocalAuthority
from store.evidence.bundle import TimeSeal, zip_parts
from store.evidence.seal import SigningKey, canonical, create_key, seal, sign
from store.evidence.timestamp import Stamp, TimeAuthority, ask_for_token
from store.evidence.verify import PublishedKey, checksums, parse_roots, public_pem, read_package
from tests.store.evidence.samples import PICTURE, Sealing, bundle_content, now_whole, write_bundle

Files = dict[str, bytes]
NAME = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Sound packages, who sealed them, and what an attacker has: a key of their own, and another bundle's parts."""

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
    source: bytes | None = None  # of a public copy: the bundle it is compared with
    must_fail: bool = False  # of what is INCONCLUSIVE when it is sound: another word does not count


def make_world(folder: Path, seed: int) -> World:
    """Everything the forgeries start from. Writes into `folder`."""
    now = now_whole()
    local = LocalAuthority(folder / "tsa", name="Exercise", now=now)
    foreign = LocalAuthority(folder / "foreign", name="Exercise", now=now)
    roots = tuple(parse_roots(local.root_pem))
    stamp, foreign_stamp = stamper_of(local), stamper_of(foreign)
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
    path = write_bundle(folder / "whole.zip", sealing, _content(sealing))
    second = replace(sealing, captured_at=now - timedelta(minutes=2))
    other = write_bundle(folder / "other.zip", second, _content(second))
    return World(
        folder=folder,
        whole=path.read_bytes(),
        members=members_of(path),
        sealing=sealing,
        attacker=keys[1],
        other=members_of(other),
        roots=roots,
        stamp=stamp,
        foreign_stamp=foreign_stamp,
    )


def _content(sealing: Sealing) -> Files:
    return {**bundle_content(sealing), **exhibits_of_purchase(), "findings.json": findings_of_sample()}


def stamper_of(local: LocalAuthority) -> Callable[[bytes], dict[str, Stamp]]:
    roots = tuple(parse_roots(local.root_pem))
    authority = TimeAuthority(name=NAME, url="http://127.0.0.1/", roots=roots)

    def stamper(signature: bytes) -> dict[str, Stamp]:
        return {
            NAME: ask_for_token(
                authority, signature, ask=lambda _url, query: local.reply(query), now=lambda: datetime.now(UTC)
            )
        }

    return stamper


def members_of(path: Path) -> Files:
    with path.open("rb") as file:
        found = {}
        for name, member in read_package(path).items():
            file.seek(member.at)
            found[name] = file.read(member.size_bytes)
    return found


def packed(members: Mapping[str, bytes]) -> bytes:
    return b"".join(zip_parts(members))


def resealed(
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
    return packed(content)


def check_of(name: str) -> frozenset[str]:
    """The checks that are there for the bytes of one member."""
    if name == "manifest.json":
        return frozenset({"canonical_manifest", "signature"})
    if name.startswith("signatures/"):
        return frozenset({"signature"})
    if name.startswith("timestamps/"):
        return frozenset({f"timestamp[{NAME}]"})
    return frozenset({"digests"})


def any_listed(world: World, rng: random.Random) -> str:
    return rng.choice(sorted(name for name in world.members if check_of(name) == {"digests"}))


def exhibits_of_purchase() -> Files:
    """Files of one test purchase, as a bundle holds them."""
    photo = PICTURE[::-1]
    steps = [
        {"purchase": 1, "step": "photographed", "files": [{"exhibit": "P1-1", "sha256": sha256(photo).hexdigest()}]}
    ]
    return {"purchases/P1-1/goods.png": photo, "purchases/purchases.json": canonical(steps)}


def findings_of_sample() -> bytes:
    """What the sample bundle claims, as machines read it; public copies are made of it."""
    item = {
        "label": "1",
        "url": "https://shop.example/item/1",
        "platform_item_id": "1",
        "title": "Nordlys lamp",
        "price": "19.00 EUR",
        "observed_at": "2026-03-02 09:00 UTC",
        "claim": "Counterfeit goods",
        "grounds": ["The listing calls itself a copy"],
        "reasons": ["The page says: Perfect copy."],
        "against": [],
        "exhibits": [1, 2],
    }
    return canonical({"schema": "marque-findings/1", "platform": "shop", "items": [item]})
