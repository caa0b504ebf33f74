"""What people do to the alerts that they ticked in the queue."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from alerts.services import BulkResult, DispositionRefused, assign_alerts, resolve_alerts, snooze_alerts
from dashboard.access import requires
from dashboard.verdicts import Verdict, moment_of, selected
from users.models import User
from users.roles import Ability

NAMED = 10  # refused alerts that the message names


@require_POST
@requires(Ability.WORK_ALERTS)
def claim(request: HttpRequest) -> HttpResponse:
    """Assign the selected alerts to oneself; those that changed meanwhile are left and named."""
    result = _tried(request, lambda seen, by: assign_alerts(seen, assignee=request.user, **by))
    if result:
        taken = len(result.done) + len(result.already)
        changed = ", ".join(f"A-{alert_id}" for alert_id, _ in result.refused)
        left = f" Changed meanwhile and left: {changed}." if changed else ""
        messages.success(request, f"{taken} assigned to you.{left}")
    return redirect("dashboard:alerts")


@require_POST
@requires(Ability.WORK_ALERTS)
def assign(request: HttpRequest) -> HttpResponse:
    to = request.POST.get("to", "")
    known = to.isascii() and to.isdigit() and len(to) < 19
    person = User.objects.filter(pk=int(to), is_active=True).first() if known else None
    if person is None and to != "nobody":
        messages.error(request, "Choose whom to assign them to.")
        return redirect("dashboard:alerts")
    _told(request, _tried(request, lambda seen, by: assign_alerts(seen, assignee=person, **by)), "assigned")
    return redirect("dashboard:alerts")


@require_POST
@requires(Ability.WORK_ALERTS)
def snooze(request: HttpRequest) -> HttpResponse:
    until = moment_of(request.POST)
    if until is None:
        messages.error(request, "Choose until when to snooze them.")
        return redirect("dashboard:alerts")
    reason = request.POST.get("snooze_reason", "")
    result = _tried(request, lambda seen, by: snooze_alerts(seen, until=until, reason=reason, **by))
    _told(request, result, "snoozed")
    return redirect("dashboard:alerts")


@require_POST
@requires(Ability.WORK_ALERTS)
def close(request: HttpRequest) -> HttpResponse:
    verdict = Verdict.read(request.POST)
    given = {
        "disposition": verdict.disposition,
        "note": verdict.note,
        "reason_code": verdict.reason_code,
        "duplicate_of": verdict.duplicate_of,
    }
    _told(request, _tried(request, lambda seen, by: resolve_alerts(seen, **given, **by)), "closed")
    return redirect("dashboard:alerts")


def _tried(request: HttpRequest, deed: Callable[[list, dict], BulkResult]) -> BulkResult | None:
    """None when the deed as a whole was refused, which the page then says."""
    seen = selected(request.POST)
    if not seen:
        messages.error(request, "No alert was selected.")
        return None
    try:
        return deed(seen, {"acting_user": request.user, "request_id": request.request_id})
    except DispositionRefused as refused:
        messages.error(
            request, f"Nothing was changed. {refused.field.replace('_', ' ').capitalize()}: {refused}."
        )
        return None


def _told(request: HttpRequest, result: BulkResult | None, done: str) -> None:
    if result is None:
        return
    parts = [f"{len(result.done)} {done}."]
    if result.already:
        parts.append(f"{len(result.already)} were {done} before.")
    if result.refused:
        parts.append(f"{len(result.refused)} left: {'; '.join(why for _, why in result.refused[:NAMED])}.")
    messages.success(request, " ".join(parts))
