"""What went past robots.txt in a month, under which permission: the report an authority may ask for."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from console.errors import BadMonth
from store.db.authorities import Authorities
from store.db.captures import Captures
from store.db.tables import capture
from store.records.scope import EVERYTHING


def past_robots(connection: Connection, month: str) -> dict[str, Any]:
    """
    Every capture of a month (UTC, `2026-11`) that was fetched against robots.txt, and its permissions.

    Raises `BadMonth`.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise BadMonth(month)
    year, number = (int(part) for part in month.split("-"))
    first = datetime(year, number, 1, tzinfo=UTC)
    after = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    found = Captures(connection, EVERYTHING).find(
        capture.c.authority.is_not(None), capture.c.fetched_at >= first, capture.c.fetched_at < after
    )
    used = Counter(each.authority for each in found)
    known = {each.id: each for each in Authorities(connection, EVERYTHING).find()}
    hosts: dict[str, set[str]] = {}
    for each in found:
        assert each.authority is not None, "asked for above"
        hosts.setdefault(each.authority, set()).add(urlsplit(each.url_requested).netloc)
    return {
        "month": month,
        "authorities": [
            {
                "id": id,
                "case_number": known[id].case_number,
                "legal_basis": known[id].legal_basis,
                "issuer": known[id].issuer,
                "approved_by": known[id].second_approver,
                "requests": used[id],
                "hosts": ", ".join(sorted(hosts[id])),
            }
            for id in sorted(hosts)
        ],
        "requests": [
            {
                "at": each.fetched_at.isoformat(),
                "url": each.url_requested,
                "authority": each.authority,
                "capture": each.id,
                "robots": each.robots_verdict.value,
            }
            for each in found
        ],
    }
