"""How the items of a case are parted into notices: as many as the recipient, the ledger and one package take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from urllib.parse import urlsplit

from reports.facts import Material
from reports.weight import FRAME_BYTES, PACKAGE_BYTES, weight_of


def part_items(material: Sequence[Material]) -> Iterator[Sequence[Material]]:
    """As many items as one notice of the profile, and one package, may hold; all of a case share a profile."""
    if not material:
        return
    limits = material[0].profile.limits
    # The ledger takes 500 rows a transaction; a notice without a limit of its own stays well below.
    size = min(limits.items_per_notice or 300, 300)
    for part in part_hosts(material, limits.hosts_per_notice):
        lot: list[Material] = []
        weight = 0
        for each in part:
            own = weight_of(each)
            if lot and (len(lot) == size or weight + own > PACKAGE_BYTES - FRAME_BYTES):
                yield lot
                lot, weight = [], 0
            lot.append(each)
            weight += own
        yield lot


def part_hosts(material: Sequence[Material], most: int | None) -> Iterable[Sequence[Material]]:
    """The items in parts of at most `most` host names each; all in one where the recipient asks for none."""
    if most is None:
        return [material]
    hosts: dict[str, list[Material]] = {}
    for each in material:
        hosts.setdefault(urlsplit(each.listing.url).netloc.casefold(), []).append(each)
    groups = list(hosts.values())
    return [list(chain(*groups[start : start + most])) for start in range(0, len(groups), most)]
