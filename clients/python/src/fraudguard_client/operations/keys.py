"""Keys: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Sequence
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class KeysOperations(Transport):
    """Keys."""

    def list_keys(
        self,
        *,
        client: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        scope: Maybe[Literal["ingest", "read", "labels", "jobs", "admin"]] = UNSET,
        state: Maybe[Literal["live", "replaced", "expired", "revoked"]] = UNSET,
    ) -> Iterator[Row]:
        """Keys without their secrets, newest first."""
        return self.listed("keys/", **given(client=client, limit=limit, scope=scope, state=state))

    def create_key(
        self,
        *,
        client: str,
        scopes: Sequence[Literal["ingest", "read", "labels", "jobs", "admin"]],
        test: Maybe[bool] = UNSET,
        allowed_networks: Maybe[Sequence[str]] = UNSET,
        rate_limit: Maybe[int | None] = UNSET,
        expires_at: Maybe[str | None] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """A new key; the key itself is in this answer only."""
        return self.request(
            "POST",
            "keys/",
            json=given(
                client=client,
                scopes=scopes,
                test=test,
                allowed_networks=allowed_networks,
                rate_limit=rate_limit,
                expires_at=expires_at,
            ),
            idempotency_key=idempotency_key,
        )

    def show_key(self, prefix: str | int) -> Json:
        """One key, without its secret."""
        return self.request("GET", f"keys/{part(prefix)}/")

    def revoke_key(self, prefix: str | int, *, idempotency_key: str | None = None) -> Json:
        """End a key for good, at once."""
        return self.request("POST", f"keys/{part(prefix)}/revoke/", idempotency_key=idempotency_key)

    def rotate_key(
        self,
        prefix: str | int,
        *,
        grace_hours: Maybe[int] = UNSET,
        expires_at: Maybe[str | None] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """A successor on the same terms; the old key works on for a while."""
        return self.request(
            "POST",
            f"keys/{part(prefix)}/rotate/",
            json=given(grace_hours=grace_hours, expires_at=expires_at),
            idempotency_key=idempotency_key,
        )
