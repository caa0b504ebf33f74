"""Snoozing a rule for one entity, from an alert or a rule's page."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dashboard.access import requires
from fraud_detection.models import RuleSnooze
from fraud_detection.services.snoozing import SnoozeRefused, end_snooze, snooze_rule
from users.roles import Ability

ABOUT = ("engine", "rule", "subject_kind", "subject", "reason")


@require_POST
@requires(Ability.WORK_ALERTS)
def new(request: HttpRequest) -> HttpResponse:
    days = request.POST.get("days", "")
    given = {name: request.POST.get(name, "") for name in ABOUT}
    until = timezone.now() + timedelta(
        days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
    )
    try:
        made = snooze_rule(**given, until=until, acting_user=request.user, request_id=request.request_id)
    except SnoozeRefused as refused:
        messages.error(request, f"Not snoozed. {refused.field}: {refused}")
    else:
        messages.success(request, f"{made} is snoozed, in every process within 5 seconds.")
    return redirect(_behind(request))


@require_POST
@requires(Ability.WORK_ALERTS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        ended = end_snooze(snooze_id=pk, acting_user=request.user, request_id=request.request_id)
    except RuleSnooze.DoesNotExist:
        raise Http404 from None
    messages.success(request, f"{ended.rule} speaks about {ended.subject} again.")
    return redirect(_behind(request))


def _behind(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else reverse("dashboard:rules")
