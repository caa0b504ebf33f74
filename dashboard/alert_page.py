"""Puts together what the alert page shows."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from alerts.models import Alert
from alerts.selectors import history_of
from alerts.selectors.queues import may_move, queue_list
from alerts.services import look_at
from alerts.services.undoing import UNDO_WITHIN
from dashboard.evidence import evidence_of
from dashboard.score_scale import score_scale
from dashboard.selectors import alert as reads
from dashboard.selectors.alerts import place
from dashboard.selectors.engine_events import sent_fields
from dashboard.selectors.queue import colleagues
from dashboard.verdicts import choices
from fraud_detection.models import Assessment, RuleHit
from users.models import User


def alert_context(alert: Alert, user: User, now: datetime) -> dict[str, Any]:
    """The template's context; figures of the latest decision are empty for an alert without events."""
    events = reads.events_of(alert)
    latest = events[0].assessment if events else None
    hits = list(latest.hits.all()) if latest else []
    counts, confirmed = reads.similar_endings(alert, now)
    position, queued = place(alert)
    sums = reads.sums_of(alert)
    total = sum(row["n"] for row in sums)
    return {
        "alert": alert,
        "position": position,
        "queued": queued,
        "events": events,
        "event_total": total,
        "sums": sums,
        "degraded_total": reads.degraded_of(alert),
        "latest": latest,
        "hits": [hit for hit in hits if hit.rule_version is not None],
        "endings": counts,
        "ending_parts": _parts(counts),
        "confirmed": confirmed,
        "earlier": reads.earlier_on(alert),
        "history": history_of(alert),
        "verdicts": choices(),
        "now": now,
        **_work(alert, user, now),
        **(_decision(latest, hits, events) if latest else {}),
        **(_payments(alert, total) if latest is None or latest.transaction_id else _own_events(latest)),
    }


def _work(alert: Alert, user: User, now: datetime) -> dict[str, Any]:
    """Whom and where the alert can go, what is new to the person, and whether they may still undo."""
    movable = alert.queue is not None and may_move(user, alert.queue)
    others = queue_list().filter(active=True).exclude(pk=alert.queue_id) if movable else ()
    mine = alert.resolved_by_id == user.pk
    left = UNDO_WITHIN - (now - alert.resolved_at) if alert.resolved_at and mine else None
    return {
        "since": look_at(alert, user, at=now),
        "colleagues": colleagues().exclude(pk=user.pk),
        "other_queues": others,
        "undo_seconds": max(int(left.total_seconds()), 0) if left else 0,
    }


def _parts(counts: dict[str, int]) -> list[tuple[str, int]]:
    other = counts.get("inconclusive", 0) + counts.get("duplicate", 0)
    return [
        ("s-fraud", counts.get("confirmed_fraud", 0)),
        ("s-fp", counts.get("false_positive", 0)),
        ("s-inc", other),
    ]


def _decision(latest, hits: list[RuleHit], events: list[reads.Event]) -> dict[str, Any]:
    review_from, decline_from = reads.thresholds_of(latest)
    return {
        "fail_decision": reads.fail_decision_of(latest) if latest.degraded else "",
        "reasons": reads.reasons_of(latest, hits),
        "arithmetic": reads.arithmetic_of(latest, hits),
        "evidence": evidence_of(latest, hits),
        "bar": score_scale(
            latest.risk_score, [e.assessment.risk_score for e in events[1:6]], review_from, decline_from
        ),
    }


def _own_events(latest: Assessment) -> dict[str, Any]:
    """What the engine's kind of event has in the place of payments."""
    return {"own_events": True, "sent": sent_fields(latest)}


def _payments(alert: Alert, total: int) -> dict[str, Any]:
    """The customer's payments up to the last one in the alert; no chart when there is none to draw."""
    if alert.customer is None:
        return {}
    until = reads.last_event_at(alert) or alert.last_hit_at
    timeline = reads.timeline_of(alert.customer, until)
    triggering = reads.in_alert(alert, timeline)
    ordinary = [t for t in timeline if t.pk not in triggering]
    usual = reads.usual_of([t.amount_minor for t in ordinary])
    drawn = len(timeline) - len(ordinary)
    return {
        "usual": usual,
        "ordinary_count": len(ordinary),
        "triggering_count": drawn,
        "others_left_out": drawn < total and reads.has_others(alert),
        "chart_until": until,
        "chart": timeline
        and {
            "ordinary": [_point(t) for t in ordinary],
            "triggering": [_point(t) for t in timeline if t.pk in triggering],
            "p95": usual.p95 / 100 if usual.enough else None,
            "until": int(until.timestamp() * 1000),
            "offset": int(timezone.localtime(until).utcoffset().total_seconds() * 1000),
        },
    }


def _point(transaction) -> dict[str, float]:
    return {"x": int(transaction.occurred_at.timestamp() * 1000), "y": transaction.amount_minor / 100}
