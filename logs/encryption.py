"""Secrets that must be read again: stored encrypted, with a key made of SECRET_KEY and of their purpose."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(ValueError):
    """A stored secret cannot be read, most likely because SECRET_KEY changed since it was stored."""


class Sealer:
    """Encrypts for one purpose: what another one sealed cannot be put in its place.

    `remedy` tells people what to do about a secret that cannot be read any more.
    """

    def __init__(self, purpose: str, remedy: str) -> None:
        self.purpose, self.remedy = purpose.encode(), remedy

    def seal(self, secret: str) -> str:
        """The secret, encrypted and authenticated, as text."""
        return self._fernet().encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The secret again; raises SealBroken. SECRET_KEY_FALLBACKS are tried too."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken:
            text = f"the stored secret cannot be read: SECRET_KEY changed; {self.remedy}"
            raise SealBroken(text) from None

    def _fernet(self) -> MultiFernet:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return MultiFernet([Fernet(self._key(key)) for key in keys])

    def _key(self, secret_key: str) -> bytes:
        digest = hashlib.sha256(self.purpose + secret_key.encode()).digest()
        return base64.urlsafe_b64encode(digest)
