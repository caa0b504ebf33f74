"""Score: one method for each operation. Written by generate.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraudguard_client.transport import Json, Transport, given


class ScoreOperations(Transport):
    """Score."""

    def score_transactions(
        self, *, transactions: Sequence[Mapping[str, Any]], idempotency_key: str | None = None
    ) -> Json:
        """Store and score up to 1,000 transactions."""
        return self.request(
            "POST", "score/", json=given(transactions=transactions), idempotency_key=idempotency_key
        )
