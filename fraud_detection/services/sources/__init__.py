"""Events with tables of their own: applications, claims, orders and trades."""

from fraud_detection.services.sources.deciding import decide_event, decide_events

__all__ = ["decide_event", "decide_events"]
