"""Cases: where attachments lie, how large they may be, and when closing needs a second person."""

from pathlib import Path

from fraudguard.environment import BASE_DIR, number, text
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE

CASE_FILES_DIR = Path(text("CASE_FILES_DIR", "var/case-files"))
CASE_FILES_DIR = CASE_FILES_DIR if CASE_FILES_DIR.is_absolute() else BASE_DIR / CASE_FILES_DIR
CASE_FILE_MB = number("CASE_FILE_MB", 25, 1, 2_000)
CASE_FILES_QUOTA_MB = number("CASE_FILES_QUOTA_MB", 500, 1, 100_000)
# Confirmed fraud above this amount at stake, in whole units of the reporting currency, needs a second person.
CASE_FOUR_EYES_AMOUNT = number("CASE_FOUR_EYES_AMOUNT", 10_000, 0, 10**12)

CELERY_BEAT_SCHEDULE |= {
    "fill-cases": {"task": "alerts.tasks.fill_cases", "schedule": 5.0, "options": {"expires": 10}},
    "remind-of-reports": {"task": "alerts.tasks.remind_of_reports", "schedule": 3600.0},
    "forget-case-files": {"task": "alerts.tasks.forget_case_files", "schedule": 86_400.0},
}
