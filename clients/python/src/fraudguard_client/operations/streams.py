"""Streams: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class StreamsOperations(Transport):
    """Streams."""

    def show_streams(self) -> Json:
        """Consumers, shards and their lag, as told last."""
        return self.request("GET", "streams/")

    def list_dead_letters(
        self,
        *,
        client: Maybe[str] = UNSET,
        event_id: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        reason: Maybe[
            Literal["not_readable", "envelope", "refused", "conflict", "failed", "crashed"]
        ] = UNSET,
        state: Maybe[Literal["waiting", "replayed", "discarded"]] = UNSET,
    ) -> Iterator[Row]:
        """Messages of streams that could not be decided, newest first."""
        return self.listed(
            "streams/dead-letters/",
            **given(client=client, event_id=event_id, limit=limit, reason=reason, state=state),
        )

    def show_dead_letter(self, letter_id: str | int) -> Json:
        """One message with its body."""
        return self.request("GET", f"streams/dead-letters/{part(letter_id)}/")

    def discard_dead_letter(
        self, letter_id: str | int, *, note: str, idempotency_key: str | None = None
    ) -> Json:
        """Give a message up, saying why."""
        return self.request(
            "POST",
            f"streams/dead-letters/{part(letter_id)}/discard/",
            json=given(note=note),
            idempotency_key=idempotency_key,
        )

    def replay_dead_letter(self, letter_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Decide a message again; refused with 422 while it still cannot be."""
        return self.request(
            "POST", f"streams/dead-letters/{part(letter_id)}/replay/", idempotency_key=idempotency_key
        )
