"""Reading alerts for queues and pages."""

from alerts.selectors.alerts import alert_list, queue

__all__ = ["alert_list", "queue"]
