"""
Stored looks as matching reads them, and the index they are compared with: nothing is hashed and nothing is written.

    looks = StoredLooks(reading, vault, snapshot)
    looks.read(ids) -> [MatchInput]      # those whose photos all have their fingerprints
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from config.declarations import Declarations
from config.platform import Platform, PlatformKind
from matching.candidates import Index, build_index, is_logo
from matching.errors import PhotoRefused
from matching.fingerprints import (
    LISTING,
    LOGO,
    REFERENCE,
    WORDS,
    first_photos,
    unpack_hashes,
    unpack_logos,
    unpack_words,
)
from matching.geometry import Features
from matching.images import HASH_VERSION, describe_photo, open_photo
from matching.logos import LOGO_VERSION, Logo
from matching.pair import ListingPhoto, MatchInput
from matching.peers import Peers
from matching.photo_search import PictureReader
from matching.printed_words import WORDS_VERSION, PrintedWords
from matching.regions import View
from matching.shown import ShownPhotos
from registry.snapshot import Snapshot
from store.db.findings import Findings
from store.db.listings import Listings, Observations, images_of
from store.db.personal import Sealer
from store.db.references import References
from store.db.sellers import Sellers
from store.db.session import Database
from store.db.tables import listing as listing_table
from store.db.tables import observation as observation_table
from store.db.tables import seller as seller_table
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.listings import Listing, ListingImage
from store.records.scope import Scope

FEATURES_KEPT = 64  # pictures whose corners are kept: 300 kB each


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where looks are read, and under which declarations."""

    url: str
    declarations: Declarations
    open_sealer: Callable[[], Sealer] | None  # opens sellers' names; a function, because keys do not leave a process
    scope: Scope


class StoredLooks:
    """Looks of one ledger beside one registry; opens connections of its own."""

    def __init__(self, reading: Reading, vault: Vault, snapshot: Snapshot, peers: Peers | None = None) -> None:
        self._reading = reading
        self._vault = vault
        self._sealer = reading.open_sealer() if reading.open_sealer is not None else None
        self._database = Database(reading.url)
        self.opened_at = datetime.now(UTC)
        with self._database.read() as connection:
            self.index: Index = index_of(connection, snapshot, reading.scope, peers=peers)
            # A registry without photos shows none: nobody asks who else does.
            radius_bits = reading.declarations.policy.photos.accept_bits
            self._shown = ShownPhotos(connection, radius_bits) if len(self.index.photos) else None
        self.open_picture: PictureReader = lru_cache(maxsize=FEATURES_KEPT)(self._read_features)

    def read(self, ids: Sequence[str]) -> list[MatchInput]:
        """These looks, without those whose photos are fetched but not fingerprinted, or not read, yet."""
        scope, sealer = self._reading.scope, self._sealer
        with self._database.read() as connection:
            observations = Observations(connection, scope, sealer).find(observation_table.c.id.in_(ids))
            listing_ids = [each.listing for each in observations]
            listings = {
                each.id: each for each in Listings(connection, scope).find(listing_table.c.id.in_(listing_ids))
            }
            seller_ids = {each.seller for each in listings.values() if each.seller}
            sellers = {
                each.id: each for each in Sellers(connection, scope, sealer).find(seller_table.c.id.in_(seller_ids))
            }
            images: defaultdict[str, list[ListingImage]] = defaultdict(list)
            for image in images_of(connection, listing_ids):
                images[image.listing].append(image)
            before = Findings(connection, scope).rights_found(listing_ids)
            wanted = {
                image.sha256
                for each in images.values()
                for image in each
                if image.sha256 is not None and not image.refused
            }
            references = References(connection, scope)
            hashes = unpack_hashes(references.fingerprints(wanted, version=HASH_VERSION), LISTING)
            every = [image for each in images.values() for image in each]
            words_in = self._reading.declarations.policy.photos.words_in
            words = words_kept(references, every, words_in)
            unread = first_photos(every, words_in) - words.keys()
            elsewhere = self._shown.accounts(connection, hashes.values()) if self._shown is not None else {}
        found = []
        for observation in observations:
            own = [each for each in images[observation.listing] if each.sha256 is not None and not each.refused]
            if any(each.sha256 not in hashes or (each.listing, each.sha256) in unread for each in own):
                continue
            listing = listings[observation.listing]
            found.append(
                MatchInput(
                    listing=listing,
                    observation=observation,
                    platform=self._reading.declarations.platforms.get(listing.platform) or undeclared(listing),
                    seller=sellers.get(listing.seller) if listing.seller else None,
                    photos=tuple(
                        ListingPhoto(
                            position=image.position,
                            sha256=image.sha256,
                            capture=image.capture,
                            hash=hashes[image.sha256],
                            words=words.get((image.listing, image.sha256), ()),
                            elsewhere=elsewhere.get(image.sha256, ()),
                        )
                        for image in sorted(own, key=lambda each: each.position)
                        if image.sha256 is not None
                    ),
                    known_rights=before.get(listing.id, ()),
                )
            )
        return found

    def close(self) -> None:
        """Give back connections and files."""
        self._database.close()
        self._vault.close()

    def _read_features(self, sha256: str, view: View) -> Features | None:
        try:
            return describe_photo(open_photo(self._vault.get(sha256), colour=False), view)
        except (PhotoRefused, VaultError):
            return None

    def open_colours(self, sha256: str) -> NDArray[np.uint8] | None:
        """A listing's photo in colour; None where it cannot be opened."""
        try:
            return open_photo(self._vault.get(sha256)).rgb
        except (PhotoRefused, VaultError):
            return None


