"""
The public copy of a bundle: a new package that names its source and shows what everybody may see.

Built from a list of what may be shown, never by taking away: addresses, times, digests, the claim with its grounds,
titles without what names a person, one small picture an item, and the proof that each capture stands in a log sealed
in time. Whoever needs more asks for the source, and checks the copy against it (`verify.py --source`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.urls import canonical as bare_url
from reports.exhibits.errors import NotPublic
from reports.formats.page import FORMS
from reports.masking import MASK, mask
from store.evidence.bundle import PackageReceipt, TimeSeal, write_package
from store.evidence.seal import SigningKey, canonical
from store.evidence.verify import (
    BUNDLE,
    EXHIBITS,
    FINDINGS,
    MANIFEST,
    PUBLIC,
    Member,
    Refused,
    Unreadable,
    leaf_hash,
    parse_canonical,
    read_package,
)
from store.records.cases import EXERCISE_POLICY

ITEM_BYTES = 300_000  # of the whole copy, for each item: what a form or a mail still takes
PICTURE_BYTES = 90_000
ROLE = "public copy"
_QUALITIES = (78, 60, 40)
SHORTEST_PRIVATE = 6  # letters of a private value that is looked for in what leaves; shorter ones stand in any text
_SEAL_PARTS = ("statement.json", "signature.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCopy:
    """A written public copy: where, which source it names, and how many items it shows."""

    receipt: PackageReceipt
    source_sha256: str
    items: int
    is_new: bool


def capture_ids(path: Path) -> list[str]:
    """The captures of a bundle, by their ids. Raises `NotPublic` for what is no bundle."""
    members = _members(path)
    return [str(_json(path, members, name)["id"]) for name in members if name.endswith("/capture.json")]


def make_public(
    path: Path,
    *,
    out: Path,
    key: SigningKey,
    time: TimeSeal | None,
    words: Iterable[str],
    clock: Callable[[], datetime],
) -> PublicCopy:
    """
    The public copy of the bundle at `path`, as `out/public-<digest of its source>.zip`; made once.

    `words` are personal values known of its captures. What is written is searched for every private value of the
    source before it takes its name. Raises `NotPublic` where something private would show, or the source is none.
    """
    members = _members(path)
    source = members[MANIFEST].sha256
    known = {word for word in words if word.strip()}
    found = _json(path, members, FINDINGS)
    target = out / f"public-{source[:16]}.zip"
    if target.exists():
        receipt = PackageReceipt(path=target, manifest_sha256=_source_of(target), bytes=target.stat().st_size)
        return PublicCopy(receipt=receipt, source_sha256=source, items=len(found["items"]), is_new=False)
    exhibits = [_exhibit(path, members, name, known) for name in sorted(members) if name.endswith("/capture.json")]
    items = [_item(item, known) for item in found["items"]]
    for quality in (*_QUALITIES, 0):  # 0: without pictures
        files = _files(path, members, items, exhibits, source, quality)
        _search(path, files, _private_values(path, members) | known)
        if sum(map(len, files.values())) <= (ITEM_BYTES - 40_000) * len(items):
            break
    out.mkdir(parents=True, exist_ok=True)
    fields = {"kind": PUBLIC, "derived_from": {"kind": BUNDLE, "manifest_sha256": source}}
    roles = {name: "picture" for name in files if name.startswith("pictures/")}
    roles |= {"index.html": "report", EXHIBITS: "exhibits", FINDINGS: "findings"}
    receipt = write_package(target, files, fields, key, ROLE, clock(), file_roles=roles, time=time)
    if receipt.bytes > ITEM_BYTES * len(items):
        target.unlink()
        raise NotPublic(path, f"it would have {receipt.bytes} bytes for {len(items)} items; split the case")
    return PublicCopy(receipt=receipt, source_sha256=source, items=len(items), is_new=True)


def _files(
    path: Path,
    members: Mapping[str, Member],
    items: list[dict[str, Any]],
    exhibits: list[dict[str, Any]],
    source: str,
    quality: int,
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for item in items:
        name = f"side-by-side/{item['label']}.png"
        picture = _small(_bytes(path, members[name]), quality) if quality and name in members else None
        if picture is not None:
            files[f"pictures/{item['label']}.jpg"] = picture
    for name, member in members.items():
        folder, _, last = name.partition("/")
        if folder == "seals" and (last.partition("/")[2] in _SEAL_PARTS or last.endswith((".tsr", ".tsq"))):
            files[name] = _bytes(path, member)
    platform = _json(path, members, FINDINGS)["platform"]
    files[EXHIBITS] = canonical(exhibits)
    files[FINDINGS] = canonical({"schema": "marque-findings/1", "platform": platform, "items": items})
    shown = {name.removeprefix("pictures/").removesuffix(".jpg") for name in files if name.startswith("pictures/")}
    files["index.html"] = (
        Environment(loader=FileSystemLoader(FORMS), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        .get_template("public.html")
        .render(platform=platform, items=items, exhibits=exhibits, source=source, pictures=shown, mask=MASK)
        .encode()
    )
    return files


def _item(item: Mapping[str, Any], words: Iterable[str]) -> dict[str, Any]:
    """What of a finding everybody may see: no reasons in free words, no likelihoods, no thresholds."""
    return {
        "label": str(item["label"]),
        "url": _address(str(item["url"]), words),
        "platform_item_id": mask(str(item["platform_item_id"]), words),
        "title": mask(str(item["title"]), words),
        "price": item["price"],
        "observed_at": item["observed_at"],
        "claim": item["claim"],
        "grounds": list(item["grounds"]),
        "exhibits": list(item["exhibits"]),
    }


def _exhibit(path: Path, members: Mapping[str, Member], name: str, words: Iterable[str]) -> dict[str, Any]:
    """One capture by what it was and where it is sealed; its leaf stands for the record, which is not shown."""
    record = _json(path, members, name)
    body = next(file for file in record["files"] if file["role"] == "body")
    sealed: dict[str, Any] = {}
    for place in sorted(member for member in members if member.endswith("/proofs.json")):
        proof = _json(path, members, place).get(name)
        if proof is not None:
            sealed = {"log": place.split("/")[1], **proof}
    return {
        "number": int(name.split("/")[1]),
        "url": _address(str(record["url_final"]), words),
        "received_at": str(record["fetched_at"]),
        "status": record["status"],
        "sha256": str(body["sha256"]),
        "bytes": int(body["bytes"]),
        "leaf": leaf_hash(_bytes(path, members[name])).hex(),
        "sealed": sealed,
    }


def _address(url: str, words: Iterable[str]) -> str:
    """An address without user, session, fragment or what names a person."""
    try:
        bare = bare_url(url)
    except ValueError:
        return MASK
    return mask(re.sub(r"^([a-z]+://)[^/@]*@", r"\1", bare, flags=re.IGNORECASE), words)


def _private_values(path: Path, members: Mapping[str, Member]) -> set[str]:
    """What the source itself says of whoever made it: agents, sessions, runs, people, machines."""
    values: set[str] = set()
    for name in members:
        if name.endswith("/capture.json"):
            record = _json(path, members, name)
            values |= {str(record["run"]), str(record["id"]), str(record["authority"] or "")}
            values |= {str(value) for key, value in record["request_headers"] if key.lower() not in _PUBLIC_HEADERS}
    for line in _bytes(path, members["custody.jsonl"]).splitlines():
        actor = str(json.loads(line)["event"].get("actor", ""))
        if not actor.startswith(("key ", "time authority ")):
            values.add(actor.removeprefix("run "))
    return values - _NOBODY


_NOBODY = {"marque", EXERCISE_POLICY}  # the program itself, as the trail names it
# Of a request, what says nothing of whoever asked.
_PUBLIC_HEADERS = frozenset({"host", "accept", "accept-encoding", "accept-language", "connection", "referer"})


def _search(path: Path, files: Mapping[str, bytes], private: Iterable[str]) -> None:
    """Raise `NotPublic` where a private value stands in any file; the last wall, whatever was let through before."""
    wanted = [value for value in private if len(value) >= SHORTEST_PRIVATE and not value.startswith("(withheld")]
    for name, content in files.items():
        if name.startswith("pictures/"):
            continue  # only decoded pixels
        folded = content.decode("utf-8", "replace").casefold()
        for value in wanted:
            if value.casefold() in folded:
                raise NotPublic(path, f"{name} would show a value that is private ({len(value)} letters)")


def _small(png: bytes, quality: int) -> bytes | None:
    """A picture written anew and small; None where it would be too large even so."""
    from PIL import Image  # imaging is slow to import, and most commands draw nothing

    with Image.open(BytesIO(png), formats=("PNG",)) as picture:
        out = BytesIO()
        picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue() if out.tell() <= PICTURE_BYTES else None


def _members(path: Path) -> dict[str, Member]:
    try:
        members = read_package(path)
        manifest = parse_canonical(members[MANIFEST].content or b"")
    except (Refused, Unreadable, KeyError) as error:
        raise NotPublic(path, f"it cannot be read as a package ({error})") from error
    if manifest.get("kind") != BUNDLE or FINDINGS not in members:
        raise NotPublic(path, "it is no evidence bundle with findings; export the case again")
    return members


def _source_of(path: Path) -> str:
    return sha256(_bytes(path, read_package(path)[MANIFEST])).hexdigest()


def _bytes(path: Path, member: Member) -> bytes:
    with path.open("rb") as file:
        file.seek(member.at)
        return file.read(member.size_bytes)


def _json(path: Path, members: Mapping[str, Member], name: str) -> dict[str, Any]:
    """A canonical JSON file of the source; `Any` because it is JSON."""
    found = parse_canonical(_bytes(path, members[name]))
    return dict(found)
