"""Celery: broker, queues, redelivery. A task may run twice, so every task is idempotent."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fraudguard.environment import BASE_DIR, number, refuse, text
from fraudguard.settings.storage import REDIS_URL


def next_database(url: str) -> str:
    """The same store, next database number: clearing the cache (FLUSHDB) must not empty the queues."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query))
        number_ = int(query.get("db", 0)) + 1
        return f"redis+socket://{parts.path}?{urlencode({'virtual_host': number_})}"
    path = parts.path.strip("/") or "0"
    return urlunsplit(parts._replace(path=f"/{int(path) + 1}")) if path.isdigit() else url


CELERY_BROKER_URL = text("CELERY_BROKER_URL", next_database(REDIS_URL) if REDIS_URL else "")
if CELERY_BROKER_URL and urlsplit(CELERY_BROKER_URL).scheme not in (
    "redis", "rediss", "redis+socket", "amqp", "amqps", "pyamqp", "memory",
):  # fmt: skip
    refuse(
        "CELERY_BROKER_URL",
        "it is neither redis nor amqp",
        "Give redis://host:6379/1 or amqp://user:pw@host//",
    )
CELERY_RESULT_BACKEND = text("CELERY_RESULT_BACKEND") or None
CELERY_TASK_IGNORE_RESULT = CELERY_RESULT_BACKEND is None

CELERY_TASK_DEFAULT_QUEUE = "scoring"
CELERY_TASK_CREATE_MISSING_QUEUES = True
QUEUES = ("scoring", "notifications", "maintenance")
CELERY_TASK_ROUTES = {
    "alerts.tasks.*": {"queue": "notifications"},
    "fraud_detection.tasks.import_uploaded_history": {"queue": "maintenance"},
    "fraud_detection.tasks.*": {"queue": "scoring"},
    "logs.tasks.*": {"queue": "maintenance"},
    "users.tasks.*": {"queue": "maintenance"},
    "transactions.tasks.*": {"queue": "maintenance"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = number("CELERY_WORKER_CONCURRENCY", 2, 1, 64)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = number("TASK_TIME_LIMIT", 6 * 3600, 60, 7 * 86_400)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "forget-expired-sign-ins": {"task": "users.tasks.forget_expired_sign_ins", "schedule": 86_400.0},
    "purge-idempotent-calls": {"task": "logs.tasks.purge_idempotent_calls", "schedule": 3600.0},
    "search-deeper": {
        "task": "fraud_detection.tasks.search_deeper_for_round_trips",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "relay-outbox": {"task": "alerts.tasks.relay_outbox", "schedule": 1.0, "options": {"expires": 60}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "celerybeat-schedule")
if urlsplit(CELERY_BROKER_URL).scheme.startswith("redis"):
    # Redelivery after a killed worker waits for the visibility timeout of the longest task; without the two
    # unacked settings even a known-lost message comes back only after 100 s.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": CELERY_TASK_TIME_LIMIT + 600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
    }
