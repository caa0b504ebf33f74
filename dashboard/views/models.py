"""The model registry: who serves, who waits, what was measured; stages change by those who manage."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.selectors import models
from dashboard.selectors.monitoring import watched
from dashboard.selectors.precision import share
from fraud_detection.models import ModelStage, ModelVersion
from fraud_detection.services.comparing import Found, compare_with_champion
from fraud_detection.services.model_report import markdown_card
from fraud_detection.services.model_stages import (
    FourEyesRefused,
    ModelConflict,
    PromotionRefused,
    StageRefused,
    promote,
    retire,
    roll_back,
    start_shadow,
)
from users.roles import Ability

CHANGES: dict[str, Callable[..., ModelVersion]] = {
    "promote": lambda version, by, **said: promote(version, approved_by=by, **said),
    "shadow": lambda version, by, **said: start_shadow(version, acted_by=by, **said),
    "retire": lambda version, by, **said: retire(version, acted_by=by, **said),
    "roll_back": lambda version, by, **said: roll_back(version, acted_by=by, **said),
}
STATUS = {FourEyesRefused: 403, PromotionRefused: 422, StageRefused: 409, ModelConflict: 409}


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/models/list.html", {"shelves": models.shelves()})


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, get_object_or_404(ModelVersion, pk=pk))


@require_safe
@requires(Ability.READ)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(ModelVersion, pk=pk)
    answer = HttpResponse(markdown_card(version), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{version}.md"'
    return answer


@require_safe
@requires(Ability.READ)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(ModelVersion, pk=pk)
    content = {"model": str(version), "card": version.card, "report": version.report}
    answer = JsonResponse(content, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{version}.json"'
    return answer


@require_POST
@requires(Ability.MANAGE)
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    version = get_object_or_404(ModelVersion, pk=pk)
    seen = request.POST.get("version", "")
    try:
        changed = CHANGES[what](
            version,
            request.user.email,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            request_id=request.request_id,
        )
    except (StageRefused, ModelConflict) as refused:
        version.refresh_from_db()
        return _shown(request, version, status=STATUS[type(refused)], refused=str(refused))
    messages.success(request, f"{changed} is {changed.stage} now, in every process within 5 seconds.")
    return redirect("dashboard:model", changed.pk)


def _shown(request: HttpRequest, version: ModelVersion, status: int = 200, refused: str = "") -> HttpResponse:
    actions = models.actions_of(version, request.user) if request.user.can(Ability.MANAGE) else []
    wanted = "" if refused else request.GET.get("do", "")
    comparison = compare_with_champion(version)
    context = {
        "version": version,
        "steps": models.steps_of(version),
        "actions": actions,
        "wanted": next((action for action in actions if action.key == wanted), None),
        "refused": refused,
        "comparison": comparison,
        "found": _found(comparison) if comparison else [],
        "watch": watched(version) if version.stage in (ModelStage.CHAMPION, ModelStage.SHADOW) else None,
        **models.report_context(version),
    }
    return render(request, "dashboard/models/detail.html", context, status=status)


def _found(comparison) -> list[tuple[str, Found, object]]:
    """The rows of the comparison: what, alerts with their labels, precision with its interval."""
    rows = (
        ("Champion", comparison.champion),
        ("This model", comparison.shadow),
        ("This model, as many alerts", comparison.same_number),
    )
    return [(name, found, share(found.frauds, found.labelled)) for name, found in rows]
