"""Events that come in and decisions that go out by Valkey streams or Kafka; both are off unless set."""

import re
from urllib.parse import urlsplit, urlunsplit

from fraudguard.environment import choice, names, number, refuse, text
from fraudguard.settings.jobs import CELERY_BEAT_SCHEDULE
from fraudguard.settings.storage import REDIS_URL

KINDS = ("valkey", "kafka")
CLIENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
TOPIC = re.compile(r"[A-Za-z0-9._:-]{1,200}")


def _beside(url: str) -> str:
    """The database after the cache's, which holds the task queues too: nobody empties it."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        given = re.search(r"db=(\d+)", parts.query)
        return f"unix://{parts.path}?db={int(given[1] if given else 0) + 1}"
    path = parts.path.strip("/") or "0"
    return urlunsplit(parts._replace(path=f"/{int(path) + 1}")) if path.isdigit() else url


# What the supervisor consumes by itself: nothing, valkey or kafka.
STREAM_SOURCE = choice("STREAM_SOURCE", "", ("", *KINDS))
# Client systems whose streams are consumed; who may write to a stream is its client.
STREAM_CLIENTS = names("STREAM_CLIENTS")
for _name in STREAM_CLIENTS:
    if not CLIENT.fullmatch(_name):
        refuse(
            "STREAM_CLIENTS",
            f"{_name!r} cannot name a stream",
            "Use names of letters, digits, - and _ only",
        )
if STREAM_SOURCE and not STREAM_CLIENTS:
    refuse("STREAM_CLIENTS", "it is not set", "Name the client systems whose streams are consumed")
STREAM_URL = text("STREAM_URL") or (_beside(REDIS_URL) if REDIS_URL else "")
if STREAM_URL and urlsplit(STREAM_URL).scheme not in ("redis", "rediss", "unix"):
    refuse(
        "STREAM_URL", f"{urlsplit(STREAM_URL).scheme!r} is not redis", "Give redis://, rediss:// or unix://"
    )
STREAM_GROUP = text("STREAM_GROUP", "fraudguard")
STREAM_SHARDS = number("STREAM_SHARDS", 8, 1, 1_024)
# Messages that one poll takes at most; fewer while the database is slow.
STREAM_BATCH = number("STREAM_BATCH", 500, 1, 5_000)
# Seconds after which a silent consumer's shards go to others.
STREAM_LEASE_SECONDS = number("STREAM_LEASE_SECONDS", 10, 2, 300)
STREAM_MESSAGE_BYTES = number("STREAM_MESSAGE_BYTES", 256 * 1024, 1_024, 16 * 1024**2)
# Messages of one shard that our own producers let wait before they wait themselves.
STREAM_MOST_WAITING = number("STREAM_MOST_WAITING", 100_000, 100, 100_000_000)

KAFKA_SERVERS = text("KAFKA_SERVERS")
# librdkafka's own names, e.g. security.protocol=SASL_SSL,sasl.mechanism=SCRAM-SHA-512
KAFKA_OPTIONS: dict[str, str] = {}
for _pair in names("KAFKA_OPTIONS"):
    _key, _equals, _value = _pair.partition("=")
    if not _equals or not _key.strip():
        refuse("KAFKA_OPTIONS", f"{_key[:40]!r} has no value", "Write name=value, separated by commas")
    KAFKA_OPTIONS[_key.strip()] = _value.strip()

# What is told outside of what FraudGuard does.
STREAM_OUT = choice("STREAM_OUT", "", ("", *KINDS))
STREAM_OUT_TOPICS = names("STREAM_OUT_TOPICS", "decision.made,alert.created,alert.resolved")
TOLD = (
    *("decision.made", "alert.created", "alert.resolved", "case.created", "case.updated", "case.closed"),
    *("job.finished", "model.promoted", "rule.activated", "system.alert"),
)
for _name in STREAM_OUT_TOPICS:
    if _name not in TOLD:
        refuse("STREAM_OUT_TOPICS", f"{_name!r} is not told by streams", f"Use {', '.join(TOLD)}")
STREAM_OUT_DECISIONS = text("STREAM_OUT_DECISIONS", "fraudguard.decisions")
STREAM_OUT_ALERTS = text("STREAM_OUT_ALERTS", "fraudguard.alerts")
for _name in ("STREAM_OUT_DECISIONS", "STREAM_OUT_ALERTS"):
    if not TOPIC.fullmatch(globals()[_name]):
        refuse(_name, f"{globals()[_name]!r} cannot name a stream", "Use letters, digits, . _ - and : only")
# Messages that a Valkey stream of ours keeps; the oldest give way. Kafka keeps what its topic says.
STREAM_OUT_LENGTH = number("STREAM_OUT_LENGTH", 100_000, 1_000, 100_000_000)
if STREAM_SOURCE:
    CELERY_BEAT_SCHEDULE["watch-streams"] = {
        "task": "fraud_detection.tasks.watch_streams",
        "schedule": 60.0,
        "options": {"expires": 50},
    }
if STREAM_OUT:
    CELERY_BEAT_SCHEDULE["relay-to-stream"] = {
        "task": "alerts.tasks.relay_to_stream",
        "schedule": 1.0,
        "options": {"expires": 60},
    }
if "kafka" in (STREAM_SOURCE, STREAM_OUT) and not KAFKA_SERVERS:
    refuse("KAFKA_SERVERS", "it is not set", "Give host:9092, several separated by commas")
