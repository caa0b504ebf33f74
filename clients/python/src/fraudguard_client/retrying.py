"""When to try again, and how long to wait before."""

import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

AGAIN = frozenset({0, 429, 502, 503, 504})  # 0: the server could not be reached, or did not answer


@dataclass(frozen=True)
class Retrying:
    """`attempts` in all; waits grow from `first` seconds to `longest`, with jitter.

    A server that says how long to wait (Retry-After) is given that time, `patience` seconds at most.
    """

    attempts: int = 5
    first: float = 0.1
    longest: float = 10.0
    patience: float = 120.0

    def wait(self, attempt: int, retry_after: str | None) -> float:
        """Seconds before attempt + 1, the first attempt being 1."""
        asked = seconds_of(retry_after)
        if asked is not None:
            return min(asked, self.patience)
        return random.uniform(0.5, 1.0) * min(self.first * 2.0 ** (attempt - 1), self.longest)

    def again(self, attempt: int, status: int, retry_after: str | None) -> bool:
        """409 with a time to wait says that an earlier attempt is still being carried out."""
        return attempt < self.attempts and (status in AGAIN or (status == 409 and retry_after is not None))


def seconds_of(retry_after: str | None) -> float | None:
    """Retry-After as seconds from now: a number, or a date; None for anything else."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
