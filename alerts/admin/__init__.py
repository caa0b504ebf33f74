"""Admin pages, by noun."""

from alerts.admin import alerts, system

__all__ = ["alerts", "system"]
