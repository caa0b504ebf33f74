"""Admin pages, by noun."""

from logs.admin import audit, idempotent_calls

__all__ = ["audit", "idempotent_calls"]
