"""The bell, what one was told, what was sent where, and how one wants to be told."""

from datetime import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.models import DeliveryState, Digest, Notification, NotificationDelivery, Topic
from alerts.selectors.notifications import (
    dead_counts,
    destination_names,
    notification_deliveries,
    notifications_of,
    unread_count,
)
from alerts.services import acknowledge_system_alert
from alerts.services.notifying import bell as bells
from alerts.services.notifying import personal
from alerts.services.webhooks.replaying import ReplayRefused
from dashboard.access import requires
from dashboard.keyset import page
from users.roles import Ability

UNDER_THE_BELL = 8


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    found = page(notifications_of(request.user), ("id",), request.GET.get("after", ""))
    context = {"page": found, "unread": unread_count(request.user)}
    return render(request, "dashboard/notifications/list.html", context)


@require_safe
@requires(Ability.READ_AUDIT)
def sent(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = notification_deliveries()
    if state in DeliveryState.values:
        found = found.filter(state=state)
    shown = page(found, ("id",), request.GET.get("after", ""))
    names = destination_names(shown.rows)
    for row in shown.rows:
        row.to = names.get(row.destination, "somebody who left")
        row.topics = [Topic(topic).label for topic in row.tally if topic in Topic.values]
    context = {"page": shown, "state": state, "states": DeliveryState.choices, "dead": dead_counts()}
    return render(request, "dashboard/notifications/sent.html", context)


@require_safe
@requires(Ability.READ)
def bell(request: HttpRequest) -> HttpResponse:
    context = {"rows": notifications_of(request.user)[:UNDER_THE_BELL], "unread": unread_count(request.user)}
    return render(request, "dashboard/notifications/_bell.html", context)


@require_POST
@requires(Ability.READ)
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it read and go where it points."""
    one = get_object_or_404(Notification, pk=pk, user=request.user)
    bells.mark_read(acting_user=request.user, notification_id=pk)
    return redirect(one.link if one.link.startswith("/") else "dashboard:notifications")


@require_POST
@requires(Ability.READ)
def read_all(request: HttpRequest) -> HttpResponse:
    bells.mark_read(acting_user=request.user)
    return redirect("dashboard:notifications")


@require_POST
@requires(Ability.MANAGE)
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(NotificationDelivery, pk=pk)
    try:
        personal.replay_notification(pk, acting_user=request.user, request_id=request.request_id)
        messages.success(request, "It is sent again.")
    except ReplayRefused as refused:
        messages.error(request, f"Not sent again: {refused}.")
    return redirect("dashboard:notifications_sent")


@require_POST
@requires(Ability.MANAGE)
def replay_all(request: HttpRequest) -> HttpResponse:
    count = personal.replay_dead_notifications(acting_user=request.user, request_id=request.request_id)
    messages.success(request, f"{count:,} messages are sent again.")
    return redirect("dashboard:notifications_sent")


@require_POST
@requires(Ability.MANAGE)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    if not acknowledge_system_alert(alert_id=pk, acting_user=request.user, request_id=request.request_id):
        messages.error(request, "It was acknowledged or ended already.")
    return redirect("dashboard:overview")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.READ)
def preferences(request: HttpRequest) -> HttpResponse:
    refused, status = None, 200
    if request.method == "POST":
        try:
            personal.set_preferences(_wishes(request), acting_user=request.user)
            messages.success(request, "Saved.")
            return redirect("dashboard:settings_notifications")
        except personal.PreferenceRefused as problem:
            refused, status = problem, 422
    context = {
        "wishes": personal.preference_of(request.user),
        "topics": Topic.choices,
        "digests": Digest.choices,
        "hours": range(24),
        "channels": request.user.channels.filter(active=True),
        "refused": refused,
    }
    return render(request, "dashboard/notifications/preferences.html", context, status=status)


def _wishes(request: HttpRequest) -> dict:
    """The form's values; raises PreferenceRefused for a time or an hour that is none."""
    given = request.POST
    heard = set(given.getlist("topics"))
    hour = given.get("digest_hour", "8")
    if not (hour.isdecimal() and len(hour) < 3):
        raise personal.PreferenceRefused("digest_hour", "must be an hour from 0 to 23")
    return {
        "muted_topics": [topic for topic in Topic.values if topic not in heard],
        "email": "email" in given,
        "own_channels": "own_channels" in given,
        "digest": given.get("digest", ""),
        "digest_hour": int(hour),
        "quiet_from": _time(given.get("quiet_from", ""), "quiet_from"),
        "quiet_until": _time(given.get("quiet_until", ""), "quiet_until"),
        "critical_breaks_quiet": "critical_breaks_quiet" in given,
        "time_zone": given.get("time_zone", "").strip(),
    }


def _time(text: str, field: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        raise personal.PreferenceRefused(field, "must be a time as 22:00") from None
