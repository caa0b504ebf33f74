"""Predict: one method for each operation. Written by generate.py."""

from typing import Any

from fraudguard_client.transport import Json, Transport


class PredictOperations(Transport):
    """Predict."""

    def predict_transaction(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Score one transaction against history without storing it."""
        return self.request("POST", "predict/", json=body, idempotency_key=idempotency_key)
