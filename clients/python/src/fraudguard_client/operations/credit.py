"""Credit: one method for each operation. Written by generate.py."""

from typing import Any

from fraudguard_client.transport import Json, Transport


class CreditOperations(Transport):
    """Credit."""

    def assess_credit(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Assess an application for credit."""
        return self.request("POST", "credit/assess/", json=body, idempotency_key=idempotency_key)
