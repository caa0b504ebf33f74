"""Features: the catalogue, the form that defines one, and its stages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import requires
from dashboard.feature_form import blank, form_of, form_of_row, posted, spec_of
from dashboard.selectors.feature_list import catalogue, engine_named, history_of
from fraud_detection.models import FeatureDefinition
from fraud_detection.services import feature_definitions as definitions
from fraud_detection.services.feature_definitions import (
    DefinitionConflict,
    DefinitionFourEyesRefused,
    DefinitionInUse,
    DefinitionStageRefused,
    FeatureRefused,
)
from fraud_detection.services.feature_definitions.choices import choices_of
from fraud_detection.services.feature_definitions.previewing import preview
from users.roles import Ability

STATUS = {
    FeatureRefused: 422,
    DefinitionFourEyesRefused: 403,
    DefinitionInUse: 409,
    DefinitionStageRefused: 409,
    DefinitionConflict: 409,
}
REFUSED = tuple(STATUS)
CHANGES: dict[str, Callable[..., FeatureDefinition]] = {
    "submit": definitions.submit,
    "approve": definitions.approve,
    "reject": definitions.reject,
    "retire": definitions.retire,
}
SAID = {
    "submit": "{} awaits approval by somebody who did not write it.",
    "approve": "{} is computed for every decision, in every process within 5 seconds.",
    "reject": "{} is a draft again.",
    "retire": "{} is retired.",
}


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    engine = engine_named(request.GET.get("engine", ""))
    found = catalogue(engine, request.GET.get("search", ""), request.GET.get("origin", ""))
    return render(request, "dashboard/features/list.html", found)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.DRAFT_RULES)
def new(request: HttpRequest) -> HttpResponse:
    engine = engine_named(request.POST.get("engine", "") or request.GET.get("engine", ""))
    if request.method != "POST":
        return _form(request, blank(engine), engine)
    name, meaning = request.POST.get("name", "").strip(), request.POST.get("meaning", "")
    spec = spec_of(request.POST, engine)
    form = form_of(engine, name, meaning, spec)
    if request.POST.get("do") == "preview":
        return _form(request, form, engine, spec=spec)
    try:
        row = definitions.new_definition(engine=engine, name=name, spec=spec, meaning=meaning, **_by(request))
    except REFUSED as refused:
        return _form(request, form, engine, refused=refused)
    messages.success(request, f"{row} is a draft. Submit it for approval when its values are right.")
    return redirect("dashboard:feature", row.pk)


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _saved(request, pk) if request.method == "POST" else _shown(request, pk)


@require_safe
@requires(Ability.READ)
def _shown(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(FeatureDefinition, pk=pk)
    return _form(request, form_of_row(row), row.engine, row=row, spec=row.spec)


@require_POST
@requires(Ability.DRAFT_RULES)
def _saved(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(FeatureDefinition, pk=pk)
    spec, meaning = spec_of(request.POST, row.engine), request.POST.get("meaning", "")
    form = form_of(row.engine, row.name, meaning, spec)
    if request.POST.get("do") == "preview":
        return _form(request, form, row.engine, row=row, spec=spec)
    try:
        definitions.change_definition(row, spec=spec, meaning=meaning, seen=_seen(request), **_by(request))
    except REFUSED as refused:
        return _form(request, form, row.engine, row=row, refused=refused)
    messages.success(request, f"{row} is saved.")
    return redirect("dashboard:feature", row.pk)


@require_POST
@requires(Ability.DRAFT_RULES)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    return _changed(request, pk, "submit")


@require_POST
@requires(Ability.APPROVE_RULES)
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    return _changed(request, pk, what)


def _changed(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    row = get_object_or_404(FeatureDefinition, pk=pk)
    said = {"reason": request.POST.get("reason", "").strip()} if what in ("reject", "retire") else {}
    try:
        row = CHANGES[what](row, seen=_seen(request), **said, **_by(request))
    except REFUSED as refused:
        row.refresh_from_db()
        return _form(request, form_of_row(row), row.engine, row=row, spec=row.spec, refused=refused)
    messages.success(request, SAID[what].format(row))
    return redirect("dashboard:feature", row.pk)


def _form(
    request: HttpRequest,
    form: dict[str, Any],
    engine: str,
    *,
    row: FeatureDefinition | None = None,
    spec: dict[str, Any] | None = None,
    refused: Exception | None = None,
) -> HttpResponse:
    """The form with the values of its definition over stored events, when it holds."""
    tried = None
    if spec is not None:
        try:
            tried = preview(engine, spec)
        except FeatureRefused as found:
            refused = refused or found
    context = {
        "form": form,
        "row": row,
        "choices": choices_of(engine),
        "tried": tried,
        "refused": refused,
        "problems": getattr(refused, "problems", []),
        "editable": request.user.can(Ability.DRAFT_RULES) and (row is None or row.stage == "draft"),
        "versions": history_of(row),
        "copied": posted(form) if row else [],
    }
    status = next((code for kind, code in STATUS.items() if isinstance(refused, kind)), 200)
    return render(request, "dashboard/features/form.html", context, status=status)


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"acting_user": request.user, "request_id": request.request_id}


def _seen(request: HttpRequest) -> int:
    seen = request.POST.get("version", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else -1
