"""The people and businesses that are watched."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.keyset import page as keyset_page
from dashboard.selectors import customers
from dashboard.selectors.alert import timeline_of, usual_of
from users.models import Customer
from users.roles import Ability

LATEST = 20


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:128].replace("\x00", "")
    page = keyset_page(customers.customers(text), ("id",), request.GET.get("after", ""))
    return render(request, "dashboard/customers/list.html", {"q": text, "page": page})


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    customer, now = get_object_or_404(Customer, pk=pk), timezone.now()
    timeline = timeline_of(customer, now)
    month = [t for t in timeline if t.occurred_at > now - timedelta(days=30)]
    risk = customers.highest_by_day(customer, now)
    context = {
        "customer": customer,
        "usual": usual_of([t.amount_minor for t in timeline]),
        "month_count": len(month),
        "month_amount": sum(t.amount_minor for t in month),
        "highest": max((score for score in risk["scores"] if score is not None), default=None),
        "risk": risk,
        "decisions": customers.decisions_of(customer)[:LATEST],
        "alerts": list(customers.alerts_of(customer)[:LATEST]),
        "open_alerts": customer.alerts.filter(status="open").count(),
        "alert_count": customer.alerts.count(),
    }
    return render(request, "dashboard/customers/detail.html", context)
