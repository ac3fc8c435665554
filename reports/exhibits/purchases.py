"""Test purchases in a bundle: their files under exhibit numbers, and what is told of each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from store.evidence.bundle_files import Read
from store.evidence.seal import canonical, write_time
from store.records.purchases import PurchaseEvent, PurchaseFile

FOLDER = "purchases"


def numbered(events: Iterable[PurchaseEvent]) -> Iterator[tuple[PurchaseEvent, list[tuple[str, str, PurchaseFile]]]]:
    """Each step with its files: exhibit number (P1-3: third file of purchase 1), place in the bundle, file."""
    counts: dict[int, int] = {}
    for event in events:
        told = []
        for file in event.files:
            counts[event.purchase] = counts.get(event.purchase, 0) + 1
            label = f"P{event.purchase}-{counts[event.purchase]}"
            told.append((label, f"{FOLDER}/{label}/{_safe_ending(file.name)}", file))
        yield event, told


def purchase_files(events: Iterable[PurchaseEvent], read: Read) -> dict[str, bytes]:
    """Every file, and `purchases.json`; nothing where nothing was bought. Raises what `read` raises."""
    steps = list(numbered(events))
    if not steps:
        return {}
    files = {place: read(file.sha256) for _, told in steps for _, place, file in told}
    files[f"{FOLDER}/{FOLDER}.json"] = canonical(
        [
            {
                "purchase": event.purchase,
                "step": event.step.value,
                "at": write_time(event.at),
                "entered_at": write_time(event.entered_at),
                "by": event.by,
                "to": event.to,
                "note": event.note,
                "files": [
                    {"exhibit": label, "path": place, "sha256": file.sha256, "bytes": file.size_bytes}
                    for label, place, file in told
                ],
            }
            for event, told in steps
        ]
    )
    return files


# Endings that open as what they are; everything else gets one that runs nothing.
_SHOWN = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".pdf", ".txt", ".csv", ".mp4", ".mov", ".webm", ".mp3", ".wav")


def _safe_ending(name: str) -> str:
    return name if name.lower().endswith(_SHOWN) else f"{name}.bin"
