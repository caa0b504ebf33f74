"""Webhooks: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Sequence
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class WebhooksOperations(Transport):
    """Webhooks."""

    def list_webhooks(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Endpoints, newest first."""
        return self.listed("webhooks/", **given(limit=limit))

    def create_webhook(
        self,
        *,
        url: str,
        events: Sequence[
            Literal[
                "decision.made",
                "alert.created",
                "alert.resolved",
                "case.created",
                "case.updated",
                "case.closed",
                "job.finished",
                "model.promoted",
                "rule.activated",
                "system.alert",
            ]
        ],
        description: Maybe[str] = UNSET,
        active: Maybe[bool] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """A new endpoint; its secret is in this answer only."""
        return self.request(
            "POST",
            "webhooks/",
            json=given(url=url, events=events, description=description, active=active),
            idempotency_key=idempotency_key,
        )

    def replay_webhook_delivery(self, delivery_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Send a delivery again, under the same webhook-id."""
        return self.request(
            "POST", f"webhooks/deliveries/{part(delivery_id)}/replay/", idempotency_key=idempotency_key
        )

    def show_webhook(self, webhook_id: str | int) -> Json:
        """One endpoint."""
        return self.request("GET", f"webhooks/{part(webhook_id)}/")

    def change_webhook(
        self,
        webhook_id: str | int,
        *,
        version: int,
        url: Maybe[str] = UNSET,
        events: Maybe[
            Sequence[
                Literal[
                    "decision.made",
                    "alert.created",
                    "alert.resolved",
                    "case.created",
                    "case.updated",
                    "case.closed",
                    "job.finished",
                    "model.promoted",
                    "rule.activated",
                    "system.alert",
                ]
            ]
        ] = UNSET,
        description: Maybe[str] = UNSET,
        active: Maybe[bool] = UNSET,
    ) -> Json:
        """Change an endpoint."""
        return self.request(
            "PATCH",
            f"webhooks/{part(webhook_id)}/",
            json=given(version=version, url=url, events=events, description=description, active=active),
        )

    def delete_webhook(self, webhook_id: str | int) -> Json:
        """Delete an endpoint."""
        return self.request("DELETE", f"webhooks/{part(webhook_id)}/")

    def list_webhook_deliveries(
        self,
        webhook_id: str | int,
        *,
        event: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        state: Maybe[Literal["gathering", "pending", "delivered", "dead"]] = UNSET,
    ) -> Iterator[Row]:
        """What was sent to an endpoint, newest first, with every try."""
        return self.listed(
            f"webhooks/{part(webhook_id)}/deliveries/", **given(event=event, limit=limit, state=state)
        )

    def rotate_webhook_secret(self, webhook_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """A new secret; the former one signs too for a day."""
        return self.request(
            "POST", f"webhooks/{part(webhook_id)}/rotate-secret/", idempotency_key=idempotency_key
        )

    def test_webhook(self, webhook_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Queue a webhook.test for this endpoint."""
        return self.request("POST", f"webhooks/{part(webhook_id)}/test/", idempotency_key=idempotency_key)
