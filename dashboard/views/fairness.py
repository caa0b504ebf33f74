"""The four-fifths report, for those who may read the audit trail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.selectors.period import CHOICES, period_of
from fraud_detection.services.fairness import four_fifths
from users.roles import Ability


@require_safe
@requires(Ability.READ_AUDIT)
def report(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("decided", "")
    period = period_of(chosen, timezone.now()) if chosen in dict(CHOICES) else None
    rates = four_fifths(since=period.start, until=period.end) if period else four_fifths()
    context = {"rates": rates, "periods": CHOICES, "chosen": period.key if period else ""}
    return render(request, "dashboard/fairness.html", context)
