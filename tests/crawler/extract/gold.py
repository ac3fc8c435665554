"""Readings of the saved real pages held against their hand-made labels: right, wrong or missing, field by field."""

from __future__ import annotations

import csv
import json
import re
import time
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.families import generic_platform
from crawler.extract.page import Page, Reading, read_page
from store.records.listings import PageKind

SEEN_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

TEXT_FIELDS = {"brand": "brand_claimed", "sku": "sku", "gtin": "gtin", "mpn": "mpn", "seller": "seller_name"}
OFFER_KINDS = (PageKind.LISTING,)


@dataclass
class Score:
    """Counts by measure, and a line for everything that is not right."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    lines: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    seconds: float = 0.0

    def add(self, measure: str, outcome: str, file: str, detail: str = "") -> None:
        self.counts[measure][outcome] += 1
        if outcome != "right" and outcome != "silent":
            self.lines.append(f"{measure:22} {outcome:8} {file:45} {detail}")

    def share(self, measure: str) -> float:
        """Right among those that have a label."""
        counted = self.counts[measure]
        asked = counted["right"] + counted["wrong"] + counted["missing"]
        return counted["right"] / asked if asked else 1.0

    def table(self) -> str:
        rows = [f"{'measure':22} {'right':>6} {'wrong':>6} {'missing':>8} {'extra':>6} {'share':>6}"]
        for name, c in self.counts.items():
            rows.append(
                f"{name:22} {c['right']:6} {c['wrong']:6} {c['missing']:8} {c['extra']:6} {self.share(name):6.2f}"
            )
        return "\n".join(rows)


def fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[^\w]+", " ", text).strip()


def measure(folder: Path, largest_bytes: int = 10**9) -> Score:
    """Read every labelled page up to a size without its platform's rules and score the readings."""
    score = Score()
    with (folder / "index.csv").open(newline="", encoding="utf-8") as lines:
        urls = {row["file"]: row["url"] for row in csv.DictReader(lines)}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        url = urls[gold["file"]]
        if (folder / gold["file"]).stat().st_size > largest_bytes:
            continue
        page = Page(
            url=url or f"file:///{gold['file']}",
            status=200,
            headers=(("Content-Type", "text/html"),),
            body=(folder / gold["file"]).read_bytes(),
            fetched_at=SEEN_AT,
        )
        start = time.perf_counter()
        try:
            reading = read_page(page, generic_platform(url))
        except Exception as error:  # noqa: BLE001 -- a crash is a result here, counted and shown
            score.add("crashes", "wrong", gold["file"], repr(error))
            continue
        took = time.perf_counter() - start
        score.seconds += took
        score.slowest_s = max(score.slowest_s, took)
        score.add("crashes", "right", gold["file"])
        _score(gold, reading, score)
    return score


def _score(gold: dict[str, Any], reading: Reading, score: Score) -> None:
    file, kind = gold["file"], gold["kind"]
    ambiguous = gold.get("ambiguous", [])
    if "kind" not in ambiguous:
        score.add(
            f"kind {kind}",
            "right" if reading.kind.value == kind or (kind == "none" and reading.kind is PageKind.WALL) else "wrong",
            file,
            f"{reading.kind.value}: {reading.because}",
        )
    if kind != "listing" and reading.kind is PageKind.LISTING:
        score.add("false listings", "wrong", file, reading.because)
    elif kind != "listing":
        score.add("false listings", "right", file)
    if kind == "listing" and reading.kind is PageKind.LISTING and reading.fields is not None:
        _score_listing(gold, reading, score, ambiguous)
    if kind == "results" and reading.kind is PageKind.RESULTS:
        _score_results(gold, reading, score, ambiguous)
    if kind in ("stream", "work", "torrent") and reading.kind.value == kind and reading.fields is not None:
        _score_stream(gold, reading, score, ambiguous)


def _text(score: Score, measure: str, file: str, want: str | None, got: str | None, also: list[str] = ()) -> None:  # type: ignore[assignment]  # an empty default
    if want is None:
        score.add(measure, "extra" if got is not None else "silent", file, f"got {got!r}")
        return
    if got is None:
        score.add(measure, "missing", file, f"want {want!r}")
        return
    ok = fold(got) in {fold(w) for w in (want, *also) if w}
    score.add(measure, "right" if ok else "wrong", file, f"want {want!r} got {got!r}")


