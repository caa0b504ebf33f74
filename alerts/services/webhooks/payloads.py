"""What endpoints are sent: ids, codes, figures and times, never names, card numbers or free text.

Only the fields that stand here leave the house, whatever a message holds.
"""

import json
from typing import Any

from alerts.models import OutboxMessage

TEST = "webhook.test"
_CASE = ("case_id", "number", "status", "severity", "assignee_id", "disposition", "merged_into", "at")
FIELDS: dict[str, tuple[str, ...]] = {
    "decision.made": (
        *("id", "transaction_id", "engine", "decision", "risk_score", "risk_level", "fraud_probability"),
        *("reason_codes", "rules", "degraded", "model_version", "ruleset_version", "at"),
    ),
    "alert.created": (
        *("alert_id", "engine", "family", "subject_kind", "subject", "severity", "risk_score", "rule"),
        "at",
    ),
    "alert.resolved": ("alert_id", "engine", "family", "severity", "disposition", "at"),
    "case.created": _CASE,
    "case.updated": (*_CASE, "what"),
    "case.closed": _CASE,
    "job.finished": (
        *("job_id", "id", "kind", "engine", "rule", "state", "rows_total", "rows_done", "rows_failed", "at"),
    ),
    "model.promoted": ("engine", "model", "retired", "rolled_back", "at"),
    "rule.activated": ("engine", "rule", "version", "share", "rule_set", "at"),
    "system.alert": (
        *("system_alert_id", "state", "kind", "severity", "subject", "engine", "message", "at"),
    ),
    TEST: ("text",),
}


def data_of(topic: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The documented fields of a message, in their order."""
    return {name: payload[name] for name in FIELDS.get(topic, ()) if name in payload}


def body_of(message: OutboxMessage) -> bytes:
    """The body of a message, the same bytes at every try."""
    content = {
        "type": message.topic,
        "timestamp": message.created_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "data": data_of(message.topic, message.payload),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True).encode()
