"""What every page's frame needs: the live address, the size of the queue, what the person may do."""

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template.context import RequestContext

from alerts.models import Alert, AlertStatus, SystemAlert
from alerts.selectors.notifications import open_system_alerts, unread_count
from users.models import User
from users.roles import Ability

register = template.Library()


@register.simple_tag
def open_alerts() -> int:
    return Alert.objects.filter(status=AlertStatus.OPEN).count()


@register.filter
def can(user: User, ability: str) -> bool:
    """{% if user|can:"work_alerts" %}"""
    return user.is_authenticated and user.can(Ability(ability))


@register.simple_tag
def live_port() -> str:
    """The port of the live connection where no proxy joins it with the pages; empty: the page's own."""
    return "" if settings.LIVE_SAME_ORIGIN else str(settings.LIVE_PORT)


@register.simple_tag(takes_context=True)
def current(context: RequestContext, section: str) -> str:
    """Marks the entry of the sidebar that the page belongs to."""
    match = context["request"].resolver_match
    name = match.url_name if match and match.namespace == "dashboard" else ""
    return "aria-current=page" if (name or "").startswith(section) else ""


@register.filter
def undo_of(message: Message) -> str:
    """The id of the alert whose closing this message tells, and offers to take back; else nothing."""
    tag = message.extra_tags or ""
    return tag.removeprefix("undo-") if tag.startswith("undo-") else ""


@register.simple_tag(takes_context=True)
def unread_notifications(context: RequestContext) -> int:
    return unread_count(context["request"].user)


@register.simple_tag
def system_alerts() -> list[SystemAlert]:
    """What is wrong with FraudGuard itself, the newest."""
    return list(open_system_alerts()[:6])
