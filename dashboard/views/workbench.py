"""The workbench: one rule being written, checked as one types, with everything known of it beside."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import requires
from dashboard.rule_form import RuleForm
from dashboard.selectors import workbench
from dashboard.selectors.rules import rule_panels
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Rule
from fraud_detection.rules.spec import SEVERITIES, SUBJECTS
from fraud_detection.services.rulebook import DraftConflict, RuleRefused, compare, new_rule, save_draft
from fraud_detection.services.workbench.checking import check_definition
from fraud_detection.services.workbench.completion import completion
from fraud_detection.services.workbench.findings import Finding
from users.roles import Ability


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    return (_save if request.method == "POST" else _page)(request, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return (_make if request.method == "POST" else _blank)(request)


@require_POST
@requires(Ability.DRAFT_RULES)
def check(request: HttpRequest) -> HttpResponse:
    """What the page asks after every pause in typing; nothing is stored."""
    rule, engine = _asked(request)
    draft = workbench.draft_of(rule) if rule else None
    form = RuleForm.posted(request.POST, draft.definition if draft else {})
    checked = check_definition(engine, form.definition() | _code(rule), rule=rule)
    context = workbench.check_context(form, checked, draft.base if draft else None)
    parts = ("_english", "_warnings", "_changed", "_count")
    return JsonResponse(
        {
            "errors": [finding.as_data() for finding in context["errors"]],
            "names": checked.names,
            **{name: render_to_string(f"dashboard/rules/{name}.html", context) for name in parts},
        }
    )


@require_safe
@requires(Ability.READ)
def names(request: HttpRequest) -> HttpResponse:
    engine = request.GET.get("engine", "")
    if engine not in ENGINES:
        raise Http404("no such engine")
    return JsonResponse(completion(engine, again="again" in request.GET))


@requires(Ability.READ)
def _page(request: HttpRequest, pk: int) -> HttpResponse:
    draft = workbench.draft_of(get_object_or_404(Rule, pk=pk))
    return _shown(request, draft, RuleForm.of(draft.definition))


@requires(Ability.DRAFT_RULES)
def _save(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=pk)
    draft = workbench.draft_of(rule)
    form = RuleForm.posted(request.POST, draft.definition)
    if faults := form.faults():
        return _shown(request, draft, form, status=422, refused=faults)
    try:
        saved = save_draft(
            rule,
            form.definition(),
            seen=_number(request.POST["over"]) if "over" in request.POST else _seen(request),
            acting_user=request.user,
            request_id=request.request_id,
        )
    except DraftConflict as conflict:
        draft = workbench.draft_of(rule)
        return _shown(request, draft, form, status=409, conflict=conflict)
    except RuleRefused as refused:
        return _shown(request, draft, form, status=422, refused=_findings(refused))
    told = "Nothing was changed." if saved.revision == draft.seen else "Draft saved. It decides nothing yet."
    messages.success(request, told)
    return redirect("dashboard:rule", rule.pk)


@requires(Ability.DRAFT_RULES)
def _blank(request: HttpRequest) -> HttpResponse:
    engine = request.GET.get("engine", "")
    if engine not in ENGINES:
        return render(request, "dashboard/rules/engine.html", {"engines": list(ENGINES)})
    start = {"subject": ENGINES[engine].pack[0].subject, "severity": "medium"}
    return _shown_new(request, engine, RuleForm.of(start))


@requires(Ability.DRAFT_RULES)
def _make(request: HttpRequest) -> HttpResponse:
    _, engine = _asked(request)
    form = RuleForm.posted(request.POST, {})
    faults = form.faults()
    if not faults:
        try:
            made = new_rule(
                engine, form.definition(), acting_user=request.user, request_id=request.request_id
            )
        except RuleRefused as refused:
            faults = _findings(refused)
        else:
            messages.success(request, f"{made.rule} has a draft now. It decides nothing yet.")
            return redirect("dashboard:rule", made.rule_id)
    return _shown_new(request, engine, form, status=422, refused=faults)


def _shown(
    request: HttpRequest, draft: workbench.Draft, form: RuleForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    rule = draft.rule
    conflict = said.get("conflict")
    context = _parts(request, rule.engine, form, rule, draft.base) | {
        "rule": rule,
        "draft": draft,
        # Of a text that was not saved: what it was based on, or the next save would hide the conflict.
        "seen": _seen(request) if request.method == "POST" else draft.seen,
        "theirs": compare(draft.definition, form.definition()) if conflict else [],
        **rule_panels(rule, request),
        **said,
    }
    return render(request, "dashboard/rules/workbench.html", context, status=status)


def _shown_new(
    request: HttpRequest, engine: str, form: RuleForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    context = _parts(request, engine, form, None, None) | said
    return render(request, "dashboard/rules/workbench.html", context, status=status)


def _parts(request: HttpRequest, engine: str, form: RuleForm, rule: Rule | None, base: Any) -> dict[str, Any]:
    """What the editor needs, whether the rule exists yet or not."""
    checked = check_definition(engine, form.definition() | _code(rule), rule=rule)
    return {
        "engine": engine,
        "form": form.with_units(checked.units),
        "severities": SEVERITIES,
        "subjects": SUBJECTS,
        "may_write": request.user.can(Ability.DRAFT_RULES),
        **workbench.check_context(form, checked, base),
    }


def _asked(request: HttpRequest) -> tuple[Rule | None, str]:
    """The rule that is meant, or the engine of a new one."""
    if number := request.POST.get("rule", ""):
        rule = get_object_or_404(Rule, pk=_number(number))
        return rule, rule.engine
    engine = request.POST.get("engine", "")
    if engine not in ENGINES:
        raise Http404("no such engine")
    return None, engine


def _code(rule: Rule | None) -> dict[str, str]:
    return {"code": rule.code} if rule else {}


def _findings(refused: RuleRefused) -> list[Finding]:
    return [Finding(field, f"{field} {told}" if field else told) for field, told in refused.faults]


def _seen(request: HttpRequest) -> int:
    return _number(request.POST.get("seen", ""))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
