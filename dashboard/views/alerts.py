"""The alert queue and one alert; deciding asks for the ability to work alerts."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from alerts.models import Alert, Disposition
from alerts.services import AlertConflict, DispositionRefused, assign_alert, resolve_alert
from dashboard.access import requires
from dashboard.alert_page import alert_context
from dashboard.keyset import page as keyset_page
from dashboard.selectors import alerts
from dashboard.selectors import queue as queues
from dashboard.selectors.period import CHOICES
from dashboard.verdicts import Verdict, selected
from users.models import User
from users.roles import Ability

CLAIMED = 100  # alerts assigned by one request


@require_safe
@requires(Ability.READ)
def queue(request: HttpRequest) -> HttpResponse:
    now, wanted = timezone.now(), queues.QueueFilter.read(request.GET)
    found = queues.queue(wanted, request.user, now)
    context = {
        "filter": wanted,
        "page": keyset_page(found, wanted.order, request.GET.get("after", "")),
        "listed": queues.listed(found),
        "tabs": _tabs(request.user, now),
        "severities": alerts.severities(),
        "choices": {"engines": queues.engines(), "families": queues.families(), "periods": CHOICES},
        "dispositions": Disposition.choices,
        "now": now,
    }
    template = "dashboard/alerts/_queue.html" if request.htmx else "dashboard/alerts/queue.html"
    return render(request, template, context)


def _tabs(user: User, now: datetime) -> list[tuple[str, str, int | None]]:
    counts = queues.tab_counts(user, now)
    return [(tab, queues.TAB_NAMES[tab], counts.get(tab)) for tab in queues.TABS]


@require_safe
@requires(Ability.READ)
def arrived(request: HttpRequest) -> HttpResponse:
    """How many alerts of this filter have come since the newest one on the page."""
    wanted, since = queues.QueueFilter.read(request.GET), request.GET.get("since", "")
    if not (since.isdecimal() and len(since) < 19):
        return JsonResponse({"new": 0})
    found = queues.queue(wanted, request.user, timezone.now()).filter(pk__gt=int(since))
    return JsonResponse({"new": found.count()})


@require_safe
@requires(Ability.READ)
def latest(request: HttpRequest) -> HttpResponse:
    """The card of the overview, fetched anew when alerts arrive."""
    return render(request, "dashboard/_latest_alerts.html", {"latest": alerts.latest()})


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    alert = _alert(pk)
    return render(request, "dashboard/alerts/detail.html", alert_context(alert, timezone.now()))


@require_POST
@requires(Ability.WORK_ALERTS)
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    verdict = Verdict.read(request.POST)
    try:
        closed = resolve_alert(
            alert_id=pk,
            acting_user=request.user,
            disposition=verdict.disposition,
            note=verdict.note,
            seen_version=verdict.seen_version,
            request_id=request.request_id,
        )
    except Alert.DoesNotExist as missing:
        raise Http404 from missing
    except AlertConflict as conflict:
        return _shown_again(request, pk, 409, conflict=str(conflict))
    except DispositionRefused as refusal:
        return _shown_again(request, pk, 422, refused=f"{refusal.field}: {refusal}")
    return _to_next(request, closed)


@require_POST
@requires(Ability.WORK_ALERTS)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    assignee = None if request.POST.get("to") == "nobody" else request.user
    try:
        assign_alert(
            alert_id=pk,
            acting_user=request.user,
            assignee=assignee,
            seen_version=Verdict.read(request.POST).seen_version,
            request_id=request.request_id,
        )
    except Alert.DoesNotExist as missing:
        raise Http404 from missing
    except AlertConflict as conflict:
        return _shown_again(request, pk, 409, conflict=str(conflict))
    return redirect("dashboard:alert", pk)


@require_POST
@requires(Ability.WORK_ALERTS)
def claim(request: HttpRequest) -> HttpResponse:
    """Assign the selected alerts to oneself; those that changed meanwhile are left and named."""
    taken, changed = 0, []
    for alert_id, version in selected(request.POST)[:CLAIMED]:
        try:
            assign_alert(
                alert_id=alert_id,
                acting_user=request.user,
                assignee=request.user,
                seen_version=version,
                request_id=request.request_id,
            )
        except (Alert.DoesNotExist, AlertConflict):
            changed.append(f"A-{alert_id}")
        else:
            taken += 1
    left = f" Changed meanwhile and left: {', '.join(changed)}." if changed else ""
    messages.success(request, f"{taken} assigned to you.{left}")
    return redirect("dashboard:alerts")


@require_safe
@requires(Ability.READ)
def next_best(request: HttpRequest) -> HttpResponse:
    """The riskiest open alert that nobody else has; the queue when there is none."""
    found = alerts.next_best(request.user)
    return redirect("dashboard:alert", found.pk) if found else redirect("dashboard:alerts")


def _alert(pk: int) -> Alert:
    return get_object_or_404(Alert.objects.select_related("customer", "assignee", "resolved_by"), pk=pk)


def _shown_again(request: HttpRequest, pk: int, status: int, **said: str) -> HttpResponse:
    alert = _alert(pk)
    context = alert_context(alert, timezone.now()) | said | {"next": alerts.next_best(request.user, alert)}
    return render(request, "dashboard/alerts/detail.html", context, status=status)


def _to_next(request: HttpRequest, closed: Alert) -> HttpResponse:
    following = alerts.next_best(request.user, closed)
    said = f"{closed} closed as {closed.get_disposition_display().lower()}."
    messages.success(
        request, f"{said} Now: {following}." if following else f"{said} No other alert is open to you."
    )
    return redirect("dashboard:alert", following.pk) if following else redirect("dashboard:alerts")
