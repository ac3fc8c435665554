"""What desks are sent, read as they read it: the items of a batch, of a call to eBay, of notices under Article 16."""

from __future__ import annotations

import csv
import io
import json
import zipfile

from exercise.recipient.ledger import Name

CALL_ITEMS = 150  # of one call to eBay's programme


def items_of_batch(body: bytes) -> tuple[Name, ...] | str:
    """The items of a batch in a ZIP with their answer codes, or what is wrong with it."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            batch = json.loads(package.read("batch.json"))
            table = package.read("answers.csv").decode() if "answers.csv" in package.namelist() else ""
        codes = {row["item_id"]: row["answer_code"] for row in csv.DictReader(io.StringIO(table, newline=""))}
        return tuple(
            Name(id=item["id"], label=item["label"], code=codes.get(item["id"], ""))
            for notice in batch["notices"]
            for item in notice["items"]
        )
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        return f"it cannot be read: {error}"


def items_of_call(body: bytes) -> tuple[Name, ...] | str:
    """The items of a call as eBay's programme takes it, or what is wrong with it."""
    try:
        rows = json.loads(body)["reportItems"]
        if not 0 < len(rows) <= CALL_ITEMS:
            return f"1 to {CALL_ITEMS} items a call"
        pairs = [(str(row["itemId"]), str(row["veroReasonCodeId"])) for row in rows]
    except (KeyError, ValueError, TypeError) as error:
        return f"it cannot be read: {error}"
    return "an item twice under one reason" if len(set(pairs)) < len(pairs) else tuple(Name(id=id) for id, _ in pairs)


def items_of_notices(body: bytes) -> tuple[Name, ...] | str:
    """The items of notices under Article 16, or which point of paragraph 2 one of them lacks."""
    try:
        notices = json.loads(body)["notices"]
        for notice in notices:
            for point, value in (
                ("(a)", notice["a_reasons"]["facts"] and notice["a_reasons"]["provision"]),
                ("(b)", notice["b_location"]["url"]),
                ("(c)", notice["c_notifier"]["name"] and notice["c_notifier"]["email"]),
                ("(d)", notice["d_statement"]["text"]),
            ):
                if not value:
                    return f"point {point} is empty"
        return tuple(Name(id=notice["item_id"]) for notice in notices)
    except (KeyError, ValueError, TypeError) as error:
        return f"it cannot be read: {error}"
