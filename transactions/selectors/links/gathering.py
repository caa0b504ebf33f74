"""Reading links: what some customers use, and who else uses it. Every read is bounded."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from transactions.selectors.links.sources import SOURCES, Source

NEWEST_OF_CUSTOMER = 500  # events of a customer and table that are looked at
NEWEST_OF_ENTITY = 200  # events of an entity and source that are looked at


class Entity(NamedTuple):
    """A thing that events name; `key` is the indexed value as text."""

    kind: str
    key: str


class Use(NamedTuple):
    """How a customer is tied to an entity: what it did how often, when, over how much money (minor units)."""

    customer_id: int
    entity: Entity
    shown: str
    role: str
    word: str
    count: int
    first: datetime
    last: datetime
    amount_minor: int


def uses_by(customer_ids: Sequence[int]) -> list[Use]:
    """Every entity that the customers' newest events name."""
    return _read(_OF_CUSTOMERS, [(source, list(customer_ids)) for source in SOURCES])


def uses_of(entities: Iterable[Entity]) -> list[Use]:
    """Every customer that the newest events naming these entities are of."""
    wanted: dict[str, list[str]] = {}
    for entity in entities:
        wanted.setdefault(entity.kind, []).append(entity.key)
    return _read(_OF_ENTITIES, [(s, wanted[s.kind]) for s in SOURCES if s.kind in wanted])


_OF_CUSTOMERS = """
    select t.customer_id, '{kind}', t.{key}::text, min({shown}), '{role}', '{word}',
           count(*), min(t.occurred_at), max(t.occurred_at), sum(t.amount_minor)::bigint
    from unnest(%s::bigint[]) wanted(id) cross join lateral (
        select * from {table} where customer_id = wanted.id and {current}
        order by id desc limit {newest_of_customer}) t
    where t.{key} is not null and {only}
    group by t.customer_id, t.{key}
"""
_OF_ENTITIES = """
    select t.customer_id, '{kind}', t.{key}::text, min({shown}), '{role}', '{word}',
           count(*), min(t.occurred_at), max(t.occurred_at), sum(t.amount_minor)::bigint
    from unnest(%s::text[]) wanted(key) cross join lateral (
        select * from {table} where {key} = wanted.key::{cast} and {current}
        order by occurred_at desc, id desc limit {newest_of_entity}) t
    where {only}
    group by t.customer_id, t.{key}
"""


def _read(template: str, asked: list[tuple[Source, list]]) -> list[Use]:
    statement = " union all ".join(f"({_statement(template, source)})" for source, _ in asked)
    if not statement:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [values for _, values in asked])
        return [Use(row[0], Entity(row[1], row[2]), *row[3:]) for row in cursor.fetchall()]


@lru_cache
def _statement(template: str, source: Source) -> str:
    return template.format(
        **source._asdict(),
        word=source.word,
        current=source.current,
        cast="text" if source.key == "address" else "bigint",
        newest_of_customer=NEWEST_OF_CUSTOMER,
        newest_of_entity=NEWEST_OF_ENTITY,
    )
