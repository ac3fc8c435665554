"""How many bytes an item brings into its batch, reckoned before anything is written."""

from __future__ import annotations

from reports.facts import Material

# A package of this size passes the mail servers and forms of most recipients (chosen; many stop at 25 MB).
PACKAGE_BYTES = 25_000_000
# What a package holds beside its items: manifest, signatures, statements, the style of the page.
FRAME_BYTES = 1_000_000
# Of one item beside its evidence: its words in every form, and the reference drawn anew at 400 px, in base64.
ITEM_BYTES = 75_000
# The listing's photo drawn anew is no bigger than the photo, nor than this (400 px, JPEG, as measured on photos).
DRAWN_BYTES = 100_000
# Base64 writes three bytes as four.
ENCODED = 4 / 3


def weight_of(material: Material) -> int:
    """Bytes of one item in a sealed batch: its evidence, each file once, and its share of page and tables."""
    files = {capture.body_sha256: capture.body_bytes for capture in material.captures if capture.body_sha256}
    files |= {file.sha256: file.size_bytes for capture in material.captures for file in capture.files}
    evidence = sum(files.values())
    drawn = int(min(evidence, DRAWN_BYTES) * ENCODED)
    reported = int(evidence * ENCODED) if "xarf" in material.profile.forms else 0
    return ITEM_BYTES + evidence + drawn + reported
