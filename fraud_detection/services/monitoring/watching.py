"""Watching on schedule: figures are stored once a period, and people are told what is past a threshold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from alerts.models import SystemAlert
from alerts.services import clear_system_alert, raise_system_alert
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, ModelVersion, MonitoringSnapshot, SnapshotKind
from fraud_detection.services.monitoring.drifting import drift_figures
from fraud_detection.services.monitoring.findings import (
    OF_ONE_MODEL,
    Finding,
    calibration_finding,
    drift_findings,
    precision_finding,
)
from fraud_detection.services.monitoring.outcomes import calibration_figures, weekly
from ml.artifacts.isolation import TailShare

DRIFT_DAYS = {SnapshotKind.DRIFT_DAY: 1, SnapshotKind.DRIFT_WEEK: 7, SnapshotKind.DRIFT_MONTH: 30}
HOURLY = (SnapshotKind.DRIFT_DAY,)
ALARMING = (SnapshotKind.DRIFT_WEEK, SnapshotKind.CALIBRATION, SnapshotKind.OUTCOMES)
KEPT = {SnapshotKind.DRIFT_DAY: timedelta(days=60)}
KEPT_OTHERWISE = timedelta(days=2 * 365)
CLEARED_BELOW = 0.9  # of the threshold, so that a figure on the edge does not open and close by the day
log = structlog.get_logger(__name__)


@dataclass
class Watched:
    """What one look at an engine stored and found."""

    engine: str
    snapshots: list[MonitoringSnapshot] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    raised: list[Finding] = field(default_factory=list)


def watch_all(as_of: datetime, *, anew: bool = False) -> list[Watched]:
    """Look at every installed engine, and forget snapshots that are out of date."""
    for kind in SnapshotKind.values:
        oldest = as_of - KEPT.get(SnapshotKind(kind), KEPT_OTHERWISE)
        MonitoringSnapshot.objects.filter(kind=kind, period__lt=oldest).delete()
    installed = EngineState.objects.order_by("engine").values_list("engine", flat=True)
    return [watch(engine, as_of, anew=anew) for engine in installed if engine in ENGINES]


def watch(engine: str, as_of: datetime, *, anew: bool = False) -> Watched:
    """Store what is not stored yet for the hour and the day of `as_of` (UTC); `anew` does it all over.

    Nothing that was decided or became known after `as_of` goes into it.
    """
    done = Watched(engine)
    for kind in SnapshotKind:
        period = period_of(kind, as_of)
        stored = MonitoringSnapshot.objects.filter(engine=engine, kind=kind, period=period)
        if stored.exists() and not anew:
            continue
        with transaction.atomic():
            snapshots = [
                _store(engine, version, kind, period, as_of, n, figures)
                for version, (n, figures) in _measured(engine, kind, as_of).items()
            ]
            done.snapshots += snapshots
            if kind in ALARMING:
                _judge(done, kind, snapshots, as_of)
    log.info("models_watched", engine=engine, snapshots=len(done.snapshots), raised=len(done.raised))
    return done


def period_of(kind: str, at: datetime) -> datetime:
    """The hour or the day that a snapshot of this kind stands for."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if kind in HOURLY else hour.replace(hour=0)


def _measured(engine: str, kind: SnapshotKind, as_of: datetime) -> dict[str, tuple[int, dict[str, Any]]]:
    """(n, figures) by model version."""
    if kind in DRIFT_DAYS:
        found = drift_figures(engine, as_of - timedelta(days=DRIFT_DAYS[kind]), as_of)
        return {version: (figures["n"], figures) for version, figures in found.items()}
    if ENGINES[engine].link != "transaction_id":
        return {}  # only payment events have labels
    if kind == SnapshotKind.CALIBRATION:
        ages = calibration_figures(engine, as_of)
        return {
            version: (sum(age["n"] for age in found), {"ages": found})
            for version, found in ages.items()
            if version in _giving_probabilities(engine)
        }
    weeks = weekly(engine, as_of)
    return {"": (sum(week["decisions"] for week in weeks), {"weeks": weeks})} if weeks else {}


def _giving_probabilities(engine: str) -> set[str]:
    """Its models but those that say how unusual an event is: that is no chance of fraud."""
    models = ModelVersion.objects.filter(engine=engine)
    return {str(model) for model in models if model.card.get("calibration") != TailShare.kind}


def _store(
    engine: str,
    version: str,
    kind: str,
    period: datetime,
    as_of: datetime,
    n: int,
    figures: Mapping[str, Any],
) -> MonitoringSnapshot:
    snapshot, _ = MonitoringSnapshot.objects.update_or_create(
        engine=engine,
        model_version=version,
        kind=kind,
        period=period,
        defaults={"as_of": as_of, "n": n, "figures": figures},
    )
    return snapshot


def _judge(done: Watched, kind: str, snapshots: list[MonitoringSnapshot], as_of: datetime) -> None:
    """Open or clear the alarms of the model in force; those of a model that serves no more are cleared."""
    state = EngineState.objects.select_related("model").get(engine=done.engine)
    champion = str(state.model) if state.model else ""
    for snapshot in snapshots:
        if kind == SnapshotKind.OUTCOMES:
            _settle(done, precision_finding(done.engine, snapshot.figures["weeks"]), as_of)
        elif snapshot.model_version != champion:
            continue
        elif kind == SnapshotKind.CALIBRATION:
            _settle(done, calibration_finding(champion, snapshot.figures["ages"]), as_of)
        else:
            generated = state.model.generated_data_only
            for finding in drift_findings(champion, snapshot.figures, generated=generated):
                _settle(done, finding, as_of)
    former = SystemAlert.objects.filter(engine=done.engine, kind__in=OF_ONE_MODEL, cleared_at__isnull=True)
    for alert in former.exclude(subject=champion):
        message = f"{alert.subject} no longer serves"
        clear_system_alert(engine=done.engine, kind=alert.kind, message=message, at=as_of)


def _settle(done: Watched, finding: Finding, as_of: datetime) -> None:
    """Too few rows neither open an alarm nor clear one."""
    done.findings.append(finding)
    if finding.excess is None:
        return
    where = {"engine": done.engine, "kind": finding.kind, "message": finding.message, "at": as_of}
    if finding.excess >= 1:
        raise_system_alert(**where, subject=finding.subject, severity=finding.severity)
        done.raised.append(finding)
    elif finding.excess < CLEARED_BELOW:
        clear_system_alert(**where)
