"""Who looked at personal data is recorded, once in a quarter of an hour."""

from datetime import timedelta

import pytest

from logs.models import AuditEvent, PersonalRead
from logs.services.reads import forget_reads, record_read

pytestmark = pytest.mark.django_db


def look(subject="C-1", actor="ana@example.com", what="page"):
    return record_read("customer", subject, actor_kind="user", actor=actor, what=what, request_id="req-00001")


def test_a_look_is_recorded_once_for_person_and_subject():
    assert look() and not look() and not look(what="api")
    assert look(subject="C-2") and look(actor="bob@example.com")
    event = AuditEvent.objects.last()
    assert (event.action, event.actor, event.subject, event.after) == (
        "customer.viewed",
        "ana@example.com",
        "C-1",
        {"what": "page"},
    )
    assert AuditEvent.objects.count() == 3


def test_after_a_quarter_of_an_hour_it_is_recorded_again():
    assert look()
    PersonalRead.objects.update(at=PersonalRead.objects.get().at - timedelta(minutes=15))
    assert look() and not look()
    assert AuditEvent.objects.count() == 2


def test_old_looks_are_forgotten_and_young_ones_kept():
    look()
    look(subject="C-2")
    at = PersonalRead.objects.get(subject="C-1").at
    PersonalRead.objects.filter(subject="C-1").update(at=at - timedelta(minutes=20))
    assert forget_reads(at) == 1
    assert PersonalRead.objects.get().subject == "C-2"
