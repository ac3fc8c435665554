"""The platform desk's pages: a batch, its items, its evidence, and the answers to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from config.registers import page_of
from console.answering import Receipt, Said, hand_in, hand_in_sheet, read_receipt
from console.linking import make_link
from console.web.desk import Here, Number, Visit, go, read_number, render
from console.web.door import EVIDENCE_POLICY
from console.web.errors import Missing, Refused
from console.web.facets import Facet, FacetValue
from console.web.notices.batches import BatchView, folder_of, is_whole, read_file, view_batch
from console.web.platform.sealed import SealedBatch, SealedBatches, SealedItem
from console.web.platform.standing import GROUPS, answers_to, count_answered
from console.web.review import lists
from console.web.review.labels import label, tone
from console.web.review.pictures import Busy, NoPicture, Pictures
from console.web.words import gettext as _
from console.web.words import mark
from reports.answers import sheet
from reports.answers.lifecycle import MAY_FOLLOW, Standing
from reports.answers.vocabulary import NEEDS_REASON, REASONS, WORDS, meaning_of, reason_text
from reports.errors import UnreadableAnswers
from reports.parcel import pack
from store.db.batches import Batches
from store.db.doors import AnswerReceipts
from store.db.notices import Notices
from store.db.rights import Rights
from store.records import codec
from store.records.notices import Batch
from store.records.outcomes import Outcome
from store.records.scope import EVERYTHING

router = APIRouter(include_in_schema=False)

PAGE = 50
HEADS = ("item", "item_id", "url", "title", "claim", "grounds", "right", "holder", "answer", "action", "decided_at")
STANDINGS = {
    "open": mark("to answer"),
    "working": mark("being worked on"),
    "done": mark("acted on"),
    "kept": mark("kept or not found"),
    "objected": mark("objected to"),
    "unmapped": mark("in words of your own"),
}
SIDE_PX = 480  # of a picture where the page asks for no size


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item in the list, with where it stands."""

    sealed: SealedItem
    standing: Standing
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A batch this browser may see."""

    batch: Batch
    sealed: SealedBatch
    until: datetime


def _open(request: Request, here: Visit, number: int) -> Opened:
    """The batch, where a link to it was opened here. Raises `Missing` for any other, there or not."""
    held = {link.batch: link for link in here.links}
    with here.read() as connection:
        batch = Batches(connection, EVERYTHING).numbered(number)
    if batch is None or batch.id not in held:
        raise Missing(_("There is no such batch, or none that your link opens."))
    kept: SealedBatches = request.app.state.sealed
    sealed = kept.read(here.desk.workspace, batch)
    if sealed is None:
        raise Refused(_("The folder is not what was sealed, so that it is not shown. The sender has to restore it."))
    return Opened(batch=batch, sealed=sealed, until=held[batch.id].expires_at)


def _show(request: Request, template: str, status: int = 200, **context: Any) -> Response:  # Any: for templates
    return render(request, f"platform/{template}", status, label=label, tone=tone, standings=STANDINGS, **context)


@router.get("/")
def batches(request: Request, here: Here) -> Response:
    """The batches that this browser's links open."""
    with here.read() as connection:
        found = [Batches(connection, EVERYTHING).get(link.batch) for link in here.links]
        unique = {batch.id: batch for batch in found if batch is not None}
        lines = [
            (batch, _count_open(connection, batch))
            for batch in sorted(unique.values(), key=lambda batch: -batch.number)
        ]
    if len(lines) == 1:
        return go(f"/batches/{lines[0][0].number}")
    return _show(request, "batches.html", lines=lines)


def _count_open(connection: Connection, batch: Batch) -> int:
    return max(0, batch.item_count - count_answered(connection, batch))


def _lines(connection: Connection, opened: Opened) -> list[Line]:
    answers = answers_to(connection, opened.batch)
    lines = []
    for each in opened.sealed.items:
        standing = answers.standing(each.notice.id, each.item.id)
        group = "unmapped" if standing.status is None and standing.unmapped else GROUPS[standing.status]
        lines.append(Line(sealed=each, standing=standing, group=group))
    return lines


def _fits(line: Line, state: str, words: str) -> bool:
    if state and line.group != state:
        return False
    item = line.sealed.item
    return not words or any(
        words in text.casefold()
        for text in (item.title, item.url, item.platform_item_id, item.label, item.seller or "")
    )


