"""Holding a rate."""

import time
from collections.abc import Callable


class TokenBucket:
    """`rate` tokens a second, `burst` at once at most; what was missed is caught up within the burst.

    >>> bucket = TokenBucket(50)
    >>> bucket.take(10)   # how many of ten may go now
    """

    def __init__(self, rate: float, burst: float | None = None, clock: Callable[[], float] = time.monotonic):
        self.rate, self.burst, self.clock = rate, burst or max(rate / 2, 1.0), clock
        self._tokens, self._at = 0.0, clock()

    def take(self, most: int) -> int:
        now = self.clock()
        self._tokens = min(self._tokens + (now - self._at) * self.rate, self.burst)
        self._at = now
        taken = min(int(self._tokens), most)
        self._tokens -= taken
        return taken
