"""Aml: one method for each operation. Written by generate.py."""

from typing import Any

from fraudguard_client.transport import Json, Transport


class AmlOperations(Transport):
    """Aml."""

    def detect_money_laundering(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Look at a transaction for signs of money laundering."""
        return self.request("POST", "aml/detect/", json=body, idempotency_key=idempotency_key)
