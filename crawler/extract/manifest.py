"""HLS and DASH manifests: which variants, how long, live or not, and the hosts that serve them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urljoin

import m3u8

from crawler.extract.addresses import absolute_url, host_of
from crawler.extract.charset import decode_body
from crawler.extract.errors import ManifestError
from crawler.extract.pages import Page
from crawler.extract.values import read_seconds

MAX_CHARS = 4_000_000  # a day of two-second segments is about 3 MB
MAX_SEGMENTS = 500_000  # more are counted as that many; a year of live television is fewer
MAX_ADDRESSES = 2_000  # kept of variants and of segments

_HLS_NEEDED = (
    "#EXTM3U", "#EXTINF", "#EXT-X-STREAM-INF", "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-ENDLIST", "#EXT-X-PLAYLIST-TYPE",
)  # fmt: skip


class ManifestKind(Enum):
    """The two formats in use."""

    HLS = "hls"
    DASH = "dash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest offers."""

    kind: ManifestKind
    variants: tuple[str, ...]  # absolute addresses: playlists of a master (HLS), base addresses (DASH)
    segments: int  # named or computed; 0 for a master and where the manifest does not say
    segment_urls: tuple[str, ...]  # the first `MAX_ADDRESSES` that are spelled out
    duration_s: float | None  # None where it is live or not said
    live: bool
    hosts: tuple[str, ...]  # in order of first mention


def read_manifest(page: Page) -> Manifest:
    """
    What the manifest in the page's body offers.

    Raises `ManifestError` for a body that is neither HLS nor DASH, is broken, or carries a document type.
    """
    text = decode_body(page.body, page.header("content-type")).text
    if len(text) > MAX_CHARS:
        raise ManifestError(page.url, f"{len(text)} characters, the limit is {MAX_CHARS}")
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("#EXTM3U"):
        return _read_hls(page.url, text)
    if re.match(r"(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*<(?:\w+:)?MPD[\s>]", start[:20_000], re.DOTALL):
        return _read_dash(page.url, text)
    if "<!DOCTYPE" in start[:2_000] and "MPD" in start:
        raise ManifestError(page.url, "it carries a document type, which manifests have no use for")
    raise ManifestError(page.url, f"neither HLS nor DASH: it starts {start[:40]!r}")


def _hosts(addresses: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for address in addresses if (host := host_of(address))))


def _read_hls(url: str, text: str) -> Manifest:
    try:
        playlist = m3u8.loads(text)
    except Exception:  # noqa: BLE001 -- the parser raises whatever a broken line makes it raise; such lines go below
        try:
            playlist = m3u8.loads(_bare_hls(text))
        except Exception as error:
            raise ManifestError(url, f"HLS: {type(error).__name__}: {str(error)[:100]}") from error
    written = [p.uri for p in (*playlist.playlists, *playlist.iframe_playlists, *playlist.media) if p.uri]
    variants = tuple(dict.fromkeys(a for uri in written[:MAX_ADDRESSES] if (a := absolute_url(url, uri))))
    segments = [s.uri for s in playlist.segments[:MAX_SEGMENTS] if s.uri]
    addresses = tuple(a for uri in segments[:MAX_ADDRESSES] if (a := absolute_url(url, uri)))
    if not variants and not segments:
        raise ManifestError(url, "HLS: it names neither variants nor segments")
    lengths = [float(s.duration) for s in playlist.segments[:MAX_SEGMENTS] if s.duration is not None]
    closed = bool(playlist.is_endlist) or str(playlist.playlist_type or "").lower() == "vod"
    live = bool(segments) and not closed
    total = sum(length for length in lengths if 0 <= length < 86_400)
    return Manifest(
        kind=ManifestKind.HLS,
        variants=variants,
        segments=len(segments),
        segment_urls=addresses,
        duration_s=round(total, 3) if segments and not live else None,
        live=live,
        hosts=_hosts((*variants, *addresses)) or _hosts((url,)),
    )


