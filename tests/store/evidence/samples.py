"""A small evidence bundle: three captures, a log sealed and stamped when they were made, custody, an archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from store.evidence.bundle import TimeSeal, write_package
from store.evidence.bundle_files import SealedCapture, SealedLog, bundle_files
from store.evidence.capture_log import CaptureSeal, seal_captures
from store.evidence.capture_record import record_of
from store.evidence.custody import link, write_log
from store.evidence.seal import SigningKey, canonical, write_time
from store.evidence.timestamp import Stamp
from store.evidence.verify import BUNDLE, WEB_ARCHIVE
from store.evidence.wacz import write_wacz
from store.records.captures import Capture, CaptureFile, CaptureRole, Via
from store.records.fetches import RobotsVerdict

PAGE = b"<!doctype html><title>Nordlys lamp</title><p>Perfect copy, 19 EUR" * 20
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 6
DRAWN = b"<html><title>Nordlys lamp</title>drawn" * 10
BODIES = {sha256(body).hexdigest(): body for body in (PAGE, PICTURE, DRAWN, b"sold by the maker")}


def capture(number: int, body: bytes, kind: str, at: datetime, *files: CaptureFile) -> Capture:
    url = f"https://shop.example/item/{number}"
    return Capture(
        id=f"01900000-0000-7000-8000-{number:012d}",
        run="01900000-0000-7000-8000-000000000000",
        url_requested=url,
        url_final=url,
        fetched_at=at,
        status=200,
        request_headers=(("User-Agent", "Marque/0.1"),),
        response_headers=(("Content-Type", kind),),
        server_ip="127.0.0.1",
        body_sha256=sha256(body).hexdigest(),
        body_bytes=len(body),
        robots_verdict=RobotsVerdict.ALLOWED,
        via=Via.CRAWL,
        files=files,
    )


def some_captures(at: datetime) -> list[Capture]:
    dom = CaptureFile(capture="", role=CaptureRole.DOM, sha256=sha256(DRAWN).hexdigest(), size_bytes=len(DRAWN))
    return [
        capture(1, PAGE, "text/html", at - timedelta(minutes=2), dom),
        capture(2, PICTURE, "image/png", at - timedelta(minutes=1)),
        capture(3, b"sold by the maker", "text/plain", at),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """With what and when a sample is sealed; the tests set clocks and keys wrong on purpose."""

    key: SigningKey
    time: TimeSeal
    captured_at: datetime
    sealed_at: datetime


def sealed_log(captures: list[Capture], sealing: Sealing, stamps: Mapping[str, Stamp] | None = None) -> SealedLog:
    records = [record_of(each) for each in captures]
    times = [each.fetched_at for each in captures]
    seal: CaptureSeal = seal_captures(
        records,
        captured=(min(times), max(times)),
        key=sealing.key,
        authorities=sealing.time.authorities,
        at=sealing.sealed_at,
    )
    found = sealing.time.stamper(seal.signature) if stamps is None else stamps
    return SealedLog(
        label="01",
        statement=seal.statement,
        signature_json=seal.signature_json,
        leaves=seal.leaves,
        tokens={name: (stamp.query, stamp.response) for name, stamp in found.items()},
    )


def bundle_content(sealing: Sealing, read: Callable[[str], bytes] = BODIES.__getitem__) -> dict[str, bytes]:
    captures = some_captures(sealing.captured_at)
    log = sealed_log(captures, sealing)
    sealed = [
        SealedCapture(label=f"{number:02d}", record=canonical(record_of(each)), log="01", position=number - 1)
        for number, each in enumerate(captures, 1)
        if number != 3  # the third was sealed with the others and does not leave
    ]
    shown = [captures[0], captures[1]]
    archive = write_wacz(
        shown, {shown[0].id: "Lamp"}, read, title="Case 7", software="Marque", at=sealing.captured_at
    )
    events = [
        {"seq": number, "at": write_time(sealing.captured_at), "actor": "Jane Roe", "action": action}
        for number, action in enumerate(["created", "sealed", "exported"])
    ]
    return {
        **bundle_files(sealed, [log], read),
        WEB_ARCHIVE: archive,
        "custody.jsonl": write_log(link(events)),
        "findings.txt": b"The page says: Perfect copy.\n",
    }


def write_bundle(path: Path, sealing: Sealing, content: Mapping[str, bytes] | None = None) -> Path:
    files = bundle_content(sealing) if content is None else content
    fields = {"kind": BUNDLE, "case": "7"}
    return write_package(path, files, fields, sealing.key, "evidence desk", sealing.sealed_at, time=sealing.time).path


def now_whole() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
