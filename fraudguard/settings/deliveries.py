"""When webhooks and notifications go out, and how often the system looks at itself."""

from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE

# Expiry is by the worker's clock, of a time that beat wrote: a minute is what their clocks may differ by.

CELERY_BEAT_SCHEDULE["send-webhooks"] = {
    "task": "alerts.tasks.send_webhooks",
    "schedule": 1.0,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["send-notifications"] = {
    "task": "alerts.tasks.send_notifications",
    "schedule": 2.0,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["watch-system"] = {
    "task": "alerts.tasks.watch_system",
    "schedule": 60.0,
    "options": {"expires": 55},
}
CELERY_BEAT_SCHEDULE["purge-deliveries"] = {
    "task": "alerts.tasks.purge_old_deliveries",
    "schedule": 3600.0,
    "options": {"expires": 3600},
}
