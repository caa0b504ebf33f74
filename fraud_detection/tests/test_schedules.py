"""Scoring by the calendar: what is due runs once; what is scored again leaves the decision as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.models import Alert, OutboxMessage, SystemAlert
from fraud_detection.models import Assessment, Rescoring, RuleHit, ScheduleRun, ScoringSchedule
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.lists import add_list_entry
from fraud_detection.services.replaying import replay
from fraud_detection.services.schedules import make_schedule, run_now, run_schedule, tick
from fraud_detection.services.schedules.calendar import CronRefused, next_after
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def none_shipped():
    ScoringSchedule.objects.all().delete()


@pytest.fixture
def schedule(admin):
    def make(kind="open_exposure", **given):
        made = make_schedule(acting_user=admin, **{"name": kind, "kind": kind, "cron": "0 2 * * *"} | given)
        ScoringSchedule.objects.filter(pk=made.pk).update(next_run_at=NIGHT)
        return made

    return make


def run_all() -> None:
    for run in ScheduleRun.objects.filter(state="queued"):
        assert run_schedule(run.pk)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("0 2 * * *", "UTC", "2026-03-01T01:59+00:00", "2026-03-01T02:00+00:00"),
        ("0 2 * * *", "UTC", "2026-03-01T02:00+00:00", "2026-03-02T02:00+00:00"),
        ("0 3 * * 1", "UTC", "2026-03-01T00:00+00:00", "2026-03-02T03:00+00:00"),
        ("*/30 * 29 2 *", "UTC", "2026-03-01T00:00+00:00", "2028-02-29T00:00+00:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T00:00+00:00", "2026-03-30T00:30+00:00"),
    ],
)
def test_when_it_is_due_next(settings, cron, zone, after, due):
    settings.TIME_ZONE = zone
    assert next_after(cron, datetime.fromisoformat(after)) == datetime.fromisoformat(due)


@pytest.mark.parametrize("cron", ["", "soon", "0 2 * *", "61 * * * *", "0 0 31 2 *", "0 25 * * *"])
def test_what_is_no_cron_expression(cron):
    with pytest.raises(CronRefused):
        next_after(cron, NIGHT)


def test_what_is_due_runs_once_whoever_ticks_and_however_late(schedule):
    made = schedule()
    late = NIGHT + timedelta(days=5, hours=3)
    assert len(tick(late)) == 1
    assert tick(late) == []
    made.refresh_from_db()
    assert made.next_run_at == NIGHT + timedelta(days=6)
    assert ScheduleRun.objects.get().due_at == NIGHT
    run_all()
    assert not run_schedule(ScheduleRun.objects.get().pk)
    assert OutboxMessage.objects.filter(topic="job.finished").count() == 1


def test_a_run_that_is_not_done_stands_for_the_next_one(schedule, admin):
    made = schedule()
    tick(NIGHT)
    ScoringSchedule.objects.update(next_run_at=NIGHT + timedelta(days=1))
    assert tick(NIGHT + timedelta(days=1)) == []
    run_all()
    assert ScheduleRun.objects.count() == 1
    run_now(schedule_id=made.pk, acting_user=admin)
    assert ScheduleRun.objects.count() == 2


def test_switched_off_nothing_runs(schedule):
    schedule(enabled=False)
    assert tick(NIGHT) == []


def test_open_exposure_is_scored_again_beside_the_decision(
    schedule, approving_engine, drain, payment, client_system, admin
):
    drained = decide_payment(drain(device_id="d-9"), client=client_system)
    decide_payment(payment(), client=client_system)
    before = Assessment.objects.get(pk=drained.assessment_id)
    (alert,) = Alert.objects.filter(hits__assessment=before).distinct()
    add_list_entry(list="block", kind="device", value="d-9", reason="stolen", acting_user=admin)
    serving.forget()
    schedule()
    tick(datetime.now(UTC))
    run_all()
    run = ScheduleRun.objects.get()
    assert (run.state, run.scored, run.skipped, run.error) == ("done", 1, 0, "")
    again = Rescoring.objects.get()
    assert (again.assessment_id, again.before_score) == (before.pk, before.risk_score)
    assert again.new_hits != []
    after = Assessment.objects.get(pk=before.pk)
    assert (after.risk_score, after.decision, after.reasons) == (
        *(before.risk_score, before.decision, before.reasons),
    )
    late = RuleHit.objects.filter(assessment=before, late=True)
    assert sorted(late.values_list("rule", flat=True)) == sorted(again.new_hits)
    assert replay(after).equal
    assert again.alerts == sorted(set(late.exclude(alert=None).values_list("alert", flat=True)))
    assert Assessment.objects.count() == 2
    alert.refresh_from_db()
    assert alert.amount_minor == before.amount_minor


def test_a_second_run_finds_nothing_new(schedule, approving_engine, drain, client_system, admin):
    decide_payment(drain(device_id="d-9"), client=client_system)
    add_list_entry(list="block", kind="device", value="d-9", reason="stolen", acting_user=admin)
    serving.forget()
    made = schedule()
    for _ in range(2):
        run_schedule(run_now(schedule_id=made.pk, acting_user=admin).pk)
    newer, first = ScheduleRun.objects.all()
    assert (first.hits > 0, newer.hits, newer.scored) == (True, 0, 1)
    assert AuditEvent.objects.filter(action="schedule.ran").count() == 2


def test_recent_reviews_without_a_verdict(schedule, payments_engine, payment, client_system):
    decided = decide_payment(payment(), client=client_system)
    assert decided.body["decision"] == "review"  # there is no model
    schedule("recent", days=1)
    tick(datetime.now(UTC))
    run_all()
    assert ScheduleRun.objects.get().scored == 1


def test_customers_without_a_model_are_no_failure(schedule):
    schedule("customers")
    tick(NIGHT)
    run_all()
    run = ScheduleRun.objects.get()
    assert (run.state, "nothing_done" in run.result) == ("done", True)
    assert not SystemAlert.objects.exists()


def test_a_lost_worker_is_followed_by_another(schedule):
    schedule()
    tick(NIGHT)
    run = ScheduleRun.objects.get()
    ScheduleRun.objects.update(state="running", heartbeat_at=datetime.now(UTC))
    assert not run_schedule(run.pk)
    ScheduleRun.objects.update(heartbeat_at=datetime.now(UTC) - timedelta(seconds=100))
    assert run_schedule(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("done", 1)
