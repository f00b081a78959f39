"""The rate limit: how many calls a minute each API key may make of this process."""

from dataclasses import dataclass
from math import ceil
from time import monotonic

from emplette.http.contract.refusals import TooManyRequests

_MINUTE = 60.0
_MOST_KEYS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    seen: float


class RateLimit:
    """A bucket of calls for each key, which fills evenly and holds a minute's worth."""

    def __init__(self, per_minute: int) -> None:
        self._size = per_minute
        self._buckets: dict[int, _Bucket] = {}

    def take(self, key_id: int) -> None:
        """Count a call.

        Raises:
            TooManyRequests: the key has used up its minute.
        """
        now = monotonic()
        bucket = self._buckets.get(key_id)
        if bucket is None:
            if len(self._buckets) >= _MOST_KEYS:
                self._buckets.clear()
            bucket = self._buckets[key_id] = _Bucket(self._size, now)
        bucket.left = min(self._size, bucket.left + (now - bucket.seen) * self._size / _MINUTE)
        bucket.seen = now
        if bucket.left < 1:
            wait = ceil((1 - bucket.left) * _MINUTE / self._size)
            raise TooManyRequests(f"This key may make {self._size} calls a minute.", retryAfter=wait)
        bucket.left -= 1
