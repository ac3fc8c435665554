"""One record of a pack, read back: opened where it was sealed, unpacked, and hashed again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

import zstandard

from store.evidence import pack as packs
from store.evidence.errors import DamagedBlob, VaultKeyMissing
from store.evidence.index import Location
from store.evidence.pack import Opening, Record
from store.evidence.pack_files import PackReaders
from store.evidence.vault_key import PackKey, VaultKey, opened


class BlobReader:
    """Reads blobs of a vault's packs. `key` is None for a vault in the clear, or where the key is not here."""

    def __init__(self, readers: PackReaders, key: VaultKey | None) -> None:
        self._readers = readers
        self._key = key
        self._decompressor = zstandard.ZstdDecompressor()
        self._pack_keys: dict[str, PackKey] = {}

    def read(self, name: bytes, location: Location) -> bytes | None:
        """
        The bytes of that SHA-256; None where they were taken out since the place was looked up.

        Raises `DamagedBlob`, `VaultKeyMissing`.
        """

        def damaged(why: str) -> DamagedBlob:
            return DamagedBlob(name.hex(), location.pack, location.at, why)

        try:
            fd, opening = self._readers.open(location.pack)
        except OSError as error:
            raise damaged(f"the pack cannot be opened ({error.strerror})") from error
        if opening is None:
            raise damaged("the pack's opening is not one")
        record = packs.read_header(os.pread(fd, packs.HEADER_BYTES, location.at), opening.salt, location.at)
        if record is None or record.digest != name:
            raise damaged("its header does not name it")
        if record.is_gone:
            return None
        stored = os.pread(fd, record.stored_bytes, record.at + packs.HEADER_BYTES)
        if len(stored) != record.stored_bytes:
            raise damaged("the pack ends inside it")
        codec = record.codec
        if codec & packs.CODEC_SEALED:
            plain = opened(self._pack_key(location.pack, opening), name, codec, stored)
            if plain is None:
                raise damaged("it does not open under the key of its pack")
            stored, codec = plain, codec & ~packs.CODEC_SEALED
        stored = self._unpacked(record, codec, stored, damaged)
        if hashlib.sha256(stored).digest() != name:
            raise damaged("its bytes have another SHA-256")
        return stored

    def _unpacked(self, record: Record, codec: int, stored: bytes, damaged: Callable[[str], DamagedBlob]) -> bytes:
        if codec == packs.CODEC_ZSTD:
            try:
                # Both lengths agree before anything is unpacked: a damaged frame can't ask for all memory.
                if zstandard.frame_content_size(stored) != record.raw_bytes:
                    raise damaged("its length does not fit its frame")
                return self._decompressor.decompress(stored, max_output_size=record.raw_bytes)
            except zstandard.ZstdError as error:
                raise damaged(f"it does not decompress ({error})") from error
        if codec != packs.CODEC_RAW:
            raise damaged(f"its codec {record.codec} is unknown to this version")
        return stored

    def _pack_key(self, pack: str, opening: Opening) -> PackKey:
        known = self._pack_keys.get(pack)
        if known is not None:
            return known
        place = self._readers.folder / pack
        if self._key is None:
            raise VaultKeyMissing(place, "this pack is sealed, and there is no key here")
        key = None if opening.wrapped is None else self._key.pack_key(opening.wrapped)
        if key is None:
            raise VaultKeyMissing(place, "its key was wrapped by another key than the one here")
        self._pack_keys[pack] = key
        return key
