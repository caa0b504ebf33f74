"""Decisions about applications, claims and orders: as a list, and one in full."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.decision_page import decision_context
from dashboard.keyset import page as keyset_page
from dashboard.reading import note_read
from dashboard.selectors import engine_events
from dashboard.selectors.engine_events import DecisionFilter
from dashboard.selectors.transactions import extent
from fraud_detection.models import Assessment, Decision
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    wanted = DecisionFilter.read(request.GET)
    found = engine_events.engine_decisions(wanted)
    context = {
        "filter": wanted,
        "page": keyset_page(found, ("id",), request.GET.get("after", "")),
        "extent": extent(found),
        "engines": engine_events.engine_choices(),
        "decisions": Decision.choices,
    }
    template = "dashboard/decisions/_list.html" if request.htmx else "dashboard/decisions/list.html"
    return render(request, template, context)


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision; that about a transaction is shown on the transaction's page."""
    assessment = get_object_or_404(Assessment.objects.select_related("customer", "client"), pk=pk)
    if assessment.transaction_id is not None:
        return redirect("dashboard:transaction", assessment.transaction_id)
    if assessment.engine not in engine_events.OWN_EVENTS:
        raise Http404
    context = decision_context(assessment) | {
        "event": engine_events.stored_event(assessment),
        "fields": engine_events.sent_fields(assessment),
    }
    note_read(request, assessment.customer, "page of a decision")
    return render(request, "dashboard/decisions/detail.html", context)
