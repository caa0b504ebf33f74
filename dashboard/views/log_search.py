"""The logs: calls of the API, predictions, model versions, and what happened to FraudGuard."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.keyset import Page
from dashboard.keyset import page as keyset_page
from dashboard.selectors import log_search as logs
from dashboard.selectors.trail import with_changes
from fraud_detection.models import Decision
from fraud_detection.models.governance import Engine
from logs.models import Level
from logs.selectors.happenings import system_kinds
from users.roles import Ability


def _page(request: HttpRequest, found: QuerySet) -> Page:
    return keyset_page(found, ("id",), request.GET.get("after", ""))


def _shown(request: HttpRequest, tab: str, wanted: Any, page: Page, **more: Any) -> HttpResponse:
    context = {"tab": tab, "filter": wanted, "page": page, "table": f"dashboard/logs/_{tab}.html", **more}
    template = "dashboard/logs/_list.html" if request.htmx else "dashboard/logs/list.html"
    return render(request, template, context)


@require_safe
@requires(Ability.READ_AUDIT)
def calls(request: HttpRequest) -> HttpResponse:
    wanted = logs.CallFilter.read(request.GET)
    choices = {"outcomes": logs.OUTCOMES, "slow": logs.SLOW}
    return _shown(request, "calls", wanted, _page(request, logs.calls(wanted)), **choices)


@require_safe
@requires(Ability.READ_AUDIT)
def predictions(request: HttpRequest) -> HttpResponse:
    wanted = logs.PredictionFilter.read(request.GET)
    choices = {"engines": Engine.choices, "decisions": Decision.choices}
    return _shown(request, "predictions", wanted, _page(request, logs.predictions(wanted)), **choices)


@require_safe
@requires(Ability.READ_AUDIT)
def model_versions(request: HttpRequest) -> HttpResponse:
    wanted = logs.DeedFilter.read(request.GET)
    page = _page(request, logs.deeds(wanted))
    return _shown(request, "model_versions", wanted, page, rows=with_changes(page.rows))


@require_safe
@requires(Ability.READ_AUDIT)
def system_events(request: HttpRequest) -> HttpResponse:
    wanted = logs.EventFilter.read(request.GET)
    choices = {"kinds": system_kinds(), "levels": Level.choices}
    return _shown(request, "system_events", wanted, _page(request, logs.system_events(wanted)), **choices)
