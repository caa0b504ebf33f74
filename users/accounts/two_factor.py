"""django-allauth's questions about second factors: their secrets are stored encrypted."""

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter

from users.models import User
from users.services.sealing import seal, unseal


class TwoFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is wrong, was used before or has run out. Wait for the next one.",
        "locked": "Too many failed attempts. Wait 15 minutes, or ask an admin to lift the block.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return "FraudGuard"

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return "Passkey"

    def get_public_key_credential_user_entity(self, user: User) -> dict:
        return {
            "id": user_pk_to_url_str(user).encode("utf8"),
            "display_name": str(user),
            "name": user.email,
        }
