"""
What listings wait for: photos and streams, fetched later and once for all who show them.

A photo or player is one fetch a run, however many listings lead to it. Who waits for it stands in the fetch's own
context, changed in the transactions that change the listings; so nobody is forgotten by a kill, and no table has to
be searched by URL.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from crawler.visit import PROTECTOR
from store.db.fetches import known
from store.records.captures import Capture
from store.records.fetches import Fetch, FetchKind, FetchState
from store.records.listings import ListingImage, StreamLink

WAITERS_MAX = 200  # chosen: a picture that more listings show at once is the site's own placeholder
HOPS_MAX = 12  # chosen: six pages and as many redirects; a longer chain is a loop

_ROLES = {FetchKind.PLAYER: "player", FetchKind.MANIFEST: "manifest"}


class Waiting:
    """The fetches of one run as one transaction sees them: rows in the database, and what this group adds."""

    def __init__(
        self,
        connection: Connection,
        run: str,
        standing: Mapping[str, dict[str, str]],
        new: dict[str, Fetch],
    ) -> None:
        self._connection = connection
        self._run = run
        self._known: dict[str, tuple[FetchState, dict[str, str]]] = {
            key: (FetchState.LEASED, dict(context)) for key, context in standing.items()
        }
        self._new = new
        self._asked: set[str] = set(standing)
        self._changed: set[str] = set()

    def prepare(self, prints: Sequence[str]) -> None:
        """Read the rows of these fetches at once."""
        missing = [each for each in prints if each not in self._asked]
        self._asked.update(missing)
        if missing:
            self._known.update(known(self._connection, self._run, missing))

    def context(self, fingerprint: str) -> dict[str, str]:
        """The context of a fetch of this group, with who came to wait for it meanwhile."""
        return self._known[fingerprint][1]

    def changed(self) -> dict[str, dict[str, str]]:
        """Contexts to be written of fetches that this group does not settle."""
        return {key: self._known[key][1] for key in self._changed}

    def settled(self, fingerprint: str, state: FetchState, context: dict[str, str]) -> None:
        """Note what a fetch of this group came to; whoever asks from now on does not wait for it."""
        self._known[fingerprint] = (state, context)
        self._changed.discard(fingerprint)

    def photos(self, listing: str, urls: Sequence[str], fetches: Sequence[Fetch | None]) -> list[ListingImage]:
        """The photos of a listing as far as they are there; it waits for the others."""
        images = []
        for position, url in enumerate(urls):
            image = ListingImage(listing=listing, position=position, url=url)
            fetch = fetches[position] if position < len(fetches) else None
            if fetch is not None:
                image = self._photo(image, fetch.fingerprint)
            images.append(image)
        return images

    def photo_came(
        self, context: Mapping[str, str], capture: Capture | None, reason: str | None
    ) -> list[ListingImage]:
        """What the listings that waited for a photo get."""
        images = []
        for waiter in _waiters(context):
            if waiter[0] == "photo":
                image = ListingImage(listing=waiter[1], position=waiter[2], url=waiter[3])
                images.append(
                    _filled(image, capture.id, capture.body_sha256)
                    if capture and not reason
                    else _refused(image, reason)
                )
        return images

    def hand_on(self, fingerprint: str, moved_to: str) -> list[ListingImage]:
        """After a redirect whoever waited waits for the next hop; gives photos that are there already."""
        images = []
        for waiter in _waiters(self.context(fingerprint)):
            if waiter[0] == "photo":
                image = ListingImage(listing=waiter[1], position=waiter[2], url=waiter[3])
                found = self._photo(image, moved_to)
                if found != image:
                    images.append(found)
            else:
                self._wait(moved_to, waiter)
        return images

    def streams(self, listing: str, found_in: str, fetches: Sequence[Fetch]) -> list[StreamLink]:
        """The hops that a page of a listing names, and those already known behind them."""
        links: dict[str, StreamLink] = {}
        for fetch in fetches:
            if fetch.kind in _ROLES:
                self._stream(listing, _ROLES[fetch.kind], fetch.url, fetch.fingerprint, found_in, links, 0)
        return list(links.values())

    def listings_behind(self, fingerprint: str) -> list[str]:
        """The listings that wait for a hop of this group."""
        return [waiter[1] for waiter in _waiters(self.context(fingerprint)) if waiter[0] == "stream"]

    def _photo(self, image: ListingImage, fingerprint: str) -> ListingImage:
        state, context = self._end_of(fingerprint)
        if state is FetchState.DONE and "capture" in context:
            return _filled(image, context["capture"], context["sha256"])
        if state is FetchState.FAILED:
            return _refused(image, None)
        self._wait(self._last(fingerprint), ["photo", image.listing, image.position, image.url])
        return image

    def _stream(
        self,
        listing: str,
        role: str,
        url: str,
        fingerprint: str,
        found_in: str,
        links: dict[str, StreamLink],
        depth: int,
    ) -> None:
        if url in links or depth > HOPS_MAX:
            return
        self.prepare([fingerprint])
        state, context = self._known.get(fingerprint, (None, {}))
        capture = context.get("capture") if state is FetchState.DONE else None
        links[url] = StreamLink(role=role_of(role, context), url=url, capture=capture, found_in=found_in)
        if state in (FetchState.DONE, FetchState.FAILED):
            for next_role, next_url, next_print in json.loads(context.get("led_to", "[]")):
                self._stream(listing, next_role, next_url, next_print, capture or found_in, links, depth + 1)
        else:
            self._wait(fingerprint, ["stream", listing, role])

    def _end_of(self, fingerprint: str) -> tuple[FetchState | None, dict[str, str]]:
        last = self._last(fingerprint)
        return self._known.get(last, (None, {}))

    def _last(self, fingerprint: str) -> str:
        """The fetch that a chain of redirects ends at, as far as it is known."""
        for _ in range(HOPS_MAX):
            self.prepare([fingerprint])
            state, context = self._known.get(fingerprint, (None, {}))
            if state is not FetchState.DONE or "moved_to" not in context:
                break
            fingerprint = context["moved_to"]
        return fingerprint

    def _wait(self, fingerprint: str, waiter: list[Any]) -> None:  # Any: ids, positions, URLs
        if fingerprint in self._known:
            state, context = self._known[fingerprint]
            if state in (FetchState.DONE, FetchState.FAILED):
                return
            self._known[fingerprint] = (state, _with(context, waiter))
            self._changed.add(fingerprint)
        elif fingerprint in self._new:
            fetch = self._new[fingerprint]
            self._new[fingerprint] = dataclasses.replace(fetch, context=_with(fetch.context, waiter))


def role_of(named: str, context: Mapping[str, str]) -> str:
    """What a hop turned out to be, by the context of its fetch; as it was named while it was not fetched."""
    if "moved_to" in context:
        return "redirect"
    return PROTECTOR if context.get("read_as") == PROTECTOR else named


def led_to(fetches: Sequence[Fetch]) -> str:
    """The hops that a player names, as its context keeps them for listings that find it done."""
    return json.dumps([[_ROLES[each.kind], each.url, each.fingerprint] for each in fetches if each.kind in _ROLES])


def _waiters(context: Mapping[str, str]) -> list[list[Any]]:  # Any: ids, positions, URLs
    waiters: list[list[Any]] = json.loads(context.get("for", "[]"))
    return waiters


def _with(context: Mapping[str, str], waiter: list[Any]) -> dict[str, str]:  # Any: ids, positions, URLs
    waiters = _waiters(context)
    if waiter in waiters or len(waiters) >= WAITERS_MAX:
        return dict(context)
    return {**context, "for": json.dumps([*waiters, waiter])}


def _filled(image: ListingImage, capture: str, sha256: str) -> ListingImage:
    return dataclasses.replace(image, capture=capture, sha256=sha256)


def _refused(image: ListingImage, reason: str | None) -> ListingImage:
    return dataclasses.replace(image, refused=f"not fetched: {reason}" if reason else "not fetched")
