"""Reading people, customers and keys."""

from users.selectors.api_keys import CACHE_SECONDS, api_key_for, digest_of, forget_cached_keys

__all__ = ["CACHE_SECONDS", "api_key_for", "digest_of", "forget_cached_keys"]
