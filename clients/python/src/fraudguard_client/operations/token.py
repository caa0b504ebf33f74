"""Token: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import UNSET, Json, Maybe, Transport, given


class TokenOperations(Transport):
    """Token."""

    def obtain_token(
        self,
        *,
        password: str,
        email: Maybe[str] = UNSET,
        username: Maybe[str] = UNSET,
        otp: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Sign in."""
        return self.request(
            "POST",
            "token/",
            json=given(email=email, username=username, password=password, otp=otp),
            idempotency_key=idempotency_key,
        )

    def refresh_token(self, *, refresh: str, idempotency_key: str | None = None) -> Json:
        """Exchange a refresh token for a new pair."""
        return self.request(
            "POST", "token/refresh/", json=given(refresh=refresh), idempotency_key=idempotency_key
        )

    def revoke_token(self, *, refresh: str, idempotency_key: str | None = None) -> Json:
        """End a refresh token and its access tokens."""
        return self.request(
            "POST", "token/revoke/", json=given(refresh=refresh), idempotency_key=idempotency_key
        )
