"""
Which accounts' stored listings show a photo: the same picture by its fingerprint, not only the same file.

    shown = ShownPhotos(connection, accept_bits)     # every stored photo's fingerprint, read once
    shown.accounts(connection, photos)               # {sha256: accounts}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy import Connection, select

from matching.codes import words_of
from matching.fingerprints import PDQ
from matching.images import HASH_VERSION, PhotoHash
from matching.index import CodeIndex
from matching.pair import Account
from store.db import tables
from store.db.by_ref import in_lots
from store.pictures.pdq import CODE_BYTES

READ_AT_ONCE = 20_000  # rows; what stands between the database and the index
# Accounts told of one photo. What a policy asks for are a handful; a stock picture may stand with a hundred thousand.
MOST_ACCOUNTS = 200


class ShownPhotos:
    """The fingerprints of stored photos, as they were when this was made."""

    def __init__(self, connection: Connection, radius_bits: int) -> None:
        """Read the codes, 64 bytes a photo; photos within `radius_bits` of each other count as one."""
        own = tables.fingerprint
        statement = select(own.c.sha256, own.c.value).where(
            own.c.algorithm == PDQ, own.c.variant == "whole", own.c.version == HASH_VERSION
        )
        codes, digests = [], bytearray()
        for row in connection.execute(statement, execution_options={"yield_per": READ_AT_ONCE}):
            if len(row.value) == CODE_BYTES:
                codes.append(row.value)
                digests += bytes.fromhex(row.sha256)
        self._radius_bits = radius_bits
        self._index = CodeIndex.of(words_of(codes))
        self._digests = np.frombuffer(bytes(digests), dtype=np.uint8).reshape(-1, 32)

    def accounts(self, connection: Connection, photos: Collection[PhotoHash]) -> dict[str, tuple[Account, ...]]:
        """By SHA-256 of each photo: the accounts whose listings show it, in order; 200 of them at most."""
        asked = list({photo.sha256: photo for photo in photos}.values())
        near = self._index.search(words_of([photo.pdq.code for photo in asked]), self._radius_bits)
        alike: defaultdict[str, set[str]] = defaultdict(set)  # stored photo: photos that were asked for
        for query, label in zip(near.queries.tolist(), near.labels.tolist(), strict=True):
            alike[self._digests[label].tobytes().hex()].add(asked[query].sha256)
        found: defaultdict[str, set[Account]] = defaultdict(set)
        for stored, account in _offered_by(connection, alike):
            for sha256 in alike[stored]:
                if len(found[sha256]) < MOST_ACCOUNTS:
                    found[sha256].add(account)
        return {sha256: tuple(sorted(accounts)) for sha256, accounts in found.items()}


def _offered_by(connection: Connection, photos: Mapping[str, object]) -> list[tuple[str, Account]]:
    """Give stored photos with the accounts whose listings show them, each pair once."""
    image, listing, seller = tables.listing_image, tables.listing, tables.seller
    found: list[tuple[str, Account]] = []
    for lot in in_lots(sorted(photos)):
        statement = (
            select(image.c.sha256, seller.c.platform, seller.c.platform_seller_id)
            .join_from(image, listing, listing.c.id == image.c.listing)
            .join(seller, seller.c.id == listing.c.seller)
            .where(image.c.sha256.in_(lot))
            .distinct()
            .order_by(image.c.sha256, seller.c.platform, seller.c.platform_seller_id)
        )
        found += [(sha256, Account(platform, own)) for sha256, platform, own in connection.execute(statement)]
    return found
