"""The store, the queues, the disk and the models."""

import shutil
from pathlib import Path

import redis
from django.conf import settings
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.engines.registry import MODELLED
from fraud_detection.models import EngineState, ModelStage, ModelVersion
from fraud_detection.predictor import load_predictor
from fraud_detection.services.doctor.finding import Finding, fault, ok, warning
from fraud_detection.services.engine_in_use import engine_in_use

GIB = 1024**3
LONG_QUEUE = 10_000
LATE_SECONDS = 60


def store() -> Finding:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5) as client:
            about = client.info()
    except redis.RedisError as error:
        remedy = "Start it, or mend REDIS_URL. Decisions go on without it; live pages and jobs do not."
        return fault("store", f"does not answer: {error}", remedy)
    name = "Valkey" if "valkey_version" in about else "Redis"
    return ok("store", f"{name} {about.get('valkey_version') or about.get('redis_version')}")


def queues() -> Finding:
    if not settings.CELERY_BROKER_URL.startswith(("redis", "unix")):
        return ok("queues", "another broker: ask it for its queues")
    try:
        with redis.Redis.from_url(_plain(settings.CELERY_BROKER_URL), socket_timeout=5) as client:
            lengths = {name: client.llen(name) for name in settings.QUEUES}
    except redis.RedisError as error:
        return fault("queues", f"the broker does not answer: {error}", "Start it; jobs wait until then.")
    found = ", ".join(f"{name} {length}" for name, length in lengths.items())
    if max(lengths.values()) >= LONG_QUEUE:
        return warning("queues", found, "Start more workers, or look in var/log/ why they are slow.")
    return ok("queues", found)


def outbox() -> Finding:
    """Whether workers run: the oldest message that is due must not be old."""
    waiting = OutboxMessage.objects.filter(delivered_at=None, dead_reason="", attempts=0)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    late = (timezone.now() - oldest).total_seconds() if oldest else 0
    dead = OutboxMessage.objects.exclude(dead_reason="").count()
    if late > LATE_SECONDS:
        remedy = "Start worker and beat (make run, or celery -A fraudguard worker and beat)."
        return fault("outbox", f"the oldest message waits for {late:,.0f} s", remedy)
    if dead:
        return warning("outbox", f"{dead} messages were given up", "Read their reasons in the admin site.")
    return ok("outbox", "nothing waits")


def disk() -> Finding:
    places = {Path(settings.VAR_DIR), Path(settings.MODEL_DIR), Path(settings.HISTORY_DIR)}
    used = {place: shutil.disk_usage(place) for place in places if place.is_dir()}
    place, worst = max(used.items(), key=lambda item: item[1].used / item[1].total)
    share = 100 * worst.used / worst.total
    found = f"{share:.0f}% used, {worst.free / GIB:.1f} GB free at {place}"
    if share >= settings.ALERT_DISK_THRESHOLD or worst.free < GIB:
        return fault("disk", found, "Free space or move the data; PostgreSQL stops when the disk is full.")
    return ok("disk", found)


def models() -> Finding:
    if not EngineState.objects.exists():
        return fault("engines", "none is installed", "Run manage.py install_engines.")
    used = ModelVersion.objects.filter(stage=ModelStage.CHAMPION, engine__in=MODELLED)
    faults = []
    for version in used.order_by("engine"):
        said = load_predictor(version, engine_in_use(version.engine).feature_set).fault
        if said:
            faults.append(f"{version}: {said}")
    if faults:
        remedy = "Bring the file back (make restore), or promote another model (/models/)."
        return fault("models", "; ".join(faults), remedy)
    names = ", ".join(str(version) for version in used.order_by("engine"))
    if not names:
        return warning("models", "no champion: rules decide alone", "Run manage.py train_model ENGINE.")
    return ok("models", f"{names} load")


def _plain(url: str) -> str:
    """Celery writes a socket's address in a way of its own."""
    return url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")


CHECKS = (store, queues, outbox, disk, models)
