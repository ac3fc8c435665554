"""
A platform that receives batches, on loopback, and fails the way platforms do.

    python -m exercise.recipient [--port N] [--repeats same_key|look_up|neither] [--faults 0.1] [--seed N]

`POST /batches` takes a ZIP under an `Idempotency-Key`, `GET /batches/{key}` tells of one where it can be looked up,
`GET /ledger` tells the exercise what has really been entered, and how often. Every request may meet one fault of
`FAULTS`, each with the same chance, drawn by the seed: the answer then says little of what was entered.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import random
import socket
import sys
import threading
import time
import zipfile
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

BODY_BYTES = 25 * 1024 * 1024  # what platforms take at once
FAULTS = (
    "busy",  # 429 with Retry-After, nothing entered
    "error_before",  # 500, nothing entered
    "error_after",  # entered, then 500
    "drop_before",  # hung up without an answer, nothing entered
    "drop_after",  # entered, then hung up
    "stall_after",  # entered, then silent for longer than anybody waits
    "garbage_after",  # entered, then 200 with a page of a proxy
    "late",  # hung up; entered a while later, from its own queue
    "cut",  # entered, then half an answer
)

Repeats = Literal["same_key", "look_up", "neither"]


@dataclass(slots=True, kw_only=True)
class Entered:
    """What is entered under one key."""

    receipt: str
    times: int  # more than once: a notice was received twice
    body_sha256: str
    items: int


class Recipient:
    """The platform's own ledger, and what the next request meets."""

    def __init__(
        self,
        *,
        repeats: Repeats = "same_key",
        faults: float = 0.0,
        seed: int = 1,
        stall_s: float = 2.0,
        late_s: float = 0.3,
        busy_s: int = 1,
        token: str | None = None,
    ) -> None:
        self.repeats, self.share, self.token = repeats, faults, token
        self.stall_s, self.late_s, self.busy_s = stall_s, late_s, busy_s
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.entered: dict[str, Entered] = {}
        self.met: dict[str, int] = {}
        self.asked = 0

    def fault(self) -> str | None:
        """What the next request meets; None: nothing."""
        with self.lock:
            self.asked += 1
            drawn = self.chance.random()
            found = FAULTS[int(drawn / self.share)] if self.share and drawn < self.share * len(FAULTS) else None
            self.met[found or "none"] = self.met.get(found or "none", 0) + 1
        return found

    def enter(self, key: str, body: bytes, items: int) -> Entered:
        """Enter a batch, as often as it comes unless keys are honoured."""
        with self.lock:
            known = self.entered.get(key)
            if known is None:
                receipt = f"R-{len(self.entered) + 1:06d}"
                known = Entered(receipt=receipt, times=1, body_sha256=hashlib.sha256(body).hexdigest(), items=items)
                self.entered[key] = known
            elif self.repeats != "same_key":
                known.times += 1
            return known

    def ledger(self) -> dict[str, Any]:  # Any: JSON values
        """Everything that is entered, by key, and how requests went."""
        with self.lock:
            rows = {
                key: {"receipt": e.receipt, "times": e.times, "sha256": e.body_sha256, "items": e.items}
                for key, e in self.entered.items()
            }
            return {"entered": rows, "asked": self.asked, "met": dict(self.met)}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, recipient: Recipient, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.recipient = recipient

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that was killed hangs up; that is no error of the platform."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10.0
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # the base class names it so
        """Say nothing: the ledger tells."""

    def do_GET(self) -> None:
        recipient = self.server.recipient
        if self.path == "/ledger":
            self._answer(200, recipient.ledger())
            return
        prefix, _, key = self.path.rpartition("/")
        if prefix != "/batches" or recipient.repeats != "look_up":
            self._answer(404, {"title": "Not found"})
            return
        if self._meets(recipient.fault(), None):
            return
        with recipient.lock:
            known = recipient.entered.get(key)
        self._answer(404, {"title": "No such batch"}) if known is None else self._answer(
            200, {"receipt": known.receipt}
        )

    def do_POST(self) -> None:
        recipient = self.server.recipient
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > BODY_BYTES:
            self._answer(413, {"title": "Too large", "detail": f"at most {BODY_BYTES} bytes"})
            return
        body = self.rfile.read(int(length))
        if recipient.token is not None and self.headers.get("Authorization") != f"Bearer {recipient.token}":
            self._answer(401, {"title": "Sign in"})
            return
        key = self.headers.get("Idempotency-Key", "").strip('"')
        wrong = _wrong(self.path, key, body, self.headers.get("Content-Digest", ""))
        if wrong:
            self._answer(422, {"title": "Not a batch", "detail": wrong})
            return
        items = _items(body)
        if isinstance(items, str):
            self._answer(422, {"title": "Not a batch", "detail": items})
            return
        if self._meets(recipient.fault(), lambda: recipient.enter(key, body, items)):
            return
        entered = recipient.enter(key, body, items)
        self._answer(202, {"receipt": entered.receipt, "items": items})

    def _meets(self, fault: str | None, enter: Any) -> bool:  # Any: a call that enters, or nothing
        """Let a fault happen; False where there is none and the request is answered as it should be."""
        if fault is None:
            return False
        if fault == "late" and enter is not None:
            threading.Timer(self.server.recipient.late_s, enter).start()
        elif (fault.endswith("_after") or fault == "cut") and enter is not None:
            enter()
        match fault:
            case "busy":
                self._answer(429, {"title": "Later"}, {"Retry-After": str(self.server.recipient.busy_s)})
                return True
            case "error_before" | "error_after":
                self._answer(500, {"title": "Sorry"})
                return True
            case "garbage_after":
                self._send(200, b"<html><title>Welcome</title>", "text/html", {})
                return True
            case "cut":
                self.wfile.write(b'HTTP/1.1 202 Accepted\r\nContent-Length: 60\r\n\r\n{"receipt": "R-0')
            case "stall_after":
                time.sleep(self.server.recipient.stall_s)
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return True

    def _answer(self, status: int, data: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(data).encode(), "application/json", headers or {})

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _wrong(path: str, key: str, body: bytes, digest: str) -> str:
    """What is wrong with a request, in words; empty where nothing is."""
    if path != "/batches":
        return "batches go to /batches"
    if not key:
        return "no Idempotency-Key"
    said = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    return "" if digest in ("", said) else "Content-Digest is of other bytes"


