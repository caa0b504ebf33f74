"""Writing people, customers and keys."""

from users.services.api_keys import (
    KeyConflict,
    KeyRefused,
    client_system,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)

__all__ = [
    "KeyConflict",
    "KeyRefused",
    "client_system",
    "create_api_key",
    "revoke_api_key",
    "rotate_api_key",
]
