"""Old events go below a checkpoint, and only there; the chain still verifies."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from logs.models import AuditCheckpoint, AuditEvent, AuditSeal, AuditSealEntries, SystemEvent
from logs.services import record
from logs.services.audit_retention import purge_audit
from logs.services.chain import sealing
from logs.services.chain.heads import Head
from logs.services.chain.sealing import seal_events
from logs.services.chain.verifying import verify_audit
from logs.tests.test_audit import refused, sql
from logs.tests.test_chain import as_owner, deeds, found

NOW = timezone.now()


@pytest.fixture
def trail(monkeypatch):
    """Twelve events in seals of four, the first eight a year old; their ids."""
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 4)
    events = [event.pk for event in deeds(12)]
    as_owner("update logs_auditevent set at = at - interval '1 year' where id <= %s", events[7])
    seal_events()
    return events


@pytest.mark.django_db(transaction=True)
class TestPurging:
    def test_whole_seals_of_old_events_go_and_the_rest_verifies(self, trail):
        head = Head(1, AuditSeal.objects.get(number=1).hash)
        assert purge_audit(NOW - timedelta(days=30), actor="tests") == 8
        assert list(AuditEvent.objects.order_by("id").values_list("id", flat=True)[:4]) == trail[8:]
        checkpoint = AuditCheckpoint.objects.get()
        assert (checkpoint.seal_id, checkpoint.last_id, checkpoint.events) == (2, trail[7], 8)
        assert list(AuditSealEntries.objects.values_list("seal_id", flat=True)) == [3]
        told = AuditEvent.objects.first()
        assert (told.action, told.actor, told.subject) == ("audit.purged", "tests", "2")
        report = verify_audit([head])  # a head from before the purge still compares
        assert (report.ok, report.events, report.unsealed, report.purged_up_to) == (True, 4, 1, trail[7])
        assert SystemEvent.objects.filter(kind="audit.purged").first().detail == {"events": 8}
        seal_events()
        assert verify_audit().ok

    def test_a_second_purge_takes_what_has_become_old_and_none_twice(self, trail):
        assert purge_audit(NOW - timedelta(days=30)) == 8
        assert purge_audit(NOW - timedelta(days=30)) == 0
        assert purge_audit(timezone.now() + timedelta(days=1)) == 5  # with the event that told of the first
        report = verify_audit()
        assert (report.ok, report.events, report.unsealed) == (True, 0, 1)

    def test_nothing_old_is_no_purge(self, trail):
        assert purge_audit(NOW - timedelta(days=800)) == 0
        assert not AuditCheckpoint.objects.exists() and verify_audit().ok

    def test_only_the_transaction_of_a_checkpoint_deletes_and_only_below_it(self, trail):
        purge_audit(NOW - timedelta(days=30))
        assert refused(lambda: sql("delete from logs_auditevent")).endswith("DELETE is refused")
        assert refused(lambda: sql(f"delete from logs_auditevent where id = {trail[8]}")).endswith(
            "is refused"
        )
        assert refused(lambda: sql("delete from logs_auditsealentries")).endswith("is refused")

        def beyond():
            checkpoint(3, trail[11])
            sql(f"delete from logs_auditevent where id = {AuditEvent.objects.first().pk}")

        assert refused(beyond).endswith("DELETE is refused")
        assert refused(lambda: checkpoint(3, trail[11] + 1)) == "a checkpoint names a seal that is there"
        assert verify_audit().ok

    def test_a_purge_that_the_trail_does_not_tell_of_is_found(self, trail):
        with transaction.atomic():
            checkpoint(1, trail[3])
            sql("delete from logs_auditsealentries where seal_id = 1")
            sql(f"delete from logs_auditevent where id <= {trail[3]}")
        assert found() == [("checkpoint", None, 1)]

    def test_an_event_put_back_below_a_checkpoint_is_found(self, trail):
        purge_audit(NOW - timedelta(days=30))
        as_owner(
            "insert into logs_auditevent"
            " (id, at, actor_kind, actor, action, subject_kind, subject, request_id)"
            " values (%s, now(), 'user', 'm', 'x', 'x', '1', '')",
            trail[2],
        )
        assert found() == [("inserted", trail[2], None)]


def checkpoint(seal, last_id):
    values = {"events": 4, "before": NOW, "made_at": NOW}
    return AuditCheckpoint.objects.create(seal_id=seal, last_id=last_id, **values)


@pytest.mark.django_db
def test_the_newest_events_are_never_purged_unsealed(monkeypatch):
    monkeypatch.setattr("logs.services.audit_retention.seal_events", lambda: [])
    record("x", actor_kind="system", actor="s", subject_kind="x", subject="1")
    assert purge_audit(timezone.now() + timedelta(days=1)) == 0
    assert AuditEvent.objects.count() == 1
