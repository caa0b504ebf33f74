"""Which engines and rule families alerts are of: the choices of filters."""

from django.db import connection

from alerts.models import Alert, AlertStatus

# From one pair to the next along the index of open alerts: as many steps as pairs, however many alerts.
OF_OPEN = """
    with recursive seen as (
        (select engine, family from alerts_alert where status = 'open' order by engine, family limit 1)
        union all
        select next.engine, next.family
        from seen cross join lateral (
            select engine, family from alerts_alert
            where status = 'open' and (engine, family) > (seen.engine, seen.family)
            order by engine, family limit 1
        ) next
    )
    select engine, family from seen
"""


def families_of_open() -> list[tuple[str, str]]:
    """(engine, rule family) of open alerts, in order."""
    with connection.cursor() as cursor:
        cursor.execute(OF_OPEN)
        return cursor.fetchall()


def families_of_closed() -> list[tuple[str, str]]:
    """(engine, rule family) of closed alerts, in order; reads them all."""
    closed = Alert.objects.filter(status=AlertStatus.RESOLVED)
    return list(closed.order_by("engine", "family").values_list("engine", "family").distinct())
