"""The panel of linked entities, fetched by the pages of an alert, a case and a customer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from alerts.models import Alert, Case
from alerts.selectors.links import customers_of_alert, customers_of_case, linked
from dashboard.access import requires
from dashboard.selectors import links
from users.models import Customer
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def of_customer(request: HttpRequest, pk: int) -> HttpResponse:
    return _panel(request, [get_object_or_404(Customer, pk=pk).pk])


@require_safe
@requires(Ability.READ)
def of_alert(request: HttpRequest, pk: int) -> HttpResponse:
    return _panel(request, customers_of_alert(get_object_or_404(Alert, pk=pk)))


@require_safe
@requires(Ability.READ)
def of_case(request: HttpRequest, pk: int) -> HttpResponse:
    return _panel(request, customers_of_case(get_object_or_404(Case, pk=pk)))


def _panel(request: HttpRequest, customer_ids: list[int]) -> HttpResponse:
    found = linked(customer_ids)
    context = {
        "found": found,
        "graph": links.drawn(found),
        "rows": links.rows(found),
        "ring": links.ring(found),
        "spoken": links.spoken(found),
    }
    return render(request, "dashboard/links/_panel.html", context)
