"""The newest figures of the watch, for pages and answers."""

from django.db.models import QuerySet

from alerts.models import SystemAlert
from fraud_detection.models import ModelVersion, MonitoringSnapshot, SnapshotKind

DRIFT = (SnapshotKind.DRIFT_DAY, SnapshotKind.DRIFT_WEEK, SnapshotKind.DRIFT_MONTH)


def newest_of(version: ModelVersion) -> dict[str, MonitoringSnapshot]:
    """The newest snapshot of each kind about this model, by kind; kinds without one are left out."""
    return _newest(MonitoringSnapshot.objects.filter(engine=version.engine, model_version=str(version)))


def newest_outcomes(engine: str) -> MonitoringSnapshot | None:
    """What became of the engine's decisions by week, whichever model made them."""
    return _newest(MonitoringSnapshot.objects.filter(engine=engine, kind=SnapshotKind.OUTCOMES)).get(
        SnapshotKind.OUTCOMES
    )


def newest_calibrations(engine: str) -> list[MonitoringSnapshot]:
    """The newest calibration of every model of the engine that has one."""
    found = MonitoringSnapshot.objects.filter(engine=engine, kind=SnapshotKind.CALIBRATION)
    return list(found.order_by("model_version", "-period").distinct("model_version"))


def open_alarms(engine: str) -> QuerySet[SystemAlert]:
    """What people were told about the engine's models and what still holds, newest first."""
    return SystemAlert.objects.filter(engine=engine, cleared_at__isnull=True)


def _newest(found: QuerySet[MonitoringSnapshot]) -> dict[str, MonitoringSnapshot]:
    return {one.kind: one for one in found.order_by("kind", "-period").distinct("kind")}
