"""Event fields: one method for each operation. Written by generate.py."""

from collections.abc import Iterator

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class EventFieldsOperations(Transport):
    """Event fields."""

    def list_event_fields(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Declared fields, newest first."""
        return self.listed("event-fields/", **given(limit=limit))

    def declare_event_field(
        self,
        *,
        name: str,
        kind: str,
        meaning: str,
        unit: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Declare a typed field that clients may send with transactions."""
        return self.request(
            "POST",
            "event-fields/",
            json=given(name=name, kind=kind, unit=unit, meaning=meaning),
            idempotency_key=idempotency_key,
        )

    def change_event_field(
        self, field_id: str | int, *, version: int, meaning: Maybe[str] = UNSET, active: Maybe[bool] = UNSET
    ) -> Json:
        """Reword a declared field, withdraw it or take it again."""
        return self.request(
            "PATCH",
            f"event-fields/{part(field_id)}/",
            json=given(version=version, meaning=meaning, active=active),
        )
