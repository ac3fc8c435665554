"""
What the cards of a page add to what the ledger knows, decided in the transaction that writes the page.

An offer is on many result pages; its card counts once a run. One that says what was known is only seen again; one
that says something else than its page did, or that shows what had gone, has its page opened.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from crawler.triage import says_the_same
from crawler.visit import Look, Visit
from store.db.listings import latest_looks, see_again
from store.records.listings import ListingState

# What a page said that still stood; after any other state a card is news.
_STOOD = frozenset({ListingState.LIVE, ListingState.PAUSED, ListingState.SOLD})


def sift(connection: Connection, run: str, visits: Sequence[Visit], now: datetime) -> list[Visit]:
    """
    The visits with those cards alone that are to be written, and the pages of those that are to be opened.

    Listings that were known and say nothing new are marked as seen.
    """
    if not any(visit.cards for visit in visits):
        return list(visits)
    known = latest_looks(connection, {card.item for visit in visits for card in visit.cards})
    taken: set[tuple[str, str]] = set()
    again: set[str] = set()
    sifted = []
    for visit in visits:
        write: list[Look] = []
        fetches = []
        for card in _each_once(visit.cards, taken):
            before = known.get(card.item)
            if before is None:
                write.append(card)
            elif before.run == run:
                continue
            elif card.offer is None:  # an interface's answer, which says all there is to say
                write.append(card)
            elif before.state not in _STOOD or not (before.on_card or says_the_same(card.fields, before.fields)):
                fetches += [card.offer] if card.offer is not None else []
            elif before.on_card and not says_the_same(card.fields, before.fields):
                write.append(card)
            else:
                again.add(before.listing)
        sifted.append(dataclasses.replace(visit, cards=tuple(write), fetches=(*visit.fetches, *fetches)))
    see_again(connection, sorted(again), now)
    return sifted


def _each_once(cards: Iterable[Look], taken: set[tuple[str, str]]) -> list[Look]:
    found = []
    for card in cards:
        if card.item not in taken:
            taken.add(card.item)
            found.append(card)
    return found
