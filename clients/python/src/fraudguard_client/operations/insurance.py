"""Insurance: one method for each operation. Written by generate.py."""

from typing import Any

from fraudguard_client.transport import Json, Transport


class InsuranceOperations(Transport):
    """Insurance."""

    def detect_insurance_fraud(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Judge a claim on insurance."""
        return self.request("POST", "insurance/detect/", json=body, idempotency_key=idempotency_key)