def _asked(request: Request) -> tuple[str, str, int]:
    asked = request.query_params
    after = asked.get("after", "0")
    return (
        asked.get("state", ""),
        asked.get("q", "").strip().casefold(),
        read_number(after) or 0,
    )


def _address(number: int, suffix: str = "", **values: str) -> str:
    return lists.address_of(f"/batches/{number}{suffix}", values)


@router.get("/batches/{number}.json")
def batch_json(request: Request, here: Here, number: Number) -> Response:
    """Items and answers as JSON."""
    rows, following = _rows(request, here, number, ".json")
    return lists.as_json("items", rows, following=following)


@router.get("/batches/{number}.csv")
def batch_csv(request: Request, here: Here, number: Number) -> Response:
    """Items and answers as a table."""
    rows, following = _rows(request, here, number, ".csv")
    return lists.as_csv(f"batch-{number}", HEADS, rows, following=following)


def _rows(request: Request, here: Visit, number: int, suffix: str) -> tuple[list[dict[str, Any]], str | None]:
    opened = _open(request, here, number)
    state, words, after = _asked(request)
    with here.read() as connection:
        found = [line for line in _lines(connection, opened) if _fits(line, state, words)]
    part = found[after : after + lists.MOST_ROWS]
    more = after + len(part) < len(found)
    following = _address(number, suffix, state=state, q=words, after=str(after + len(part))) if more else None
    return [_cells(line) for line in part], following


def _cells(line: Line) -> dict[str, Any]:  # Any: JSON values
    item, notice, standing = line.sealed.item, line.sealed.notice, line.standing
    return {
        "item": item.label,
        "item_id": item.id,
        "url": item.url,
        "title": item.title,
        "claim": item.claim,
        "grounds": list(item.grounds),
        "right": notice.right,
        "holder": notice.holder,
        "answer": standing.status.value if standing.status else None,
        "action": standing.action,
        "decided_at": standing.decided_at.isoformat() if standing.decided_at else None,
    }


@router.get("/batches/{number}")
def batch(request: Request, here: Here, number: Number) -> Response:
    """A batch: its items, the open ones first to be seen, and the ways to answer."""
    return _batch(request, here, number)


def _batch(request: Request, here: Visit, number: int, *, status: int = 200, **more: Any) -> Response:
    opened = _open(request, here, number)
    state, words, after = _asked(request)
    with here.read() as connection:
        lines = _lines(connection, opened)
        receipts = AnswerReceipts(connection, EVERYTHING).of_batch(opened.batch.id)[::-1]
    counts = {name: sum(line.group == name for line in lines) for name in STANDINGS}
    fitting = [line for line in lines if _fits(line, state, words)]
    part = fitting[after : after + PAGE]
    facet = Facet(
        name="state",
        values=tuple(
            FacetValue(value=name, label=_(words_of), count=counts[name], is_chosen=state == name)
            for name, words_of in STANDINGS.items()
            if counts[name] or state == name
        ),
    )
    return _show(
        request,
        "batch.html",
        status,
        opened=opened,
        view=opened.sealed.view,
        lines=part,
        found=len(fitting),
        counts=counts,
        facet=facet,
        state=state,
        q=words,
        before=_address(number, state=state, q=words, after=str(max(0, after - PAGE))) if after else None,
        following=_address(number, state=state, q=words, after=str(after + PAGE))
        if after + PAGE < len(fitting)
        else None,
        exports=urlencode({name: value for name, value in (("state", state), ("q", words)) if value}),
        receipts=receipts[:10],
        **{"message": "", "colleague": None, **more},
    )


@router.get("/batches/{number}/items/{item}")
def item(request: Request, here: Here, number: Number, item: str) -> Response:
    """One item: both pictures, the right and its register, the reasons and what speaks against, the answer."""
    return _item(request, here, number, item)


