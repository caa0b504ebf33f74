"""The overview: what arrived, what was stopped, what waits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.selectors import alerts, decisions, overview
from dashboard.selectors.period import CHOICES, period_of
from dashboard.tiles import tiles
from fraud_detection.selectors import engine_status
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    period = period_of(request.GET.get("period", ""), now)
    made, before = decisions.period_tallies(period)
    stream = alerts.flow(period)
    rate, by_day = decisions.rate(now), overview.by_day(now)
    context = {
        "period": period,
        "periods": CHOICES,
        "first_run": not overview.any_decision(),
        "status": engine_status(),
        "times": overview.decision_times(),
        "tiles": tiles(period, made, before, stream, overview.closed_precision(now)),
        "levels": decisions.by_level(made, before),
        "made": made,
        "degraded": decisions.degraded(period),
        "before": before,
        "flow": stream,
        "rules": overview.rules_with_most_hits(period),
        "latest": alerts.latest(),
        "by_day": by_day,
        "charts": {"rate": rate, "days": [[row.day, row.stopped / 100, row.missed / 100] for row in by_day]},
        "change": decisions.change(made.total, before.total),
    }
    return render(request, "dashboard/overview.html", context)
