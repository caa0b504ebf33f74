"""Stored decisions with chosen features, scores and outcomes, made without an engine: bulk rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils import timezone

from fraud_detection.models import (
    Assessment,
    EngineState,
    FeatureSetVersion,
    ModelVersion,
    PolicyVersion,
    RuleSet,
)
from transactions.models import Label, Transaction
from users.models import ClientSystem, Customer
from users.services import client_system

FEATURE_SET = "payments-watched"
AS_OF = datetime(2026, 6, 17, 12, 30, tzinfo=UTC)  # a Wednesday
HALVES = {"edges": [0.5], "counts": [500, 500, 0]}


def watched_model(**report) -> ModelVersion:
    """payments-1, champion: two features, each half below and half above 0.5 in training, like the score."""
    FeatureSetVersion.objects.get_or_create(
        version=FEATURE_SET,
        engine="payments",
        defaults={
            "numbers": [["unread", "number", ""], ["a", "number", ""], ["b", "number", ""]],
            "texts": [],
        },
    )
    card = {
        "features": ["a", "b"],
        "feature_set": FEATURE_SET,
        "metrics": {},
        "feature_bins": {"a": HALVES, "b": HALVES},
        "score_bins": HALVES,
    }
    number = ModelVersion.objects.count() + 1
    ModelVersion.objects.filter(stage="champion").update(stage="retired")
    model = ModelVersion.objects.create(
        engine="payments",
        number=number,
        stage="champion",
        path="x",
        sha256="0" * 64,
        card=card,
        report=report,
    )
    policy, _ = PolicyVersion.objects.get_or_create(engine="payments", number=1)
    rule_set, _ = RuleSet.objects.get_or_create(engine="payments", number=1)
    EngineState.objects.update_or_create(
        engine="payments", defaults={"policy": policy, "rule_set": rule_set, "model": model}
    )
    return model


def decide(
    n: int,
    *,
    days: float,
    a: Sequence[float] | float = 0.0,
    b: Sequence[float] | float = 0.0,
    probability: Sequence[float] | float = 0.1,
    decision: str = "approve",
    model: str = "payments-1",
    released: bool = False,
    with_events: bool = False,
) -> list[Assessment]:
    """`n` decisions of one moment, `days` before AS_OF; those with events can be labelled."""
    at = AS_OF - timedelta(days=days)
    columns = [np.broadcast_to(np.asarray(values, dtype=float), n) for values in (np.nan, a, b)]
    vectors = np.stack(columns, axis=1).astype("<f8")
    scores = np.broadcast_to(np.asarray(probability, dtype=float), n)
    client = client_system("shop")
    events = _events(n, at, client) if with_events else [None] * n
    return Assessment.objects.bulk_create(
        Assessment(
            engine="payments",
            transaction=event,
            client=client,
            external_id=f"E-{place}",
            decided_at=at,
            amount_minor=100,
            decision=decision,
            risk_score=50,
            risk_level="medium",
            fraud_probability=float(scores[place]),
            confidence_score=0.5,
            is_fraud=False,
            reasons=[],
            features=vectors[place].tobytes(),
            texts={},
            feature_set_version=FEATURE_SET,
            rule_set_version="payments-rules-1",
            policy_version="payments-policy-1",
            model_version=model,
            released=released,
        )
        for place, event in enumerate(events)
    )


def _events(n: int, at: datetime, client: ClientSystem) -> list[Transaction]:
    customer, _ = Customer.objects.get_or_create(external_id="C-1")
    first = Transaction.objects.count()
    return Transaction.objects.bulk_create(
        Transaction(
            client=client,
            transaction_id=f"T-{first + place}",
            body_digest=b"0" * 16,
            customer=customer,
            occurred_at=at,
            received_at=at,
            type=1,
            amount=1,
            currency="USD",
            sender_id="a",
            receiver_id="b",
            user_id="a",
            amount_minor=100,
            original_minor=100,
            sender_key=1,
            receiver_key=2,
            local_hour=1,
        )
        for place in range(n)
    )


def label(decided: Sequence[Assessment], verdict: str, *, days: float) -> None:
    """A label of each, known `days` before AS_OF."""
    Label.objects.bulk_create(
        Label(
            transaction=one.transaction,
            verdict=verdict,
            source="chargeback",
            known_at=AS_OF - timedelta(days=days),
            recorded_at=timezone.now(),
            fraud_delta=int(verdict == "fraud"),
        )
        for one in decided
    )
