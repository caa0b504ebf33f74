"""One look at everything, each minute: what is wrong is raised, what is well again is cleared."""

from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from alerts.services.system import clear_system_alert, raise_system_alert
from alerts.services.watching import machine, processes, queues, spikes
from alerts.services.watching.finding import Finding

ENGINE = "system"
log = structlog.get_logger(__name__)
__all__ = ["Finding", "watch"]


def watch(now: datetime) -> list[Finding]:
    """Everything that is wrong now; people are told of what is new."""
    looks: tuple[Callable[[], Iterable[Finding]], ...] = (
        lambda: processes.unwatched(now),
        lambda: processes.components(now),
        machine.machine,
        lambda: queues.outbox(now),
        queues.tasks,
        lambda: spikes.volume(now),
    )
    found = [finding for look in looks for finding in look()]
    for finding in found:
        _tell(finding, now)
    processes.beat(processes.WATCHER)
    wrong = [finding for finding in found if finding.wrong]
    if wrong:
        log.warning("system_watched", wrong=[finding.kind for finding in wrong])
    return wrong


def _tell(finding: Finding, now: datetime) -> None:
    where = {"engine": ENGINE, "kind": finding.kind}
    if finding.wrong:
        what = {"subject": finding.subject, "severity": finding.severity, "message": finding.wrong}
        raise_system_alert(**where, **what, at=now)
    else:
        clear_system_alert(**where, message=finding.well, at=now)