def _score_listing(gold: dict[str, Any], reading: Reading, score: Score, ambiguous: list[str]) -> None:
    file, fields = gold["file"], reading.fields
    assert fields is not None
    if "title" not in ambiguous:
        _text(
            score,
            "title",
            file,
            gold["title"],
            fields.title.value if fields.title else None,
            gold.get("title_also", []),
        )
    for name, ours in (("price", fields.price), ("price_original", fields.price_original)):
        if name in ambiguous:
            continue
        want = gold.get(name)
        if want is None or (name == "price" and Decimal(want) == 0):
            score.add(
                name, "extra" if ours and ours.value.amount else "silent", file, f"got {ours.value if ours else None}"
            )
        elif ours is None:
            score.add(name, "missing", file, f"want {want}")
        else:
            wanted = {Decimal(w) for w in (want, *gold.get(f"{name}_also", [])) if w}
            ok = ours.value.amount in wanted
            score.add(
                name,
                "right" if ok else "wrong",
                file,
                f"want {want} got {ours.value} by {ours.rule} raw {ours.raw[:40]!r}",
            )
            if name == "price":
                score.add(
                    "currency",
                    "right" if ours.value.currency == gold["currency"] else "wrong",
                    file,
                    f"want {gold['currency']} got {ours.value}",
                )
    if "availability" not in ambiguous:
        got = fields.availability.value.value if fields.availability else None
        want = gold.get("availability")
        got = (
            "in_stock"
            if got in ("limited", "online_only", "in_store_only")
            else "out_of_stock"
            if got in ("sold_out", "discontinued")
            else got
        )
        if want is None:
            score.add(
                "availability",
                "extra" if got else "silent",
                file,
                f"got {got} by {fields.availability.rule if got and fields.availability else ''}",
            )
        else:
            outcome = "missing" if got is None else "right" if got == want else "wrong"
            score.add("availability", outcome, file, f"want {want} got {got} {fields.availability}")
    if "condition" not in ambiguous:
        _text(
            score,
            "condition",
            file,
            gold.get("condition"),
            fields.condition.value.value if fields.condition else None,
        )
    for name, field_name in TEXT_FIELDS.items():
        if name in ambiguous:
            continue
        seen = getattr(fields, field_name)
        _text(score, name, file, gold.get(name), seen.value if seen else None, gold.get(f"{name}_also", []))
    images = gold.get("images")
    if images:
        got_first = fields.images[0].value if fields.images else None
        ok = got_first is not None and any(part in got_first for part in images)
        anywhere = any(part in seen.value for part in images for seen in fields.images)
        score.add(
            "image first",
            "right" if ok else "missing" if got_first is None else "wrong",
            file,
            f"want {images} got {got_first}",
        )
        score.add("image any", "right" if anywhere else "missing" if got_first is None else "wrong", file, "")
    wanted_text = gold.get("description_contains")
    if wanted_text:
        said = fields.description.value if fields.description else ""
        ok = fold(wanted_text) in fold(said)
        score.add(
            "description",
            "right" if ok else "wrong" if said else "missing",
            file,
            f"want {wanted_text[:50]!r} got {said[:50]!r}",
        )


def _score_results(gold: dict[str, Any], reading: Reading, score: Score, ambiguous: list[str]) -> None:
    file, cards = gold["file"], reading.cards
    counts = {gold["count"], *gold.get("count_also", [])}
    if "count" not in ambiguous or gold.get("count_also"):
        score.add(
            "cards count",
            "right" if len(cards) in counts else "wrong",
            file,
            f"want {sorted(counts)} got {len(cards)}",
        )
    for which in ("first", "last"):
        want = gold.get(which)
        if not want or which in ambiguous:
            continue
        part = want.get("url_contains")
        found = [card for card in cards if part and part in card.url] or [
            card for card in cards if card.title and fold(card.title.value) == fold(want["title"])
        ]
        if not found:
            score.add(f"card {which}", "missing", file, str(want)[:120])
            continue
        card = found[0]
        position = cards[0] if which == "first" else cards[-1]
        score.add(
            f"card {which}",
            "right" if card is position or position in found else "wrong",
            file,
            f"got {position.url}",
        )
        _text(score, "card title", file, want["title"], card.title.value if card.title else None)
        price = card.price.value if card.price else None
        ok = price is not None and price.amount == Decimal(want["price"])
        score.add(
            "card price",
            "right" if ok else "missing" if price is None else "wrong",
            file,
            f"want {want['price']} got {price} raw {card.price.raw[:40] if card.price else ''!r}",
        )
        if price is not None:
            score.add(
                "card currency",
                "right" if price.currency == want["currency"] else "wrong",
                file,
                f"want {want['currency']} got {price}",
            )
    part = gold.get("next_page_contains")
    got = reading.next_url
    if part is None:
        score.add("next page", "extra" if got else "silent", file, f"got {got}")
    else:
        score.add(
            "next page",
            "missing" if got is None else "right" if part in got else "wrong",
            file,
            f"want {part} got {got}",
        )


def _score_stream(gold: dict[str, Any], reading: Reading, score: Score, ambiguous: list[str]) -> None:
    file, fields = gold["file"], reading.fields
    assert fields is not None
    if "title" not in ambiguous:
        _text(
            score,
            "stream title",
            file,
            gold["title"],
            fields.title.value if fields.title else None,
            gold.get("title_also", []),
        )
    _text(
        score,
        "stream uploader",
        file,
        gold.get("creator_or_uploader"),
        fields.uploader.value if fields.uploader else None,
        gold.get("creator_also", []),
    )
    if "duration" not in ambiguous and gold.get("duration"):
        got = fields.duration_s.value if fields.duration_s else None
        wanted = {gold["duration"], *gold.get("duration_also", [])}
        score.add(
            "stream duration",
            "missing" if got is None else "right" if got in wanted else "wrong",
            file,
            f"want {wanted} got {got}",
        )
    if gold.get("embeds"):
        ok = any(part in link.url for part in gold["embeds"] for link in fields.streams)
        score.add(
            "stream way",
            "right" if ok else "missing",
            file,
            f"want {gold['embeds'][:2]} got {[x.url[:80] for x in fields.streams][:4]}",
        )


if __name__ == "__main__":  # the figures, as a table: python -m tests.crawler.extract.gold FOLDER
    import sys

    result = measure(Path(sys.argv[1]))
    print("\n".join(sorted(result.lines)))  # noqa: T201  # a table for a person
    print(result.table())  # noqa: T201  # a table for a person
    print(f"{result.seconds:.1f} s in all, slowest page {result.slowest_s:.2f} s")  # noqa: T201  # a table for a person
