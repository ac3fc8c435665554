"""
The index of codes on disk: mapped into memory, named by a snapshot's digest, built aside, swapped in one step.

    build_index_files(folder, digest, codes, labels)        # resumes where a killed build ended
    extend_index_files(folder, old, new, codes, labels, withdrawn=[...])
    open_index(folder, digest).search(queries, radius)      # Found: labels and distances, exact
    keep_index(folder, digest, codes, labels)               # all three: what a run needs

A digest's file names immutable segments and the labels withdrawn from them, and is written last, in one rename: a
reader sees an index whole or not at all. A segment is named by what it holds, so that digests share what they have
in common, and a build that was killed finds its finished parts and makes only the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.codes import MIN_FOR_TABLES, Chunk, CodeTable, Rows, Words, build_chunk, cuts_for, shuffle
from matching.errors import CodesMisshapen, IndexUnreadable

LAYOUT = 1  # changes when a file's meaning changes; an index of another layout is built anew
MAX_SEGMENTS = 8  # each is searched by itself; more are brought together (chosen)
MAX_WITHDRAWN = 0.25  # share of codes that may lie dead before all are brought together (chosen)

Labels = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Neighbours side by side: which query, which label, how many bits apart; by query, then nearest, then label."""

    queries: Rows
    labels: Labels
    distances: NDArray[np.uint16]

    def __len__(self) -> int:
        """Count the neighbours."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Codes that were added together, each under a label; what was withdrawn since is marked by row."""

    name: str
    table: CodeTable
    labels: Labels
    is_withdrawn: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CodeIndex:
    """Segments searched as one; immutable."""

    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, codes: Words, labels: Labels | None = None) -> CodeIndex:
        """An index in memory; labels are the rows' numbers where none are given."""
        own = np.arange(len(codes), dtype=np.uint64) if labels is None else labels
        _check(codes, own)
        return cls((Segment("memory", CodeTable.of(codes), own),))

    def __len__(self) -> int:
        """Count the codes that are found."""
        dead = sum(int(each.is_withdrawn.sum()) for each in self.segments if each.is_withdrawn is not None)
        return sum(len(each.labels) for each in self.segments) - dead

    def search(self, queries: Words, radius: int) -> Found:
        """
        Every code within `radius` bits (0 to 256) of each query (q × 4 words), exactly.

        Brute force or multi-index hashing, whichever is cheaper for the size and the radius. Raises `CodesMisshapen`.
        """
        by, labels, distances = [], [], []
        for segment in self.segments:
            near = segment.table.search(queries, radius)
            live = slice(None) if segment.is_withdrawn is None else ~segment.is_withdrawn[near.rows]
            by.append(near.queries[live])
            labels.append(segment.labels[near.rows[live]])
            distances.append(near.distances[live])
        if len(self.segments) == 1:
            return Found(by[0], labels[0], distances[0])
        if not self.segments:
            return Found(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint16))
        all_by, all_labels, all_distances = np.concatenate(by), np.concatenate(labels), np.concatenate(distances)
        order = np.lexsort((all_labels, all_distances, all_by))
        return Found(all_by[order], all_labels[order], all_distances[order])


def build_index_files(folder: Path, digest: str, codes: Words, labels: Labels) -> None:
    """
    Write the index `digest` of codes (n × 4 words), each found under its label; does nothing where it stands.

    Killed at any moment, it leaves the indexes that stood, and the next call goes on with the parts it finds.
    """
    if _reads(folder, digest):
        return
    _check(codes, labels)
    _write_head(folder, digest, [(_write_segment(folder, codes, labels), [])])


def extend_index_files(
    folder: Path, old: str, new: str, codes: Words, labels: Labels, *, withdrawn: Collection[int] = ()
) -> None:
    """
    Write the index `new`: that of `old` with codes added and labels withdrawn. Only what is added is built.

    Of a label that is withdrawn and added, the added codes are found. Raises `IndexUnreadable` where `old` is not.
    """
    if _reads(folder, new):
        return
    _check(codes, labels)
    base = open_index(folder, old)
    gone = np.array(sorted(withdrawn), dtype=np.uint64)
    parts: list[tuple[str, list[int]]] = []
    dead = total = 0
    for segment in base.segments:
        hidden = np.isin(segment.labels, gone)
        if segment.is_withdrawn is not None:
            hidden |= segment.is_withdrawn
        parts.append((segment.name, np.flatnonzero(hidden).tolist()))
        dead, total = dead + int(hidden.sum()), total + len(hidden)
    if len(parts) + bool(len(codes)) > MAX_SEGMENTS or dead > MAX_WITHDRAWN * max(total, 1):
        live = [
            (segment.table.shuffled[keep], segment.labels[keep])
            for segment, (_, hidden_rows) in zip(base.segments, parts, strict=True)
            for keep in (np.setdiff1d(np.arange(len(segment.labels)), hidden_rows),)
        ]
        own = [*live, (shuffle(codes), labels)]
        together = np.concatenate([each[0] for each in own]), np.concatenate([each[1] for each in own])
        parts = [(_write_segment(folder, *together, shuffled=True), [])]
    elif len(codes):
        parts.append((_write_segment(folder, codes, labels), []))
    _write_head(folder, new, parts)


def open_index(folder: Path, digest: str) -> CodeIndex:
    """
    Map the index `digest` into memory: opening reads next to nothing, searching what it needs.

    Raises `IndexUnreadable` where there is none, or a file of it is missing or cut: build it anew.
    """
    head = _read_head(folder, digest)
    return CodeIndex(tuple(_open_segment(folder, each["segment"], each["withdrawn"]) for each in head["parts"]))


