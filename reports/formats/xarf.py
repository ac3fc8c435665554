"""
One report in XARF v4, the format that hosters' abuse desks read by machine: built from plain values, held against
the format's own schemas before it leaves.

A counterfeit is `content/brand_infringement`; a copied photo or a stream `copyright/copyright`; a page that leads to
a stream on another host `copyright/link_site`. Source: XARF v4.2.0, schemas of 20 March 2026. `_internal` is never
written.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from reports.errors import UnwritableReport
from reports.formats.plain import plain
from reports.formats.urls import is_one_address
from store.evidence.seal import canonical

VERSION = "4.2.0"
DESCRIPTION_CHARS = 1000  # the schema's own limits, all four
EXHIBITS = 50
EXHIBIT_BYTES = 5 * 1024 * 1024
LINKS = 50
# Chosen: a report travels by mail, in base64, and relays commonly refuse more than 25 MB.
REPORT_BYTES = 12 * 1024 * 1024

Claim = Literal["counterfeit", "pirated_copy", "image_copied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who reports, or sends the report; the schema takes nothing else of them."""

    org: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One piece of evidence."""

    description: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a page leads."""

    url: str
    kind: Literal["streaming_link", "magnet_link", "direct_download", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The mark a counterfeit bears."""

    words: str | None
    registration_number: str | None
    territories: tuple[str, ...]
    nice_classes: tuple[int, ...]
    goods: str  # what is offered
    holder_site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One item, in plain values."""

    item_id: str
    claim: Claim
    url: str
    site_name: str
    observed_at: datetime
    holder: Contact
    sender: Contact
    sentences: tuple[str, ...]
    statement: str  # the whole notice in words: the first piece of evidence
    looked_at: bool  # a person confirmed it
    watermark: str | None = None  # EXERCISE, DRAFT
    exhibits: tuple[Exhibit, ...] = ()
    mark: Mark | None = None  # of a counterfeit
    work_title: str | None = None
    original_url: str | None = None
    links: tuple[Link, ...] = ()  # to other hosts


def report_id(item_id: str) -> str:
    """The report's UUIDv4, the same for the same item: sent again, it is known to be the same report."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"report of item {item_id}".encode()).digest()[:16], version=4))


def _uri(url: str, item_id: str) -> str:
    if not is_one_address(url) and not (url.startswith("magnet:?") and url.isprintable() and " " not in url):
        raise UnwritableReport(item_id, f"not one absolute address: {url!r}")
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _contact(contact: Contact) -> dict[str, str]:
    return {
        "org": plain(contact.org, 200),
        "contact": contact.email,
        "domain": contact.email.rpartition("@")[2].lower(),
    }


def _described(sentences: Iterable[str]) -> str:
    """As many whole sentences as the schema takes; the first piece of evidence holds them all."""
    rest = " More in the first piece of evidence."
    told = ""
    for sentence in (plain(each, DESCRIPTION_CHARS) for each in sentences):
        longer = f"{told} {sentence}".strip()
        if len(longer) > DESCRIPTION_CHARS - len(rest):
            return (told + rest).strip()
        told = longer
    return told


def _evidence(report: Report) -> list[dict[str, Any]]:  # Any: JSON values
    statement = Exhibit(description="The notice in words", content_type="text/plain", body=report.statement.encode())
    shown: list[dict[str, Any]] = []
    total = 0
    for exhibit in (statement, *report.exhibits):
        size = len(exhibit.body)
        if len(shown) == EXHIBITS or size > EXHIBIT_BYTES or total + size > REPORT_BYTES:
            continue  # named with its digest in the statement, and kept for whoever asks
        total += size
        shown.append(
            {
                "content_type": exhibit.content_type,
                "description": plain(exhibit.description, 500),
                "payload": base64.b64encode(exhibit.body).decode("ascii"),
                "hash": f"sha256:{hashlib.sha256(exhibit.body).hexdigest()}",
                "size": size,
            }
        )
    return shown


def _of_a_mark(report: Report, mark: Mark) -> dict[str, Any]:
    details: dict[str, Any] = {
        "registration_number": plain(mark.registration_number, 100) if mark.registration_number else None,
        "jurisdiction": ", ".join(mark.territories) or None,
        "category": list(mark.nice_classes) or None,
    }
    return {
        "category": "content",
        "type": "brand_infringement",
        "url": _uri(report.url, report.item_id),
        "infringement_type": "counterfeit",
        "legitimate_site": _uri(mark.holder_site, report.item_id),
        "target_brand": plain(mark.words, 200) if mark.words else None,
        "trademark_details": {name: value for name, value in details.items() if value is not None},
        "products_offered": [plain(mark.goods)],
        "verification_method": "manual" if report.looked_at else "automated_crawler",
    }


def _of_a_work(report: Report) -> dict[str, Any]:
    values = {
        "category": "copyright",
        "infringing_url": _uri(report.url, report.item_id),
        "work_title": plain(report.work_title, 500) if report.work_title else None,
        "rights_holder": plain(report.holder.org, 200),
    }
    if report.links:
        linked = [{"target_url": _uri(k.url, report.item_id), "link_type": k.kind} for k in report.links[:LINKS]]
        streaming = all(link.kind == "streaming_link" for link in report.links)
        return {
            **values,
            "type": "link_site",
            "site_name": plain(report.site_name, 200),
            "site_category": "streaming_links" if streaming else "other",
            "linked_content": linked,
        }
    return {
        **values,
        "type": "copyright",
        "original_url": _uri(report.original_url, report.item_id) if report.original_url else None,
        "infringement_type": "streaming" if report.claim == "pirated_copy" else None,
    }


def write_report(report: Report) -> bytes:
    """
    The report as canonical JSON, the same for the same values.

    Raises `UnwritableReport` where the format's schema, or one of its limits, refuses it.
    """
    from xarf import schema_validator  # slow to import, and most commands write no report

    if report.claim == "counterfeit":
        if report.mark is None:
            raise UnwritableReport(report.item_id, "a counterfeit bears a mark, and none is named")
        special = _of_a_mark(report, report.mark)
    else:
        special = _of_a_work(report)
    data = {
        "xarf_version": VERSION,
        "report_id": report_id(report.item_id),
        "timestamp": f"{report.observed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "reporter": _contact(report.holder),
        "sender": _contact(report.sender),
        "source_identifier": urlsplit(report.url).hostname or "",
        "description": _described(
            (f"{report.watermark}.", *report.sentences) if report.watermark else report.sentences
        ),
        "evidence": _evidence(report),
        "tags": [f"claim:{report.claim}", *([f"state:{report.watermark.lower()}"] if report.watermark else [])],
        **{name: value for name, value in special.items() if value is not None},
    }
    mistakes = schema_validator.validate(data)
    if mistakes:
        raise UnwritableReport(report.item_id, "; ".join(f"{m.field}: {plain(m.message)}" for m in mistakes[:3]))
    return canonical(data)
