"""
What can go wrong while comparing listings with references.

    MatchingError
    ├── PhotoRefused            a picture that gets no fingerprint
    │   ├── UnsafePhoto         its bytes are hostile, damaged or of a kind that is not read
    │   └── Unhashable          it decodes, but says too little to tell it from others
    ├── ReaderMissing           words in photos are asked for, and nothing here reads them
    ├── CodesMisshapen          fingerprints handed to an index do not fit it
    └── IndexUnreadable         an index on disk is not there, or not whole
"""

from collections.abc import Sequence
from enum import Enum, unique


class MatchingError(Exception):
    """Everything this package raises on purpose."""


@unique
class RefusalReason(Enum):
    """Why a picture gets no fingerprint."""

    EMPTY = "empty"
    """No bytes at all."""
    TOO_MANY_BYTES = "too_many_bytes"
    """The file is larger than the gate reads."""
    UNKNOWN_FORMAT = "unknown_format"
    """The first bytes are not those of an allowed format."""
    TOO_MANY_PIXELS = "too_many_pixels"
    """The header announces more pixels than the gate decodes."""
    DAMAGED = "damaged"
    """The file is truncated, or its decoder gives up."""
    TOO_SMALL = "too_small"
    """A side is shorter than the fingerprint needs."""
    FLAT = "flat"
    """One tone, or nearly so: every such picture has the same fingerprint."""
    FEATURELESS = "featureless"
    """Tones differ, but too few edges carry the fingerprint (gradients, blurs)."""


class PhotoRefused(MatchingError):
    """A picture that gets no fingerprint; `reason` is coded, `detail` holds the figures."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(f"photo refused ({reason.value}): {detail}")
        self.reason = reason
        self.detail = detail


class UnsafePhoto(PhotoRefused):
    """The bytes are hostile, damaged, or of a kind that is not read: keep them as evidence, never decode."""


class Unhashable(PhotoRefused):
    """The picture decodes but carries too little detail to identify anything."""


class ReaderMissing(MatchingError):
    """Words in photos are asked for, and their reader is not installed, or not whole."""

    def __init__(self, lacking: Sequence[str] = ()) -> None:
        what = f"lacks {', '.join(lacking)}" if lacking else "is not installed"
        super().__init__(
            f"policy.toml asks for words in photos ([photos] words_in), and their reader {what}: "
            "`pip install -e '.[ocr]'` in the checkout brings it, or set words_in = 0"
        )


class CodesMisshapen(MatchingError):
    """Fingerprints handed to an index do not have its width, or lack a reference each."""


class IndexUnreadable(MatchingError):
    """An index on disk is not there, of another layout, or not whole: it is built anew, nothing is lost."""
