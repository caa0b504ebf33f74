"""What is done to alerts behind people's backs, every few seconds, in the order in which it matters."""

from datetime import datetime

from alerts.services.distributing import distribute_alerts
from alerts.services.escalating import escalate_overdue
from alerts.services.placing import place_alerts
from alerts.services.snoozing import wake_alerts


def tend_alerts(now: datetime) -> dict[str, int]:
    """How many were placed in queues, woken, escalated and given to somebody."""
    return {
        "placed": place_alerts(),
        "woken": wake_alerts(now),
        "escalated": escalate_overdue(now),
        "given": distribute_alerts(now),
    }
