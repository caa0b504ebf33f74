"""Backtests of rules: where columns of stored decisions are kept and what they take, what figures assume."""

from pathlib import Path

from fraudguard.environment import BASE_DIR, decimal, number, text
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE, CELERY_TASK_ROUTES

BACKTEST_DIR = Path(text("BACKTEST_DIR", "var/backtests"))
BACKTEST_DIR = BACKTEST_DIR if BACKTEST_DIR.is_absolute() else BASE_DIR / BACKTEST_DIR
BACKTEST_CACHE_MB = number("BACKTEST_CACHE_MB", 4_096, 64, 1_000_000)
# Backtests that one person may have waiting or running.
BACKTESTS_PER_PERSON = number("BACKTESTS_PER_PERSON", 3, 1, 100)
# Days a finished backtest is kept.
BACKTEST_KEPT_DAYS = number("BACKTEST_KEPT_DAYS", 90, 1, 3_650)
# What net saving assumes unless the person who asks says otherwise: the cost of working an alert, in the
# reporting currency, and the share of a good amount held that holding it costs.
BACKTEST_ALERT_COST = decimal("BACKTEST_ALERT_COST", 6.5, 0, 1_000_000)
BACKTEST_FRICTION_SHARE = decimal("BACKTEST_FRICTION_SHARE", 0.02, 0, 1)

CELERY_TASK_ROUTES |= {
    "fraud_detection.tasks.run_backtest": {"queue": "maintenance"},
    "fraud_detection.tasks.tend_backtests": {"queue": "maintenance"},
}
CELERY_BEAT_SCHEDULE["tend-backtests"] = {
    "task": "fraud_detection.tasks.tend_backtests",
    "schedule": 30.0,
    "options": {"expires": 30},
}
