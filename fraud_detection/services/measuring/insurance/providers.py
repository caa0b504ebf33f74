"""A provider beside its peers: the other providers of the same product, over 90 days.

Counts and sums of whole days are kept as claims are stored, so a claim costs the same after 100,000 others
of its provider; only the days that the window cuts are read claim by claim. At most PEERS peers are
compared; keys are digests, so the first of them are a sample that nothing chose.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from transactions.services import run_prepared

WINDOW = timedelta(days=90)
PEERS = 200
CUT_ROWS = 5_000  # claims of one cut day that are read; a product with more an hour is counted a little short
_TOTALS = f"""
    with peers as materialized (
        (select provider_key from transactions_claimprovider
         where product_key = %s and last_day >= %s and provider_key <> %s
         order by provider_key limit {PEERS})
        union all select %s::bigint
    ), parts as (
        select d.provider_key, d.claims, d.amount_minor
        from peers join transactions_providerday d
            on d.product_key = %s and d.provider_key = peers.provider_key and d.day > %s and d.day <= %s
        union all (
            select provider_key, 1, amount_minor from transactions_insuranceclaim
            where product_key = %s and provider_key is not null and occurred_at > %s and occurred_at < %s
            order by occurred_at limit {CUT_ROWS})
        union all (
            select provider_key, -1, -amount_minor from transactions_insuranceclaim
            where product_key = %s and provider_key is not null
                and (occurred_at, id) > (%s, %s) and occurred_at < %s
            order by occurred_at limit {CUT_ROWS})
    )
    select provider_key, sum(claims)::bigint, sum(amount_minor)::bigint
    from parts join peers using (provider_key)
    group by provider_key having sum(claims) > 0
"""


def measure_provider(event: Mapping[str, Any]) -> dict[str, int | None]:
    """The measures `provider.*` and `peers.*` of a claim that is stored and counted."""
    if event["provider_key"] is None:
        return {}
    totals = provider_totals(event)
    count, amount = totals.pop(event["provider_key"], (0, 0))
    numbers = sorted(claims for claims, _ in totals.values())
    severities = sorted(_mean(amount, claims) for claims, amount in totals.values())
    return {
        "provider.count": count,
        "provider.sum": amount,
        "peers.count": len(totals),
        "peers.claims": median(numbers),
        "peers.severity": median(severities),
    }


def provider_totals(event: Mapping[str, Any]) -> dict[int, tuple[int, int]]:
    """(claims, their sum) of the provider and of its peers in the 90 days up to the claim."""
    with connection.cursor() as cursor:
        run_prepared(cursor, "provider_totals", _TOTALS, _arguments(event))
        return {provider: (claims, amount) for provider, claims, amount in cursor.fetchall()}


def _arguments(event: Mapping[str, Any]) -> tuple:
    end = event["occurred_at"].astimezone(UTC)
    start = end - WINDOW
    first, last = _day(start), _day(end)
    product, provider = event["product_key"], event["provider_key"]
    return (
        *(product, first, provider, provider),
        *(product, first, last),
        *(product, start, _midnight_after(start)),
        *(product, end, event["id"], _midnight_after(end)),
    )


def _day(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).days


def _midnight_after(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _mean(amount: int, claims: int) -> int:
    """To the nearest hundredth."""
    return (2 * amount + claims) // (2 * claims)


def median(ordered: list[int]) -> int | None:
    """Nearest rank of sorted values."""
    return ordered[(50 * len(ordered) + 99) // 100 - 1] if ordered else None
