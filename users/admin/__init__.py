"""Admin pages, by noun."""

from users.admin import client_systems, customers, people, sign_ins

__all__ = ["client_systems", "customers", "people", "sign_ins"]
