"""What is kept of API calls and of what happens to FraudGuard itself; how often the audit trail is sealed."""

from celery.schedules import crontab

from fraudguard.environment import decimal, number
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE

# Days for which calls are kept; 0: none are written down.
CALL_LOG_DAYS = number("CALL_LOG_DAYS", 30, 0, 3_650)
# Share of calls whose bodies are kept too, 0-1; secrets and card numbers are taken out.
CALL_LOG_SAMPLE = decimal("CALL_LOG_SAMPLE", 0.01, 0, 1)
SYSTEM_EVENT_DAYS = number("SYSTEM_EVENT_DAYS", 730, 1, 3_650)

CELERY_BEAT_SCHEDULE |= {
    "seal-audit": {"task": "logs.tasks.seal_audit", "schedule": 30.0, "options": {"expires": 30}},
    "verify-audit": {"task": "alerts.tasks.verify_audit", "schedule": crontab(hour=4, minute=10)},
    "forget-reads": {"task": "logs.tasks.forget_reads", "schedule": 3600.0},
}
