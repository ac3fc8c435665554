"""Documented wrongful notices as records: the item a listing, the accused right registered, nothing else known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.platform import Platform, PlatformKind
from matching.pair import MatchInput
from registry.snapshot import Snapshot
from store.records.findings import Band
from store.records.listings import Condition, ListingFields, PageKind
from store.records.works import Work, WorkKind
from tests.matching.registered import HOLDER, film_right, look_at, mark, match_looks, seen, snapshot_of

_ORDER = [Band.SILENT, Band.REVIEW, Band.NOTICE]
_KINDS = {
    "marketplace": PlatformKind.MARKETPLACE,
    "video_host": PlatformKind.STREAMING,
    "social": PlatformKind.SOCIAL,
}
_WORK_KINDS = {"film": WorkKind.MOVIE, "tv": WorkKind.SERIES, "music": WorkKind.MUSIC, "software": WorkKind.SOFTWARE}
_CLASS = re.compile(r"(?<!not )\b([1-9]|[1-3]\d|4[0-5])\b")
_YEAR = re.compile(r"\((\d{4})\)")


@dataclass(frozen=True)
class Misfire:
    """One case, and the name that the right is registered under."""

    id: str
    kind: str
    expected: str
    name: str
    snapshot: Snapshot
    look: MatchInput

    @property
    def band(self) -> Band:
        """The strongest band that comes of it."""
        found = [each.finding.band for each in match_looks(self.snapshot, [self.look])]
        return max(found, key=_ORDER.index, default=Band.SILENT)


def read_misfires(folder: Path) -> Iterator[Misfire]:
    """Every case, once under the name the notice states and once under the word that trips, where one is given."""
    for line in (folder / "misfires" / "misfires.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        right = case["accused_right"]
        for name in dict.fromkeys((right["mark_or_work"], right.get("trap_word"))):
            if name:
                yield Misfire(case["id"], case["kind"], case["expected"], name, _registry(right, name), _look(case))


def _registry(right: dict[str, Any], name: str) -> Snapshot:
    goods = right.get("goods_or_class") or ""
    if right["right_kind"] == "trademark":
        classes = tuple(int(number) for number in _CLASS.findall(goods))
        return snapshot_of(rights=[mark(name, classes)])
    year = _YEAR.search(right["mark_or_work"])
    kind = next((kind for word, kind in _WORK_KINDS.items() if word in goods), WorkKind.OTHER)
    work = Work(
        id="work-1",
        work_ref="W-1",
        holder=HOLDER.id,
        rights=("right-1",),
        title=_YEAR.sub("", name).strip(),
        kind=kind,
        year=int(year[1]) if year else None,
    )
    return snapshot_of(rights=[film_right()], works=[work])


def _look(case: dict[str, Any]) -> MatchInput:
    item = case["item"]
    condition = {"used": Condition.USED, "new": Condition.NEW}.get((item.get("condition") or "").split(",")[0])
    platform = Platform(
        name="accused",
        kind=_KINDS.get(item["platform_kind"], PlatformKind.MARKETPLACE),
        home=f"https://{item.get('url_host') or 'accused.example'}/",
    )
    fields = ListingFields(title=seen(item["title"]), description=seen(item.get("text")), condition=seen(condition))
    kind = PageKind.STREAM if platform.kind is PlatformKind.STREAMING else PageKind.LISTING
    return look_at(item["title"], fields=fields, platform=platform, kind=kind)
