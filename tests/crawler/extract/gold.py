"""
What was read held against hand-made labels: each label right, wrong, missing or invented, page by page.

Takes the JSON of `marque read --json`, or anything of that shape: a peer is judged by the same rules.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any

Values = Mapping[str, Any]  # Any: JSON of labels and of readings, any of whose parts may be absent

TEXTS = {
    "condition": "condition",
    "brand": "brand_claimed",
    "sku": "sku",
    "gtin": "gtin",
    "mpn": "mpn",
    "seller": "seller_name",
}
"""Labelled fields compared as words, and what a reading calls them."""

SILENT_KINDS = ("none", "wall", "gone", "soft_404", "index")
"""Kinds of a reading that offer nothing: right for a page labelled `none`, where they come without cards."""

MEDIA_KINDS = ("stream", "work", "torrent")
LIST_KINDS = ("results", "torrent_results")

IN_STOCK = ("limited", "online_only", "in_store_only")
OUT_OF_STOCK = ("sold_out", "discontinued")
"""Labels know two words; a reading may say it closer."""

NEAR_COUNT = (0.8, 1.25)
"""A result page counts as read when its cards are this share of the truth: an aim of the reader."""


class Outcome(Enum):
    """What became of one label."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    INVENTED = "invented"  # a value where the label says that the page gives none
    SILENT = "silent"  # no value where the page gives none


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One saved page with its label."""

    file: str
    url: str
    gold: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One label of one page, judged."""

    measure: str
    outcome: Outcome
    file: str
    wanted: str = ""
    got: str = ""
    where: str = ""  # where the reading says that it stood


def labelled_pages(folder: Path) -> list[Labelled]:
    """
    The labelled pages of a folder with `index.csv` (file, url) and `gold.jsonl`; those without a file are left out.

    Raises `OSError` when either is not there, and `ValueError` for a label that is not JSON.
    """
    with (folder / "index.csv").open(newline="", encoding="utf-8") as lines:
        urls = {row["file"]: row.get("url") or "" for row in csv.DictReader(lines)}
    labels = [json.loads(text) for text in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines() if text]
    return [
        Labelled(file=label["file"], url=urls.get(label["file"], ""), gold=label)
        for label in labels
        if (folder / label["file"]).is_file()
    ]


def lay_out(folder: Path, pages: Iterable[Labelled], place: Path) -> Path:
    """A folder of these pages alone with its `index.csv`, made in `place`: files not there yet are linked to."""
    rows = [("file", "url")]
    for page in pages:
        file = place / page.file
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.symlink_to((folder / page.file).absolute())
        rows.append((page.file, page.url))
    with (place / "index.csv").open("w", newline="", encoding="utf-8") as index:
        csv.writer(index).writerows(rows)
    return place


def judge(gold: Values, read: Values) -> Iterator[Verdict]:
    """Every label of one page; a field of a page taken for another kind counts as missing."""
    file, kind, said = gold["file"], gold["kind"], read.get("kind")
    if "kind" not in _ambiguous(gold):
        silent = kind == "none" and said in SILENT_KINDS and not read.get("cards")
        yield _verdict(f"kind {kind}", file, said == kind or silent, kind, f"{said}: {read.get('refusal')}")
    if kind not in ("listing", *MEDIA_KINDS):
        yield _verdict("no false listing", file, said != "listing", kind, str(read.get("refusal")))
    if kind == "listing":
        yield from _judge_listing(gold, _fields(read, "listing", said))
    elif kind == "results":
        yield from _judge_results(gold, read)
    elif kind == "torrent_results":
        for verdict in _judge_results(gold, read):
            yield replace(verdict, measure=f"torrent {verdict.measure}")
    elif kind in MEDIA_KINDS:
        ways = [read.get("hops"), (read.get("stream") or {}), (read.get("listing") or {}).get("streams")]
        yield from _judge_media(gold, _fields(read, "stream", said) or _fields(read, "listing", said), ways)


def fold(text: str) -> str:
    """Words as they are compared: NFKC, without case, marks of punctuation and runs of space."""
    return re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _ambiguous(gold: Values) -> Iterable[str]:
    return gold.get("ambiguous") or ()


def _fields(read: Values, part: str, kind: Any) -> Values:
    return (read.get(part) or {}) if kind in ("listing", *MEDIA_KINDS) else {}


def value(fields: Values, name: str) -> Any:
    """A field's value, whether it comes with its origin or bare; None where the reading says nothing."""
    seen = fields.get(name)
    return seen.get("value") if isinstance(seen, Mapping) else seen


