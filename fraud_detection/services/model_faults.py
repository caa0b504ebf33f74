"""A model that is refused is told to people: in the log, the audit trail and an operational alert."""

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from alerts.services import clear_system_alert, raise_system_alert
from fraud_detection.models import ModelStage, ModelVersion
from logs.services import record

log = structlog.get_logger(__name__)


def tell_of_refusal(version: ModelVersion, reason: str, *, consequence: str) -> None:
    """Open the alert and write the audit row, once while it stays open: every process may notice.

    Never raises for want of the database: what noticed the fault has a decision to make.
    """
    log.error("model_refused", model=str(version), reason=reason, consequence=consequence)
    try:
        with transaction.atomic():
            _tell(version, reason, consequence)
    except DatabaseError as error:
        log.error("model_refusal_not_recorded", model=str(version), error=str(error))


def tell_of_recovery(version: ModelVersion, message: str = "loads from its file") -> None:
    """Close the alert about a refused model of this stage, if there is one: its cause is gone."""
    try:
        clear_system_alert(
            engine=version.engine,
            kind=_kind(version),
            message=f"{version} {message}",
            at=timezone.now(),
        )
    except DatabaseError as error:
        log.error("model_recovery_not_recorded", model=str(version), error=str(error))


def _tell(version: ModelVersion, reason: str, consequence: str) -> None:
    is_new = raise_system_alert(
        engine=version.engine,
        kind=_kind(version),
        subject=str(version),
        severity="critical" if version.stage == ModelStage.CHAMPION else "high",
        message=f"{version} is refused: {reason}. {consequence}".removesuffix("."),
        at=timezone.now(),
    )
    if is_new:
        record(
            "model.refused",
            actor_kind="system",
            actor="model_registry",
            subject_kind="model",
            subject=str(version),
            after={"reason": reason, "consequence": consequence},
        )


def _kind(version: ModelVersion) -> str:
    """model.champion_refused and the like: one alert is open for each engine and kind."""
    return f"model.{version.stage}_refused"
