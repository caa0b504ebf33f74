"""Review requests: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class ReviewRequestsOperations(Transport):
    """Review requests."""

    def list_review_requests(
        self,
        *,
        customer: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        overdue: Maybe[bool] = UNSET,
        prediction: Maybe[float] = UNSET,
        state: Maybe[Literal["open", "upheld", "overturned"]] = UNSET,
    ) -> Iterator[Row]:
        """Requests for a human review, newest first."""
        return self.listed(
            "review-requests/",
            **given(customer=customer, limit=limit, overdue=overdue, prediction=prediction, state=state),
        )

    def show_review_request(self, review_id: str | int) -> Json:
        """One request for a human review."""
        return self.request("GET", f"review-requests/{part(review_id)}/")

    def resolve_review_request(
        self,
        review_id: str | int,
        *,
        outcome: Literal["upheld", "overturned"],
        note: str,
        idempotency_key: str | None = None,
    ) -> Json:
        """Settle a request; needs a person."""
        return self.request(
            "POST",
            f"review-requests/{part(review_id)}/resolve/",
            json=given(outcome=outcome, note=note),
            idempotency_key=idempotency_key,
        )
