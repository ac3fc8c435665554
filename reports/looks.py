"""A look into the vault at the captures of an item: are the bytes whole, and do they show what was read?"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable

from reports.facts import CaptureCheck
from store.evidence.errors import VaultError
from store.evidence.vault import Vault
from store.records.captures import Capture, CaptureRole
from store.records.listings import ListingImage, Observation

SCREENSHOTS = frozenset({CaptureRole.VIEWPORT, CaptureRole.FULL})

_TAG = re.compile(r"<[^<>]{0,2000}>")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_-]{2,40})", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


class Looks:
    """Looks into the vault, once per digest."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._faults: dict[str, str | None] = {}

    def body(self, sha256: str) -> bytes | None:
        """The bytes of a digest; None, with the fault noted, where the vault cannot give them whole."""
        try:
            body = self._vault.get(sha256)
        except VaultError as error:
            self._faults[sha256] = str(error)
            return None
        self._faults[sha256] = None
        return body

    def fault(self, sha256: str) -> str | None:
        """Why the bytes of a digest cannot be relied on; None where they are whole."""
        if sha256 not in self._faults:
            self.body(sha256)
        return self._faults[sha256]

    def check(
        self,
        capture: Capture,
        observation: Observation,
        images: Iterable[ListingImage],
        had: Capture | None = None,
    ) -> CaptureCheck:
        """
        What the vault says of one capture: its body, its files, its photo, and whether it shows the title.

        `had` is the capture whose bytes the server said still stand, where it said so: they came with its headers.
        """
        faults = [self.fault(capture.body_sha256), *(self.fault(file.sha256) for file in capture.files)]
        for image in images:
            if image.capture == capture.id and image.sha256 is not None and image.sha256 != capture.body_sha256:
                faults.append("the photo that was read is not the one that was kept")
        shows = False
        title = observation.fields.title
        if title is not None and capture.id in (observation.capture, title.capture):
            body = self.body(capture.body_sha256)
            shows = body is not None and shows_text(body, _charset(had or capture), title.raw, title.value)
        return CaptureCheck(
            capture=capture.id,
            fault=next((fault for fault in faults if fault is not None), None),
            shows_title=shows,
            has_screenshot=any(file.role in SCREENSHOTS for file in capture.files),
        )


def _charset(capture: Capture) -> str | None:
    for name, value in capture.response_headers:
        if name.casefold() == "content-type":
            found = re.search(r"charset=[\"']?([A-Za-z0-9_-]{2,40})", value)
            return found[1] if found else None
    return None


def shows_text(body: bytes, charset: str | None, *texts: str) -> bool:
    """
    Whether one of `texts` stands in the page, as text, in an attribute, or in embedded JSON.

    Blanks count as one; the page is read in the charset it was served with, in the one it names itself, and in
    UTF-8, because the reader of the page may have trusted either.
    """
    wanted = [_SPACE.sub(" ", text).strip() for text in texts if text.strip()]
    named = _META_CHARSET.search(body[:4096])
    for name in dict.fromkeys([charset, named[1].decode("ascii") if named else None, "utf-8"]):
        if name is None:
            continue
        try:
            page = body.decode(name, "replace")
        except LookupError:
            continue  # a charset nobody knows; the others are tried
        forms = (page, html.unescape(page), html.unescape(_TAG.sub("", page)), _from_json(page))
        if any(text in _SPACE.sub(" ", form) for form in forms for text in wanted):
            return True
    return False


def _from_json(page: str) -> str:
    """The page with JSON's escapes read, for titles that stand only in an embedded object."""

    def read(match: re.Match[str]) -> str:
        try:
            return str(json.loads(f'"{match[0]}"'))
        except ValueError:
            return match[0]

    return re.sub(r"(?:\\u[0-9a-fA-F]{4})+|\\[\"\\/bfnrt]", read, page)
