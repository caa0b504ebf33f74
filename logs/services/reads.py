"""Recording who looked at somebody's whole personal data."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from logs.models import PersonalRead
from logs.services.audit import record

ONCE_IN = timedelta(minutes=15)
LOOK = """
    insert into logs_personalread as known (actor, subject_kind, subject, at)
    values (%(actor)s, %(kind)s, %(subject)s, %(now)s)
    on conflict (actor, subject_kind, subject) do update set at = excluded.at
        where known.at <= %(now)s - %(once)s
    returning id
"""


@transaction.atomic
def record_read(
    subject_kind: str, subject: str, *, actor_kind: str, actor: str, what: str, request_id: str = ""
) -> bool:
    """Record that somebody saw the whole personal data of a subject, as "<kind>.viewed".

    `what` says where: "page", "api", "export". False: a look of theirs at it within 15 minutes is recorded.
    """
    values = {
        "actor": actor[:150],
        "kind": subject_kind[:32],
        "subject": str(subject)[:150],
        "now": timezone.now(),
        "once": ONCE_IN,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOOK, values)
        if cursor.fetchone() is None:
            return False
    record(
        f"{subject_kind}.viewed",
        actor_kind=actor_kind,
        actor=actor,
        subject_kind=subject_kind,
        subject=str(subject),
        after={"what": what},
        request_id=request_id,
    )
    return True


def forget_reads(now: datetime) -> int:
    """Delete looks that no longer keep another one from being recorded; returns how many."""
    return PersonalRead.objects.filter(at__lte=now - ONCE_IN).delete()[0]
