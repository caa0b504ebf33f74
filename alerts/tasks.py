"""Celery's way into the services; each task may run twice."""

from celery import shared_task
from django.utils import timezone

from alerts.services import outbox, streaming, tending
from alerts.services.cases.filing import forget_abandoned_files
from alerts.services.cases.reporting import remind_of_reports as remind
from alerts.services.cases.ruling import apply_case_rules
from alerts.services.delivering.purging import purge_deliveries
from alerts.services.notifying import sending
from alerts.services.watching import watch
from alerts.services.watching.audit import verify_trail
from alerts.services.webhooks import deliver_webhooks


@shared_task(ignore_result=True)
def relay_outbox() -> int:
    return outbox.relay_outbox()


@shared_task(ignore_result=True)
def relay_to_stream() -> int:
    return streaming.relay_to_stream()


@shared_task(ignore_result=True)
def tend_alerts() -> dict[str, int]:
    return tending.tend_alerts(timezone.now())


@shared_task(ignore_result=True)
def send_webhooks() -> int:
    return deliver_webhooks()


@shared_task(ignore_result=True)
def send_notifications() -> int:
    return sending.deliver_notifications()


@shared_task(ignore_result=True)
def watch_system() -> int:
    return len(watch(timezone.now()))


@shared_task(ignore_result=True)
def verify_audit() -> bool:
    return verify_trail(timezone.now())


@shared_task(ignore_result=True)
def purge_old_deliveries() -> int:
    return purge_deliveries(timezone.now())


@shared_task(ignore_result=True)
def fill_cases() -> int:
    return apply_case_rules(timezone.now())


@shared_task(ignore_result=True)
def remind_of_reports() -> int:
    return remind(timezone.localdate())


@shared_task(ignore_result=True)
def forget_case_files() -> int:
    return forget_abandoned_files()
