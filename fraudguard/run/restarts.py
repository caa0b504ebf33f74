"""How often something that ends is started again before everything stops."""

from dataclasses import dataclass, field

RESTARTS, WITHIN = 5, 120.0  # so many restarts of one part in so many seconds


@dataclass(kw_only=True)
class Restartable:
    restarts: list[float] = field(default_factory=list)

    def may_restart(self, now: float) -> bool:
        """Counts this restart too; `now` in seconds of a clock that never goes back."""
        self.restarts = [at for at in self.restarts if now - at < WITHIN] + [now]
        return len(self.restarts) <= RESTARTS
