"""
What can go wrong while bytes become values. A bad page is no error: `read_page` says in words what it found.

ExtractError
├── BrokenRule       a declared rule cannot be used on any page
├── UnreadableJson   text that should be JSON is not, even after careful repair
└── ManifestError    a stream manifest cannot be read
"""

from __future__ import annotations


class ExtractError(Exception):
    """Bytes or rules cannot be read."""


class BrokenRule(ExtractError):
    """A declared rule cannot be used on any page; the platform file must be changed."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule} cannot be used: {detail}; correct it in the platform file")
        self.rule = rule
        self.detail = detail


class UnreadableJson(ExtractError):
    """Text that should be JSON is not, even after careful repair."""

    def __init__(self, detail: str, start: str) -> None:
        super().__init__(f"not JSON: {detail}; it starts {start[:60]!r}")
        self.detail = detail
        self.start = start[:60]


class ManifestError(ExtractError):
    """A stream manifest cannot be read."""

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(f"manifest {url[:200]} cannot be read: {detail}; keep the capture and look at its bytes")
        self.url = url
        self.detail = detail
