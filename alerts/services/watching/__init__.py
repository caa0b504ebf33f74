"""FraudGuard watches what it runs on: machine, queues, processes, and how many alerts are raised."""

from alerts.services.watching.looking import Finding, watch
from alerts.services.watching.overview import overview
from alerts.services.watching.processes import beat

__all__ = ["Finding", "beat", "overview", "watch"]
