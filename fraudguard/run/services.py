"""The embedded services as the supervisor watches them; those that the settings name are not ours."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from fraudguard.embedded import Session
from fraudguard.run.restarts import Restartable


@dataclass
class Service(Restartable):
    """PostgreSQL or Valkey below var/, kept running for as long as `session` is open."""

    module: ModuleType
    session: Session

    @property
    def name(self) -> str:
        return self.module.TITLE

    @property
    def log(self) -> Path:
        return self.session.place.log / self.module.LOG

    def died(self) -> bool:
        return not self.module.runs(self.session.place)

    def ending(self) -> str:
        return "ended without being asked to"

    def restart(self, environment: dict[str, str]) -> None:
        """Answering again when this returns; raises StartProblem where that cannot be."""
        self.session.restart(self.module)


def services(session: Session | None) -> list[Service]:
    return [Service(module, session) for module in session.services] if session else []
