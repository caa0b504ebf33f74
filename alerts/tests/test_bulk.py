"""The same deed on many alerts: each recorded, each refused by itself, resumable."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from alerts.models import Alert, OutboxMessage
from alerts.selectors import queue
from alerts.services import (
    AlertConflict,
    DispositionRefused,
    assign_alerts,
    bulk,
    raise_alerts,
    resolve_alert,
    resolve_alerts,
    snooze_alerts,
    take_next_alert,
)
from logs.models import AuditEvent
from transactions.models import Label

pytestmark = pytest.mark.django_db
NOTE = {"disposition": "false_positive", "note": "a campaign"}


@pytest.fixture
def raised(suspicion):
    """raised(3) are (id, version) of three open alerts."""

    def make(number):
        many = [suspicion(subject=f"s-{n:05}") for n in range(number)]
        return [(pk, 1) for pk in raise_alerts(many, at=timezone.now())]

    return make


def test_each_is_closed_with_its_own_record(raised, alert, analyst):
    seen = [*raised(60), (alert.pk, 1)]
    result = resolve_alerts(seen, acting_user=analyst, request_id="r-1", **NOTE)
    assert sorted(result.done) == sorted(pk for pk, _ in seen) and result.refused == []
    assert Alert.objects.filter(status="resolved", note="a campaign", resolved_by=analyst).count() == 61
    deeds = AuditEvent.objects.filter(action="alert.resolved", request_id="r-1")
    assert {deed.after["note"] for deed in deeds} == {"a campaign"}
    assert deeds.count() == OutboxMessage.objects.filter(topic="alert.resolved").count() == 61
    assert [label.verdict for label in Label.objects.all()] == ["legitimate"]


def test_stale_ones_are_left_and_say_why(raised, analyst, admin):
    seen = raised(4)
    assign_alerts(seen[:1], acting_user=admin, assignee=admin)
    resolve_alert(alert_id=seen[1][0], acting_user=admin, seen_version=1, **NOTE)
    result = resolve_alerts([*seen, (10**15, 1)], acting_user=analyst, **NOTE)
    assert result.done == [pk for pk, _ in seen[2:]]
    why = dict(result.refused)
    assert f"{admin} assigned it to {admin}" in why[seen[0][0]]
    assert why[seen[1][0]].startswith(f"{admin} closed A-{seen[1][0]} as false positive at")
    assert why[10**15] == "there is no such alert"


def test_the_same_call_again_finishes_what_was_interrupted(raised, analyst):
    seen = raised(5)
    first = resolve_alerts(seen[:3], acting_user=analyst, **NOTE)
    again = resolve_alerts(seen, acting_user=analyst, **NOTE)
    assert (again.already, again.done) == (first.done, [pk for pk, _ in seen[3:]])
    assert AuditEvent.objects.filter(action="alert.resolved").count() == 5


def test_assigning_and_snoozing(raised, analyst, admin):
    seen, until = raised(3), timezone.now() + timedelta(hours=1)
    assert len(assign_alerts(seen, acting_user=admin, assignee=analyst, reason="leave").done) == 3
    assigned = AuditEvent.objects.filter(action="alert.assigned")
    assert [deed.after["reason"] for deed in assigned] == ["leave"] * 3
    seen = [(pk, 2) for pk, _ in seen]
    assert len(snooze_alerts(seen, acting_user=analyst, until=until, reason="bank").done) == 3
    assert len(snooze_alerts(seen, acting_user=analyst, until=until, reason="bank").already) == 3
    assert not queue().exists()


@pytest.mark.parametrize("number", [0, 1_001])
def test_at_most_a_thousand(analyst, number):
    with pytest.raises(DispositionRefused) as refused:
        resolve_alerts([(n + 1, 1) for n in range(number)], acting_user=analyst, **NOTE)
    assert refused.value.field == "alerts"


def test_an_alert_is_no_duplicate_of_itself(raised, analyst):
    (first, _), (second, _) = seen = raised(2)
    result = resolve_alerts(seen, acting_user=analyst, disposition="duplicate", note="x", duplicate_of=first)
    assert (result.done, result.refused) == ([second], [(first, "an alert does not repeat itself")])


def test_a_chunk_that_fails_changes_nothing_of_itself(raised, analyst, monkeypatch):
    """What the database does when it goes away: the chunk is rolled back, the ones before it stand."""
    seen, close = raised(120), bulk.close_held
    calls = []

    def fail_in_the_second(alerts, *args, **kwargs):
        calls.append(len(alerts))
        close(alerts, *args, **kwargs)
        if len(calls) == 2:
            raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "close_held", fail_in_the_second)
        with pytest.raises(OperationalError):
            resolve_alerts(seen, acting_user=analyst, **NOTE)
    closed = set(Alert.objects.filter(status="resolved").values_list("pk", flat=True))
    recorded = AuditEvent.objects.filter(action="alert.resolved").values_list("subject", flat=True)
    assert len(closed) == 50 and {int(subject) for subject in recorded} == closed
    again = resolve_alerts(seen, acting_user=analyst, **NOTE)
    assert (len(again.already), len(again.done), again.refused) == (50, 70, [])


def at_once(*deeds):
    """Carries out deeds in threads with connections of their own; what each returned or raised."""
    start = Barrier(len(deeds))

    def run(deed):
        try:
            start.wait(10)
            return deed()
        except AlertConflict as conflict:
            return conflict
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [done.result() for done in [pool.submit(run, deed) for deed in deeds]]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_hears_of_the_other(raised, analyst, admin):
    ((pk, _),) = raised(1)

    def close(user):
        return lambda: resolve_alert(
            alert_id=pk, acting_user=user, disposition="inconclusive", note=user.email, seen_version=1
        )

    results = at_once(close(analyst), close(admin))
    closed = Alert.objects.get()
    (refused,) = (result for result in results if isinstance(result, AlertConflict))
    assert str(refused).startswith(f"{closed.resolved_by} closed A-{pk} as inconclusive at")
    assert closed.note == closed.resolved_by.email and closed.version == 2
    assert AuditEvent.objects.filter(action="alert.resolved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_takes_what_somebody_else_takes(raised, person):
    seen, people = raised(12), [person() for _ in range(4)]

    def take(user):
        def three():
            taken = []
            for _ in range(3):
                alert = take_next_alert(acting_user=user, after=taken[-1].pk if taken else None)
                Alert.objects.filter(pk=alert.pk).update(snoozed_until=timezone.now() + timedelta(hours=1))
                taken.append(alert)
            return [alert.pk for alert in taken]

        return three

    taken = [pk for mine in at_once(*map(take, people)) for pk in mine]
    assert sorted(taken) == sorted(pk for pk, _ in seen)


def test_ten_thousand_at_once_are_all_kept_in_few_statements(
    suspicion, analyst, django_assert_max_num_queries
):
    many = [suspicion(subject=f"s-{n}", risk_score=n / 100) for n in range(10_000)]
    with django_assert_max_num_queries(40):  # the outbox goes in parts
        ids = raise_alerts(many, at=timezone.now())
    assert len(set(ids)) == Alert.objects.count() == OutboxMessage.objects.count() == 10_000
    with django_assert_max_num_queries(8):
        taken = take_next_alert(acting_user=analyst)
    assert taken.pk == ids[-1]
