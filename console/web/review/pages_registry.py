"""Pages about what is protected: rights and references."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from config.registers import page_of
from console.web.desk import Here, Visit
from console.web.errors import Missing
from console.web.facets import Narrowing, narrow
from console.web.review import lists
from console.web.review.labels import label
from console.web.review.pages_review import show
from console.web.review.registered import view_reference, view_right
from console.web.words import gettext as _
from store.db.parties import Parties
from store.db.rights import Rights
from store.records.rights import Right

router = APIRouter(include_in_schema=False)

NARROWED_BY = ("kind", "status", "holder")
RIGHT_HEADS = ("right", "right_ref", "kind", "mark_text", "office", "registration_number", "status", "expires_on")


@router.get("/rights")
def rights(request: Request, here: Here) -> Response:
    """Rights in scope."""
    rights, holders, ways = _narrowed(request, here)
    return show(request, "rights.html", rights=rights, holders=holders, narrowing=ways)


@router.get("/rights.json")
def rights_json(request: Request, here: Here) -> Response:
    """Rights as JSON."""
    return lists.as_json("rights", _rights(request, here), following=None)


@router.get("/rights.csv")
def rights_csv(request: Request, here: Here) -> Response:
    """Rights as a table."""
    return lists.as_csv("rights", RIGHT_HEADS, _rights(request, here), following=None)


@router.get("/rights/{right}")
def right(request: Request, here: Here, right: str) -> Response:
    """One right with its products, references and findings."""
    with here.read() as connection:
        view = view_right(connection, here.scope, right)
    if view is None:
        raise Missing(_("There is no such right, or none you may see."))
    registers = here.desk.workspace.declarations.registers
    return show(request, "right.html", view=view, register=page_of(view.right, registers))


@router.get("/references/{reference}")
def reference(request: Request, here: Here, reference: str) -> Response:
    """One reference with where it was seen."""
    with here.read() as connection:
        view = view_reference(connection, here.scope, reference)
    if view is None:
        raise Missing(_("There is no such reference, or none you may see."))
    return show(request, "reference.html", view=view)


def _narrowed(request: Request, here: Visit) -> tuple[list[Right], dict[str, str], Narrowing]:
    """Rights with what the address chooses, their holders' names, and the ways to narrow them."""
    with here.read() as connection:
        found = Rights(connection, here.scope).find()
        holders = {party.id: party.legal_name for party in Parties(connection, here.scope).find()}

    def named(name: str, value: str) -> str:
        if name == "holder":
            return holders.get(value, value)
        return label("right_kind" if name == "kind" else "state", value)

    chosen = {name: request.query_params.get(name, "") for name in NARROWED_BY}
    rights, ways = narrow(found, lambda right: (right.kind.value, right.status.value, right.holder), chosen, named)
    return rights, holders, ways


def _rights(request: Request, here: Visit) -> list[dict[str, Any]]:  # Any: JSON values
    rights, _holders, _ways = _narrowed(request, here)
    return [
        {
            "right": each.id,
            "right_ref": each.right_ref,
            "kind": each.kind.value,
            "mark_text": each.mark_text,
            "office": each.office,
            "registration_number": each.registration_number,
            "status": each.status.value,
            "expires_on": each.expires_on.isoformat() if each.expires_on else None,
        }
        for each in rights
    ]
