"""Rate limits: how many calls a minute each API key, or each address, may make of this process."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import monotonic

from emplette.http.contract.refusals import TooManyRequests

_MINUTE = 60.0
_MOST_KEPT = 10_000
_HOUSEHOLD = 64


@dataclass(slots=True)
class _Bucket:
    left: float
    seen: float


class RateLimit:
    """A bucket of calls for each caller, which fills evenly and holds a minute's worth.

    Args:
        per_minute: how many calls that is.
        whom: what a caller is to itself: "This key".
    """

    def __init__(self, per_minute: int, *, whom: str = "This key") -> None:
        self._size = per_minute
        self._whom = whom
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, caller: Hashable) -> None:
        """Count a call.

        Raises:
            TooManyRequests: the caller has used up its minute.
        """
        wait = self.wait(caller)
        if wait:
            raise TooManyRequests(f"{self._whom} may make {self._size} calls a minute.", retryAfter=wait)
        self._buckets[caller].left -= 1

    def wait(self, caller: Hashable) -> int:
        """Count the seconds until the caller has a call left; 0 when it has."""
        left = self._bucket(caller).left
        return 0 if left >= 1 else ceil((1 - left) * _MINUTE / self._size)

    def spend(self, caller: Hashable) -> None:
        """Count what was not refused, and can't be any more."""
        bucket = self._bucket(caller)
        bucket.left = max(0.0, bucket.left - 1)

    def knows(self, caller: Hashable) -> bool:
        """Tell whether something was counted of this caller lately."""
        bucket = self._buckets.get(caller)
        return bucket is not None and bucket.left < self._size

    def _bucket(self, caller: Hashable) -> _Bucket:
        now = monotonic()
        bucket = self._buckets.pop(caller, None) or _Bucket(self._size, now)
        if len(self._buckets) >= _MOST_KEPT:
            # The one that was seen longest ago, since each is put back at the end.
            del self._buckets[next(iter(self._buckets))]
        self._buckets[caller] = bucket
        bucket.left = min(self._size, bucket.left + (now - bucket.seen) * self._size / _MINUTE)
        bucket.seen = now
        return bucket


@lru_cache(maxsize=1024)
def household(address: str) -> str:
    """Name those who share an address: of IPv6, where everybody has many, the network of one household."""
    if not address or not isinstance(ip_address(address), IPv6Address):
        return address
    return str(ip_network((address.partition("%")[0], _HOUSEHOLD), strict=False))
