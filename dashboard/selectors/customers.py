"""Customers as a list and one of them with recent risk."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from alerts.models import Alert
from fraud_detection.models import Assessment, CustomerPrediction, ModelVersion
from fraud_detection.services.customers.reading import predictions_by
from logs.redacting import mask_cards
from users.models import Customer

RISK_DAYS = 90


class Listed(NamedTuple):
    """A customer of the list, with what the shown model says of it."""

    customer: Customer
    prediction: CustomerPrediction | None


def customers(text: str = "") -> QuerySet[Customer]:
    """All, or those whose id begins with the text or whose name or e-mail holds it."""
    return Customer.objects.filter(_holding(text))


def riskiest(
    version: ModelVersion | None, text: str = "", *, unpaid: bool | None = None
) -> QuerySet[CustomerPrediction]:
    """The same as predictions of a model, of one class or both."""
    return predictions_by(version, unpaid=unpaid).filter(_holding(text, "customer__"))


def with_predictions(rows: Sequence[Customer], version: ModelVersion | None) -> list[Listed]:
    """Rows of a page, each with its prediction when the model made one."""
    made = {p.customer_id: p for p in predictions_by(version).filter(customer__in=[row.pk for row in rows])}
    return [Listed(row, made.get(row.pk)) for row in rows]


def _holding(text: str, prefix: str = "") -> Q:
    if not text:
        return Q()
    text = mask_cards(text)  # people type full card numbers, tables hold masked ones
    return (
        Q(**{f"{prefix}external_id__istartswith": text})
        | Q(**{f"{prefix}name__icontains": text})
        | Q(**{f"{prefix}email__icontains": text})
    )


def decisions_of(customer: Customer) -> QuerySet[Assessment]:
    return customer.assessments.select_related("transaction").order_by("-id")


def alerts_of(customer: Customer) -> QuerySet[Alert]:
    return customer.alerts.select_related("resolved_by").order_by("-id")


def highest_by_day(customer: Customer, until: datetime) -> dict[str, list]:
    """Highest score of each local day of payment, 90 days; nothing on days without events."""
    zone = timezone.get_current_timezone()
    today = timezone.localdate(until)
    days = [today - timedelta(days=n) for n in reversed(range(RISK_DAYS))]
    rows = (
        customer.assessments.filter(transaction__occurred_at__gt=until - timedelta(days=RISK_DAYS))
        .order_by()
        .annotate(day=TruncDate("transaction__occurred_at", tzinfo=zone))
        .values_list("day")
        .annotate(Max("risk_score"))
    )
    highest = dict(rows)
    return {"days": [f"{day:%-d %b}" for day in days], "scores": [highest.get(day) for day in days]}
