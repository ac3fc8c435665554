"""
The desks on the web of a simulated platform, on loopback.

    POST /batches      a ZIP under an `Idempotency-Key`; `GET /batches/{key}` tells of one where it can be looked up,
                       `GET /batches/{key}/answers` what was said of its items
    POST /commerce/vero/v2/report_vero_violations   a call as eBay's programme takes it; `GET .../vero_report/{id}`
    POST /dsa/notices  notices under Article 16; `GET /dsa/notices/{receipt}`
    GET  /ledger, POST /advance  for the exercise alone: what has really been entered, and the next step

Every request of a sender may meet one fault of `FAULTS`, each with the same chance, drawn by the seed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from exercise.recipient.ledger import Entered, Name, Recipient
from exercise.recipient.listening import Listening
from exercise.recipient.reading import items_of_batch, items_of_call, items_of_notices

BODY_BYTES = 25 * 1024 * 1024  # what platforms take at once
VERO, DSA, BATCHES = "/commerce/vero/v2", "/dsa/notices", "/batches"
DOORS: dict[str, tuple[str, Callable[[bytes], tuple[Name, ...] | str]]] = {
    BATCHES: ("receipt", items_of_batch),
    f"{VERO}/report_vero_violations": ("veroReportId", items_of_call),
    DSA: ("receipt", items_of_notices),
}
"""Where things are handed in: the member that holds the receipt, and how the body is read."""
WORDS_OF_VERO = {
    "received": "Received",
    "under_review": "Submitted",
    "more_needed": "ClarificationRequired",
    "not_found": "SubmissionFailed",
    "removed": "Removed",
}
"""The programme's own words; it has none for what is kept or objected to, and those items stay as they stood."""


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
        path = self.path.partition("?")[0]
        told = _asked(recipient, path)
        if told is None:
            self._answer(404, {"title": "Not found"})
            return
        if self._meets(recipient.fault(), None):
            return
        entered, tell = told
        self._answer(404, {"title": "No such batch"}) if entered is None else self._answer(200, tell(entered))

    def do_POST(self) -> None:
        recipient = self.server.recipient
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > BODY_BYTES:
            self._answer(413, {"title": "Too large", "detail": f"at most {BODY_BYTES} bytes"})
            return
        body = self.rfile.read(int(length))
        if self.path == "/advance":
            self._answer(200, {"moved": recipient.advance()})
            return
        if recipient.token is not None and self.headers.get("Authorization") != f"Bearer {recipient.token}":
            self._answer(401, {"title": "Sign in"})
            return
        key = self.headers.get("Idempotency-Key", "").strip('"')
        wrong = _wrong(self.path, key, body, self.headers.get("Content-Digest", ""))
        if wrong:
            self._answer(422, {"title": "Not a batch", "detail": wrong})
            return
        member, read = DOORS[self.path]
        names = read(body)
        if isinstance(names, str):
            self._answer(422, {"title": "Not a batch", "detail": names})
            return
        if self._meets(recipient.fault(), lambda: recipient.enter(key, body, names)):
            return
        entered = recipient.enter(key, body, names)
        self._answer(202, {member: entered.receipt, "items": entered.items})

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


def _asked(
    recipient: Recipient, path: str
) -> tuple[Entered | None, Callable[[Entered], dict[str, Any]]] | None:  # Any: JSON values
    """What a path asks about and how it is told; None where it asks nothing that this platform answers."""
    if path.startswith(f"{VERO}/vero_report/"):
        return recipient.of_receipt(path.rpartition("/")[2]), _told_by_vero
    if path.startswith(f"{DSA}/"):
        return recipient.of_receipt(path.rpartition("/")[2]), _told_in_our_words
    if path.startswith(f"{BATCHES}/") and path.endswith("/answers"):
        return recipient.under(path.split("/")[2]), _told_in_our_words
    if path.startswith(f"{BATCHES}/") and recipient.repeats == "look_up":
        return recipient.under(path.rpartition("/")[2]), lambda entered: {"receipt": entered.receipt}
    return None


def _told_in_our_words(entered: Entered) -> dict[str, Any]:  # Any: JSON values
    """Every word so far, the oldest first: who asks again is told the old ones again."""
    return {
        "receipt": entered.receipt,
        "answers": [
            {
                "item_id": docket.name.id,
                "answer": step.word,
                "decided_at": step.at.isoformat(),
                "platform_case": entered.receipt,
                "reason": step.reason,
            }
            for docket in entered.dockets
            for step in docket.said
        ],
    }


def _told_by_vero(entered: Entered) -> dict[str, Any]:  # Any: JSON values
    """Where each item stands, without a time, as the programme tells it."""
    rows = []
    for docket in entered.dockets:
        known = [(WORDS_OF_VERO.get(step.word, "CustomCode"), step.reason) for step in docket.said]
        status, reason = known[-1] if known else ("Received", "")
        row = {"itemId": docket.name.id, "status": status}
        if status in ("ClarificationRequired", "SubmissionFailed"):
            row["reasonForFailure"] = reason or "The desk asks for the registration number"
        rows.append(row)
    return {"veroReportId": entered.receipt, "veroReportStatus": "SUBMITTED", "reportedItemDetails": rows}


def _wrong(path: str, key: str, body: bytes, digest: str) -> str:
    """What is wrong with a request, in words; empty where nothing is."""
    if path not in DOORS:
        return "batches go to /batches"
    if not key:
        return "no Idempotency-Key"
    said = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    return "" if digest in ("", said) else "Content-Digest is of other bytes"


class ServedRecipient(Listening):
    """A recipient that answers on loopback; use it in a `with` block."""

    def __init__(self, recipient: Recipient, port: int = 0) -> None:
        self.recipient = recipient
        super().__init__(_Server(recipient, port))
        self.base = f"http://127.0.0.1:{self.port}"
