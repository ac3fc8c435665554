"""A batch as its recipient is shown it: read from the sealed folder, never from what the ledger says since."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from console.workspace import Workspace
from reports.views import BatchView, ItemView, NoticeView
from store.evidence.verify import MANIFEST
from store.records import codec
from store.records.notices import Batch

KEPT = 8  # batches in memory; five thousand items take some 40 MB


@dataclass(frozen=True)
class SealedItem:
    """One item with the notice it stands in."""

    place: int  # from 0, in the order of the batch
    item: ItemView
    notice: NoticeView


@dataclass(frozen=True)
class SealedBatch:
    """A batch whose `batch.json` has the digest that was sealed."""

    view: BatchView

    @cached_property
    def items(self) -> tuple[SealedItem, ...]:
        """Every item, in order."""
        pairs = [(item, notice) for notice in self.view.notices for item in notice.items]
        return tuple(SealedItem(place, item, notice) for place, (item, notice) in enumerate(pairs))

    @cached_property
    def by_label(self) -> dict[str, SealedItem]:
        """Items by how the batch names them, like 12-3."""
        return {each.item.label: each for each in self.items}

    @cached_property
    def labels(self) -> dict[str, str]:
        """How the batch names its items, by their id."""
        return {each.item.id: each.item.label for each in self.items}

    @cached_property
    def pictures(self) -> frozenset[str]:
        """Digests of the pictures that the batch shows."""
        views = [
            picture for each in self.items for picture in (each.item.listing_picture, each.item.reference_picture)
        ]
        return frozenset(view.sha256 for view in views if view.sha256)


class SealedBatches:
    """Sealed batches, the latest asked for kept in memory."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, SealedBatch] = OrderedDict()
        self._reading: dict[str, Lock] = {}
        self._lock = Lock()

    def read(self, workspace: Workspace, batch: Batch) -> SealedBatch | None:
        """The batch; None where its folder is gone or is not what was sealed. Who asks meanwhile waits for it."""
        found, reading = self._known(batch.id)
        if found is not None:
            return found
        with reading:
            found, _ = self._known(batch.id)
            if found is not None:
                return found
            made = _read(workspace.settings.home / batch.path, batch)
            with self._lock:
                self._reading.pop(batch.id, None)
                if made is not None:
                    self._kept[batch.id] = made
                    if len(self._kept) > KEPT:
                        self._kept.popitem(last=False)
            return made

    def _known(self, id: str) -> tuple[SealedBatch | None, Lock]:
        with self._lock:
            found = self._kept.get(id)
            if found is None:
                return None, self._reading.setdefault(id, Lock())
            self._kept.move_to_end(id)
            return found, self._lock


def _read(folder: Path, batch: Batch) -> SealedBatch | None:
    try:
        manifest = (folder / MANIFEST).read_bytes()
        body = (folder / "batch.json").read_bytes()
    except OSError:
        return None
    if hashlib.sha256(manifest).hexdigest() != batch.manifest_sha256:
        return None
    listed = {str(file["path"]): str(file["sha256"]) for file in json.loads(manifest)["files"]}
    if listed.get("batch.json") != hashlib.sha256(body).hexdigest():
        return None
    return SealedBatch(codec.from_json(BatchView, _whole(json.loads(body))))


def _whole(data: dict[str, Any]) -> dict[str, Any]:  # Any: JSON values
    """What `batch_json` left out put back: a machine's batch has digests where the page has pictures."""
    for notice in data["notices"]:
        for item in notice["items"]:
            item["anchor"] = f"item-{item['label']}"
            for name in ("listing_picture", "reference_picture"):
                item[name]["uri"] = None
    data.pop("schema")
    return data
