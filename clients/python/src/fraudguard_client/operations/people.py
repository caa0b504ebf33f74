"""People: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class PeopleOperations(Transport):
    """People."""

    def list_people(
        self,
        *,
        email: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        role: Maybe[Literal["admin", "analyst", "auditor"]] = UNSET,
        state: Maybe[Literal["active", "inactive", "locked", "no_two_factor"]] = UNSET,
    ) -> Iterator[Row]:
        """Everybody with an account, newest first."""
        return self.listed("people/", **given(email=email, limit=limit, role=role, state=state))

    def list_invitations(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Invitations that can still be accepted, newest first."""
        return self.listed("people/invitations/", **given(limit=limit))

    def invite(
        self,
        *,
        email: str,
        role: Literal["admin", "analyst", "auditor"],
        mail: Maybe[bool] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Invite somebody to a role; an earlier invitation of this e-mail ends."""
        return self.request(
            "POST",
            "people/invitations/",
            json=given(email=email, role=role, mail=mail),
            idempotency_key=idempotency_key,
        )

    def withdraw_invitation(self, invitation_id: str | int) -> Json:
        """Withdraw it."""
        return self.request("DELETE", f"people/invitations/{part(invitation_id)}/")

    def show_person(self, person_id: str | int) -> Json:
        """One account."""
        return self.request("GET", f"people/{part(person_id)}/")

    def deactivate_person(self, person_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Let somebody else in no more; their sessions and tokens end at once."""
        return self.request("POST", f"people/{part(person_id)}/deactivate/", idempotency_key=idempotency_key)

    def reactivate_person(self, person_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Let somebody in again; they sign in anew."""
        return self.request("POST", f"people/{part(person_id)}/reactivate/", idempotency_key=idempotency_key)

    def reset_two_factor(self, person_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Forget somebody else's second factors and sign them out."""
        return self.request(
            "POST", f"people/{part(person_id)}/reset-two-factor/", idempotency_key=idempotency_key
        )

    def change_role(
        self,
        person_id: str | int,
        *,
        role: Literal["admin", "analyst", "auditor"],
        seen: Literal["admin", "analyst", "auditor"],
        idempotency_key: str | None = None,
    ) -> Json:
        """Give somebody else another role; their tokens end."""
        return self.request(
            "POST",
            f"people/{part(person_id)}/role/",
            json=given(role=role, seen=seen),
            idempotency_key=idempotency_key,
        )

    def sign_out_person(self, person_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """End all sessions and tokens of somebody."""
        return self.request("POST", f"people/{part(person_id)}/sign-out/", idempotency_key=idempotency_key)

    def unlock_person(self, person_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Lift the lock after failed sign-ins."""
        return self.request("POST", f"people/{part(person_id)}/unlock/", idempotency_key=idempotency_key)
