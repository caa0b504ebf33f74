"""Admin pages, by noun."""

from logs.admin import audit, happenings, idempotent_calls, seals, subject_keys

__all__ = ["audit", "happenings", "idempotent_calls", "seals", "subject_keys"]
