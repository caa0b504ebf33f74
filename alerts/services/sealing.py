"""Secrets that must be read again (to sign, to send) are stored encrypted, with a key made of SECRET_KEY."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PURPOSE = b"fraudguard sealed secret v1:"


class SealBroken(ValueError):
    """A stored secret cannot be read, most likely because SECRET_KEY changed since it was stored."""


def seal(secret: str) -> str:
    """The secret, encrypted and authenticated, as text."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again; raises SealBroken. SECRET_KEY_FALLBACKS are tried too."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken("the stored secret cannot be read: SECRET_KEY changed; enter it anew") from None


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(key)) for key in keys])


def _key(secret_key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(PURPOSE + secret_key.encode()).digest())
