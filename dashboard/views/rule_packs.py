"""Packs of rules: those that ship, loaded as drafts with one click, and the rules in force as a file."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.rule_packs import PackRefused, exported_rules, load_preset, presets
from fraud_detection.services.rule_packs.presets import NoSuchPreset
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboard/rules/packs.html", {"packs": presets(), "engines": list(ENGINES)})


@require_POST
@requires(Ability.DRAFT_RULES)
def load(request: HttpRequest, name: str) -> HttpResponse:
    try:
        done = load_preset(name, acting_user=request.user, request_id=request.request_id)
    except NoSuchPreset as missing:
        raise Http404 from missing
    except PackRefused as refused:
        messages.error(request, f"Not loaded: {refused}")
        return redirect("dashboard:rule_packs")
    drafted = ", ".join(rule.code for rule in done.rules)
    messages.success(
        request, f"Drafted, deciding nothing yet: {drafted}." if drafted else "They are there already."
    )
    return redirect("dashboard:rule_packs")


@require_safe
@requires(Ability.READ)
def export(request: HttpRequest, engine: str) -> HttpResponse:
    if engine not in ENGINES:
        raise Http404
    answer = HttpResponse(exported_rules(engine), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{engine}-rules.yaml"'
    return answer
