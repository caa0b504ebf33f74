"""Market: one method for each operation. Written by generate.py."""

from typing import Any

from fraudguard_client.transport import Json, Transport


class MarketOperations(Transport):
    """Market."""

    def detect_market_manipulation(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Look at an order, cancel or trade for signs of manipulation."""
        return self.request("POST", "market/detect/", json=body, idempotency_key=idempotency_key)
