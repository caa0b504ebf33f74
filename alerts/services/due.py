"""When alerts are due: minutes by severity, kept by admins; what ships counts where nothing is stored."""

from alerts.models import DuePolicy, Queue, Severity

SHIPPED_MINUTES = {Severity.CRITICAL: 60, Severity.HIGH: 240, Severity.MEDIUM: 1_440, Severity.LOW: 4_320}


def due_minutes(severity: str, queue: Queue | None = None) -> int:
    """Minutes for a severity, in a queue with due times of its own those."""
    if queue is not None and severity in queue.due_minutes:
        return queue.due_minutes[severity]
    stored = DuePolicy.objects.filter(severity=severity).values_list("minutes", flat=True).first()
    return stored or SHIPPED_MINUTES[Severity(severity)]
