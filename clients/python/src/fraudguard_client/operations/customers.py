"""Customers: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class CustomersOperations(Transport):
    """Customers."""

    def list_customers(
        self,
        *,
        external_id: Maybe[str] = UNSET,
        home_country: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        name: Maybe[str] = UNSET,
        segment: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Customers, newest first."""
        return self.listed(
            "customers/",
            **given(
                external_id=external_id, home_country=home_country, limit=limit, name=name, segment=segment
            ),
        )

    def predict_customer(self, body: Any, *, idempotency_key: str | None = None) -> Json:
        """Whether a posted customer will likely leave debts unpaid; nothing is stored."""
        return self.request("POST", "customers/predict/", json=body, idempotency_key=idempotency_key)

    def export_customer_predictions(
        self, *, class_: Maybe[Literal["unpaid", "paid"]] = UNSET, model_version: Maybe[str] = UNSET
    ) -> bytes:
        """Stored predictions of customers as CSV, the riskiest first."""
        return self.download(
            "GET",
            "customers/predictions/export/",
            params=given({"class": class_, "model_version": model_version}),
        )

    def show_customer(self, customer_id: str | int) -> Json:
        """One customer with newest assessments."""
        return self.request("GET", f"customers/{part(customer_id)}/")

    def request_erasure(
        self, customer_id: str | int, *, reason: str, idempotency_key: str | None = None
    ) -> Json:
        """Ask that a customer is erased; another person carries it out."""
        return self.request(
            "POST",
            f"customers/{part(customer_id)}/erase/",
            json=given(reason=reason),
            idempotency_key=idempotency_key,
        )

    def export_customer(self, customer_id: str | int) -> bytes:
        """All that is stored about a customer, but for suspicious-activity reports."""
        return self.download("GET", f"customers/{part(customer_id)}/export/")
