"""Rows of files for the tests of bulk decisions, and what is stored of decisions, to be compared."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from alerts.models import Alert
from fraud_detection.models import Assessment, RuleHit, ShadowHit
from fraud_detection.services import serving as state
from fraud_detection.services.bulk import ChunkResult
from fraud_detection.services.bulk.swiftly import decide_swiftly
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.serving import serving
from fraud_detection.services.transaction_files import Row
from transactions.models import Label, StatusChange, Transaction
from users.models import Customer
from users.services import client_system

OF_ITS_MOMENT = {"id", "received_at", "customer_id", "transaction_id", "decided_at", "latency_us"}


def file_rows(records: Sequence[dict[str, Any]], labels: Sequence[bool | None] = ()) -> list[Row]:
    """Records as rows of one file: all text, the same columns, empty where absent."""
    names = list(dict.fromkeys(name for record in records for name in record))
    told = labels or [None] * len(records)
    return [
        Row(line, {name: str(record.get(name, "")) for name in names}, label)
        for line, (record, label) in enumerate(zip(records, told, strict=True), 2)
    ]


def stored() -> dict[str, list[Any]]:
    """All that decisions stored but for ids and the moments at which they were made, by event."""
    return {
        "events": _rows(Transaction.objects.values(), "transaction_id", keep={"transaction_id"}),
        "assessments": [
            row | {"features": bytes(row["features"])}
            for row in _rows(Assessment.objects.values(), "external_id")
        ],
        "hits": _sorted(map(_hit, RuleHit.objects.select_related("assessment", "alert"))),
        "shadow hits": _sorted(
            ShadowHit.objects.values_list(
                "assessment__external_id", "version_id", "reason", "would_decide", "also_active"
            )
        ),
        "alerts": _sorted(
            Alert.objects.values_list(
                *("engine", "family", "subject_kind", "subject", "severity", "risk_score", "amount_minor"),
                *("reason", "rule", "hit_count", "version", "status", "customer__external_id"),
            )
        ),
        "labels": _sorted(
            Label.objects.values_list(
                "transaction__transaction_id", "verdict", "known_at", "fraud_delta", "merchant_key"
            )
        ),
        "statuses": _sorted(
            StatusChange.objects.values_list(
                "transaction__transaction_id", "status", "known_at", "declined_delta", "sender_key"
            )
        ),
        "customers": _sorted(Customer.objects.values_list("external_id", "name", "email", "home_country")),
    }


def compared(rows: Sequence[Row], size: int = 100) -> dict[str, list[Any]]:
    """Decide rows one by one, undo it, and decide them `size` at a time; what is stored must be the same."""
    client = client_system("bulk")
    with transaction.atomic():
        for row in rows:
            decide_payments([row.record], client=client, text=True)
        alone = stored()
        transaction.set_rollback(True)
    assert not Transaction.objects.exists()
    state.forget()
    for start in range(0, len(rows), size):
        assert not decide_swiftly(rows[start : start + size], serving("payments"), client, ChunkResult())
    together = stored()
    for name, found in alone.items():
        assert together[name] == found, name
    return alone


def _rows(rows: Iterable[dict[str, Any]], key: str, keep: frozenset | set = frozenset()) -> list[dict]:
    left = [
        {name: _plain(value) for name, value in row.items() if name not in OF_ITS_MOMENT - keep}
        for row in rows
    ]
    return sorted(left, key=lambda row: row[key])


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _hit(hit: RuleHit) -> tuple:
    return (
        *(hit.assessment.external_id, hit.rule, hit.rule_version, hit.subject_kind, hit.subject),
        *(hit.severity, hit.confidence, hit.weight, hit.reason, hit.snoozed),
        *(str(sorted(hit.metadata.items(), key=str)), hit.alert.subject if hit.alert else None),
    )


def _sorted(rows: Iterable[tuple]) -> list[tuple]:
    return sorted(map(tuple, rows), key=repr)