def _where(fields: Values, name: str) -> str:
    seen = fields.get(name)
    return str(seen.get("where") or seen.get("rule") or "") if isinstance(seen, Mapping) else ""


def money(said: Any) -> tuple[Decimal | None, str | None]:
    """Amount and currency of a money value, (None, None) where it is none."""
    if not isinstance(said, Mapping):
        return (None, None)
    try:
        amount = None if said.get("amount") is None else Decimal(str(said["amount"]))
    except InvalidOperation:
        amount = None
    return (amount, said.get("currency"))


def _verdict(measure: str, file: str, ok: bool, wanted: Any, got: Any, where: str = "") -> Verdict:
    outcome = Outcome.RIGHT if ok else Outcome.WRONG
    return Verdict(measure=measure, outcome=outcome, file=file, wanted=str(wanted), got=str(got)[:200], where=where)


def _match(measure: str, file: str, wanted: set[str], got: Any, where: str = "") -> Verdict:
    """Words against the acceptable ones; none acceptable means that the page gives none."""
    if got is None or got == "":
        outcome = Outcome.MISSING if wanted else Outcome.SILENT
        return Verdict(measure=measure, outcome=outcome, file=file, wanted=" | ".join(sorted(wanted)))
    if not wanted:
        return Verdict(measure=measure, outcome=Outcome.INVENTED, file=file, got=str(got)[:200], where=where)
    ok = fold(str(got)) in {fold(word) for word in wanted}
    return _verdict(measure, file, ok, " | ".join(sorted(wanted)), got, where)


def _acceptable(gold: Values, name: str) -> set[str]:
    also = gold.get(f"{name}_also") or ()
    also = (also,) if isinstance(also, str) else also
    return {str(word) for word in (gold.get(name), *also) if word not in (None, "")}


def _judge_listing(gold: Values, fields: Values) -> Iterator[Verdict]:
    file, skip = gold["file"], set(_ambiguous(gold))
    if "title" in gold and "title" not in skip:
        yield _match("title", file, _acceptable(gold, "title"), value(fields, "title"), _where(fields, "title"))
    if "price" in gold and "price" not in skip:
        yield from _judge_price(gold, fields)
    if "price_original" in gold and "price_original" not in skip:
        yield _judge_amount("price_original", gold, fields)
    if "availability" in gold and "availability" not in skip:
        said = value(fields, "availability")
        said = "in_stock" if said in IN_STOCK else "out_of_stock" if said in OUT_OF_STOCK else said
        where = _where(fields, "availability")
        yield _match("availability", file, _acceptable(gold, "availability"), said, where)
    for name, ours in TEXTS.items():
        if name in gold and name not in skip:
            yield _match(name, file, _acceptable(gold, name), value(fields, ours), _where(fields, ours))
    if gold.get("images") and not skip & {"image", "images"}:
        yield _judge_image(gold, fields)
    words = gold.get("description_contains")
    if words and not skip & {"description", "description_contains"}:
        said = value(fields, "description")
        if not said:
            yield Verdict(measure="description", outcome=Outcome.MISSING, file=file, wanted=words)
        else:
            where = _where(fields, "description")
            yield _verdict("description", file, fold(words) in fold(said), words, said[:80], where)


def _judge_amount(name: str, gold: Values, fields: Values) -> Verdict:
    file, where = gold["file"], _where(fields, name)
    amount, currency = money(value(fields, name))
    wanted = {Decimal(word) for word in _acceptable(gold, name)} - {Decimal(0)}  # "free" is no amount on the page
    if not wanted:
        outcome = Outcome.INVENTED if amount else Outcome.SILENT
        return Verdict(measure=name, outcome=outcome, file=file, got=f"{amount} {currency}", where=where)
    if amount is None:
        return Verdict(measure=name, outcome=Outcome.MISSING, file=file, wanted=str(gold[name]))
    return _verdict(name, file, amount in wanted, gold[name], f"{amount} {currency}", where)


def _judge_price(gold: Values, fields: Values) -> Iterator[Verdict]:
    """The amount, and the amount together with its currency: the two are of use only together."""
    amount = _judge_amount("price", gold, fields)
    yield amount
    if not gold.get("currency") or "currency" in _ambiguous(gold) or not gold.get("price"):
        return
    currency = money(value(fields, "price"))[1]
    outcome = amount.outcome
    if outcome is Outcome.RIGHT and currency not in _acceptable(gold, "currency"):
        outcome = Outcome.MISSING if currency is None else Outcome.WRONG
    wanted = f"{gold['price']} {gold['currency']}"
    yield Verdict(
        measure="price and currency",
        outcome=outcome,
        file=gold["file"],
        wanted=wanted,
        got=amount.got,
        where=amount.where,
    )


