"""How often alerts are placed, woken, escalated and given to people."""

from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE

CELERY_BEAT_SCHEDULE["tend-alerts"] = {
    "task": "alerts.tasks.tend_alerts",
    "schedule": 2.0,
    "options": {"expires": 5},
}
