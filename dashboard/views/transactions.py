"""Search among decided events, and one event in full."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.decision_page import decision_context
from dashboard.keyset import page as keyset_page
from dashboard.reading import note_read
from dashboard.selectors import transactions
from dashboard.selectors.period import CHOICES
from dashboard.selectors.transactions import EventFilter
from fraud_detection.models import Decision, RiskLevel
from transactions.models import Transaction
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    wanted = EventFilter.read(request.GET)
    found = transactions.decided_events(wanted, timezone.now())
    context = {
        "filter": wanted,
        "without_rule": wanted.address(rule=""),
        "without_degraded": wanted.address(degraded=""),
        "page": keyset_page(found, ("id",), request.GET.get("after", "")),
        "extent": transactions.extent(found),
        "decisions": Decision.choices,
        "levels": RiskLevel.choices,
        "types": transactions.type_choices(),
        "periods": CHOICES,
    }
    template = "dashboard/transactions/_list.html" if request.htmx else "dashboard/transactions/list.html"
    return render(request, template, context)


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    event = get_object_or_404(Transaction.objects.select_related("customer", "client"), pk=pk)
    assessments = transactions.assessments_of(event)
    context = {
        "event": event,
        "fields": transactions.sent_fields(event),
        "versions": transactions.versions_of(event),
        "labels": event.labels.all(),
        "elsewhere": transactions.told_elsewhere(event),
        "engines": [decision_context(assessment) for assessment in assessments],
    }
    note_read(request, event.customer, "page of a transaction")
    return render(request, "dashboard/transactions/detail.html", context)
