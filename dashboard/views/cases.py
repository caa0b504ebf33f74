"""Cases: the list, one case, a new one, and adding alerts to one from elsewhere."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.models import Case
from alerts.selectors.cases import TAB_NAMES, TABS, case_list, tab_counts
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.opening import add_alerts, open_case
from dashboard.access import requires
from dashboard.case_page import addable, case_context
from dashboard.keyset import page as keyset_page
from dashboard.selectors.cases import CaseListFilter, listed, named_alerts
from users.models import Customer
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    now, wanted = timezone.now(), CaseListFilter.read(request.GET)
    counts = tab_counts(request.user, now)
    context = {
        "filter": wanted,
        "page": keyset_page(listed(wanted, request.user, now), ("id",), request.GET.get("after", "")),
        "tabs": [(tab, TAB_NAMES[tab], counts.get(tab)) for tab in TABS],
        "severities": ("critical", "high", "medium", "low"),
        "now": now,
    }
    return render(request, "dashboard/cases/list.html", context)


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, pk)


def show(request: HttpRequest, pk: int, status: int = 200, **said: object) -> HttpResponse:
    """The page of a case; `said` is what was refused, and what was typed."""
    case = case_list().filter(pk=pk).first()
    if case is None:
        raise Http404
    context = case_context(case, request.user, timezone.now()) | {"addable": addable(case)} | said
    return render(request, "dashboard/cases/detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.WORK_ALERTS)
def new(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _open(request)
    return _form(request)


def _open(request: HttpRequest) -> HttpResponse:
    given = request.POST
    customer = Customer.objects.filter(external_id=_clean(given.get("customer", ""))).first()
    if given.get("customer") and customer is None:
        return _form(request, 422, refused="Customer: nobody is known by this id")
    try:
        case = open_case(
            title=given.get("title", ""),
            acting_user=request.user,
            customer=customer,
            alert_ids=[alert.pk for alert in named_alerts(given.get("alerts", ""))],
            assignee=request.user if given.get("mine") else None,
            severity=given.get("severity", ""),
            request_id=request.request_id,
        )
    except CaseConflict as conflict:
        return _form(request, 409, refused=str(conflict))
    except CaseRefused as refused:
        return _form(request, 422, refused=f"{refused.field}: {refused}")
    messages.success(request, f"{case} is open.")
    return redirect("dashboard:case", case.pk)


def _form(request: HttpRequest, status: int = 200, refused: str = "") -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    alerts = named_alerts(given.get("alerts", ""))
    customer = given.get("customer") or next((a.customer.external_id for a in alerts if a.customer), "")
    context = {
        "given": given,
        "alerts": alerts,
        "customer": _clean(customer),
        "title": given.get("title") or (alerts[0].reason if alerts else ""),
        "refused": refused,
        "severities": ("low", "medium", "high", "critical"),
    }
    return render(request, "dashboard/cases/new.html", context, status=status)


@require_POST
@requires(Ability.WORK_ALERTS)
def add(request: HttpRequest) -> HttpResponse:
    """Alerts, ticked or named, join the case that was chosen; without one a new case is begun."""
    ticked = [value.partition(":")[0] for value in request.POST.getlist("selected")]
    alerts = named_alerts(",".join([request.POST.get("alerts", ""), *ticked]))
    chosen = request.POST.get("case", "").upper().removeprefix("K-")
    names = ",".join(str(alert.pk) for alert in alerts)
    if not alerts:
        messages.error(request, "Nothing was added: choose at least one alert.")
        return redirect("dashboard:alerts")
    if not (chosen.isdecimal() and len(chosen) < 19):
        return redirect(f"/cases/new/?alerts={names}")
    case = Case.objects.filter(pk=int(chosen)).first()
    if case is None:
        raise Http404
    try:
        add_alerts(
            case_id=case.pk,
            alert_ids=[alert.pk for alert in alerts],
            acting_user=request.user,
            seen_version=case.version,
            request_id=request.request_id,
        )
    except CaseConflict as conflict:
        return show(request, case.pk, 409, conflict=str(conflict))
    except CaseRefused as refused:
        return show(request, case.pk, 422, refused=str(refused))
    messages.success(request, f"{len(alerts)} in {case} now.")
    return redirect("dashboard:case", case.pk)


def _clean(text: str) -> str:
    return text.strip()[:128].replace("\x00", "")