def index_of(
    connection: Connection,
    snapshot: Snapshot,
    scope: Scope,
    *,
    peers: Peers | None = None,
    folder: Path | None = None,
) -> Index:
    """
    The index of a registry with the fingerprints that are there; a reference without any is found by its bytes.

    `peers` is what other accounts ask. With a `folder` its codes are kept there for the next one (`photo_index`).
    """
    shas = {reference.sha256 for reference in snapshot.references}
    hashes = unpack_hashes(References(connection, scope).fingerprints(shas, version=HASH_VERSION), REFERENCE)
    return build_index(
        snapshot,
        {sha256: photo.codes for sha256, photo in hashes.items()},
        {sha256: (photo.corners, photo.mirrored_corners) for sha256, photo in hashes.items()},
        logos=logos_of(connection, snapshot, scope),
        peers=peers,
        folder=folder,
    )


def logos_of(connection: Connection, snapshot: Snapshot, scope: Scope) -> dict[str, Logo]:
    """The logos of a registry that are ready to be looked for inside photos, by SHA-256."""
    shas = {reference.sha256 for reference in snapshot.references if is_logo(reference)}
    return unpack_logos(References(connection, scope).fingerprints(shas, algorithm=LOGO, version=LOGO_VERSION))


def words_kept(
    references: References, images: Iterable[ListingImage], words_in: int
) -> dict[tuple[str, str], tuple[PrintedWords, ...]]:
    """The words that were read in the first `words_in` photos of each listing, by listing and SHA-256."""
    asked = first_photos(images, words_in)
    if not asked:
        return {}
    rows = references.fingerprints({sha256 for _, sha256 in asked}, algorithm=WORDS, version=WORDS_VERSION)
    kept = unpack_words(rows)
    return {(listing, sha256): kept[sha256] for listing, sha256 in asked if sha256 in kept}


def undeclared(listing: Listing) -> Platform:
    """A platform that no file declares, as listings imported from elsewhere have: nothing is known of it."""
    parts = urlsplit(listing.url)
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    home = f"{parts.scheme}://{parts.hostname}/" if is_web else "https://unknown.invalid/"
    return Platform.model_construct(name=listing.platform, kind=PlatformKind.MARKETPLACE, home=home, countries=())
