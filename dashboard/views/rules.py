"""The list of rules of an engine."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.selectors.rule_list import rule_list
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    return render(
        request, "dashboard/rules/list.html", {"listing": rule_list(request.GET.dict(), request.user)}
    )
