"""What is kept of card numbers and people, and for how long."""

from celery.schedules import crontab

from fraudguard.environment import PRODUCTION, number, refuse, text
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE
from fraudguard.settings.security import SECRET_KEY

# The key of the hashes that stand for card numbers. Another one makes every known card an unknown one, so it
# has a name of its own: SECRET_KEY can then be rotated without it. Without it, it follows from SECRET_KEY.
CARD_HASH_KEY = text("CARD_HASH_KEY")
if CARD_HASH_KEY and PRODUCTION and (len(CARD_HASH_KEY) < 32 or len(set(CARD_HASH_KEY)) < 5):
    refuse(
        "CARD_HASH_KEY",
        "it is shorter than 32 characters or has fewer than 5 different ones",
        "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    )
CARD_HASH_KEY = CARD_HASH_KEY or f"card numbers of {SECRET_KEY}"

# A customer who asks for a person's look at a decision hears within this many days (GDPR: a month).
REVIEW_DUE_DAYS = number("REVIEW_DUE_DAYS", 30, 1, 365)
# A law that says how long records must be kept holds an erasure for so many days after the last event.
ERASURE_KEEP_DAYS = number("ERASURE_KEEP_DAYS", 0, 0, 36_500)
# How long a filed suspicious-activity report, and all about its case, is kept (five years in most laws).
REPORT_KEEP_DAYS = number("REPORT_KEEP_DAYS", 1_826, 0, 36_500)


def _days(name: str, default: int) -> int:
    """Days that rows of a class are kept; 0 keeps them for ever."""
    return number(f"RETENTION_{name}_DAYS", default, 0, 36_500)


# Other classes have settings of their own: CALL_LOG_DAYS, SYSTEM_EVENT_DAYS, DELIVERY_RETENTION_DAYS,
# BATCH_KEEP_DAYS, RESCORE_KEEP_DAYS, BACKTEST_KEPT_DAYS; idempotent calls are kept for a day.
RETENTION_CASES_DAYS = _days("CASES", 0)
RETENTION_ALERTS_DAYS = _days("ALERTS", 0)
RETENTION_EVENTS_DAYS = _days("EVENTS", 0)
RETENTION_AUDIT_DAYS = _days("AUDIT", 0)
if 0 < RETENTION_EVENTS_DAYS < 100:
    refuse(
        "RETENTION_EVENTS_DAYS",
        "features look back 90 days, and labels arrive a week later",
        "Keep events for 100 days at least, or 0 for ever",
    )
CELERY_BEAT_SCHEDULE |= {
    "purge-expired": {
        "task": "fraud_detection.tasks.purge_expired",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 6 * 3_600},
    },
    "run-erasures": {
        "task": "fraud_detection.tasks.run_erasures",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
}
