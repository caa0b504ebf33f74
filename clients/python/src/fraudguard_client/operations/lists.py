"""Lists: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class ListsOperations(Transport):
    """Lists."""

    def list_lists(self) -> Json:
        """Block, allow and every custom list."""
        return self.request("GET", "lists/")

    def make_list(
        self,
        *,
        name: str,
        description: str,
        kind: Maybe[
            Literal[
                "customer", "account", "card", "device", "ip", "merchant", "email_domain", "country", "word"
            ]
        ] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Make a custom list; a deleted one of the same name comes back empty."""
        return self.request(
            "POST",
            "lists/",
            json=given(name=name, kind=kind, description=description),
            idempotency_key=idempotency_key,
        )

    def show_list(self, name: str | int) -> Json:
        """One list and where it is used."""
        return self.request("GET", f"lists/{part(name)}/")

    def describe_list(self, name: str | int, *, description: str, version: int) -> Json:
        """Say anew what a custom list is for."""
        return self.request(
            "PATCH", f"lists/{part(name)}/", json=given(description=description, version=version)
        )

    def delete_list(self, name: str | int, *, version: int) -> Json:
        """Delete a custom list that no rule uses."""
        return self.request("DELETE", f"lists/{part(name)}/", json=given(version=version))

    def list_list_entries(
        self,
        name: str | int,
        *,
        author: Maybe[str] = UNSET,
        kind: Maybe[
            Literal[
                "customer",
                "account",
                "card",
                "device",
                "ip",
                "ip_range",
                "merchant",
                "email_domain",
                "country",
                "word",
            ]
        ] = UNSET,
        limit: Maybe[int] = UNSET,
        state: Maybe[Literal["standing", "expired", "removed", "all"]] = UNSET,
        value: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Entries of a list, newest first."""
        return self.listed(
            f"lists/{part(name)}/entries/",
            **given(author=author, kind=kind, limit=limit, state=state, value=value),
        )

    def add_list_entries(
        self, name: str | int, *, entries: Sequence[Mapping[str, Any]], idempotency_key: str | None = None
    ) -> Json:
        """Put 1 to 1,000 entries on a list; what stands there already stays as it is."""
        return self.request(
            "POST",
            f"lists/{part(name)}/entries/",
            json=given(entries=entries),
            idempotency_key=idempotency_key,
        )

    def edit_list_entry(
        self, name: str | int, entry_id: str | int, *, reason: str, expires_at: str | None, version: int
    ) -> Json:
        """Give an entry another reason or end."""
        return self.request(
            "PATCH",
            f"lists/{part(name)}/entries/{part(entry_id)}/",
            json=given(reason=reason, expires_at=expires_at, version=version),
        )

    def remove_list_entry(self, name: str | int, entry_id: str | int) -> Json:
        """Take an entry off its list."""
        return self.request("DELETE", f"lists/{part(name)}/entries/{part(entry_id)}/")

    def export_list(self, name: str | int) -> bytes:
        """What stands on a list now, as CSV that can be imported again."""
        return self.download("GET", f"lists/{part(name)}/export/")

    def import_list(
        self,
        name: str | int,
        content: str | bytes,
        *,
        partial: Maybe[bool] = UNSET,
        reason: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Put the entries of a CSV on a list: all of them, or none when a line is wrong."""
        return self.request(
            "POST",
            f"lists/{part(name)}/import/",
            params=given(partial=partial, reason=reason),
            content=content,
            idempotency_key=idempotency_key,
        )
