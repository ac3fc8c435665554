"""
How widely a photo of the holder's circulates: which other accounts' listings show it, and whose word they have.

An official photo stands with outlets and honest resellers as it stands with copyists. Where it does, it says which
product an offer means and nothing of whose goods these are.
"""

from __future__ import annotations

from dataclasses import dataclass

from matching.pair import Account, Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Circulation:
    """Other accounts that show a photo of the listing: those the holder authorised, and those nobody vouches for."""

    position: int  # of the photo in the listing
    genuine: int
    unrelated: int

    @property
    def sentence(self) -> str:
        """Whoever shows it, for a reviewer."""
        counts = (self.genuine, "authorised"), (self.unrelated, "other")
        who = [f"{count} {what}" for count, what in counts if count]
        return f"photo {self.position + 1} stands with {' and '.join(who)} account(s) too"


def common_photo(pair: Pair) -> Circulation | None:
    """
    The least common of the holder's photos that the listing shows, where even that one is common; else None.

    Common is what an authorised account and others show, or so many others that nobody need be authorised: the
    policy's `common_beside_genuine` and `common_unrelated`. The listing's own account is not counted.
    """
    positions = {hit.photo.position: hit.photo for hit in pair.photos}
    shown = [_circulation(pair, position, photo.elsewhere) for position, photo in positions.items()]
    if not shown or not all(_is_common(each, pair) for each in shown):
        return None
    return min(shown, key=lambda each: (each.genuine, each.unrelated, each.position))


def _circulation(pair: Pair, position: int, accounts: tuple[Account, ...]) -> Circulation:
    others = set(accounts) - {pair.look.account}
    genuine = others & pair.genuine
    return Circulation(position=position, genuine=len(genuine), unrelated=len(others - genuine))


def _is_common(shown: Circulation, pair: Pair) -> bool:
    policy = pair.policy.grounds
    beside_genuine = shown.genuine > 0 and shown.unrelated >= policy.common_beside_genuine
    return beside_genuine or shown.unrelated >= policy.common_unrelated
