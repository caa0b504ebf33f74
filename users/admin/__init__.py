"""Admin pages, by noun."""

from users.admin import accounts, client_systems, customers, people, sign_ins

__all__ = ["accounts", "client_systems", "customers", "people", "sign_ins"]