def keep_index(folder: Path, digest: str, codes: Words, labels: Labels) -> CodeIndex:
    """
    Map the index `digest`, written from the last one and what changed since, or anew where most did.

    A label must stand for one code for ever. Afterwards the folder holds this index and the last one.
    """
    heads = sorted(folder.glob("*.json"), key=lambda head: head.stat().st_mtime_ns, reverse=True)
    last = next((head.stem for head in heads if _reads(folder, head.stem)), None)
    if last is not None and not _reads(folder, digest):
        stood = _live_labels(open_index(folder, last))
        new, gone = ~np.isin(labels, stood), np.setdiff1d(stood, labels)
        if new.sum() + len(gone) <= len(labels) // 2:
            extend_index_files(folder, last, digest, codes[new], labels[new], withdrawn=gone.tolist())
    build_index_files(folder, digest, codes, labels)
    sweep_index_files(folder, [digest] if last is None else [digest, last])
    return open_index(folder, digest)


def _live_labels(index: CodeIndex) -> Labels:
    live = [each.labels if each.is_withdrawn is None else each.labels[~each.is_withdrawn] for each in index.segments]
    return np.concatenate(live) if live else np.empty(0, np.uint64)


def sweep_index_files(folder: Path, keep: Iterable[str]) -> int:
    """Remove indexes other than `keep` and the segments no index names; gives the bytes set free."""
    kept = set(keep)
    for head in folder.glob("*.json"):
        if head.stem not in kept:
            head.unlink()
    used = {part["segment"] for head in folder.glob("*.json") for part in _read_head(folder, head.stem)["parts"]}
    freed = 0
    for segment in (folder / "segments").glob("*"):
        if segment.name not in used:
            freed += sum(each.stat().st_size for each in segment.glob("*"))
            shutil.rmtree(segment)
    return freed


def _check(codes: Words, labels: Labels) -> None:
    if len(codes) != len(labels):
        raise CodesMisshapen(f"{len(codes)} codes and {len(labels)} labels; each code needs one")


def _reads(folder: Path, digest: str) -> bool:
    try:
        open_index(folder, digest)
    except IndexUnreadable:
        return False
    return True


def _read_head(folder: Path, digest: str) -> dict[str, Any]:  # what JSON holds
    path = folder / f"{digest}.json"
    try:
        head: dict[str, Any] = json.loads(path.read_text())
        if head["layout"] != LAYOUT:
            raise IndexUnreadable(f"{path} has layout {head['layout']}, {LAYOUT} is read; build it anew")
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise IndexUnreadable(f"{path} holds no index ({type(fault).__name__}); build it anew") from fault
    return head


def _write_head(folder: Path, digest: str, parts: list[tuple[str, list[int]]]) -> None:
    head = {"layout": LAYOUT, "parts": [{"segment": name, "withdrawn": rows} for name, rows in parts]}
    _put(folder / f"{digest}.json", lambda path: path.write_text(json.dumps(head)))


def _write_segment(folder: Path, codes: Words, labels: Labels, *, shuffled: bool = False) -> str:
    """Write what is not there yet, each file in one rename; gives the segment's name."""
    rows = codes if shuffled else shuffle(codes)
    digest = hashlib.sha256(np.ascontiguousarray(rows).view(np.uint8).data)
    digest.update(np.ascontiguousarray(labels).view(np.uint8).data)
    name = digest.hexdigest()[:32]
    home = folder / "segments" / name
    home.mkdir(parents=True, exist_ok=True)
    _save(home / "codes.npy", rows)
    _save(home / "labels.npy", labels)
    for first, bits in _cuts(len(rows)):
        starts, held = home / f"{first:03d}.starts.npy", home / f"{first:03d}.rows.npy"
        if not (starts.exists() and held.exists()):
            chunk = build_chunk(rows, first, bits)
            _save(starts, chunk.starts)
            _save(held, chunk.rows)
    return name


def _cuts(count: int) -> list[tuple[int, int]]:
    return cuts_for(count) if count >= MIN_FOR_TABLES else []


def _open_segment(folder: Path, name: str, withdrawn: list[int]) -> Segment:
    home = folder / "segments" / name
    codes, labels = _map(home / "codes.npy"), _map(home / "labels.npy")
    if len(codes) != len(labels):
        raise IndexUnreadable(f"{home} has {len(codes)} codes and {len(labels)} labels; remove it and build anew")
    chunks = tuple(
        Chunk(first, bits, _map(home / f"{first:03d}.starts.npy"), _map(home / f"{first:03d}.rows.npy"))
        for first, bits in _cuts(len(codes))
    )
    hidden = None
    if withdrawn:
        hidden = np.zeros(len(codes), dtype=np.bool_)
        hidden[withdrawn] = True
    return Segment(name, CodeTable(codes, chunks), labels, hidden)


def _map(path: Path) -> NDArray[Any]:  # of the type the file states
    try:
        # A plain view of the mapping: numpy's own class for it makes every small operation slower.
        return np.asarray(np.load(path, mmap_mode="r")) if path.stat().st_size else np.empty(0)
    except (OSError, ValueError) as fault:
        raise IndexUnreadable(f"{path} does not open ({fault}); remove its folder and build anew") from fault


def _save(path: Path, array: NDArray[Any]) -> None:
    if path.exists():
        return

    def write(part: Path) -> None:
        with part.open("wb") as file:
            np.save(file, np.ascontiguousarray(array))

    _put(path, write)


def _put(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file aside, on disk for good, then under its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    write(part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
