"""Celery's way into the services; each task may run twice."""

from celery import shared_task
from django.utils import timezone

from fraud_detection.services import backtesting, jobs, privacy, rule_watch, rulebook, schedules
from fraud_detection.services.deep_searches import search_deeper
from fraud_detection.services.history_uploads import run_import
from fraud_detection.services.monitoring import watch_all
from fraud_detection.services.retraining import retrain_all
from fraud_detection.services.serving_models import verify_models
from fraud_detection.services.streaming.watching import watch_streams as look_at_streams


@shared_task(ignore_result=True)
def watch_models() -> None:
    watch_all(timezone.now())


@shared_task(ignore_result=True)
def verify_model_files() -> list[str]:
    return verify_models()


@shared_task(ignore_result=True)
def retrain_models() -> None:
    retrain_all()


@shared_task(ignore_result=True)
def search_deeper_for_round_trips() -> int:
    return search_deeper(timezone.now())


@shared_task(ignore_result=True)
def import_uploaded_history(upload_id: str) -> None:
    run_import(upload_id)


@shared_task(ignore_result=True)
def run_backtest(backtest_id: int) -> None:
    backtesting.run_backtest(backtest_id)


@shared_task(ignore_result=True)
def tend_backtests() -> list[int]:
    return backtesting.tend_backtests(timezone.now())


@shared_task(ignore_result=True)
def activate_due_rules() -> list[str]:
    return rulebook.apply_due(timezone.now())


@shared_task(ignore_result=True)
def watch_rules() -> None:
    rule_watch.watch_rules(timezone.now())


@shared_task(ignore_result=True)
def work_on_jobs() -> bool:
    return jobs.work_on_jobs()


@shared_task(ignore_result=True)
def tend_jobs() -> int:
    return jobs.tend_jobs()


@shared_task(ignore_result=True)
def purge_jobs() -> int:
    return jobs.purge_jobs(timezone.now()) + schedules.purge_runs(timezone.now())


@shared_task(ignore_result=True)
def tick_schedules() -> list[int]:
    return schedules.tick(timezone.now())


@shared_task(ignore_result=True)
def run_schedule(run_id: int) -> bool:
    return schedules.run_schedule(run_id)


@shared_task(ignore_result=True)
def purge_expired() -> dict[str, int]:
    return privacy.purge_expired()


@shared_task(ignore_result=True)
def run_erasures() -> int:
    return privacy.run_erasures()


@shared_task(ignore_result=True)
def watch_streams() -> str:
    return look_at_streams(timezone.now())
