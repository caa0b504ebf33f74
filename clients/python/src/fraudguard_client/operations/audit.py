"""Audit: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class AuditOperations(Transport):
    """Audit."""

    def list_audit_events(
        self,
        *,
        action: Maybe[str] = UNSET,
        actor: Maybe[str] = UNSET,
        actor_kind: Maybe[str] = UNSET,
        after: Maybe[str] = UNSET,
        before: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        request_id: Maybe[str] = UNSET,
        subject: Maybe[str] = UNSET,
        subject_kind: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Who did what, newest first."""
        return self.listed(
            "audit/",
            **given(
                action=action,
                actor=actor,
                actor_kind=actor_kind,
                after=after,
                before=before,
                limit=limit,
                request_id=request_id,
                subject=subject,
                subject_kind=subject_kind,
            ),
        )

    def export_audit_events(
        self,
        *,
        action: Maybe[str] = UNSET,
        actor: Maybe[str] = UNSET,
        actor_kind: Maybe[str] = UNSET,
        after: Maybe[str] = UNSET,
        before: Maybe[str] = UNSET,
        format: Maybe[Literal["csv", "jsonl"]] = UNSET,
        request_id: Maybe[str] = UNSET,
        subject: Maybe[str] = UNSET,
        subject_kind: Maybe[str] = UNSET,
    ) -> Json:
        """Events of the audit trail as CSV or JSON Lines, oldest first; the export is recorded."""
        return self.request(
            "GET",
            "audit/export/",
            params=given(
                action=action,
                actor=actor,
                actor_kind=actor_kind,
                after=after,
                before=before,
                format=format,
                request_id=request_id,
                subject=subject,
                subject_kind=subject_kind,
            ),
        )

    def show_audit_head(self) -> Json:
        """The head of the sealed chain, to be kept elsewhere, and the last verification."""
        return self.request("GET", "audit/head/")

    def show_audit_event(self, event_id: str | int) -> Json:
        """One event of the audit trail, and the seal that binds it."""
        return self.request("GET", f"audit/{part(event_id)}/")
