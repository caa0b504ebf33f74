"""Celery's way into the services; each task may run twice."""

from celery import shared_task
from django.utils import timezone

from logs.services import reads
from logs.services.chain.sealing import seal_events
from logs.services.idempotency import purge_calls


@shared_task(ignore_result=True)
def purge_idempotent_calls() -> int:
    return purge_calls(timezone.now())


@shared_task(ignore_result=True)
def seal_audit() -> int:
    return len(seal_events())


@shared_task(ignore_result=True)
def forget_reads() -> int:
    return reads.forget_reads(timezone.now())
