"""Celery's way into the services; each task may run twice."""

from celery import shared_task

from alerts.services import outbox


@shared_task(ignore_result=True)
def relay_outbox() -> int:
    return outbox.relay_outbox()
