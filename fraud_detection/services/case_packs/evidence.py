"""The decisions and payments behind the alerts of a case, bounded: a hub has a hundred thousand hits."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from alerts.models import Case
from fraud_detection.models import Assessment, FeatureSetVersion, RuleHit
from fraud_detection.services.customers.reading import harmless
from fraud_detection.services.recording import unpacked
from transactions.models import Label, Transaction, Verdict

MOST_DECISIONS = 10_000  # the newest; a pack says how many there are in all
AT_ONCE = 500
PAYMENT = (
    *("transaction_id", "occurred_at", "received_at", "type", "amount", "currency", "sender_id"),
    *("receiver_id", "sender_name", "receiver_name", "merchant_id", "merchant_category", "card_token"),
    *("device_id", "ip_address", "ip_country", "country", "channel", "status"),
)


def decisions_behind(case: Case) -> QuerySet[Assessment]:
    """Every decision whose hits joined an alert of the case, newest first."""
    hits = RuleHit.objects.filter(alert__in=case.memberships.values("alert"))
    return Assessment.objects.filter(pk__in=hits.values("assessment")).order_by("-pk")


def decision_records(case: Case) -> Iterator[dict[str, Any]]:
    """The newest decisions as they are recorded, with features by name and the rules that hit."""
    names: dict[str, FeatureSetVersion] = {}
    last: int | None = None
    left = MOST_DECISIONS
    while left > 0:
        page = decisions_behind(case) if last is None else decisions_behind(case).filter(pk__lt=last)
        found = list(page.prefetch_related("hits")[: min(AT_ONCE, left)])
        for assessment in found:
            yield _record(assessment, names)
        if len(found) < min(AT_ONCE, left):
            return
        last, left = found[-1].pk, left - len(found)


def _record(assessment: Assessment, names: dict[str, FeatureSetVersion]) -> dict[str, Any]:
    return {
        "id": assessment.pk,
        "engine": assessment.engine,
        "event": assessment.external_id,
        "decided_at": assessment.decided_at.isoformat(),
        "decision": assessment.decision,
        "risk_score": assessment.risk_score,
        "amount_minor": assessment.amount_minor,
        "fraud_probability": assessment.fraud_probability,
        "reasons": assessment.reasons,
        "degraded_parts": assessment.degraded_parts,
        "versions": {
            "feature_set": assessment.feature_set_version,
            "rule_set": assessment.rule_set_version,
            "policy": assessment.policy_version,
            "model": assessment.model_version,
        },
        "features": _features(assessment, names),
        "hits": [
            {
                "rule": hit.rule,
                "version": hit.rule_version,
                "alert": hit.alert_id,
                "severity": hit.severity,
                "confidence": hit.confidence,
                "reason": hit.reason,
                "evidence": hit.metadata,
            }
            for hit in assessment.hits.all()
        ],
    }


def _features(assessment: Assessment, known: dict[str, FeatureSetVersion]) -> dict[str, Any]:
    """By the names of the feature set that the decision had; missing is null."""
    version = assessment.feature_set_version
    if version not in known:
        known[version] = FeatureSetVersion.objects.get(pk=version)
    numbers = unpacked(assessment.features).tolist()
    values = {
        name: (bool(number) if kind == "bool" else number) if number == number else None
        for (name, kind, _), number in zip(known[version].numbers, numbers, strict=True)
    }
    return values | assessment.texts


def payments_csv(case: Case) -> Iterator[bytes]:
    """The payments behind these decisions, with their newest label; no cell begins a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*PAYMENT, "label"))
    yield _taken(text)
    for rows in _pages(case):
        labels = _labels([row.pk for row in rows])
        for row in rows:
            writer.writerow([*(_cell(row, name) for name in PAYMENT), labels.get(row.pk, "")])
        yield _taken(text)


def _pages(case: Case) -> Iterator[list[Transaction]]:
    behind = decisions_behind(case).filter(transaction__isnull=False)[:MOST_DECISIONS]
    ids = list(behind.values_list("transaction_id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        yield list(Transaction.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("-pk"))


def _labels(ids: list[int]) -> dict[int, str]:
    """By the newest of each event; one that was withdrawn says nothing."""
    found = Label.objects.filter(transaction__in=ids).order_by("id")
    newest = dict(found.values_list("transaction_id", "verdict"))
    return {event: verdict for event, verdict in newest.items() if verdict != Verdict.WITHDRAWN}


def _cell(row: Transaction, name: str) -> str:
    if name in ("type", "channel"):
        return getattr(row, f"get_{name}_display")() or ""
    value = getattr(row, name)
    if value is None:
        return ""
    return value.isoformat() if name.endswith("_at") else harmless(str(value))


def _taken(text: io.StringIO) -> bytes:
    part = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return part