def _item(request: Request, here: Visit, number: int, named: str, *, status: int = 200, **more: Any) -> Response:
    opened = _open(request, here, number)
    found = _find(opened, named)
    with here.read() as connection:
        answers = answers_to(connection, opened.batch, [found.item.id])
        notice = Notices(connection, EVERYTHING).head(found.notice.id)
        right = Rights(connection, EVERYTHING).get(notice.right) if notice else None
    history = answers.of(found.notice.id, found.item.id)
    standing = answers.standing(found.notice.id, found.item.id)
    everything = opened.sealed.items
    profile = here.desk.workspace.declarations.profiles.get(opened.batch.profile)
    own = tuple(profile.status_map) if profile else ()
    return _show(
        request,
        "item.html",
        status,
        opened=opened,
        sealed=found,
        item=found.item,
        notice=found.notice,
        standing=standing,
        history=history,
        own_words=[word for word in own if _may(word, opened, here, standing)],
        words=[word for word in WORDS if word not in own and _may(word, opened, here, standing)],
        reasons=REASONS,
        previous=everything[found.place - 1].item.label if found.place else None,
        next=everything[found.place + 1].item.label if found.place + 1 < len(everything) else None,
        register=page_of(right, here.desk.workspace.declarations.registers).url if right else None,
        **{"message": "", "kept": dict.fromkeys(("answer", "reason", "note", "platform_case"), ""), **more},
    )


def _may(word: str, opened: Opened, here: Visit, standing: Standing) -> bool:
    meaning = meaning_of(word, here.desk.workspace.declarations.profiles.get(opened.batch.profile))
    return meaning is not None and meaning.status in MAY_FOLLOW[standing.status]


def _find(opened: Opened, named: str) -> SealedItem:
    found = opened.sealed.by_label.get(named)
    if found is None:
        raise Missing(_("There is no such item in this batch."))
    return found


Short = Annotated[str, Form(max_length=200)]


@router.post("/batches/{number}/items/{item}")
def answer(
    request: Request,
    here: Here,
    number: Number,
    item: str,
    answer: Short = "",
    reason: Short = "",
    note: Annotated[str, Form(max_length=3000)] = "",
    platform_case: Short = "",
) -> Response:
    """Answer one item; pressed twice, it is entered once."""
    opened = _open(request, here, number)
    found = _find(opened, item)
    profile = here.desk.workspace.declarations.profiles.get(opened.batch.profile)
    meaning = meaning_of(answer, profile) if answer.strip() else None
    kept = {"answer": answer, "reason": reason, "note": note, "platform_case": platform_case}
    if meaning is None:
        return _item(request, here, number, item, status=400, message=_("Choose an answer."), kept=kept)
    if reason and reason not in REASONS:
        return _item(request, here, number, item, status=400, message=_("Choose one of the reasons."), kept=kept)
    if meaning.status in NEEDS_REASON and not reason:
        message = _("Say why: without a reason the holder can't mend what was wrong.")
        return _item(request, here, number, item, status=400, message=message, kept=kept)
    if reason == "other" and not note.strip():
        return _item(request, here, number, item, status=400, message=_("Say the other reason in words."), kept=kept)
    with here.read() as connection:
        answers = answers_to(connection, opened.batch, [found.item.id])
    standing = answers.standing(found.notice.id, found.item.id)
    same = standing.status is meaning.status and standing.action == meaning.action
    at = standing.decided_at if same and standing.decided_at else here.desk.clock()
    latest = _latest(answers.of(found.notice.id, found.item.id), standing)
    said = Said(
        item=found.item.id,
        word=latest.status_raw if same and latest else answer.strip(),
        decided_at=at,
        platform_case=platform_case.strip() or None,
        reason=reason_text(reason, " ".join(note.split())),
    )
    receipt = _hand_in(here, opened, [said])
    return go(f"/batches/{number}/receipts/{receipt.id}")


def _latest(said: list[Outcome], standing: Standing) -> Outcome | None:
    """The item's own answer that stands, not its whole notice's."""
    return next((each for each in reversed(said) if each.item and each.status is standing.status), None)


def _hand_in(here: Visit, opened: Opened, said: list[Said]) -> Receipt:
    return hand_in(
        here.desk.workspace,
        opened.batch,
        said,
        labels=opened.sealed.labels,
        by=here.by,
        via="link",
        clock=here.desk.clock,
        ids=here.desk.ids,
    )


