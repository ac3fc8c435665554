"""A stream that was followed to its manifest."""

from __future__ import annotations

from matching.names import NameKind
from matching.pair import Pair, Place
from matching.signals.examples import Example
from store.records.comparisons import Sign, SignFamily
from store.records.listings import StreamLink

NAME = "stream"

_SEEN_ONLY = 0.3  # named on the page, not fetched: a promise, no family of its own
_MEDIA = ("manifest", "magnet", "file_host")


def read(pair: Pair) -> list[Sign]:
    """
    The page that names the work leads to a manifest that was fetched: something is really played there. A link that
    was only seen counts little. What the stream shows is not looked at by this sign.
    """
    if pair.work is None:
        return []
    if not any(p.place is Place.TITLE and p.hit.name.kind is NameKind.TITLE for p in pair.names):
        return []
    resolved = find_manifest(pair)
    link = resolved or next((each for each in pair.look.fields.streams if each.role in _MEDIA), None)
    if link is None:
        return []
    because = (
        f"The page leads to the manifest {link.url}, which was fetched."
        if resolved
        else f"The page names a {link.role} that was not fetched: {link.url}."
    )
    return [
        Sign(
            signal=NAME,
            family=SignFamily.STREAM,
            strength=1.0 if resolved else _SEEN_ONLY,
            because=because,
            ours=pair.work.title,
            theirs=link.url,
            capture=link.capture or link.found_in,
            raw={"role": link.role},
        )
    ]


def find_manifest(pair: Pair) -> StreamLink | None:
    """The first manifest that was fetched, or None."""
    return next((link for link in pair.look.fields.streams if link.role == "manifest" and link.capture), None)


EXAMPLES = (
    Example(
        why="a fetched manifest",
        speaks=True,
        title="The Last Harbour",
        mark=None,
        work="The Last Harbour",
        manifest="http://127.0.0.1/a.m3u8",
    ),
    Example(why="no stream", speaks=False, title="The Last Harbour", mark=None, work="The Last Harbour"),
    Example(
        why="a stream of something else",
        speaks=False,
        title="Summer Road",
        mark=None,
        work="The Last Harbour",
        manifest="http://127.0.0.1/a.m3u8",
    ),
)
