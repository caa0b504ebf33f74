"""Rules on schedule: what was approved for a later moment takes effect, and what rules did is counted."""

from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE, CELERY_TASK_ROUTES

CELERY_TASK_ROUTES |= {
    "fraud_detection.tasks.activate_due_rules": {"queue": "scoring"},
    "fraud_detection.tasks.watch_rules": {"queue": "maintenance"},
}
CELERY_BEAT_SCHEDULE["activate-due-rules"] = {
    "task": "fraud_detection.tasks.activate_due_rules",
    "schedule": 3.0,
    "options": {"expires": 10},
}
CELERY_BEAT_SCHEDULE["watch-rules"] = {
    "task": "fraud_detection.tasks.watch_rules",
    "schedule": 300.0,
    "options": {"expires": 300},
}
