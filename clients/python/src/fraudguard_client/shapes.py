"""What the API answers with, as types. Answers may hold more: a newer server adds fields."""

from typing import Any, Literal, NotRequired, TypedDict


class Reason(TypedDict):
    code: str
    text: str
    contribution: float | None


class RuleAlert(TypedDict):
    rule: str
    severity: Literal["low", "medium", "high", "critical"]
    confidence: float
    reason: str
    metadata: dict[str, Any]


class Decision(TypedDict):
    """A decision on one event; engines add fields of their own. Scores are 0 to 100, probabilities 0 to 1."""

    id: int | None
    transaction_id: NotRequired[str]
    decision: Literal["approve", "review", "decline"]
    risk_score: float
    risk_level: Literal["low", "medium", "high", "critical"]
    fraud_probability: float | None
    confidence_score: float
    is_fraud: bool
    reasons: list[Reason]
    alerts: list[RuleAlert]
    model_version: str
    ruleset_version: str
    degraded: bool
    timestamp: str
    latency_ms: dict[str, float]


class Fault(TypedDict):
    pointer: str
    code: str
    detail: str


class Problem(TypedDict):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: NotRequired[str]
    request_id: NotRequired[str]
    errors: NotRequired[list[Fault]]
