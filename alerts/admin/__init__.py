"""Admin pages, by noun."""

from alerts.admin import alerts, cases, deliveries, system, work

__all__ = ["alerts", "cases", "deliveries", "system", "work"]
