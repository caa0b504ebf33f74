"""The audit trail: appended to, never changed."""

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from logs.models import AuditEvent
from logs.selectors import history_of
from logs.services import record

pytestmark = pytest.mark.django_db


def deed(**changes):
    return record(
        **(
            {
                "action": "alert.resolved",
                "actor_kind": "user",
                "actor": "ana",
                "subject_kind": "alert",
                "subject": "7",
            }
            | changes
        )
    )


def refused(change) -> str:
    with pytest.raises((ProgrammingError, InternalError)) as raised, transaction.atomic():
        change()
    return str(raised.value).splitlines()[0]


def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)


def test_the_database_refuses_to_change_or_delete_a_deed():
    event = deed(before={"status": "open"})
    event.actor = "somebody else"
    assert refused(event.save) == "the audit trail is append-only: UPDATE is refused"
    assert refused(event.delete) == "the audit trail is append-only: DELETE is refused"
    assert refused(lambda: AuditEvent.objects.update(actor="x")).endswith("UPDATE is refused")
    assert refused(lambda: sql("delete from logs_auditevent")).endswith("DELETE is refused")
    assert AuditEvent.objects.get().actor == "ana"


def test_a_database_in_use_refuses_to_empty_the_trail():
    deed()
    with transaction.atomic():  # the test database lets tests empty it; any other has the trigger on
        sql("alter table logs_auditevent enable trigger logs_audit_no_truncate")
        assert refused(lambda: sql("truncate logs_auditevent")).endswith("TRUNCATE is refused")
        assert AuditEvent.objects.count() == 1
        sql("alter table logs_auditevent disable trigger logs_audit_no_truncate")


def test_a_deed_stands_or_falls_with_its_change():
    def change():
        deed()
        return 1 / 0

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        change()
    assert not AuditEvent.objects.exists()


def test_long_names_are_cut_and_the_history_is_newest_first():
    first, second = deed(actor="a" * 200, request_id="r" * 80), deed(action="alert.assigned")
    deed(subject="8")
    assert (len(first.actor), len(first.request_id)) == (150, 64)
    assert list(history_of("alert", 7)) == [second, first]
    assert list(history_of("alert", "7", limit=1)) == [second]
