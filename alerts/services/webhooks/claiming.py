"""Which deliveries are tried next. A claim is a lease: `next_attempt_at` moves on before anything is sent,
so a worker that is killed leaves rows that come due again by themselves.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from alerts.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from alerts.services.delivering.waiting import FIRST_WAIT, LONGEST_WAIT, MOST_ROUNDS

AT_ONCE = 100  # of one endpoint
LONGEST_PAUSE = timedelta(minutes=5)
PASS_OVER = """
    update alerts_webhookdelivery set
        rounds = rounds + 1,
        scheduled_at = %(now)s,
        next_attempt_at = %(now)s + interval '1 second' * (0.75 + random() / 2)
                          * least(%(first)s * 2 ^ least(rounds, 20), %(longest)s),
        state = case when rounds + 1 >= %(most)s then 'dead' else state end,
        dead_reason = case when rounds + 1 >= %(most)s then %(reason)s else '' end
    where endpoint_id = %(endpoint)s and state = 'pending' and next_attempt_at <= %(now)s
"""


def lease() -> timedelta:
    """Longer than a claimed row can wait for its turn: each try ends after the timeout."""
    return timedelta(seconds=60 + 12 * settings.WEBHOOK_TIMEOUT_SECONDS)


def due_endpoints(now: datetime) -> QuerySet[WebhookEndpoint]:
    """Active endpoints with something due not paused; a pause by a clock since set back is over."""
    waiting = WebhookDelivery.objects.filter(
        endpoint=OuterRef("pk"), state=DeliveryState.PENDING, next_attempt_at__lte=now
    )
    open_ones = Q(paused_until=None) | Q(paused_until__lte=now) | Q(paused_until__gt=now + 2 * LONGEST_PAUSE)
    return WebhookEndpoint.objects.filter(open_ones, Exists(waiting), active=True, deleted_at=None)


def claim(endpoint: WebhookEndpoint, now: datetime) -> list[WebhookDelivery]:
    """Lease the oldest due rows of an endpoint; one alone, as a probe, while it fails."""
    due = WebhookDelivery.objects.filter(
        endpoint=endpoint, state=DeliveryState.PENDING, next_attempt_at__lte=now
    )
    chosen = due.order_by("next_attempt_at", "id").values("pk")[: 1 if endpoint.failures else AT_ONCE]
    ids = list(chosen.select_for_update(skip_locked=True).values_list("pk", flat=True))
    WebhookDelivery.objects.filter(pk__in=ids).update(
        attempts=F("attempts") + 1, scheduled_at=now, next_attempt_at=now + lease()
    )
    return list(WebhookDelivery.objects.filter(pk__in=ids).select_related("message").order_by("id"))


def give_back(deliveries: list[WebhookDelivery], now: datetime) -> None:
    """Rows that were claimed and not tried are due again."""
    WebhookDelivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(
        attempts=F("attempts") - 1, scheduled_at=now, next_attempt_at=now
    )


def pass_over(endpoint: WebhookEndpoint, now: datetime) -> None:
    """What is due for an endpoint that just failed waits a round too, without a try of its own."""
    reason = f"given up after about 24 hours in which the endpoint failed; last: {endpoint.last_error}"
    values = {"now": now, "endpoint": endpoint.pk, "reason": reason[:500]}
    values |= {"first": FIRST_WAIT, "longest": LONGEST_WAIT, "most": MOST_ROUNDS}
    with connection.cursor() as cursor:
        cursor.execute(PASS_OVER, values)
