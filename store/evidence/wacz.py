"""
Captures as a WACZ 1.1.1 package: what a browser replays without a network.

Its parts are the WARC file, an index, the list of pages, and a list of them all with a digest. The container is the
canonical ZIP of every package here, so the verifier reads it in place.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from store.evidence.bundle import zip_parts
from store.evidence.capture_record import write_moment
from store.evidence.warc import Entry, Read, write_warc
from store.records.captures import Capture

VERSION = "1.1.1"  # the one that py-wacz 0.6 writes and every reader knows
WARC = "data.warc"


def write_wacz(
    captures: Sequence[Capture], pages: Mapping[str, str], read: Read, *, title: str, software: str, at: datetime
) -> bytes:
    """
    A package of captures.

    `pages` names the captures that a reader opens, with their titles; `at` is when it was made. The same input gives
    the same bytes. Raises what `read` raises.
    """
    warc = write_warc(captures, read, software=software)
    members = {
        f"archive/{WARC}": warc.content,
        "indexes/index.cdx.gz": _stored_gzip(_index(warc.entries)),
        "pages/pages.jsonl": _pages(captures, pages),
    }
    package = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "software": software,
        "created": write_moment(at),
        "resources": [
            {
                "name": name.rpartition("/")[2],
                "path": name,
                "hash": f"sha256:{sha256(content).hexdigest()}",
                "bytes": len(content),
            }
            for name, content in members.items()
        ],
    }
    written = _json(package)
    digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(written).hexdigest()}"}
    members |= {"datapackage.json": written, "datapackage-digest.json": _json(digest)}
    return b"".join(zip_parts(members))


def _index(entries: Sequence[Entry]) -> bytes:
    """CDXJ: one line a record, sorted by address and time."""
    lines = []
    for entry in entries:
        fields = {
            "url": entry.url,
            "mime": entry.mime,
            "digest": entry.digest,
            "length": str(entry.length),
            "offset": str(entry.offset),
            "filename": WARC,
            **({"status": str(entry.status)} if entry.status is not None else {}),
        }
        moment = "".join(filter(str.isdigit, entry.at))[:17]
        lines.append(f"{address_key(entry.url)} {moment} {json.dumps(fields, ensure_ascii=False)}\n".encode())
    return b"".join(sorted(lines))


def _pages(captures: Sequence[Capture], pages: Mapping[str, str]) -> bytes:
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    shown = [
        {
            "id": capture.id,
            "url": capture.url_final,
            "ts": write_moment(capture.fetched_at),
            "title": pages[capture.id],
        }
        for capture in captures
        if capture.id in pages
    ]
    return b"".join(_json(line) + b"\n" for line in (head, *shown))


def address_key(url: str) -> str:
    """How an index sorts addresses: host backwards, path and sorted query, in lower case; another scheme as it is."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return url.replace(" ", "%20")
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    key = f"{','.join(reversed(host.split('.')))}{port}){parts.path or '/'}{'?' if query else ''}{query}"
    return key.lower().replace(" ", "%20")


def _stored_gzip(data: bytes) -> bytes:
    """gzip without compression: the same bytes whatever the version of zlib."""
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + struct.pack("<2I", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
