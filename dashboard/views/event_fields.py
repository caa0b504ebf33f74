"""Fields that clients send beyond those of the request: declared, reworded, withdrawn."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from fraud_detection.models import DeclaredField, FieldKind
from fraud_detection.services.feature_definitions import (
    DefinitionConflict,
    DefinitionInUse,
    DefinitionStageRefused,
    FeatureRefused,
    change_field,
    declare_field,
)
from users.roles import Ability

STATUS = {FeatureRefused: 422, DefinitionInUse: 409, DefinitionStageRefused: 409, DefinitionConflict: 409}
PARTS = ("name", "kind", "unit", "meaning")


def page(request: HttpRequest) -> HttpResponse:
    return _declared(request) if request.method == "POST" else _listed(request)


@require_safe
@requires(Ability.READ)
def _listed(request: HttpRequest) -> HttpResponse:
    return _shown(request)


@require_POST
@requires(Ability.DRAFT_RULES)
def _declared(request: HttpRequest) -> HttpResponse:
    form = {part: request.POST.get(part, "").strip() for part in PARTS}
    try:
        row = declare_field(**form, acting_user=request.user, request_id=request.request_id)
    except tuple(STATUS) as refused:
        return _shown(request, form, refused)
    messages.success(request, f"{row} is taken from clients in every process within 5 seconds.")
    return redirect("dashboard:feature_fields")


@require_POST
@requires(Ability.DRAFT_RULES)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(DeclaredField, pk=pk)
    seen = request.POST.get("version", "")
    active = {"withdraw": False, "take": True}.get(request.POST.get("do", ""))
    try:
        change_field(
            row,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            active=active,
            meaning=request.POST.get("meaning"),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except tuple(STATUS) as refused:
        return _shown(request, refused=refused)
    messages.success(request, f"{row} is changed.")
    return redirect("dashboard:feature_fields")


def _shown(
    request: HttpRequest, form: dict[str, str] | None = None, refused: Exception | None = None
) -> HttpResponse:
    context = {
        "rows": DeclaredField.objects.order_by("-active", "name"),
        "kinds": FieldKind.choices,
        "form": form or {},
        "refused": refused,
        "problems": getattr(refused, "problems", []),
    }
    status = next((code for kind, code in STATUS.items() if isinstance(refused, kind)), 200)
    return render(request, "dashboard/features/fields.html", context, status=status)
