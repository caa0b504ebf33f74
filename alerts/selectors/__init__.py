"""Reading alerts for queues and pages."""

from alerts.selectors.alerts import BY_PRIORITY, alert_list, queue, seen_by
from alerts.selectors.history import Step, history_of

__all__ = ["BY_PRIORITY", "Step", "alert_list", "history_of", "queue", "seen_by"]
