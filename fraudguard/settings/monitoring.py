"""Watching the models: what counts as moved, and when a new candidate is trained."""

from celery.schedules import crontab

from fraudguard.environment import choice, decimal, names, number, refuse
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE, CELERY_TASK_ROUTES

# Population stability index from which something has moved, and from which it is another population.
DRIFT_WARNING = decimal("DRIFT_WARNING", 0.1, 0.01, 10)
DRIFT_ALERT = decimal("DRIFT_ALERT", 0.25, 0.01, 10)
if DRIFT_WARNING > DRIFT_ALERT:
    refuse("DRIFT_WARNING", f"{DRIFT_WARNING:g} lies above DRIFT_ALERT", "Set it to DRIFT_ALERT or below")
# Share of a model's importance on features past DRIFT_ALERT from which people are told.
DRIFT_SHARE = decimal("DRIFT_SHARE", 0.25, 0.01, 1)
# Observed frauds may be this many times the predicted ones, or one such part of them.
CALIBRATION_RATIO = decimal("CALIBRATION_RATIO", 1.5, 1.05, 100)
# Fall of the precision of stopped events, 0-1, from which people are told.
PRECISION_DROP = decimal("PRECISION_DROP", 0.15, 0.01, 1)
# Days after which the labels of a decision count as complete: chargebacks come late.
LABEL_MATURITY_DAYS = number("LABEL_MATURITY_DAYS", 90, 1, 365)

_WHEN = {
    "daily": crontab(hour=3, minute=20),
    "weekly": crontab(hour=3, minute=20, day_of_week=0),
    "monthly": crontab(hour=3, minute=20, day_of_month=1),
}
RETRAIN_SCHEDULE = choice("RETRAIN_SCHEDULE", "off", ("off", *_WHEN))
RETRAIN_ENGINES = tuple(names("RETRAIN_ENGINES", "payments"))
RETRAIN_MIN_FRAUDS = number("RETRAIN_MIN_FRAUDS", 200, 15, 10**9)

CELERY_TASK_ROUTES |= {
    "fraud_detection.tasks.watch_models": {"queue": "maintenance"},
    "fraud_detection.tasks.retrain_models": {"queue": "maintenance"},
    "fraud_detection.tasks.verify_model_files": {"queue": "maintenance"},
}
CELERY_BEAT_SCHEDULE["watch-models"] = {
    "task": "fraud_detection.tasks.watch_models",
    "schedule": crontab(minute=7),
    "options": {"expires": 3000},
}
CELERY_BEAT_SCHEDULE["verify-model-files"] = {
    "task": "fraud_detection.tasks.verify_model_files",
    "schedule": 300.0,
    "options": {"expires": 300},
}
if RETRAIN_SCHEDULE != "off":
    CELERY_BEAT_SCHEDULE["retrain-models"] = {
        "task": "fraud_detection.tasks.retrain_models",
        "schedule": _WHEN[RETRAIN_SCHEDULE],
    }
