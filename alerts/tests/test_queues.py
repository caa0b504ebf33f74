"""Queues: placing by filter, taking, giving out by load, moving and escalating."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.models import Alert, OutboxMessage, Queue, QueueMember
from alerts.selectors import history_of
from alerts.services import (
    AlertConflict,
    DispositionRefused,
    NotSupervisor,
    QueueConflict,
    QueueRefused,
    change_queue,
    make_queue,
    move_alert,
    raise_alerts,
    reopen_alert,
    resolve_alert,
    snooze_alert,
    take_next_alert,
)
from alerts.services.distributing import distribute_alerts
from alerts.services.escalating import escalate_overdue
from alerts.services.placing import place_alerts
from alerts.services.queues import put_member, remove_member
from alerts.services.staffing import add_absence, set_workload
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def made(admin):
    """made("Velocity", family=["velocity"]) is a queue with such a filter."""

    def make(name, *, position=10, **conditions):
        extra = {key: conditions.pop(key) for key in ("escalation_to", "due_minutes") if key in conditions}
        return make_queue(acting_user=admin, name=name, filter=conditions, position=position, **extra)

    return make


@pytest.fixture
def raised(suspicion):
    """raised("a", "b", family="velocity") are the alerts about such subjects."""

    def make(*subjects, **changes):
        ids = raise_alerts([suspicion(subject=s, **changes) for s in subjects], at=timezone.now())
        return list(Alert.objects.filter(pk__in=ids).order_by("subject"))

    return make


def fresh(alert):
    return Alert.objects.select_related("queue", "assignee").get(pk=alert.pk)


def test_each_alert_is_in_the_first_queue_that_takes_it(made, raised, admin):
    high = made("High", position=1, severity=["high"], min_amount="500.00")
    velocity = made("Velocity", family=["velocity"], due_minutes={"high": 30})
    off = make_queue(acting_user=admin, name="Off", position=0, active=False)
    (big,) = raised("a", amount_minor=500_00)
    (small,) = raised("b", amount_minor=499_99, family="velocity")
    (rest,) = raised("c", amount_minor=499_99)
    assert [place_alerts(), place_alerts()] == [3, 0]
    assert [fresh(alert).queue for alert in (big, small)] == [high, velocity]
    assert fresh(rest).queue.is_default and not off.alerts.exists()
    assert fresh(small).due_at == small.opened_at + timedelta(minutes=30)
    assert fresh(big).version == 1  # being placed makes nobody's view stale


def test_further_hits_and_reopening_keep_the_due_times_of_the_queue(made, raised, analyst):
    made("Slow", family=["balance"], due_minutes={"high": 2_880, "critical": 15})
    (alert,) = raised("a", severity="high")
    place_alerts()
    due = fresh(alert).due_at
    assert due == alert.opened_at + 48 * HOUR
    raised("a", severity="high")
    assert fresh(alert).due_at == due
    raised("a", severity="critical")
    graver = fresh(alert)
    assert graver.due_at == graver.last_hit_at + HOUR / 4
    verdict = {"disposition": "inconclusive", "note": "x", "seen_version": graver.version}
    closed = resolve_alert(alert_id=alert.pk, acting_user=analyst, **verdict)
    reopen_alert(alert_id=alert.pk, acting_user=analyst, reason="y", seen_version=closed.version)
    assert timezone.now() + HOUR / 5 < fresh(alert).due_at < timezone.now() + HOUR / 3


def test_a_country_is_that_of_the_customer(made, raised):
    from users.models import Customer

    queue = made("Nordic", country=["SE", "NO"])
    customer = Customer.objects.create(external_id="c-1", home_country="NO")
    alert, other = *raised("a", customer_id=customer.pk), *raised("b")
    place_alerts()
    assert fresh(alert).queue == queue and fresh(other).queue != queue


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"name": "x" * 65}, ["name"]),
        ({"name": "a\x00"}, ["name"]),
        ({"name": "Taken"}, ["name"]),
        ({"filter": []}, ["filter"]),
        ({"filter": {"colour": ["red"]}}, ["filter/colour"]),
        ({"filter": {"engine": "aml"}}, ["filter/engine"]),
        ({"filter": {"engine": []}}, ["filter/engine"]),
        ({"filter": {"rule": ["\ud800"]}}, ["filter/rule"]),
        ({"filter": {"rule": ["x"] * 51}}, ["filter/rule"]),
        ({"filter": {"severity": ["grave"]}}, ["filter/severity"]),
        ({"filter": {"min_amount": 5}}, ["filter/min_amount"]),
        ({"filter": {"min_amount": "nan"}}, ["filter/min_amount"]),
        ({"filter": {"min_amount": "1e400"}}, ["filter/min_amount"]),
        ({"filter": {"min_risk": "high"}}, ["filter/min_risk"]),
        ({"filter": {"min_risk": 101, "x": 1}}, ["filter/x", "filter/min_risk"]),
        ({"due_minutes": {"high": 0}}, ["due_minutes/high"]),
        ({"due_minutes": {"soon": 5}}, ["due_minutes"]),
        ({"due_minutes": []}, ["due_minutes"]),
        ({"position": -1}, ["position"]),
    ],
)
def test_a_wrong_queue_is_refused_by_field(admin, made, values, fields):
    made("Taken")
    count = AuditEvent.objects.count()
    with pytest.raises(QueueRefused) as refused:
        make_queue(acting_user=admin, **({"name": "New"} | values))
    assert [field for field, _ in refused.value.faults] == fields
    assert not Queue.objects.filter(name="New").exists() and AuditEvent.objects.count() == count


def test_a_change_is_audited_and_a_stale_one_refused(admin, made):
    first, second = made("First"), made("Second")
    changed = change_queue(queue_id=first.pk, acting_user=admin, seen_version=1, escalation_to=second)
    deed = AuditEvent.objects.get(action="queue.changed")
    assert (deed.before, deed.after) == ({"escalation_to": None}, {"escalation_to": second.pk})
    assert changed.version == 2
    with pytest.raises(QueueConflict):
        change_queue(queue_id=first.pk, acting_user=admin, seen_version=1, name="Third")
    with pytest.raises(QueueRefused, match="lead back"):
        change_queue(queue_id=second.pk, acting_user=admin, seen_version=1, escalation_to=first)


def test_members_take_from_their_queue_and_others_from_what_is_nobodys(made, raised, person, admin):
    queue = made("Own", family=["velocity"])
    member, other = person(), person()
    put_member(queue=queue, user=member, supervisor=False, acting_user=admin)
    (rest,), (own,) = raised("a", risk_score=99.0), raised("b", family="velocity")
    place_alerts()
    assert take_next_alert(acting_user=member) == own
    assert take_next_alert(acting_user=other) == rest
    assert take_next_alert(acting_user=member) == own  # theirs already
    assert take_next_alert(acting_user=member, after=own.pk) is None
    assert history_of(own)[0].what == f"assigned it to {member}"
    assert remove_member(queue=queue, user=member, acting_user=admin)
    assert not remove_member(queue=queue, user=member, acting_user=admin)
    assert fresh(own).assignee == member


def test_an_auditor_is_no_member(made, auditor, admin):
    with pytest.raises(QueueRefused):
        put_member(queue=made("Own"), user=auditor, supervisor=False, acting_user=admin)
    assert not QueueMember.objects.exists()


def test_snoozed_alerts_are_not_taken(raised, analyst):
    (alert,) = raised("a")
    snooze_alert(
        alert_id=alert.pk, acting_user=analyst, until=timezone.now() + HOUR, reason="x", seen_version=1
    )
    assert take_next_alert(acting_user=analyst) is None


def test_work_is_given_out_evenly_within_caps_and_to_nobody_away(raised, person, admin):
    ana, bo, cy, off = (person(name=name) for name in ("Ana", "Bo", "Cy", "Off"))
    for user, cap in ((ana, 10), (bo, 2), (cy, 10)):
        set_workload(user=user, automatic=True, cap=cap, acting_user=admin)
    set_workload(user=off, automatic=False, cap=10, acting_user=admin)
    now = timezone.now()
    add_absence(user=cy, starts_at=now - HOUR, ends_at=now + HOUR, note="ill", acting_user=admin)
    raised(*"abcdef")
    place_alerts()
    assert distribute_alerts(now) == 6
    held = {str(user): user.alerts.count() for user in (ana, bo, cy, off)}
    assert held == {"Ana": 4, "Bo": 2, "Cy": 0, "Off": 0}
    assert AuditEvent.objects.filter(action="alert.assigned", actor="automatic assignment").count() == 6
    raised(*"ghijkl")
    place_alerts()
    assert distribute_alerts(now + 2 * HOUR) == 6  # Cy is back, and has least
    held = {str(user): user.alerts.count() for user in (ana, bo, cy, off)}
    assert held == {"Ana": 5, "Bo": 2, "Cy": 5, "Off": 0}
    assert distribute_alerts(now) == 0


def test_the_alerts_of_a_queue_are_given_to_its_members_only(made, raised, person, admin):
    queue, member, other = made("Own", family=["velocity"]), person(), person()
    put_member(queue=queue, user=member, supervisor=False, acting_user=admin)
    set_workload(user=other, automatic=True, cap=5, acting_user=admin)
    (own,), (rest,) = raised("a", family="velocity", risk_score=99.0), raised("b")
    place_alerts()
    assert distribute_alerts(timezone.now()) == 1
    assert (fresh(own).assignee, fresh(rest).assignee) == (None, other)
    set_workload(user=member, automatic=True, cap=5, acting_user=admin)
    assert distribute_alerts(timezone.now()) == 1 and fresh(own).assignee == member


@pytest.mark.parametrize("cap", [0, 10_001])
def test_a_cap_has_bounds(person, admin, cap):
    with pytest.raises(DispositionRefused):
        set_workload(user=person(), automatic=True, cap=cap, acting_user=admin)
    assert not AuditEvent.objects.exists()


def test_supervisors_move_work_and_others_do_not(made, raised, person, admin):
    here, there = made("Here", family=["balance"]), made("There", position=20, family=["x"])
    boss, worker, member = person(), person(), person()
    put_member(queue=here, user=boss, supervisor=True, acting_user=admin)
    put_member(queue=here, user=worker, supervisor=False, acting_user=admin)
    put_member(queue=there, user=member, supervisor=False, acting_user=admin)
    (alert,) = raised("a")
    place_alerts()
    take_next_alert(acting_user=worker)
    given = {"alert_id": alert.pk, "queue": there, "reason": "theirs", "seen_version": 2}
    with pytest.raises(NotSupervisor):
        move_alert(acting_user=worker, **given)
    with pytest.raises(AlertConflict):
        move_alert(acting_user=boss, **(given | {"seen_version": 1}))
    with pytest.raises(DispositionRefused):
        move_alert(acting_user=boss, **(given | {"reason": ""}))
    assert fresh(alert).queue == here
    moved = move_alert(acting_user=boss, **given)
    assert (moved.queue, moved.assignee) == (there, None)
    assert (history_of(alert)[0].what, history_of(alert)[0].detail) == ("moved it to There", "theirs")
    back = move_alert(acting_user=admin, **(given | {"queue": here, "seen_version": 3}))
    assert (back.queue, place_alerts()) == (here, 0)


def test_overdue_alerts_escalate_once(made, raised, person, admin):
    boss = made("Boss", position=99, family=["none"])
    queue = made("Own", family=["balance"], escalation_to=boss)
    chief = person()
    put_member(queue=boss, user=chief, supervisor=True, acting_user=admin)
    late, early = raised("a", "b")
    place_alerts()
    take_next_alert(acting_user=person())
    now = timezone.now()
    Alert.objects.filter(pk=late.pk).update(due_at=now - HOUR, assignee=admin)
    assert [escalate_overdue(now) for _ in range(2)] == [1, 0]
    assert (fresh(late).queue, fresh(late).assignee, fresh(late).escalated_at) == (boss, None, now)
    assert fresh(early).queue == queue
    told = OutboxMessage.objects.get(topic="alert.escalated").payload
    assert (told["alert_id"], told["queue"], told["was"]) == (late.pk, boss.pk, queue.pk)
    assert history_of(late)[0].what == "escalated it, overdue: moved it to Boss"
    moved = move_alert(
        alert_id=late.pk, acting_user=chief, queue=queue, reason="theirs", seen_version=fresh(late).version
    )
    assert moved.queue == queue and escalate_overdue(now) == 0
