"""Personal values in the audit trail: encrypted with a key of their subject; erasing is forgetting it.

The trail is append-only and sealed; what it says of a person is erased by deleting the key.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from logs.models.subject_keys import NAMES, SEALED, SEALED_FOR, SubjectKey, fresh_key
from logs.redacting import mask_cards_in

# Members of a deed in which people write freely, or that name whom it is about.
FREE = frozenset({"reason", "note", "title", "value", "text", "subject", "name", "snooze_reason", "email"})
KINDS = ("list_entry", "rule_snooze", "case", "alert")
ROWS = 10**15  # more than any table has
Values = dict[str, Any] | None
STANDING = "select subject, sealed_key from logs_subjectkey where subject = any(%s)"
# One statement, since every deed with a text in it waits for it; keys that stand are not touched.
KEYS = """
    with made as (
        insert into logs_subjectkey (subject, sealed_key, made_at)
        select wanted.subject, wanted.key, now()
        from unnest(%(subjects)s::bigint[], %(keys)s::text[]) as wanted(subject, key)
        where not exists (select from logs_subjectkey known where known.subject = wanted.subject)
        on conflict (subject) do nothing returning subject, sealed_key
    )
    select subject, sealed_key from made
    union all select subject, sealed_key from logs_subjectkey where subject = any(%(subjects)s)
"""


def about_row(kind: str, pk: int) -> int:
    """Whose key protects a deed on a row that no customer is known for: the row's own."""
    return -((KINDS.index(kind) + 1) * ROWS + pk)


def guarded(values: Sequence[Values], about: Sequence[int | None]) -> list[Values]:
    """Values of deeds as the trail may hold them; call it inside the transaction of the deeds."""
    wanted = {whose for each, whose in zip(values, about, strict=True) if whose is not None and _free(each)}
    if not wanted:
        return list(values)
    ciphers = {key.pk: key.cipher for key in _keys(wanted)}
    return [
        _sealed(each, whose, ciphers[whose]) if whose in ciphers and _free(each) else each
        for each, whose in zip(values, about, strict=True)
    ]


def forget_subjects(subjects: Iterable[int]) -> int:
    """Delete keys: whatever the trail holds under them cannot be read any more. How many there were."""
    return SubjectKey.objects.filter(pk__in=list(subjects)).delete()[0]


def _free(values: Values) -> dict[str, str]:
    """Texts alone: numbers and flags say nothing of a person."""
    return {
        name: text for name, text in (values or {}).items() if name in FREE and isinstance(text, str) and text
    }


def _sealed(values: dict[str, Any], whose: int, cipher: Any) -> dict[str, Any]:
    free = mask_cards_in(_free(values))
    rest = {name: inner for name, inner in values.items() if name not in free}
    token = cipher.encrypt(json.dumps(free, sort_keys=True).encode()).decode()
    return rest | {SEALED_FOR: whose, SEALED: token, NAMES: sorted(free)}


def _keys(wanted: set[int]) -> list[SubjectKey]:
    subjects = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(KEYS, {"subjects": subjects, "keys": [fresh_key() for _ in subjects]})
        rows = cursor.fetchall()
        if len(rows) < len(subjects):  # another transaction made one while this statement waited for it
            cursor.execute(STANDING, (subjects,))
            rows = cursor.fetchall()
    return [SubjectKey(subject=subject, sealed_key=sealed) for subject, sealed in rows]
