"""What is counted of providers as claims are stored: one row a provider and product, one a day of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from transactions.services.prepared import run_prepared

_DAY = """
    insert into transactions_providerday as d (product_key, provider_key, day, claims, amount_minor)
    values (%s, %s, %s, 1, %s)
    on conflict (product_key, provider_key, day)
        do update set claims = d.claims + 1, amount_minor = d.amount_minor + excluded.amount_minor
"""
_PROVIDER = """
    insert into transactions_claimprovider as p (product_key, provider_key, provider_id, last_day)
    values (%s, %s, %s, %s)
    on conflict (product_key, provider_key)
        do update set last_day = excluded.last_day where p.last_day < excluded.last_day
"""


def count_for_provider(claim: Mapping[str, Any]) -> None:
    """Add a stored claim to the counts of who is paid by it, in the claim's own transaction.

    The provider must be held (lock_accounts), so that no two claims wait for each other's rows.
    """
    if claim["provider_key"] is None:
        return
    product, provider, day = claim["product_key"], claim["provider_key"], day_of(claim["occurred_at"])
    with connection.cursor() as cursor:
        run_prepared(cursor, "count_provider_day", _DAY, (product, provider, day, claim["amount_minor"]))
        run_prepared(cursor, "count_provider", _PROVIDER, (product, provider, claim["provider_id"], day))


def day_of(moment: datetime) -> int:
    """Whole days since 1970-01-01 UTC."""
    return int(moment.timestamp() // 86_400)
