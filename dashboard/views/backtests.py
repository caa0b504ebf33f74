"""Backtests of rules: the panel of a rule, one backtest, its hits, and trying a text on one event."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import requires
from dashboard.backtest_form import terms_posted
from dashboard.keyset import page
from dashboard.selectors.backtests import Panel, backtest_panel, shown
from dashboard.selectors.trials import Trial, trial_of
from fraud_detection.models import Backtest, BacktestState, Rule, RuleDraft
from fraud_detection.services.backtesting import (
    BacktestEnded,
    BacktestRefused,
    TooManyBacktests,
    cancel_backtest,
    hits_csv,
    start_backtest,
)
from fraud_detection.services.backtesting.wordings import NoSuchWording, wording_of
from fraud_detection.services.workbench.accepting import DefinitionRefused
from users.roles import Ability

STATUS = {TooManyBacktests: 429, NoSuchWording: 409}


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    found = Backtest.objects.select_related("rule").defer("result", "hits", "definition")
    listed = page(found, ("id",), request.GET.get("after", ""))
    return render(request, "dashboard/backtests/list.html", {"page": listed})


@require_http_methods(["GET", "HEAD", "POST"])
def of_rule(request: HttpRequest, pk: int) -> HttpResponse:
    return (_start if request.method == "POST" else _panel)(request, pk)


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    backtest = get_object_or_404(Backtest.objects.select_related("rule").defer("hits"), pk=pk)
    context = {
        "backtest": backtest,
        "shown": shown(backtest) if backtest.state == BacktestState.DONE else None,
    }
    fragment = "dashboard/backtests/_one.html" if request.htmx else "dashboard/backtests/detail.html"
    return render(request, fragment, context)


@require_POST
@requires(Ability.DRAFT_RULES)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    backtest = get_object_or_404(Backtest.objects.select_related("rule").defer("hits", "result"), pk=pk)
    try:
        cancel_backtest(backtest_id=pk, acting_user=request.user, request_id=request.request_id)
    except BacktestEnded as ended:
        messages.error(request, str(ended).capitalize() + ".")
    else:
        messages.success(request, "The backtest is cancelled.")
    if request.htmx and backtest.rule is not None:
        return _panel_of(request, backtest.rule)
    return redirect("dashboard:backtest", pk)


@require_safe
@requires(Ability.READ)
def hits(request: HttpRequest, pk: int) -> HttpResponse:
    backtest = get_object_or_404(Backtest, pk=pk)
    answer = StreamingHttpResponse(hits_csv(backtest), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="backtest-{backtest.pk}-hits.csv"'
    return answer


@require_safe
@requires(Ability.READ)
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """The text of a rule on one stored event; ?event= is the client's own id, or #id of a decision."""
    rule = get_object_or_404(Rule, pk=pk)
    tried: Trial = trial_of(rule, request.GET.get("event", "").strip())
    fragment = "dashboard/backtests/_trial.html" if request.htmx else "dashboard/backtests/trial.html"
    return render(request, fragment, {"rule": rule, "trial": tried})


@requires(Ability.READ)
def _panel(request: HttpRequest, pk: int) -> HttpResponse:
    return _panel_of(request, get_object_or_404(Rule, pk=pk))


@requires(Ability.DRAFT_RULES)
def _start(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=pk)
    try:
        draft = RuleDraft.objects.filter(rule=rule).exists()
        wording = wording_of(rule, "draft" if draft else "active")
        start_backtest(
            definition=wording.definition,
            engine=rule.engine,
            terms=terms_posted(request.POST),
            acting_user=request.user,
            rule=rule,
            wording_saved_at=wording.saved_at,
            request_id=request.request_id,
        )
    except BacktestRefused as refused:
        problem = f"{refused.field.replace('_', ' ').capitalize()} {refused.message}."
        return _panel_of(request, rule, problem=problem, status=422)
    except DefinitionRefused as refused:
        return _panel_of(request, rule, problem=f"The text does not hold yet: {refused}.", status=422)
    except (TooManyBacktests, NoSuchWording) as refused:
        problem = str(refused)
        return _panel_of(
            request, rule, problem=problem[0].upper() + problem[1:] + ".", status=STATUS[type(refused)]
        )
    if request.htmx:
        return _panel_of(request, rule)
    return redirect("dashboard:rule_backtest", pk)


def _panel_of(request: HttpRequest, rule: Rule, *, problem: str = "", status: int = 200) -> HttpResponse:
    draft = RuleDraft.objects.filter(rule=rule).first()
    posted = request.POST if problem else None
    panel: Panel = backtest_panel(rule, draft, request.user, posted=posted, problem=problem)
    fragment = "dashboard/backtests/_panel.html" if request.htmx else "dashboard/backtests/rule.html"
    # htmx swaps nothing of an answer that is an error, so the page would not say what was wrong
    return render(request, fragment, {"panel": panel, "rule": rule}, status=200 if request.htmx else status)
