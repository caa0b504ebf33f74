"""The people and businesses that are watched."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.keyset import page as keyset_page
from dashboard.reading import note_read
from dashboard.selectors import customers
from dashboard.selectors.alert import timeline_of, usual_of
from fraud_detection.services.customers.reading import exported, predictions_of, shown_model
from users.models import Customer
from users.roles import Ability

LATEST = 20
CLASSES = {"unpaid": True, "paid": False}


@dataclass(frozen=True)
class Wanted:
    """What the list is asked for; predictions of a class, or by risk, leave out who has none."""

    q: str
    unpaid: str
    sort: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Wanted":
        text = request.GET.get("q", "").strip()[:128].replace("\x00", "")
        named = request.GET.get("class", "")
        sort = "risk" if request.GET.get("sort") == "risk" else ""
        return cls(text, named if named in CLASSES else "", sort)

    @property
    def ranked(self) -> bool:
        return bool(self.unpaid or self.sort)

    @property
    def address(self) -> str:
        given = {"q": self.q, "class": self.unpaid, "sort": self.sort}
        return urlencode({name: value for name, value in given.items() if value})


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    wanted = Wanted.of(request)
    version = shown_model()
    if wanted.ranked:
        found = customers.riskiest(version, wanted.q, unpaid=CLASSES.get(wanted.unpaid))
        page = keyset_page(found, ("probability", "customer_id"), request.GET.get("after", ""))
        rows = [customers.Listed(prediction.customer, prediction) for prediction in page.rows]
    else:
        page = keyset_page(customers.customers(wanted.q), ("id",), request.GET.get("after", ""))
        rows = customers.with_predictions(page.rows, version)
    context = {"wanted": wanted, "page": page, "rows": rows, "model": version}
    return render(request, "dashboard/customers/list.html", context)


@require_safe
@requires(Ability.READ)
def export(request: HttpRequest) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(
        exported(unpaid=CLASSES.get(request.GET.get("class", ""))), content_type="text/csv; charset=utf-8"
    )
    name = f"customer-predictions-{timezone.localdate()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    customer, now = get_object_or_404(Customer, pk=pk), timezone.now()
    timeline = timeline_of(customer, now)
    month = [t for t in timeline if t.occurred_at > now - timedelta(days=30)]
    risk = customers.highest_by_day(customer, now)
    context = {
        "customer": customer,
        "prediction": predictions_of(customer).filter(model=shown_model()).first(),
        "predictions": predictions_of(customer)[:LATEST],
        "usual": usual_of([t.amount_minor for t in timeline]),
        "month_count": len(month),
        "month_amount": sum(t.amount_minor for t in month),
        "highest": max((score for score in risk["scores"] if score is not None), default=None),
        "risk": risk,
        "decisions": customers.decisions_of(customer)[:LATEST],
        "alerts": list(customers.alerts_of(customer)[:LATEST]),
        "open_alerts": customer.alerts.filter(status="open").count(),
        "alert_count": customer.alerts.count(),
    }
    note_read(request, customer, "page")
    return render(request, "dashboard/customers/detail.html", context)
