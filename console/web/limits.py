"""How often one address or account may ask: a bucket each, kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from store.records.ids import Clock

KEPT = 10_000  # buckets; the one not asked for longest gives way, so that strangers cannot fill the memory


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """Token buckets: `burst` at once, then `per_second`."""

    def __init__(self, clock: Clock, *, strangers_per_minute: int = 240, accounts_per_minute: int = 3000) -> None:
        # Strangers: a page with its files takes five requests. Accounts: a reviewer who holds a key down stays under
        # it; a copier of the whole ledger does not.
        self._clock = clock
        self._per_second = {False: strangers_per_minute / 60, True: accounts_per_minute / 60}
        self._burst = {False: strangers_per_minute / 2, True: accounts_per_minute / 2}
        self._buckets: OrderedDict[tuple[bool, str], _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, subject: str, *, is_account: bool) -> int:
        """Take one; 0, or the seconds after which to ask again."""
        now = self._clock().timestamp()
        rate, burst = self._per_second[is_account], self._burst[is_account]
        key = (is_account, subject)
        with self._lock:
            bucket = self._buckets.pop(key, None) or _Bucket(left=burst, at=now)
            bucket.left = min(burst, bucket.left + max(0.0, now - bucket.at) * rate)
            bucket.at = now
            self._buckets[key] = bucket
            if len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
            if bucket.left < 1:
                return max(1, round((1 - bucket.left) / rate))
            bucket.left -= 1
            return 0
