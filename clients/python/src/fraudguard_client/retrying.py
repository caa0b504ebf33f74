"""When to try again, and how long to wait before."""

import random
from dataclasses import dataclass

AGAIN = frozenset({0, 429, 502, 503, 504})  # 0: the server could not be reached, or did not answer


@dataclass(frozen=True)
class Retrying:
    """`attempts` in all; waits grow from `first` seconds to `longest`, with jitter, or as the server asks."""

    attempts: int = 5
    first: float = 0.1
    longest: float = 10.0

    def wait(self, attempt: int, retry_after: str | None) -> float:
        """Seconds before attempt + 1, the first attempt being 1."""
        if retry_after and retry_after.isdecimal():
            return min(float(retry_after), self.longest)
        return random.uniform(0.5, 1.0) * min(self.first * 2 ** (attempt - 1), self.longest)

    def again(self, attempt: int, status: int, retry_after: str | None) -> bool:
        """409 with a time to wait says that an earlier attempt is still being carried out."""
        return attempt < self.attempts and (status in AGAIN or (status == 409 and retry_after is not None))
