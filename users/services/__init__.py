"""Writing people, customers and keys."""

from users.services.api_keys import KeyRefused, client_system, create_api_key, revoke_api_key

__all__ = ["KeyRefused", "client_system", "create_api_key", "revoke_api_key"]
