"""
By HTTPS: one POST a batch, the key in `Idempotency-Key`; the body is the batch as a ZIP, or the one file of it that
the declared interface takes.

`Idempotency-Key` is the header of draft-ietf-httpapi-idempotency-key-header; `Content-Digest` of RFC 9530 lets the
recipient tell a body that was cut. No redirect is followed: an address that moved is a person's matter.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from config.delivery import Delivery
from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.exchange import Reply, exchange
from reports.parcel import Parcel, pack
from reports.transports.contract import ANSWER_BYTES, Absent, Answer, Declined, ForPerson, NotTaken, Taken, Unknown
from store.records.ids import Clock

READ_S = 60.0  # chosen: a recipient that unpacks and checks 25 MB before it answers
LONGEST_WAIT_S = 86_400.0  # chosen: a Retry-After beyond a day is asked again each day
RECEIPT_CHARS = 300
FILE_OF_BODY = {"vero": "vero.json", "dsa16": "dsa-16.json"}
"""The file of a batch that travels by itself; whatever is not named here travels as the whole batch."""

# Answers that a server gives before it looks at what was sent; RFC 9110 and RFC 6585.
_BEFORE_LOOKING = frozenset({408, 425, 429})
_OURS_TO_MEND = frozenset({401, 402, 403, 404, 405, 407, 410, 411, 426, 431})
_DECLINED = frozenset({400, 406, 413, 414, 415, 422})


class ApiTransport:
    """One recipient's interface. `read_s` is how long an answer may take."""

    def __init__(
        self,
        delivery: Delivery,
        *,
        secret: str | None,
        user_agent: str,
        clock: Clock,
        read_s: float = READ_S,
        inner: tuple[str, ...] = (),
    ) -> None:
        self.delivery = delivery
        self.clock = clock
        self.headers = {"User-Agent": user_agent, "Accept": "application/json"}
        if secret is not None:
            self.headers["Authorization"] = f"Bearer {secret}"
        self.read_s = read_s
        self.inner = inner

    def send(self, parcel: Parcel) -> Answer:
        """POST the batch, or its file. Whatever fails after the connection stands is `Unknown`."""
        named = FILE_OF_BODY.get(self.delivery.body)
        if named is None:
            body = b"".join(pack(parcel.folder))
            kind = {
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="{parcel.file_name}"',
            }
        else:
            try:
                body, kind = (parcel.folder / named).read_bytes(), {"Content-Type": "application/json"}
            except OSError as error:
                because = f"the batch has no {named} ({error.strerror}); its profile's forms have to name it"
                return ForPerson(because=because)
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers = {
            **self.headers,
            **kind,
            "Content-Digest": f"sha-256=:{digest}:",
            "Idempotency-Key": f'"{parcel.key}"',
        }
        try:
            reply = self._ask("POST", self.delivery.to, headers, body)
        except Refused as error:
            return ForPerson(because=f"nothing may be sent there: {error.why}; check the address of this delivery")
        except NoConnection as error:
            return NotTaken(because=f"no connection: {error.why}")
        except NoAnswer as error:
            return Unknown(because=f"no answer after it was sent: {error.why}")
        status, raw = reply.status, reply.body
        receipt = _receipt(raw, self.delivery.receipt)
        if status in (200, 201, 202, 409) and receipt is not None:
            # 409: known under this key already; whoever answers so names the receipt of the first time.
            return Taken(receipt=receipt, raw=raw)
        because = f"the platform answered {status}{_reason(raw)}"
        if status in _BEFORE_LOOKING:
            return NotTaken(because=because, raw=raw, wait_s=self._wait_s(reply.headers.get("Retry-After")))
        if status in _DECLINED:
            return Declined(because=because, raw=raw)
        if status in _OURS_TO_MEND or 300 <= status < 400:
            return ForPerson(because=f"{because}; check address and key of this delivery", raw=raw)
        # 2xx without a receipt, 409 without one, 5xx: it may have been entered.
        return Unknown(because=because, raw=raw)

    def look_up(self, key: str) -> Taken | Absent | Unknown:
        """GET the declared address. Only a plain 404 or an empty 200 says that nothing is there."""
        address = (self.delivery.look_up or "").replace("{key}", quote(key, safe=""))
        try:
            reply = self._ask("GET", address, self.headers, None)
        except (Refused, NoConnection, NoAnswer) as error:
            return Unknown(because=f"the look-up failed: {error.why}")
        status, raw = reply.status, reply.body
        receipt = _receipt(raw, self.delivery.receipt)
        if status == 200 and receipt is not None:
            return Taken(receipt=receipt, raw=raw)
        if status == 404 and _is_json(raw):  # a page of a proxy says nothing of deliveries
            return Absent(raw=raw)
        return Unknown(because=f"the look-up was answered {status}{_reason(raw)}", raw=raw)

    def _ask(self, method: str, address: str, headers: dict[str, str], body: bytes | None) -> Reply:
        # An address that the declaration writes as this machine's is meant so.
        return exchange(
            method, address, headers=headers, body=body, loopback=True, read_s=self.read_s, most_bytes=ANSWER_BYTES,
            inner=self.inner,
        )  # fmt: skip

    def _wait_s(self, told: str | None) -> float | None:
        """Seconds of a `Retry-After` in either form (RFC 9110, 10.2.3); None where there is none that is meant."""
        if told is None:
            return None
        text = told.strip()
        if text.isascii() and text.isdigit():
            return min(float(text), LONGEST_WAIT_S)
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max((at - self._now()).total_seconds(), 0.0), LONGEST_WAIT_S)

    def _now(self) -> datetime:
        return self.clock()


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return True


def _receipt(raw: bytes, member: str) -> str | None:
    """The receipt of an answer, its member of that name; None where it is no JSON object that carries one."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    receipt = found.get(member) if isinstance(found, dict) else None
    return (
        receipt if isinstance(receipt, str) and 0 < len(receipt) <= RECEIPT_CHARS and receipt.isprintable() else None
    )


def _reason(raw: bytes) -> str:
    """The recipient's words, of a problem document (RFC 9457) or plain; shortened."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        words = [str(found[name]) for name in ("title", "detail") if isinstance(found.get(name), str)]
        text = ": ".join(words)
    else:
        text = raw[:200].decode("utf-8", "replace")
    plain = "".join(c if c.isprintable() else " " for c in text).strip()
    return f" ({plain[:300]})" if plain else ""
