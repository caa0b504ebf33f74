"""Training anew on schedule: stored decisions and their labels make a candidate; people decide about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction

from alerts.models import OutboxMessage
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.services import training
from logs.services import record
from transactions.models import Label, Verdict

AUTHOR = "retraining"
SEED = 1
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Retrained:
    """A new candidate, or the reason why there is none."""

    engine: str
    version: ModelVersion | None
    reason: str = ""


def retrain_all() -> list[Retrained]:
    """Every engine of RETRAIN_ENGINES, one after the other."""
    return [retrain(engine) for engine in settings.RETRAIN_ENGINES]


def retrain(engine: str) -> Retrained:
    """Train a candidate from what is stored; a refusal is logged, audited and told, and changes nothing."""
    with _alone(engine) as first:
        if not first:
            return _refused(engine, "another training of this engine is running")
        if not EngineState.objects.filter(engine=engine).exists() or engine not in ENGINES:
            return _refused(engine, f"engine '{engine}' is not installed; check RETRAIN_ENGINES")
        frauds = known_frauds()
        if frauds < settings.RETRAIN_MIN_FRAUDS:
            reason = f"{frauds:,} events are labelled as fraud, RETRAIN_MIN_FRAUDS asks for"
            return _refused(engine, f"{reason} {settings.RETRAIN_MIN_FRAUDS:,}")
        try:
            version = training.train_stored(engine, seed=SEED, created_by=AUTHOR, progress=_progress)
        except training.TrainingRefused as refused:
            return _refused(engine, str(refused))
        return _made(engine, version)


def known_frauds() -> int:
    """Events whose newest label is fraud, counted up to a little more than a training asks for."""
    newest = Label.objects.order_by("transaction_id", "-id").distinct("transaction_id")
    frauds = Label.objects.filter(pk__in=newest.values("pk"), verdict=Verdict.FRAUD)
    return frauds.order_by()[: 10 * settings.RETRAIN_MIN_FRAUDS].count()


@contextmanager
def _alone(engine: str) -> Iterator[bool]:
    """False while another process of this database trains the engine; its end or death frees the lock."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('retraining'), hashtext(%s))", (engine,))
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtext('retraining'), hashtext(%s))", (engine,))


def _progress(message: str) -> None:
    log.info("retraining", progress=message)


def _refused(engine: str, reason: str) -> Retrained:
    log.warning("retraining_refused", engine=engine, reason=reason)
    _tell("model.retraining_refused", engine, engine, {"reason": reason})
    return Retrained(engine, None, reason)


def _made(engine: str, version: ModelVersion) -> Retrained:
    log.info("retrained", engine=engine, model=str(version))
    precision = version.card["metrics"].get("average_precision")
    _tell("model.retrained", engine, str(version), {"model": str(version), "average_precision": precision})
    return Retrained(engine, version)


@transaction.atomic
def _tell(action: str, engine: str, subject: str, after: dict) -> None:
    record(
        action,
        actor_kind="system",
        actor=AUTHOR,
        subject_kind="engine" if subject == engine else "model",
        subject=subject,
        after=after,
    )
    OutboxMessage.objects.create(topic=action, payload={"engine": engine, **after})
