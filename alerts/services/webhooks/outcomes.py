"""What a try leaves behind: the log, the delivery's state, the endpoint's health."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from alerts.models import DeliveryAttempt, DeliveryState, WebhookDelivery, WebhookEndpoint
from alerts.services.delivering.http import Sent
from alerts.services.delivering.waiting import MOST_ROUNDS, wait_after
from alerts.services.system import raise_system_alert
from alerts.services.webhooks.claiming import LONGEST_PAUSE, pass_over
from alerts.services.webhooks.endpoints import alarm_of, switch_off
from alerts.services.webhooks.subscribing import forget

GONE = 410
FAILURES_BEFORE_OFF = 20  # besides the days: a clock that jumps switches nothing off
ROW_ERRORS_BEFORE_PAUSE = 5


@transaction.atomic
def note(endpoint_id: int, tried: Sequence[tuple[WebhookDelivery, Sent]], now: datetime) -> bool:
    """Write the outcomes of tries of one endpoint; False when it is to be left alone for now.

    The endpoint's row is taken first, so that switching it off and this come one after the other.
    """
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint_id)
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(
            webhook=delivery,
            at=now - timedelta(milliseconds=sent.latency_ms),
            status=sent.status,
            latency_ms=sent.latency_ms,
            error=sent.error[:300],
            response=sent.response,
        )
        for delivery, sent in tried
    )
    arrived = [delivery.pk for delivery, sent in tried if sent.ok]
    failed = [(delivery, sent) for delivery, sent in tried if not sent.ok]
    WebhookDelivery.objects.filter(pk__in=arrived).update(
        state=DeliveryState.DELIVERED, delivered_at=now, dead_reason=""
    )
    for delivery, sent in failed:
        _wait_or_die(delivery, sent, now, endpoint.active)
    return _health(endpoint, bool(arrived), failed[-1][1] if failed else None, now)


def _wait_or_die(delivery: WebhookDelivery, sent: Sent, now: datetime, active: bool) -> None:
    delivery.rounds += 1
    seconds = max(wait_after(delivery.rounds), sent.retry_after or 0)
    changes = {
        "rounds": delivery.rounds,
        "scheduled_at": now,
        "next_attempt_at": now + timedelta(seconds=seconds),
    }
    if delivery.rounds >= MOST_ROUNDS:
        reason = f"given up after about 24 hours and {delivery.attempts} tries; last: {sent.error}"
        changes |= {"state": DeliveryState.DEAD, "dead_reason": reason[:500]}
    elif not active:
        changes |= {"state": DeliveryState.DEAD, "dead_reason": f"endpoint off; last: {sent.error}"[:500]}
    WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.DELIVERED).update(**changes)


def _health(endpoint: WebhookEndpoint, arrived: bool, failure: Sent | None, now: datetime) -> bool:
    if failure is None:
        if endpoint.failures or _stale(endpoint, now):
            endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None
            endpoint.last_success_at = now
            _save(endpoint)
        return True
    paused = endpoint.paused_until is not None and endpoint.paused_until > now
    if arrived or not paused:  # tries that were under way beside one that failed tell nothing new
        endpoint.failures = 1 if arrived else endpoint.failures + 1
    endpoint.failing_since = now if arrived else endpoint.failing_since or now
    endpoint.last_error = failure.error[:300]
    pause = _pauses(endpoint, failure)
    if pause:
        seconds = min(5 * 2 ** min(endpoint.failures, 10), LONGEST_PAUSE.total_seconds())
        endpoint.paused_until = now + timedelta(seconds=seconds)
        pass_over(endpoint, now)
    if endpoint.active and _hopeless(endpoint, failure, now):
        _disable(endpoint, failure, now)
    _save(endpoint)
    return not pause and endpoint.active


def _stale(endpoint: WebhookEndpoint, now: datetime) -> bool:
    last = endpoint.last_success_at
    return last is None or abs(now - last) > timedelta(seconds=30)


def _pauses(endpoint: WebhookEndpoint, failure: Sent) -> bool:
    """A refusal of one message is not the endpoint's failure, until several in a row were refused."""
    about_the_message = failure.status is not None and 400 <= failure.status < 500 and failure.status != 429
    return not about_the_message or endpoint.failures >= ROW_ERRORS_BEFORE_PAUSE


def _hopeless(endpoint: WebhookEndpoint, failure: Sent, now: datetime) -> bool:
    if failure.status == GONE:
        return True
    days = timedelta(days=settings.WEBHOOK_DISABLE_DAYS)
    return endpoint.failures >= FAILURES_BEFORE_OFF and now - endpoint.failing_since >= days


def _disable(endpoint: WebhookEndpoint, failure: Sent, now: datetime) -> None:
    why = "it answered 410 Gone" if failure.status == GONE else "it failed for too many days"
    switch_off(endpoint, f"switched off by itself: {why}; last: {failure.error}")
    forget()
    raise_system_alert(
        **alarm_of(endpoint),
        subject=str(endpoint),
        severity="high",
        message=f"Webhook endpoint {endpoint} {endpoint.off_reason}. What waited for it can be replayed.",
        at=now,
    )


def _save(endpoint: WebhookEndpoint) -> None:
    endpoint.save(
        update_fields=(
            *("active", "off_reason", "failures", "failing_since", "paused_until", "last_success_at"),
            "last_error",
        )
    )
