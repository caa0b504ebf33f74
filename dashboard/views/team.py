"""How the team does, as a page and as CSV."""

import csv
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.selectors.team import Team, as_rows, team_figures
from dashboard.access import requires
from users.roles import Ability

PERIODS = (7, 30, 90, 365)


def _days(request: HttpRequest) -> int:
    text = request.GET.get("days", "30")
    return int(text) if text in map(str, PERIODS) else 30


def _figures(days: int) -> Team:
    now = timezone.now()
    first = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return team_figures(start=first - timedelta(days=days - 1), end=now, now=now)


@require_safe
@requires(Ability.READ_METRICS)
def page(request: HttpRequest) -> HttpResponse:
    days = _days(request)
    return render(request, "dashboard/team.html", {"team": _figures(days), "days": days, "periods": PERIODS})


@require_safe
@requires(Ability.READ_METRICS)
def export(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="team-{timezone.localdate()}.csv"'
    csv.writer(answer).writerows([("section", "name", "figure", "value"), *as_rows(_figures(_days(request)))])
    return answer
