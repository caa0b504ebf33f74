"""Celery's way into the services; each task may run twice."""

from celery import shared_task
from django.core.management import call_command


@shared_task(ignore_result=True)
def forget_expired_sign_ins() -> None:
    """Delete sessions and refresh tokens that have run out."""
    call_command("clearsessions")
    call_command("flushexpiredtokens")
