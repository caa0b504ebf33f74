"""Scoring by the calendar: what is due is run once, whoever asks and however often."""

from fraud_detection.services.schedules.managing import (
    ScheduleConflict,
    ScheduleRefused,
    change_schedule,
    delete_schedule,
    make_schedule,
    run_now,
)
from fraud_detection.services.schedules.running import run_schedule
from fraud_detection.services.schedules.ticking import purge_runs, tick

__all__ = [
    "ScheduleConflict",
    "ScheduleRefused",
    "change_schedule",
    "delete_schedule",
    "make_schedule",
    "purge_runs",
    "run_now",
    "run_schedule",
    "tick",
]