def _judge_image(gold: Values, fields: Values) -> Verdict:
    said = value(fields, "images") or ()
    said = (said,) if isinstance(said, str) else said
    if not said:
        return Verdict(
            measure="main image", outcome=Outcome.MISSING, file=gold["file"], wanted=str(gold["images"][:2])
        )
    ok = any(part in str(said[0]) for part in gold["images"])
    return _verdict("main image", gold["file"], ok, gold["images"][:2], said[0], _where(fields, "images"))


def _judge_results(gold: Values, read: Values) -> Iterator[Verdict]:
    file, skip = gold["file"], set(_ambiguous(gold))
    cards = (read.get("cards") or ()) if read.get("kind") in LIST_KINDS else ()
    counts = {int(count) for count in (gold.get("count"), *(gold.get("count_also") or ())) if count is not None}
    if counts and ("count" not in skip or gold.get("count_also")):
        low, high = NEAR_COUNT
        near = any(count * low <= len(cards) <= count * high for count in counts)
        for measure, ok in (("cards near", near), ("cards exact", len(cards) in counts)):
            yield _verdict(measure, file, ok, sorted(counts), len(cards))
    for which, place in (("first", 0), ("last", -1)):
        if gold.get(which) and which not in skip:
            yield from _judge_card(file, which, gold[which], cards[place] if cards else None)
    if "next_page_contains" in gold and not skip & {"next_page", "next_page_contains"}:
        part, got = gold["next_page_contains"], read.get("next_page")
        got = got.get("value") if isinstance(got, Mapping) else got
        if part and got:
            yield _verdict("next page", file, part in got, part, got)
        elif got:
            yield Verdict(measure="next page", outcome=Outcome.INVENTED, file=file, got=got)
        else:
            outcome = Outcome.MISSING if part else Outcome.SILENT
            yield Verdict(measure="next page", outcome=outcome, file=file, wanted=str(part))


def _judge_card(file: str, which: str, want: Values, card: Values | None) -> Iterator[Verdict]:
    """The card that stands first or last: is it the one that should, and what does it say?"""
    if card is None:
        for measure in (f"{which} card", "card title", *(("card price",) if want.get("price") else ())):
            yield Verdict(measure=measure, outcome=Outcome.MISSING, file=file, wanted=str(want.get("title")))
        return
    title, part = value(card, "title"), want.get("url_contains")
    same_title = fold(str(title or "")) in {fold(word) for word in _acceptable(want, "title")}
    there = same_title or bool(part and part in str(value(card, "url") or ""))
    yield _verdict(f"{which} card", file, there, want.get("title"), f"{title} {value(card, 'url')}")
    if want.get("title"):
        yield _verdict("card title", file, same_title, want["title"], title, _where(card, "title"))
    if want.get("price"):
        amount, currency = money(value(card, "price"))
        wanted = f"{want['price']} {want.get('currency')}"
        ok = amount == Decimal(want["price"]) and want.get("currency") in (None, currency)
        verdict = _verdict("card price", file, ok, wanted, f"{amount} {currency}", _where(card, "price"))
        missing = Verdict(measure="card price", outcome=Outcome.MISSING, file=file, wanted=wanted)
        yield missing if amount is None else verdict


def _judge_media(gold: Values, fields: Values, ways: Any) -> Iterator[Verdict]:
    file, skip = gold["file"], set(_ambiguous(gold))
    if gold.get("title") and "title" not in skip:
        yield _match(
            "stream title", file, _acceptable(gold, "title"), value(fields, "title"), _where(fields, "title")
        )
    if "creator_or_uploader" in gold and not skip & {"creator", "creator_or_uploader"}:
        wanted = _acceptable(gold, "creator_or_uploader") | _acceptable({**gold, "creator": None}, "creator")
        yield _match("stream uploader", file, wanted, value(fields, "uploader"), _where(fields, "uploader"))
    if gold.get("duration") and "duration" not in skip:
        wanted = _acceptable(gold, "duration")
        yield _match("stream duration", file, wanted, value(fields, "duration_s"), _where(fields, "duration_s"))
    if gold.get("embeds"):
        said = [word for word in _words(ways) if word != value(fields, "canonical_url")]
        ok = any(part in word for part in gold["embeds"] for word in said)
        yield _verdict("stream way", file, ok, gold["embeds"][:2], said[:4])


def _words(data: Any) -> Iterator[str]:
    """Every string in JSON of any shape."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for part in data.values():
            yield from _words(part)
    elif isinstance(data, list | tuple):
        for part in data:
            yield from _words(part)
