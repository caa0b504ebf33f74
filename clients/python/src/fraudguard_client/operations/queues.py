"""Queues: one method for each operation. Written by generate.py."""

from collections.abc import Mapping
from typing import Any

from fraudguard_client.transport import UNSET, Json, Maybe, Transport, given, part


class QueuesOperations(Transport):
    """Queues."""

    def list_queues(self) -> Json:
        """Queues in the order in which they take alerts, with what waits in each."""
        return self.request("GET", "queues/")

    def make_queue(
        self,
        *,
        name: str,
        description: Maybe[str] = UNSET,
        filter: Maybe[Mapping[str, Any]] = UNSET,
        position: Maybe[int] = UNSET,
        active: Maybe[bool] = UNSET,
        escalation_to: Maybe[str | None] = UNSET,
        due_minutes: Maybe[Mapping[str, Any]] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """A new queue."""
        return self.request(
            "POST",
            "queues/",
            json=given(
                name=name,
                description=description,
                filter=filter,
                position=position,
                active=active,
                escalation_to=escalation_to,
                due_minutes=due_minutes,
            ),
            idempotency_key=idempotency_key,
        )

    def show_queue(self, queue_id: str | int) -> Json:
        """One queue."""
        return self.request("GET", f"queues/{part(queue_id)}/")

    def change_queue(
        self,
        queue_id: str | int,
        *,
        version: int,
        name: Maybe[str] = UNSET,
        description: Maybe[str] = UNSET,
        filter: Maybe[Mapping[str, Any]] = UNSET,
        position: Maybe[int] = UNSET,
        active: Maybe[bool] = UNSET,
        escalation_to: Maybe[str | None] = UNSET,
        due_minutes: Maybe[Mapping[str, Any]] = UNSET,
    ) -> Json:
        """Change some fields of a queue; alerts that are in it stay."""
        return self.request(
            "PATCH",
            f"queues/{part(queue_id)}/",
            json=given(
                name=name,
                description=description,
                filter=filter,
                position=position,
                active=active,
                escalation_to=escalation_to,
                due_minutes=due_minutes,
                version=version,
            ),
        )

    def list_queue_members(self, queue_id: str | int) -> Json:
        """Who works a queue."""
        return self.request("GET", f"queues/{part(queue_id)}/members/")

    def put_queue_member(
        self,
        queue_id: str | int,
        *,
        user: str,
        supervisor: Maybe[bool] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Add somebody to a queue, or change whether they supervise it."""
        return self.request(
            "POST",
            f"queues/{part(queue_id)}/members/",
            json=given(user=user, supervisor=supervisor),
            idempotency_key=idempotency_key,
        )

    def remove_queue_member(self, queue_id: str | int, email: str | int) -> Json:
        """Take somebody out of a queue; their alerts stay theirs."""
        return self.request("DELETE", f"queues/{part(queue_id)}/members/{part(email)}/")
