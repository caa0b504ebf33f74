"""Labels: one method for each operation. Written by generate.py."""

from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Transport, given


class LabelsOperations(Transport):
    """Labels."""

    def label_transactions(
        self,
        *,
        verdict: Literal["fraud", "legitimate"],
        source: Literal["chargeback", "customer", "analyst"],
        transaction_id: Maybe[str] = UNSET,
        assessment_id: Maybe[int] = UNSET,
        reason: Maybe[str] = UNSET,
        occurred_at: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Say what became of one event, or of up to 1,000."""
        return self.request(
            "POST",
            "labels/",
            json=given(
                transaction_id=transaction_id,
                assessment_id=assessment_id,
                verdict=verdict,
                source=source,
                reason=reason,
                occurred_at=occurred_at,
            ),
            idempotency_key=idempotency_key,
        )
