"""kill -9 of a worker in the middle of a backtest: another one finishes it, and it counts once."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction
from django.utils import timezone

from alerts.models import OutboxMessage
from fraud_detection.models import Backtest, BacktestState
from fraud_detection.services.backtesting import Terms, run_backtest, start_backtest, tend_backtests
from fraud_detection.tests.backtest_history import MARCH, decide, pay, wording

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys, django
django.setup()
from fraud_detection.tasks import run_backtest
run_backtest(int(sys.argv[1]))
"""


def worker(backtest_id: int, directory: Path) -> subprocess.Popen:
    """A process that carries the task out, on this test's database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    address = urlunsplit(parts._replace(path="/" + connection.settings_dict["NAME"]))
    given = {"DATABASE_URL": address, "BACKTEST_DIR": str(directory)}
    settings = {"DJANGO_SETTINGS_MODULE": "fraudguard.settings"}
    command = [sys.executable, "-c", WORKER, str(backtest_id)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | given | settings)


def until_it_waits(backtest_id: int) -> None:
    """Until the worker holds the backtest and stands before the labels."""
    waits = "select 1 from pg_locks where not granted and relation = 'transactions_label'::regclass"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone():
                return
        time.sleep(0.1)
    raise AssertionError(Backtest.objects.get(pk=backtest_id).state)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing(approving_engine, analyst, settings, tmp_path):
    settings.BACKTEST_DIR = tmp_path
    decide(pay("A", 1, "600.00"), pay("B", 1, "20.00"))
    terms = Terms(since=MARCH, until=MARCH + timedelta(days=31))
    backtest = start_backtest(definition=wording(), engine="payments", terms=terms, acting_user=analyst)
    process = worker(backtest.pk, tmp_path)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("lock table transactions_label in access exclusive mode")
            until_it_waits(backtest.pk)
            process.kill()
            process.wait(30)
    finally:
        process.kill()
    backtest.refresh_from_db()
    assert (backtest.state, backtest.attempts, backtest.result) == (BacktestState.RUNNING, 1, None)
    assert not run_backtest(backtest.pk)  # redelivered at once: it may still be alive
    Backtest.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    assert tend_backtests(timezone.now()) == [backtest.pk]
    assert run_backtest(backtest.pk)
    backtest.refresh_from_db()
    assert (backtest.state, backtest.attempts) == (BacktestState.DONE, 2)
    assert backtest.result["draft"]["hits"] == 1
    assert OutboxMessage.objects.filter(topic="job.finished").count() == 1
