"""Reading what people were told, and what was sent where."""

from django.db.models import QuerySet

from alerts.models import (
    DeliveryState,
    Notification,
    NotificationChannel,
    NotificationDelivery,
    SystemAlert,
    Topic,
    WebhookDelivery,
    WebhookEndpoint,
)
from users.models import User
from users.roles import Ability


def notifications_of(user: User) -> QuerySet[Notification]:
    """What one person was told and may still know, newest first."""
    found = Notification.objects.filter(user=user).order_by("-id")
    return found if user.can(Ability.READ_REPORTS) else found.exclude(topic=Topic.REPORT_DUE)


def unread_count(user: User, most: int = 100) -> int:
    """How many lines under the bell are unread, `most` at most."""
    return notifications_of(user).filter(read_at__isnull=True)[:most].count()


def notification_deliveries() -> QuerySet[NotificationDelivery]:
    """What was or will be sent by mail and channels, with every try."""
    return NotificationDelivery.objects.prefetch_related("tries").order_by("-id")


def destination_names(deliveries: list[NotificationDelivery]) -> dict[str, str]:
    """Destinations in words: an address, a channel's name."""
    found = {one.destination for one in deliveries}
    people = [int(name[6:]) for name in found if name.startswith("email:")]
    channels = [int(name[8:]) for name in found if name.startswith("channel:")]
    names = {f"email:{pk}": email for pk, email in _emails(people)}
    known = NotificationChannel.objects.filter(pk__in=channels).values_list("pk", "name")
    by_setting = [name for name in found if name.startswith("notify_urls:")]
    names |= {name: f"NOTIFY_URLS, number {name.partition(':')[2]}" for name in by_setting}
    return names | {f"channel:{pk}": name for pk, name in known}


def _emails(ids: list[int]) -> list[tuple[int, str]]:
    return list(User.objects.filter(pk__in=ids).values_list("pk", "email"))


def webhook_endpoints() -> QuerySet[WebhookEndpoint]:
    """Endpoints that were not deleted, newest first."""
    return WebhookEndpoint.objects.filter(deleted_at__isnull=True).order_by("-id")


def webhook_deliveries(endpoint_id: int) -> QuerySet[WebhookDelivery]:
    """The log of one endpoint with every try, newest first."""
    found = WebhookDelivery.objects.filter(endpoint_id=endpoint_id)
    return found.prefetch_related("tries").order_by("-id")


def open_system_alerts() -> QuerySet[SystemAlert]:
    """What is wrong with FraudGuard itself now, newest first."""
    return SystemAlert.objects.filter(cleared_at__isnull=True).order_by("-id")


def dead_counts() -> dict[str, int]:
    """How many deliveries were given up, by kind."""
    return {
        "webhooks": WebhookDelivery.objects.filter(state=DeliveryState.DEAD).count(),
        "notifications": NotificationDelivery.objects.filter(state=DeliveryState.DEAD).count(),
    }
