"""The findings of a bundle for machines: `findings.json`, and what of it may be shown to everybody."""

from __future__ import annotations

from typing import Any

from reports.exhibits.gathering import CaseEvidence
from reports.views import ItemView
from store.evidence.seal import canonical

SCHEMA = "marque-findings/1"


def write_findings(evidence: CaseEvidence) -> bytes:
    """Every item with what is claimed of it, on what grounds, and in which exhibits it is seen; RFC 8785."""
    numbers = {exhibit.capture.id: exhibit.number for exhibit in evidence.exhibits}
    platform = evidence.facts[0].platform.name
    return canonical(
        {
            "schema": SCHEMA,
            "platform": platform,
            "items": [
                _item(item, sorted(numbers[capture.id] for capture in item.captures)) for item in evidence.items
            ],
        }
    )


def _item(item: ItemView, exhibits: list[int]) -> dict[str, Any]:
    return {
        "label": item.label,
        "url": item.url,
        "platform_item_id": item.platform_item_id,
        "title": item.title,
        "price": item.price,
        "observed_at": item.observed_at,
        "claim": item.claim_title,
        "grounds": list(item.ground_titles),
        "reasons": [fact.sentence for fact in item.reasons],
        "against": [fact.sentence for fact in item.against],
        "exhibits": exhibits,
    }
