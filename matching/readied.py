"""Logos of a registry made ready to be looked for, in the processes that open pictures."""

from __future__ import annotations

from collections.abc import Collection

from matching.errors import PhotoRefused
from matching.fingerprints import pack_logo
from matching.logos import Logo
from matching.photo_worker import PhotoCrew, PhotoWorker
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.references import Fingerprint


def ready_logos(crew: PhotoCrew, vault: Vault, shas: Collection[str]) -> list[Fingerprint]:
    """
    The rows of these logos, by SHA-256 of their files, in its order.

    One that is too plain, cannot be drawn or is not in the vault has none: it is found by its bytes alone.
    """

    def describe(worker: PhotoWorker, sha256: str) -> Logo | None:
        try:
            return worker.describe_logo(vault.get(sha256))
        except (PhotoRefused, VaultError):
            return None

    described = crew.each(describe, sorted(shas))
    return [pack_logo(sha256, logo) for sha256, logo in described.items() if logo is not None]
