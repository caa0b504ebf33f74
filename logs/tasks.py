"""Celery's way into the services; each task may run twice."""

from celery import shared_task
from django.utils import timezone

from logs.services.idempotency import purge_calls


@shared_task(ignore_result=True)
def purge_idempotent_calls() -> int:
    return purge_calls(timezone.now())