def _bare_hls(text: str) -> str:
    """
    Only the lines that name variants, segments and lengths, with the attribute the parser insists on.

    Players follow lists whose other lines are broken, so reading them must not depend on those.
    """
    kept = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith(("#EXT-X-STREAM-INF", "#EXT-X-I-FRAME-STREAM-INF")) and "BANDWIDTH=" not in line:
            tag, _, rest = line.partition(":")
            line = f"{tag}:BANDWIDTH=0" + (f",{rest}" if rest else "")
        if not line.startswith("#") or line.startswith(_HLS_NEEDED):
            kept.append(line)
    return "\n".join(kept)


def _read_dash(url: str, text: str) -> Manifest:
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise ManifestError(url, "DASH: it carries a document type, which manifests have no use for")
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \t\r\n"))  # noqa: S314 -- entities need a document type
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise ManifestError(url, f"DASH: {str(error)[:100]}") from error
    live = root.get("type") == "dynamic"
    whole = _seconds(root.get("mediaPresentationDuration"))
    addresses: list[str] = []
    spelled: list[str] = []
    segments = 0
    periods = 0.0
    outer = _bases(root, [url])
    for period in _children(root, "Period"):
        length = _seconds(period.get("duration")) or whole
        periods += length or 0.0
        in_period = _bases(period, outer)
        most = 0
        for group in _children(period, "AdaptationSet"):
            in_group = _bases(group, in_period)
            for version in _children(group, "Representation"):
                bases = _bases(version, in_group)
                addresses.extend(bases)
                counted, named = _segments((version, group, period), length, bases)
                most = max(most, counted)
                spelled.extend(named[: MAX_ADDRESSES - len(spelled)])
        segments = min(segments + most, MAX_SEGMENTS)
    if not addresses and not spelled:
        raise ManifestError(url, "DASH: it names no representation")
    variants = tuple(dict.fromkeys(a for address in addresses[:MAX_ADDRESSES] if (a := absolute_url(url, address))))
    return Manifest(
        kind=ManifestKind.DASH,
        variants=variants,
        segments=segments,
        segment_urls=tuple(dict.fromkeys(spelled)),
        duration_s=None if live else whole or (round(periods, 3) or None),
        live=live,
        hosts=_hosts((*variants, *spelled)),
    )


def _name(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def _children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (child for child in element if _name(child) == name)


def _bases(element: ElementTree.Element, outer: list[str]) -> list[str]:
    """The base addresses inside an element, resolved against those outside it."""
    own = [(child.text or "").strip() for child in _children(element, "BaseURL")]
    if not any(own):
        return outer
    joined: list[str] = []
    for base in outer[:10]:
        for address in own[:10]:
            try:
                joined.append(urljoin(base, address))
            except ValueError:
                continue
    return joined or outer


def _seconds(text: str | None) -> float | None:
    """An XML duration in seconds, fractions kept."""
    match = re.fullmatch(
        r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d+)?)S)?)?", (text or "").strip()
    )
    if match is None or not any(match.groups()):
        return float(whole) if (whole := read_seconds(text or "")) is not None else None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _number(text: str | None, default: float) -> float:
    try:
        value = float(text) if text is not None else default
    except ValueError:
        return default
    return value if 0 <= value < 1e15 else default


def _segments(
    levels: tuple[ElementTree.Element, ...], length: float | None, bases: list[str]
) -> tuple[int, list[str]]:
    """How many segments one representation has, and those spelled out. The innermost description counts."""
    for level in levels:
        for listing in _children(level, "SegmentList"):
            written = [child.get("media") for child in _children(listing, "SegmentURL")]
            named = [a for m in written[:MAX_ADDRESSES] if m and (a := absolute_url(bases[0], m))]
            return len(written), named
        for template in _children(level, "SegmentTemplate"):
            counted = 0
            for timeline in _children(template, "SegmentTimeline"):
                for run in _children(timeline, "S"):
                    counted += 1 + int(max(0.0, _number(run.get("r"), 0.0)))
            if not counted and length is not None:
                step = _number(template.get("duration"), 0.0) / (_number(template.get("timescale"), 1.0) or 1.0)
                counted = int(length / step + 0.999) if step > 0 else 0
            media = template.get("media") or ""
            first = absolute_url(bases[0], media) if media and "$" not in media else None
            return min(counted, MAX_SEGMENTS), [first] if first else []
        if any(True for _ in _children(level, "SegmentBase")):
            return 1, []
    return 0, []
