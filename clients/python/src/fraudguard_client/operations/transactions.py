"""Transactions: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class TransactionsOperations(Transport):
    """Transactions."""

    def list_transactions(
        self,
        *,
        amount_max: Maybe[float] = UNSET,
        amount_min: Maybe[float] = UNSET,
        channel: Maybe[Literal["web", "mobile", "pos", "atm", "branch", "api"]] = UNSET,
        client: Maybe[str] = UNSET,
        country: Maybe[str] = UNSET,
        currency: Maybe[str] = UNSET,
        customer: Maybe[str] = UNSET,
        decision: Maybe[Literal["approve", "review", "decline"]] = UNSET,
        device_id: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        merchant_id: Maybe[str] = UNSET,
        occurred_after: Maybe[str] = UNSET,
        occurred_before: Maybe[str] = UNSET,
        q: Maybe[str] = UNSET,
        receiver_id: Maybe[str] = UNSET,
        risk_level: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        sender_id: Maybe[str] = UNSET,
        transaction_id: Maybe[str] = UNSET,
        type: Maybe[Literal["payment", "transfer", "cash_in", "cash_out", "debit", "refund"]] = UNSET,
    ) -> Iterator[Row]:
        """Stored transactions, newest arrival first."""
        return self.listed(
            "transactions/",
            **given(
                amount_max=amount_max,
                amount_min=amount_min,
                channel=channel,
                client=client,
                country=country,
                currency=currency,
                customer=customer,
                decision=decision,
                device_id=device_id,
                limit=limit,
                merchant_id=merchant_id,
                occurred_after=occurred_after,
                occurred_before=occurred_before,
                q=q,
                receiver_id=receiver_id,
                risk_level=risk_level,
                sender_id=sender_id,
                transaction_id=transaction_id,
                type=type,
            ),
        )

    def decide_transaction(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Store and score one transaction."""
        return self.request("POST", "transactions/", json=body, idempotency_key=idempotency_key)

    def show_transaction(self, transaction_id: str | int, *, client: Maybe[str] = UNSET) -> Json:
        """One transaction with its assessment."""
        return self.request("GET", f"transactions/{part(transaction_id)}/", params=given(client=client))

    def correct_transaction(
        self, transaction_id: str | int, body: Any, *, client: Maybe[str] = UNSET
    ) -> Json:
        """Correct a transaction: both versions are kept, the newer is assessed."""
        return self.request(
            "PUT", f"transactions/{part(transaction_id)}/", params=given(client=client), json=body
        )

    def update_transaction_status(
        self,
        transaction_id: str | int,
        *,
        status: Literal["accepted", "declined", "reversed", "pending"],
        client: Maybe[str] = UNSET,
    ) -> Json:
        """Say what became of a transaction: a later status."""
        return self.request(
            "PATCH",
            f"transactions/{part(transaction_id)}/",
            params=given(client=client),
            json=given(status=status),
        )
