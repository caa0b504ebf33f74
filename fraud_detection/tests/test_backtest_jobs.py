"""Backtests as jobs: one run at a time, lost workers, limits, what is kept and for how long."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from fraud_detection.models import Backtest, BacktestState
from fraud_detection.services.backtesting import (
    BacktestEnded,
    Terms,
    TooManyBacktests,
    cancel_backtest,
    run_backtest,
    start_backtest,
    tend_backtests,
)
from fraud_detection.services.backtesting import running as running_module
from fraud_detection.services.backtesting.replaying import replay_period
from fraud_detection.services.backtesting.running import Stopped
from fraud_detection.services.backtesting.shelf import purge
from fraud_detection.services.backtesting.wordings import wordings_of
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.workbench.accepting import DefinitionRefused
from fraud_detection.tasks import run_backtest as task
from fraud_detection.tests.backtest_history import MARCH, decide, pay, replayed, wording
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db
TERMS = Terms(since=MARCH, until=MARCH + timedelta(days=31))


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.BACKTEST_DIR = tmp_path / "backtests"


@pytest.fixture
def waiting(approving_engine, analyst):
    decide(pay("A", 1, "600.00"), pay("B", 1, "20.00"))
    return start_backtest(definition=wording(), engine="payments", terms=TERMS, acting_user=analyst)


def test_a_task_that_comes_twice_runs_once(waiting):
    task(waiting.pk)
    waiting.refresh_from_db()
    ended, result = waiting.ended_at, waiting.result
    task(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.ended_at, waiting.result) == (BacktestState.DONE, ended, result)
    assert (waiting.rows_done, waiting.rows_total, waiting.attempts) == (2, 2, 1)


def test_a_run_that_is_alive_is_not_taken_over(waiting):
    now = timezone.now()
    Backtest.objects.update(state="running", run=uuid.uuid4(), heartbeat_at=now, attempts=1)
    assert not run_backtest(waiting.pk)
    assert tend_backtests(now) == []


def test_a_run_whose_worker_was_lost_is_finished_by_another(waiting):
    silent = timezone.now() - timedelta(minutes=2)
    Backtest.objects.update(state="running", run=uuid.uuid4(), heartbeat_at=silent, attempts=1, rows_done=1)
    assert tend_backtests(timezone.now()) == [waiting.pk]
    assert run_backtest(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.result["draft"]["hits"]) == ("done", 2, 1)


def test_the_worker_that_was_thought_lost_writes_nothing_down(waiting):
    late = running_module._Told(waiting.pk, uuid.uuid4())
    Backtest.objects.update(state="running", run=uuid.uuid4(), heartbeat_at=timezone.now())
    with pytest.raises(Stopped):
        late(1, 2)
    with pytest.raises(Stopped), transaction.atomic():
        running_module._end(waiting, uuid.uuid4(), BacktestState.DONE, result={})
    waiting.refresh_from_db()
    assert (waiting.rows_done, waiting.result, waiting.state) == (0, None, "running")


def test_what_loses_every_worker_is_given_up(waiting):
    silent = timezone.now() - timedelta(minutes=2)
    Backtest.objects.update(state="running", heartbeat_at=silent, attempts=3)
    assert tend_backtests(timezone.now()) == []
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error[:27]) == ("failed", "Its worker was lost 3 times")


def test_one_that_no_worker_heard_of_is_told_again_but_not_at_once(waiting):
    now = timezone.now()
    assert tend_backtests(now) == []
    assert tend_backtests(now + timedelta(minutes=2)) == [waiting.pk]
    assert tend_backtests(now + timedelta(minutes=3)) == []


def test_cancelled_while_it_runs_it_stops_at_the_next_slice(waiting, analyst):
    def cancelled(done, total):
        told(done, total)
        cancel_backtest(backtest_id=waiting.pk, acting_user=analyst)
        told(total, total)

    run = uuid.uuid4()
    assert running_module._claimed(waiting.pk, run)
    told = running_module._Told(waiting.pk, run)
    engine = engine_in_use("payments")
    with pytest.raises(Stopped):
        replay_period(
            engine,
            wordings_of(engine, waiting.definition),
            since=waiting.since,
            until=waiting.until,
            known_by=timezone.now(),
            now=timezone.now(),
            progress=cancelled,
        )
    waiting.refresh_from_db()
    assert (waiting.state, waiting.result) == ("cancelled", None)
    assert AuditEvent.objects.get(action="backtest.cancelled").actor == analyst.email
    with pytest.raises(BacktestEnded):
        cancel_backtest(backtest_id=waiting.pk, acting_user=analyst)


def test_how_much_there_is_to_read_is_told_before_the_first_of_it_is_read(waiting):
    told = []
    engine, now = engine_in_use("payments"), timezone.now()
    wordings = wordings_of(engine, waiting.definition)
    period = {"since": waiting.since, "until": waiting.until, "known_by": now, "now": now}
    replay_period(engine, wordings, **period, progress=lambda *counts: told.append(counts))
    assert told == [(0, 2), (2, 2)]


def test_one_person_cannot_fill_the_queue(waiting, analyst, admin, settings):
    settings.BACKTESTS_PER_PERSON = 2
    asked = {"definition": wording(), "engine": "payments", "terms": TERMS}
    start_backtest(**asked, acting_user=analyst)
    with pytest.raises(TooManyBacktests, match="2 backtests waiting or running, at most 2"):
        start_backtest(**asked, acting_user=analyst)
    assert Backtest.objects.count() == 2
    start_backtest(**asked, acting_user=admin)
    run_backtest(waiting.pk)
    start_backtest(**asked, acting_user=analyst)
    assert Backtest.objects.count() == 4


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], "x", 5, {}, wording(condition="amuont > 5"), wording(condition=None),
        wording(condition="amount > 1e999"), wording(code="\x00"), wording(condition="a\ud800"),
        wording(params={"limit": float("inf")}), wording(condition="x" * 100_000), wording(colour="red"),
        wording(severity="amount > 5 ? 'low' : 'awful'"), wording(evidence=["nothing"]),
    ],
)  # fmt: skip
def test_a_wording_that_does_not_hold_is_refused_and_nothing_is_kept(approving_engine, analyst, wrong):
    with pytest.raises(DefinitionRefused):
        start_backtest(definition=wrong, engine="payments", terms=TERMS, acting_user=analyst)
    assert not Backtest.objects.exists()


def test_a_feature_that_went_away_fails_with_its_reason(waiting):
    Backtest.objects.update(definition=wording(condition="gone_feature > 5"))
    assert run_backtest(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, "unknown name 'gone_feature'" in waiting.error) == ("failed", True)


def test_old_ones_are_forgotten(waiting, analyst, settings):
    run_backtest(waiting.pk)
    settings.BACKTEST_KEPT_DAYS = 10
    tend_backtests(timezone.now() + timedelta(days=9))
    assert Backtest.objects.exists()
    tend_backtests(timezone.now() + timedelta(days=11))
    assert not Backtest.objects.exists()


def test_kept_columns_stay_within_their_limit_and_may_be_deleted(waiting, analyst, settings):
    run_backtest(waiting.pk)
    assert purge() > 0
    settings.BACKTEST_CACHE_MB = 0
    assert purge() == 0
    assert not list(settings.BACKTEST_DIR.rglob("*.npy"))
    assert replayed(wording(), analyst).result["draft"]["hits"] == 1


def test_a_disk_that_takes_nothing_costs_no_result(waiting, analyst, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.BACKTEST_DIR = tmp_path / "file" / "backtests"
    assert replayed(wording(), analyst).result["draft"]["hits"] == 1
