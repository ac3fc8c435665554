"""A batch's items in the words of formats that machines read: from views and facts to the plain values of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args
from urllib.parse import urlsplit

from reports.errors import UnwritableReport
from reports.facts import ItemFacts
from reports.formats.dsa16 import Article16
from reports.formats.urls import is_one_address
from reports.formats.vero import ReportedItem
from reports.formats.works import ListedWork
from reports.formats.xarf import Claim, Contact, Exhibit, Link, Mark, Report
from reports.rules.form import MAILBOX
from reports.views import BatchView, ItemView, NoticeView
from store.records.cases import EXERCISE_POLICY
from store.records.findings import InfringementClass

OPAQUE = "application/octet-stream"
CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "txt": "text/plain",
}
"""By file ending in the batch; a page travels as text, so that opening it runs nothing."""
TO_ACCUSED = "If that is wrong, say so through the platform: a request made in error is taken back."
"""To a seller, where the profile has no words of its own."""
STREAM_ROLES = ("player", "manifest", "segment_host")


def listed_works(facts: Iterable[ItemFacts]) -> tuple[ListedWork, ...]:
    """The works of a batch in the order in which they first appear, each with every address that copies it."""
    copies: dict[str, list[str]] = {}
    first: dict[str, ItemFacts] = {}
    for each in facts:
        if each.work is not None:
            first.setdefault(each.work.id, each)
            copies.setdefault(each.work.id, []).append(each.item.url)
    return tuple(_listed(first[id], urls) for id, urls in copies.items())


def _listed(facts: ItemFacts, copies: list[str]) -> ListedWork:
    work = facts.work
    authorised = next((url for url in work.authorised_urls if is_one_address(url)), None) if work else None
    if work is None or authorised is None:
        raise UnwritableReport(facts.item.id, "no authorised address of its work is known")
    year = f", {work.year}" if work.year else ""
    return ListedWork(
        name=work.title,
        details=(f"{work.kind.value.replace('_', ' ')}{year}, held by {facts.holder.legal_name}", *work.identifiers),
        authorised_url=authorised,
        copies=tuple(copies),
    )


def _links(facts: ItemFacts) -> tuple[Link, ...]:
    """Where the page leads outside its own host."""
    own = urlsplit(facts.item.url).netloc
    found = []
    for stream in facts.observation.fields.streams:
        if stream.role == "magnet" and stream.url.startswith("magnet:?") and stream.url.isprintable():
            found.append(Link(url=stream.url.replace(" ", "%20"), kind="magnet_link"))
        elif is_one_address(stream.url) and urlsplit(stream.url).netloc != own:
            if stream.role in STREAM_ROLES:
                found.append(Link(url=stream.url, kind="streaming_link"))
            elif stream.role == "file_host":
                found.append(Link(url=stream.url, kind="direct_download"))
            else:
                found.append(Link(url=stream.url, kind="other"))
    return tuple(dict.fromkeys(found))


def _statement(item: ItemView, notice: NoticeView, batch: BatchView) -> str:
    """The notice on one item, whole, as a person reads it."""
    lines = [
        *([batch.watermark, ""] if batch.watermark else []),
        f"{item.claim_title}: {item.url}",
        f"Seen {item.observed_at}; item {item.label}, notice {notice.number}, {item.id}",
        f"Right: {notice.right}",
        f"In the register: {notice.register or f'no address is given, {notice.register_note}'}",
        f"Holder: {notice.holder}",
        f"Legal basis: {notice.legal_basis}",
        "",
        *(f"- {fact.sentence} [{'; '.join(fact.sources)}]" for fact in item.reasons),
        *(["", "What speaks against:"] if item.against else []),
        *(f"- {fact.sentence} [{'; '.join(fact.sources)}]" for fact in item.against),
        "",
        *(statement.text for statement in notice.statements),
        f"Signed by {notice.signatory}, for {notice.signed_for}, {notice.signed_at}",
        "",
        f"How to answer: {batch.reply_to}",
        *([f"For whoever is accused: {batch.to_accused}"] if batch.to_accused else []),
        "",
        "Evidence, by SHA-256; what is not in this report is kept and given to whoever asks for it:",
        *(
            f"{c.label} {f.role}, {c.fetched_at}: {f.sha256}, {f.size_bytes} bytes"
            for c in item.captures
            for f in c.files
        ),
    ]
    return "\n".join(lines) + "\n"


def report_of(
    item: ItemView, notice: NoticeView, facts: ItemFacts, files: Mapping[str, bytes], batch: BatchView
) -> Report:
    """One item as a report; `files` are the batch's. Raises `UnwritableReport` where nobody can be answered."""
    claim = next((each for each in get_args(Claim) if each == item.claim), None)
    if claim is None:
        raise UnwritableReport(item.id, f"the format has no word for {item.claim}")
    mailbox = (facts.claimant_email or "").strip()
    if MAILBOX.fullmatch(mailbox) is None:
        raise UnwritableReport(item.id, "no e-mail address of the sender is known")
    # Where the holder has no mailbox of its own the sender's is how it is reached.
    holders = (facts.holder.email or "").strip()
    work, right = facts.work, facts.right
    title = work.title if work else None
    if facts.item.infringement_class is InfringementClass.IMAGE_COPIED and facts.references:
        title = f"Photo {facts.references[0].reference_ref}"
    return Report(
        item_id=item.id,
        claim=claim,
        url=item.url,
        site_name=facts.platform.name,
        observed_at=facts.item.observed_at,
        holder=Contact(org=facts.holder.legal_name, email=holders if MAILBOX.fullmatch(holders) else mailbox),
        sender=Contact(org=facts.claimant_name, email=mailbox),
        sentences=tuple(fact.sentence for fact in item.reasons),
        statement=_statement(item, notice, batch),
        watermark=batch.watermark,
        looked_at=facts.decision is not None and facts.decision.by != EXERCISE_POLICY,
        exhibits=tuple(
            Exhibit(
                description=f"{capture.label} {file.role}: {capture.url}, {capture.fetched_at}",
                content_type=CONTENT_TYPES.get(file.path.rpartition(".")[2], OPAQUE),
                body=files[file.path],
            )
            for capture in item.captures
            for file in capture.files
        ),
        mark=Mark(
            words=right.mark_text,
            registration_number=right.registration_number,
            territories=right.held_in,
            nice_classes=right.nice_classes,
            goods=item.title,
            holder_site=facts.profile.holder_sites.get(facts.holder.legal_name, ""),
        ),
        work_title=title,
        original_url=next((url for url in work.authorised_urls if is_one_address(url)), None) if work else None,
        links=_links(facts) if facts.item.infringement_class is InfringementClass.PIRATED_COPY else (),
    )


