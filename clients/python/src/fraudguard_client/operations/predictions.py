"""Predictions: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class PredictionsOperations(Transport):
    """Predictions."""

    def list_predictions(
        self,
        *,
        customer: Maybe[str] = UNSET,
        decided_after: Maybe[str] = UNSET,
        decided_before: Maybe[str] = UNSET,
        decision: Maybe[Literal["approve", "review", "decline"]] = UNSET,
        degraded: Maybe[bool] = UNSET,
        engine: Maybe[Literal["payments", "aml", "credit", "insurance", "market", "customers"]] = UNSET,
        external_id: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        model_version: Maybe[str] = UNSET,
        risk_level: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        rule: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Stored assessments of every engine, newest first."""
        return self.listed(
            "predictions/",
            **given(
                customer=customer,
                decided_after=decided_after,
                decided_before=decided_before,
                decision=decision,
                degraded=degraded,
                engine=engine,
                external_id=external_id,
                limit=limit,
                model_version=model_version,
                risk_level=risk_level,
                rule=rule,
            ),
        )

    def store_external_prediction(
        self,
        *,
        model_name: str,
        model_version: str,
        client: Maybe[str] = UNSET,
        external_id: Maybe[str] = UNSET,
        transaction_id: Maybe[str] = UNSET,
        engine: Maybe[Literal["payments", "aml", "credit", "insurance", "market", "customers"]] = UNSET,
        fraud_probability: Maybe[float | None] = UNSET,
        risk_score: Maybe[float | None] = UNSET,
        decision: Maybe[Literal["approve", "review", "decline"]] = UNSET,
        reasons: Maybe[Sequence[Mapping[str, Any]]] = UNSET,
        occurred_at: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Store a prediction made elsewhere, apart from our own."""
        return self.request(
            "POST",
            "predictions/",
            params=given(client=client),
            json=given(
                external_id=external_id,
                transaction_id=transaction_id,
                engine=engine,
                model_name=model_name,
                model_version=model_version,
                fraud_probability=fraud_probability,
                risk_score=risk_score,
                decision=decision,
                reasons=reasons,
                occurred_at=occurred_at,
            ),
            idempotency_key=idempotency_key,
        )

    def list_external_predictions(
        self,
        *,
        client: Maybe[str] = UNSET,
        decision: Maybe[Literal["approve", "review", "decline"]] = UNSET,
        engine: Maybe[Literal["payments", "aml", "credit", "insurance", "market", "customers"]] = UNSET,
        external_id: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        model_name: Maybe[str] = UNSET,
        model_version: Maybe[str] = UNSET,
        occurred_after: Maybe[str] = UNSET,
        occurred_before: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Predictions made elsewhere, newest first."""
        return self.listed(
            "predictions/external/",
            **given(
                client=client,
                decision=decision,
                engine=engine,
                external_id=external_id,
                limit=limit,
                model_name=model_name,
                model_version=model_version,
                occurred_after=occurred_after,
                occurred_before=occurred_before,
            ),
        )

    def show_external_prediction(self, prediction_id: str | int) -> Json:
        """One prediction made elsewhere."""
        return self.request("GET", f"predictions/external/{part(prediction_id)}/")

    def show_prediction(self, prediction_id: str | int) -> Json:
        """One assessment in full."""
        return self.request("GET", f"predictions/{part(prediction_id)}/")

    def request_review(
        self, prediction_id: str | int, *, reason: str, idempotency_key: str | None = None
    ) -> Json:
        """Ask that a person looks at a decision; one request is open at a time."""
        return self.request(
            "POST",
            f"predictions/{part(prediction_id)}/review-request/",
            json=given(reason=reason),
            idempotency_key=idempotency_key,
        )
