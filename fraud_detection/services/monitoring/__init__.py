"""Watching the models: samples of stored decisions, drift, outcomes, snapshots and their alarms."""

from fraud_detection.services.monitoring.watching import Watched, watch, watch_all

__all__ = ["Watched", "watch", "watch_all"]
