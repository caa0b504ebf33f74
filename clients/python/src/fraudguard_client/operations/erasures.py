"""Erasures: one method for each operation. Written by generate.py."""

from collections.abc import Iterator

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class ErasuresOperations(Transport):
    """Erasures."""

    def list_erasures(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Erasures that were asked for, newest first."""
        return self.listed("erasures/", **given(limit=limit))

    def carry_out_erasure(self, erasure_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Begin an erasure that somebody else asked for."""
        return self.request(
            "POST", f"erasures/{part(erasure_id)}/carry-out/", idempotency_key=idempotency_key
        )

    def withdraw_erasure(self, erasure_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Take back an erasure that nobody has carried out."""
        return self.request("POST", f"erasures/{part(erasure_id)}/withdraw/", idempotency_key=idempotency_key)
