"""One sealed batch for one platform: the files a recipient gets, the same for the same input, byte for byte."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.platform import Platform
from config.profile import Profile
from reports.answers import sheet
from reports.facts import ItemFacts
from reports.fill_in import fill_in_of
from reports.formats.dsa16 import write_dsa16
from reports.formats.fill_in import write_fill_in
from reports.formats.page import write_page
from reports.formats.table import write_table
from reports.formats.urls import write_urls
from reports.formats.vero import write_vero
from reports.formats.works import write_works
from reports.formats.xarf import write_report
from reports.views import BatchView, Evidence, ItemView, NoticeView, ReadBytes, item_view, notice_view, write_moment
from reports.weight import FRAME_BYTES, PACKAGE_BYTES, weight_of
from reports.wire import article16_of, listed_works, report_of, reported_item
from store.evidence.seal import canonical
from store.records.notices import Notice

SCHEMA = "marque-notice-batch-1"
EXERCISE = "EXERCISE"
DRAFT = "DRAFT"

HEADS = (
    "item_id", "item", "url", "platform_item_id", "title", "claim", "platform_code", "grounds", "price", "seller",
    "observed_at", "right", "territories", "holder", "legal_basis", "explanation", "against", "notice", "register",
    "detected_by", "human_reviewed", "previous_item", "previous_notice",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNotice:
    """A signed notice with the facts of the items that leave; refused ones stay behind."""

    notice: Notice
    facts: tuple[ItemFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFiles:
    """The files of one batch, before they are sealed."""

    files: dict[str, bytes]
    roles: dict[str, str]
    manifest: dict[str, Any]  # Any: JSON values
    item_count: int


def watermark_of(profile: Profile, platform: Platform, *, exercise: bool, today: datetime) -> str | None:
    """What is printed across every page: EXERCISE, DRAFT while nobody verified the profile, or nothing."""
    if exercise and platform.is_loopback:
        return EXERCISE
    return DRAFT if profile.is_draft(today.date()) else None


def split_notices(
    notices: Iterable[SignedNotice], most_items: int | None, most_bytes: int = PACKAGE_BYTES - FRAME_BYTES
) -> Iterator[list[SignedNotice]]:
    """
    Notices in lots of at most `most_items` items and `most_bytes` by `weight_of`.

    A notice is never torn, because it is signed as one; drafting keeps each of them below.
    """
    lot: list[SignedNotice] = []
    count = weight = 0
    for signed in notices:
        size, own = len(signed.facts), sum(map(weight_of, signed.facts))
        too_many = most_items is not None and count + size > most_items
        if lot and (too_many or weight + own > most_bytes):
            yield lot
            lot, count, weight = [], 0, 0
        lot.append(signed)
        count += size
        weight += own
    if lot:
        yield lot


def limits_applied(profile: Profile) -> dict[str, str]:
    """The limits that shaped the batch, in words."""
    limits = {name: getattr(profile.limits, name) for name in type(profile.limits).model_fields}
    return {
        **{name: str(limit) for name, limit in limits.items() if limit is not None},
        "package_bytes": str(PACKAGE_BYTES),
    }


def build_batch(
    notices: Sequence[SignedNotice],
    *,
    id: str,
    number: int,
    created_at: datetime,
    exercise: bool,
    read: ReadBytes,
    answer_code: Callable[[str], str],
) -> BatchFiles:
    """
    Every file of a batch of signed notices to one platform under one profile.

    `read` gives the bytes of a digest, `answer_code` what an answer to the item of that id has to carry. Raises
    `MissingEvidence`, and `UnwritableReport` where an item does not fit the format of its recipient.
    """
    first = notices[0].facts[0]
    profile, platform = first.profile, first.platform
    evidence = Evidence(read)
    views: list[NoticeView] = []
    pairs: list[tuple[ItemView, NoticeView, ItemFacts]] = []
    place = 0
    for signed in notices:
        items = []
        for facts in signed.facts:
            place += 1
            items.append(item_view(facts, f"{number}-{place}", evidence))
        views.append(notice_view(signed.notice, tuple(items), signed.facts[0]))
        pairs += [(item, views[-1], facts) for item, facts in zip(items, signed.facts, strict=True)]
    batch = BatchView(
        number=number,
        id=id,
        platform=platform.name,
        platform_home=platform.home,
        profile=profile.name,
        profile_version=profile.version,
        profile_title=profile.title,
        recipient=profile.recipient,
        regime=profile.regime,
        reply_to=profile.reply_to,
        to_accused=profile.to_accused,
        watermark=watermark_of(profile, platform, exercise=exercise, today=created_at),
        created_at=write_moment(created_at),
        notices=tuple(views),
        sandbox=watermark_of(profile, platform, exercise=exercise, today=created_at) is not None,
    )
    files = {"batch.json": canonical(batch_json(batch))}
    roles = {"batch.json": "notices"}
    files[sheet.NAME] = sheet.write_sheet((i.label, i.id, answer_code(i.id), i.url, i.title) for i in batch.items)
    roles[sheet.NAME] = "answer sheet"
    for form in profile.forms:
        match form:
            case "csv":
                files["items.csv"] = write_table(HEADS, _rows(batch))
                roles["items.csv"] = "table"
            case "urls":
                files["urls.txt"] = write_urls(item.url for item in batch.items)
                roles["urls.txt"] = "url list"
            case "html":
                files["index.html"] = write_page(batch)
                roles["index.html"] = "page"
            case "tcrp":
                lists = write_works(listed_works(facts for _, _, facts in pairs), profile.limits.file_bytes)
                for part, text in enumerate(lists, 1):
                    files[f"works-{part}.txt"] = text
                    roles[f"works-{part}.txt"] = "list of works and their copies"
            case "xarf":
                for item, notice, facts in pairs:
                    files[f"xarf/{item.label}.json"] = write_report(
                        report_of(item, notice, facts, evidence.files, batch)
                    )
                    roles[f"xarf/{item.label}.json"] = "report"
            case "vero":
                files["vero.json"] = write_vero(reported_item(item, facts) for item, _, facts in pairs)
                roles["vero.json"] = "call"
            case "pdf":
                told = {facts.item.id: facts for _, _, facts in pairs}
                files["fill-in.pdf"] = write_fill_in(fill_in_of(batch, profile, told), made_at=created_at)
                roles["fill-in.pdf"] = "sheet to fill a form in from"
            case "dsa16":
                files["dsa-16.json"] = write_dsa16(
                    (article16_of(item, notice) for item, notice, _ in pairs),
                    watermark=batch.watermark,
                    reply_to=batch.reply_to,
                    to_accused=batch.to_accused,
                )
                roles["dsa-16.json"] = "notices for a program"
    return BatchFiles(
        files={**files, **evidence.files},
        roles={**roles, **evidence.roles},
        manifest={
            "kind": SCHEMA,
            "batch": {"id": id, "number": number, "items": place, "notices": len(views)},
            "platform": platform.name,
            "profile": {"name": profile.name, "version": profile.version},
            "watermark": batch.watermark,
        },
        item_count=place,
    )


def batch_json(batch: BatchView) -> dict[str, Any]:  # Any: JSON values
    """The batch for a machine: everything the page shows, except the pictures, whose digests stand for them."""
    data: Mapping[str, Any] = dataclasses.asdict(batch)
    notices = [
        {**notice, "items": [_without_pictures(item) for item in notice["items"]]} for notice in data["notices"]
    ]
    return {**data, "notices": notices, "schema": SCHEMA}


def _without_pictures(item: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in item.items() if name != "anchor"}
    for name in ("listing_picture", "reference_picture"):
        shown[name] = {"caption": item[name]["caption"], "sha256": item[name]["sha256"]}
    return shown


def _rows(batch: BatchView) -> Iterator[tuple[object, ...]]:
    for notice in batch.notices:
        for item in notice.items:
            yield (
                item.id, item.label, item.url, item.platform_item_id, item.title, item.claim, item.platform_code,
                " ".join(item.grounds), item.price, item.seller, item.observed_at, notice.right,
                " ".join(notice.right_territories), notice.holder, notice.legal_basis,
                _sentences(item), " ".join(fact.sentence for fact in item.against), notice.number,
                notice.register or notice.register_note, " ".join(item.detected_by),
                "yes" if item.human_reviewed else "no", item.previous_item, item.previous_notice,
            )  # fmt: skip


def _sentences(item: ItemView) -> str:
    return " ".join(fact.sentence for fact in item.reasons)
