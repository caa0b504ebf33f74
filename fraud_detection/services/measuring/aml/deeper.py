"""Asking for a deeper search than a decision has time for."""

from django.db import connection

# Only a stored event can be searched for later: a prediction stores none.
_ASK = """
    insert into fraud_detection_deepsearch (event_id, asked_at)
    select id, now() from transactions_transaction where id = %s on conflict do nothing
"""


def ask_deeper(event_id: int) -> None:
    """Leave a stored event to services.deep_searches, if this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, (event_id,))