@router.post("/batches/{number}/answers")
def answer_sheet(
    request: Request, here: Here, number: Number, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Answer by the batch's own sheet, filled in; uploaded again, it changes nothing."""
    opened = _open(request, here, number)
    data = file.file.read(sheet.BYTES_MOST + 1) if file is not None else b""
    if not data:
        return _batch(request, here, number, status=400, message=_("Choose the filled answers.csv first."))
    try:
        receipt = hand_in_sheet(
            here.desk.workspace,
            opened.batch,
            data,
            labels=opened.sealed.labels,
            by=here.by,
            via="link",
            clock=here.desk.clock,
            ids=here.desk.ids,
        )
    except UnreadableAnswers as error:
        message = _("Nothing was entered. %(why)s") % {"why": error.why}
        return _batch(request, here, number, status=400, message=message)
    return go(f"/batches/{number}/receipts/{receipt.id}")


@router.get("/batches/{number}/receipts/{receipt}.json")
def receipt_json(request: Request, here: Here, number: Number, receipt: str) -> Response:
    """The receipt for a machine: RFC 8785, the same bytes each time."""
    found = _receipt(request, here, number, receipt)
    return Response(
        codec.canonical(codec.to_json(found)),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="receipt-{found.id}.json"'},
    )


@router.get("/batches/{number}/receipts/{receipt}")
def receipt(request: Request, here: Here, number: Number, receipt: str) -> Response:
    """What became of each line."""
    found = _receipt(request, here, number, receipt)
    shown = sorted(found.lines, key=lambda line: line.fate in ("entered", "known"))
    return _show(request, "receipt.html", number=number, receipt=found, lines=shown[:500])


def _receipt(request: Request, here: Visit, number: int, id: str) -> Receipt:
    found = read_receipt(here.desk.workspace, _open(request, here, number).batch, id)
    if found is None:
        raise Missing(_("There is no such receipt."))
    return found


@router.get("/batches/{number}/evidence")
def evidence(request: Request, here: Here, number: Number) -> Response:
    """Whether the package is what was sealed, as found just now, and how to find that out without us."""
    opened = _open(request, here, number)
    with here.read() as connection:
        view: BatchView = view_batch(connection, here.desk.workspace, EVERYTHING, opened.batch, here.desk.clock())
    return _show(request, "evidence.html", opened=opened, view=view)


@router.get("/batches/{number}/batch.zip")
def archive(request: Request, here: Here, number: Number) -> Response:
    """The whole package as one ZIP, only while it is what was sealed."""
    opened = _open(request, here, number)
    if not is_whole(here.desk.workspace, opened.batch):
        raise Refused(_("The folder is not what was sealed, so that it is not handed out."))
    name = f"{number:04d}-{opened.batch.platform}.zip"
    return StreamingResponse(
        pack(folder_of(here.desk.workspace, opened.batch)),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/batches/{number}/answers.csv")
def empty_sheet(request: Request, here: Here, number: Number) -> Response:
    """The sheet to fill in, as it was sealed."""
    opened = _open(request, here, number)
    data = read_file(here.desk.workspace, opened.batch, sheet.NAME)
    if data is None:
        raise Missing(_("This batch has no answer sheet: answer item by item."))
    headers = {"content-disposition": f'attachment; filename="answers-{number}.csv"'}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/batches/{number}/files/{name}")
def file(request: Request, here: Here, number: Number, name: str) -> Response:
    """One file of evidence, to be kept and never opened here."""
    opened = _open(request, here, number)
    data = read_file(here.desk.workspace, opened.batch, f"evidence/{name}")
    if data is None:
        raise Missing(_("There is no such file in this batch."))
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "content-security-policy": EVIDENCE_POLICY,
            "content-disposition": f'attachment; filename="{name}"',
        },
    )


@router.get("/batches/{number}/picture/{sha256}")
async def picture(request: Request, here: Here, number: Number, sha256: str) -> Response:
    """A picture of the batch, drawn anew."""
    opened = await run_sync(_open, request, here, number)
    if sha256 not in opened.sealed.pictures:
        raise Missing(_("There is no such picture in this batch."))
    pictures: Pictures = request.app.state.pictures
    side = read_number(request.query_params.get("side", ""))
    try:
        data = await pictures.wait_for(sha256, side_px=SIDE_PX if side is None else side)
    except NoPicture as none:
        raise Missing(_("This picture can't be shown.")) from none
    except Busy:
        return Response(status_code=503, headers={"retry-after": "5"})
    return Response(data, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600, immutable"})


@router.post("/batches/{number}/colleague")
def colleague(request: Request, here: Here, number: Number) -> Response:
    """A further link to the same batch, for somebody else's browser; it ends when this one does."""
    opened = _open(request, here, number)
    desk = here.desk
    _link, token = make_link(
        desk.workspace,
        opened.batch,
        by=here.by,
        until=max(opened.until, desk.clock() + timedelta(seconds=1)),
        clock=desk.clock,
        ids=desk.ids,
    )
    return _batch(
        request, here, number, colleague=f"{desk.origin}/open/{token}", link_ends=opened.until.astimezone(UTC)
    )
