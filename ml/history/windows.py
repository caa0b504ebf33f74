"""The spans that features of a history look back over."""

from ml.features.durations import DAY, HOUR

ACTIVITY = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
KNOWN = {"1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "ever": None}
LONG = {
    "1h": "in the last hour",
    "24h": "in the last 24 hours",
    "1d": "in the last day",
    "7d": "in the last 7 days",
    "30d": "in the last 30 days",
    "ever": "so far",
}
