"""The alert queue and one alert."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from alerts.models import Alert, Disposition
from alerts.services import take_next_alert
from dashboard.access import requires
from dashboard.alert_page import alert_context
from dashboard.keyset import page as keyset_page
from dashboard.reading import note_read
from dashboard.selectors import alerts
from dashboard.selectors import queue as queues
from dashboard.selectors.period import CHOICES
from dashboard.verdicts import alert_number, choices
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def queue(request: HttpRequest) -> HttpResponse:
    now, wanted = timezone.now(), queues.QueueFilter.read(request.GET)
    found, counts = queues.queue(wanted, request.user, now), queues.open_alerts(request.user, now)
    whole = wanted == queues.QueueFilter()
    context = {
        "filter": wanted,
        "page": keyset_page(found, wanted.order, request.GET.get("after", "")),
        "listed": counts.listed if whole else queues.listed(found),
        "tabs": [(tab, queues.TAB_NAMES[tab], counts.tabs.get(tab)) for tab in queues.TABS],
        "severities": counts.severities,
        "choices": {**queues.kinds(wanted), "periods": CHOICES, "queues": queues.queues()},
        "dispositions": Disposition.choices,
        "verdicts": choices(),
        "colleagues": queues.colleagues(),
        "now": now,
    }
    template = "dashboard/alerts/_queue.html" if request.htmx else "dashboard/alerts/queue.html"
    return render(request, template, context)


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
    found = Alert.objects.select_related("customer", "assignee", "resolved_by", "queue", "snoozed_by")
    alert = get_object_or_404(found, pk=pk)
    note_read(request, alert.customer, "page of an alert")
    return render(request, "dashboard/alerts/detail.html", alert_context(alert, request.user, timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.READ)
def next_best(request: HttpRequest) -> HttpResponse:
    """The most urgent open alert that nobody else has, taken by a POST; the queue when there is none."""
    after = alert_number(request.POST.get("after", ""))
    if request.method == "POST" and request.user.can(Ability.WORK_ALERTS):
        found = take_next_alert(acting_user=request.user, after=after, request_id=request.request_id)
    else:
        found = alerts.next_best(request.user)
    return redirect("dashboard:alert", found.pk) if found else redirect("dashboard:alerts")
