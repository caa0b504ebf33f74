"""Storing events of any kind exactly once: an application, a claim, an order.

A kind is a model with client, the client's own id, body_digest and customer; the statements are
those of payments, see `storing`.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, models

from transactions.services.prepared import run_prepared
from transactions.services.storing import Slot

_SLOT = """
    select nextval('{table}_id_seq'), clock_timestamp(), known.id, known.body_digest,
           customer.id, customer.home_country, customer.time_zone
    from (select 1) as one
    left join {table} known on known.client_id = %s and known.{id_field} = %s
    left join users_customer customer on customer.external_id = %s
"""
_INSERT = "insert into {table} ({columns}) values ({marks}) on conflict (client_id, {id_field}) do nothing"


class Kind(NamedTuple):
    """A table of events and the column of the client's own id."""

    model: type[models.Model]
    id_field: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table


def open_event_slot(kind: Kind, *, client_id: int, external_id: str | None, customer: str) -> Slot:
    """The next id and the clock, with what is stored under the same external id and customer."""
    text = _SLOT.format(table=kind.table, id_field=kind.id_field)
    with connection.cursor() as cursor:
        run_prepared(cursor, f"slot_{kind.table}", text, (client_id, external_id, customer))
        row = cursor.fetchone()
    return Slot(*row[:3], bytes(row[3]) if row[3] is not None else None, *row[4:])


def store_event(kind: Kind, row: Mapping[str, Any]) -> bool:
    """Insert one event; False when a simultaneous other took its external id."""
    columns, text = _insert(kind)
    with connection.cursor() as cursor:
        run_prepared(cursor, f"store_{kind.table}", text, [row.get(column) for column in columns])
        return cursor.rowcount == 1


@lru_cache
def _insert(kind: Kind) -> tuple[tuple[str, ...], str]:
    columns = tuple(field.column for field in kind.model._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(columns))
    return columns, _INSERT.format(
        table=kind.table, columns=", ".join(columns), marks=marks, id_field=kind.id_field
    )
