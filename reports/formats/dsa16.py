"""
Notices under Article 16 of Regulation (EU) 2022/2065 for a program: one an item, its members named by the points of
paragraph 2. No official schema exists; this one is ours, and holds what the article asks and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.errors import UnwritableReport
from store.evidence.seal import canonical

SCHEMA = "marque-dsa-16-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article16:
    """One notice, in plain values."""

    item_id: str
    reasons: tuple[str, ...]  # 16(2)(a): sentences
    provision: str  # what makes it illegal
    against: tuple[str, ...]  # what speaks against the claim
    url: str  # 16(2)(b)
    platform_item_id: str
    name: str  # 16(2)(c)
    email: str
    statement: str  # 16(2)(d), word for word
    signed_by: str
    signed_for: str
    observed_at: str


def write_dsa16(
    notices: Iterable[Article16], *, watermark: str | None, reply_to: str, to_accused: str | None
) -> bytes:
    """All of them as canonical JSON. Raises `UnwritableReport` where a point of paragraph 2 would be empty."""
    return canonical(
        {
            "schema": SCHEMA,
            "sandbox": watermark is not None,
            "watermark": watermark,
            "reply_to": reply_to,
            "to_accused": to_accused,
            "notices": [_row(notice) for notice in notices],
        }
    )


def _row(notice: Article16) -> dict[str, Any]:  # Any: JSON values
    asked = {
        "(a)": notice.reasons and notice.provision,
        "(b)": notice.url,
        "(c)": notice.name and notice.email,
        "(d)": notice.statement,
    }
    for point, value in asked.items():
        if not value:
            raise UnwritableReport(notice.item_id, f"Article 16(2){point} would be empty")
    return {
        "item_id": notice.item_id,
        "a_reasons": {"facts": list(notice.reasons), "provision": notice.provision, "against": list(notice.against)},
        "b_location": {
            "url": notice.url,
            "platform_item_id": notice.platform_item_id,
            "seen_at": notice.observed_at,
        },
        "c_notifier": {"name": notice.name, "email": notice.email},
        "d_statement": {"text": notice.statement, "signed_by": notice.signed_by, "signed_for": notice.signed_for},
    }
