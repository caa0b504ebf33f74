"""Batch jobs: where their files lie, how large they may be, how they are shared out among workers."""

from pathlib import Path

from fraudguard.environment import BASE_DIR, number, text
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE, CELERY_TASK_ROUTES


def _directory(name: str, default: str) -> Path:
    path = Path(text(name, default))
    return path if path.is_absolute() else BASE_DIR / path


# Uploads, indexes, results; every web and worker host must see the same directory.
BATCH_DIR = _directory("BATCH_DIR", "var/batches")
# Files here, and nowhere else, may be named as data sets of jobs.
BATCH_DATASETS_DIR = _directory("BATCH_DATASETS_DIR", "data")
BATCH_UPLOAD_MB = number("BATCH_UPLOAD_MB", 2_048, 1, 1_000_000)
# What a gzip file may unpack to; more is taken for a bomb.
BATCH_UNPACKED_MB = number("BATCH_UNPACKED_MB", 20_480, 1, 10_000_000)
# Room that must stay free on the disk of BATCH_DIR.
BATCH_FREE_MB = number("BATCH_FREE_MB", 1_024, 0, 10_000_000)
# Rows that are decided, committed and counted together. Events of credit, claims and markets: a tenth.
BATCH_CHUNK_ROWS = number("BATCH_CHUNK_ROWS", 10_000, 10, 100_000)
# Chunks in work at the same time, over all workers.
BATCH_AT_ONCE = number("BATCH_AT_ONCE", 2, 1, 256)
# Jobs one client system may have unfinished.
BATCH_JOBS_PER_CLIENT = number("BATCH_JOBS_PER_CLIENT", 20, 1, 10_000)
# A worker that says nothing for so long has lost its chunk, and another one takes it up.
BATCH_LEASE_SECONDS = number("BATCH_LEASE_SECONDS", 30, 2, 3_600)
# Days after its end that the files of a job are kept; the row of the job stays.
BATCH_KEEP_DAYS = number("BATCH_KEEP_DAYS", 30, 1, 3_650)
# Days that runs of schedules and what they scored again are kept.
RESCORE_KEEP_DAYS = number("RESCORE_KEEP_DAYS", 365, 1, 3_650)

CELERY_TASK_ROUTES |= {
    "fraud_detection.tasks.tend_jobs": {"queue": "maintenance"},
    "fraud_detection.tasks.purge_jobs": {"queue": "maintenance"},
    "fraud_detection.tasks.tick_schedules": {"queue": "maintenance"},
    "fraud_detection.tasks.run_schedule": {"queue": "scoring"},
}
CELERY_BEAT_SCHEDULE |= {
    "tend-jobs": {"task": "fraud_detection.tasks.tend_jobs", "schedule": 5.0, "options": {"expires": 10}},
    "purge-jobs": {"task": "fraud_detection.tasks.purge_jobs", "schedule": 3600.0},
    "tick-schedules": {
        "task": "fraud_detection.tasks.tick_schedules",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
}
