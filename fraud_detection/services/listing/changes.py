"""Counting the changes of lists: processes notice them by the counts, however many entries there are."""

from django.db import connection

NOTE = """
    insert into fraud_detection_listchanges as known (list, entries, ranges) values (%s, 1, %s)
    on conflict (list) do update
        set entries = known.entries + 1, ranges = known.ranges + excluded.ranges
"""


def note_change(list_name: str, *, ranges: bool) -> None:
    """Entries of a list changed in this transaction; `ranges`: ranges of addresses may be among them.

    The row is held until the transaction ends: what one process sees of the counts, it sees of the entries.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE, (list_name, int(ranges)))