def reported_item(item: ItemView, facts: ItemFacts) -> ReportedItem:
    """One item as eBay's programme is told of it. Raises `UnwritableReport` where nobody entered its reason code."""
    if item.platform_code is None:
        raise UnwritableReport(item.id, "the profile's [claim_codes] has no reason code for it")
    return ReportedItem(
        item_id=item.id,
        platform_item_id=item.platform_item_id,
        reason_code=item.platform_code,
        brand=facts.right.mark_text,
        countries=facts.territories,
        registration_number=facts.right.registration_number,
        message=" ".join(fact.sentence for fact in item.reasons),
        to_seller=(f"{item.claim_title}. {'. '.join(item.ground_titles)}. {facts.profile.to_accused or TO_ACCUSED}"),
    )


def article16_of(item: ItemView, notice: NoticeView) -> Article16:
    """One item as a notice under Article 16, whole by itself."""
    return Article16(
        item_id=item.id,
        reasons=tuple(fact.sentence for fact in item.reasons),
        provision=notice.legal_basis,
        against=tuple(fact.sentence for fact in item.against),
        url=item.url,
        platform_item_id=item.platform_item_id,
        name=notice.contact_name,
        email=notice.contact_email or "",
        statement=next((each.text for each in notice.statements if each.code == "bona_fide"), ""),
        signed_by=notice.signatory,
        signed_for=notice.signed_for,
        observed_at=item.observed_at,
    )
