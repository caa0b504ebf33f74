"""Rows and their verdicts as the columns of two tables, in the form of the binary COPY."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from fraud_detection.policy import APPROVE
from fraud_detection.services.bulk import wire
from fraud_detection.services.bulk.encoding import Encoded
from fraud_detection.services.bulk.judging import LOW, Judged
from fraud_detection.services.bulk.reading import integers
from fraud_detection.services.serving import Serving

EVENTS = "transactions_transaction"
ASSESSMENTS = "fraud_detection_assessment"
SMALL = ("type", "channel", "local_hour", "sender_is_merchant", "receiver_is_merchant")
MIDDLE = ("amount_ln", "country_code", "latitude_e6", "longitude_e6")
LARGE = (
    *("amount_minor", "original_minor", "sender_key", "receiver_key", "card_key", "device_key", "ip_key"),
    *("merchant_key", "region_key", "branch_key"),
)
MONEY = (
    *("amount", "sender_balance_before", "sender_balance_after"),
    *("receiver_balance_before", "receiver_balance_after"),
)
TEXTS = (
    *("transaction_id", "currency", "sender_id", "receiver_id", "user_id", "merchant_id"),
    *("merchant_category", "card_token", "device_id", "ip_country", "email", "country", "region", "branch"),
    *("sender_name", "receiver_name", "sender_country", "receiver_country", "status"),
)
Table = dict[str, wire.Column]


def event_columns(rows: Encoded, at: np.ndarray, client_id: int) -> Table:
    """The stored rows at these places but for id, customer_id and received_at."""
    places = at.tolist()

    def picked(name: str) -> list[Any]:
        if not rows.columns.has(name):
            return [None]
        column = rows.columns.column(name)
        return [column[place] for place in places]

    given = {name: column[at] for name, column in rows.integers.items()}
    found: Table = {"client_id": wire.field(client_id.to_bytes(8, "big"))}
    found["body_digest"] = wire.blobs([rows.columns.digests[place] for place in places])
    found["occurred_at"] = wire.moments(given["occurred_at"])
    found |= {name: wire.integers(given[name], 2) for name in SMALL}
    found |= {name: wire.integers(given[name], 4) for name in MIDDLE}
    found |= {name: wire.integers(given[name], 8) for name in LARGE}
    found |= {name: wire.numerics(integers(picked(name))) for name in MONEY}
    found |= {name: wire.texts(picked(name)) for name in TEXTS}
    found["ip_address"] = wire.addresses(picked("ip_address"))
    for name in ("latitude", "longitude"):
        found[name] = floats_or_nothing(picked(name))
    found["metadata"] = wire.json_texts([None if v is None else json.dumps(v) for v in picked("metadata")])
    return {name: column for name, column in found.items() if column != wire.NOTHING}


def assessment_columns(
    state: Serving, rows: Encoded, at: np.ndarray, judged: Judged, client_id: int, latency: str
) -> Table:
    """The assessments of the rows at these places but for id, transaction_id, customer_id and decided_at."""
    probabilities = [round(one, 6) for one in judged.probabilities]
    named = rows.columns.column("transaction_id")
    said: dict[str, list[Any]] = {
        "decision": [APPROVE] * len(at),
        "risk_score": list(judged.risks),
        "risk_level": [LOW] * len(at),
        "fraud_probability": list(probabilities),
        "confidence_score": probabilities,
        "is_fraud": [False] * len(at),
        "released": [False] * len(at),
        "release_propensity": [None] * len(at),
        "details": [None] * len(at),
        "reasons": ["[]"] * len(at),
        "texts": list(judged.texts),
        "not_evaluable": list(judged.not_evaluable),
        "insufficient": list(judged.insufficient),
        "degraded": [False] * len(at),
        "degraded_parts": ["[]"] * len(at),
        "latency_us": [latency] * len(at),
        "shadow_scores": [json.dumps(s) if s else None for s in judged.shadow_scores] or [None] * len(at),
    }
    for row, (_, features, scored) in judged.alone.items():
        for name, value in _alone(features.texts, scored).items():
            said[name][row] = value
    shared = (state.engine.feature_set.version, state.rule_set_version, state.policy.version)
    found: Table = {
        "engine": wire.field(state.engine.name.encode()),
        "client_id": wire.field(client_id.to_bytes(8, "big")),
        "external_id": wire.texts([named[place] for place in at.tolist()]),
        "amount_minor": wire.integers(rows.integers["amount_minor"][at], 8),
        "features": wire.fixed(judged.numbers.astype("<f8")),
        "model_version": wire.field(state.predictor.version.encode()),
    }
    names = ("feature_set_version", "rule_set_version", "policy_version")
    found |= {name: wire.field(text.encode()) for name, text in zip(names, shared, strict=True)}
    return found | {name: _written(name, column) for name, column in said.items()}


def _alone(texts: Any, scored: Any) -> dict[str, Any]:
    verdict = scored.verdict
    plain = ("decision", "risk_score", "risk_level", "fraud_probability", "confidence_score", "is_fraud")
    return {name: getattr(verdict, name) for name in (*plain, "released", "release_propensity")} | {
        "details": None if verdict.details is None else json.dumps(verdict.details),
        "reasons": json.dumps(scored.reasons),
        "texts": json.dumps(texts),
        "not_evaluable": json.dumps(scored.not_evaluable),
        "insufficient": json.dumps(scored.insufficient),
        "degraded": bool(scored.degraded_parts),
        "degraded_parts": json.dumps(scored.degraded_parts),
        "shadow_scores": json.dumps(scored.shadow_scores) if scored.shadow_scores else None,
    }


def _written(name: str, column: list[Any]) -> wire.Column:
    if name in ("decision", "risk_level"):
        return wire.texts(column)
    if name in ("is_fraud", "released", "degraded"):
        return wire.booleans(np.array(column, bool))
    if name in ("risk_score", "fraud_probability", "confidence_score", "release_propensity"):
        return floats_or_nothing(column)
    return wire.json_texts(column)


def floats_or_nothing(column: Sequence[float | None]) -> wire.Column:
    """double precision, None is absent."""
    absent = [place for place, value in enumerate(column) if value is None]
    if len(absent) == len(column):
        return wire.NOTHING
    found = wire.floats([0.0 if value is None else value for value in column])
    for place in absent:
        found[place] = wire.NOTHING
    return found