def _items(body: bytes) -> int | str:
    """How many items a batch holds, or what is wrong with it."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            batch = json.loads(package.read("batch.json"))
        return sum(len(notice["items"]) for notice in batch["notices"])
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        return f"it cannot be read: {error}"


class ServedRecipient:
    """A recipient that answers on loopback; use it in a `with` block."""

    def __init__(self, recipient: Recipient, port: int = 0) -> None:
        self.recipient = recipient
        self.server = _Server(recipient, port)
        self.port = int(self.server.server_address[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def main() -> None:
    """Serve until ended; the first line of output is the address."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repeats", choices=("same_key", "look_up", "neither"), default="same_key")
    parser.add_argument("--faults", type=float, default=0.0, help="chance of each fault, 0.1 at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stall-s", type=float, default=2.0)
    parser.add_argument("--late-s", type=float, default=0.3)
    parser.add_argument("--busy-s", type=int, default=1)
    args = parser.parse_args()
    recipient = Recipient(
        repeats=args.repeats,
        faults=min(args.faults, 0.1),
        seed=args.seed,
        stall_s=args.stall_s,
        late_s=args.late_s,
        busy_s=args.busy_s,
    )
    with ServedRecipient(recipient, args.port) as served:
        sys.stdout.write(f"{served.base}\n")
        sys.stdout.flush()
        served.thread.join()


if __name__ == "__main__":
    main()
