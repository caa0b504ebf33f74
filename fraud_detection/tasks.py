"""Celery's way into the services; each task may run twice."""

from celery import shared_task
from django.utils import timezone

from fraud_detection.services import backtesting, rule_watch, rulebook
from fraud_detection.services.deep_searches import search_deeper
from fraud_detection.services.history_uploads import run_import
from fraud_detection.services.monitoring import watch_all
from fraud_detection.services.retraining import retrain_all
from fraud_detection.services.serving_models import verify_models


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
