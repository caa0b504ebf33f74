"""Rows of a file on their way to customers: a temporary table, then set by set into the real one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from fraud_detection.services.card_numbers import masked_values
from fraud_detection.services.customers.files import Row
from logs.services import record_each
from ml.domains.customers.schema import FIELDS, PROFILE_NAMES, attributes_of
from transactions.services.copying import copy_in

LINES = 5_000  # at a time: what changed is compared and told in Python
PROFILE = PROFILE_NAMES[1:]  # all but the id
STAGING = """
    create temporary table incoming_customer (
        line bigint, external_id varchar(128), profile jsonb, attributes jsonb
    ) on commit drop
"""
REPEATS = """
    delete from incoming_customer later using (
        select external_id, min(line) as line from incoming_customer group by external_id having count(*) > 1
    ) first
    where later.external_id = first.external_id and later.line > first.line
    returning later.line, later.external_id, first.line
"""
# The event path makes customers too: whoever came first is compared like all the others.
INSERT = f"""
    insert into users_customer (external_id, {", ".join(PROFILE)}, attributes, created_at)
    select external_id, {", ".join(f"coalesce(profile->>'{name}', '')" for name in PROFILE)},
           attributes, now()
    from incoming_customer where line between %s and %s order by external_id
    on conflict (external_id) do nothing
"""
OLD = "case when jsonb_typeof(c.attributes) = 'object' then c.attributes else '{}' end"


def open_staging() -> None:
    """Make the temporary table, and wait for another load: two would lock customers crosswise."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('load_users'))")
        cursor.execute("drop table if exists incoming_customer")  # of an earlier load in this transaction
        cursor.execute(STAGING)


def stage(rows: Iterable[Row]) -> None:
    """Add clean rows."""
    copy_in(
        "incoming_customer",
        ("line", "external_id", "profile", "attributes"),
        (_staged(row.line, masked_values(row.values, FIELDS, "")) for row in rows),
    )


def _staged(line: int, values: dict[str, Any]) -> tuple[int, str, str, str]:
    return line, values["customer_id"], *_as_json(values)


def _as_json(values: dict[str, Any]) -> tuple[str, str]:
    profile = {name: values[name] for name in PROFILE if name in values}
    return json.dumps(profile), json.dumps(attributes_of(values))


def drop_repeats() -> Iterator[tuple[int, str, int]]:
    """Take out all rows of an id but the first; (line, id, line of the first) of each."""
    with connection.cursor() as cursor:
        cursor.execute("create index on incoming_customer (line)")
        cursor.execute("analyze incoming_customer")
        cursor.execute(REPEATS)
        yield from sorted(cursor.fetchall())


def store(columns: Sequence[str], *, acting: str) -> tuple[int, int]:
    """(new, changed) customers. A changed one leaves an audit row that names the fields, not the values."""
    new = changed = 0
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(line), 0) from incoming_customer")
        (end,) = cursor.fetchone()
        for first in range(1, end + 1, LINES):
            lines = (first, first + LINES - 1)
            cursor.execute(INSERT, lines)
            new += cursor.rowcount
            changed += _change(cursor, lines, columns, acting)
    return new, changed


def _change(cursor: Any, lines: tuple[int, int], columns: Sequence[str], acting: str) -> int:
    profile = [name for name in PROFILE if name in columns]
    attributes = [name for name in columns if name not in PROFILE_NAMES]
    differ = [f"c.{name} is distinct from coalesce(i.profile->>'{name}', '')" for name in profile]
    cursor.execute(
        f"""
        select c.id, {OLD}, i.attributes, {", ".join(["''", *differ])}
        from incoming_customer i join users_customer c on c.external_id = i.external_id
        where i.line between %s and %s
          and ({" or ".join([f"({OLD} - %s::text[]) || i.attributes <> c.attributes", *differ])})
        order by c.id for update of c
        """,  # the names are PROFILE's  # nosec B608
        (*lines, attributes),
    )
    told = []
    for key, old, given, _, *differs in cursor.fetchall():
        fields = [name for name, is_other in zip(profile, differs, strict=True) if is_other]
        told.append(
            (key, {"fields": sorted(fields + _changed(json.loads(old), json.loads(given), attributes))})
        )
    if told:
        _update(cursor, lines, profile, attributes, [key for key, _ in told])
        record_each(
            "customer.changed", actor_kind="system", actor=acting, subject_kind="customer", deeds=told
        )
    return len(told)


def _changed(old: dict[str, Any], given: dict[str, Any], columns: Sequence[str]) -> list[str]:
    return [name for name in columns if old.get(name) != given.get(name)]


def _update(
    cursor: Any, lines: tuple[int, int], profile: list[str], attributes: list[str], keys: list[int]
) -> None:
    sets = [f"{name} = coalesce(i.profile->>'{name}', '')" for name in profile]
    cursor.execute(
        f"""
        update users_customer c set
            {", ".join([f"attributes = ({OLD} - %s::text[]) || i.attributes", *sets])}
        from incoming_customer i
        where i.external_id = c.external_id and i.line between %s and %s and c.id = any(%s)
        """,  # the names are PROFILE's  # nosec B608
        (attributes, *lines, keys),
    )
