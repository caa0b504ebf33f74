"""Customers as a list and one of them with recent risk."""

from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from alerts.models import Alert
from fraud_detection.models import Assessment
from users.models import Customer

RISK_DAYS = 90


def customers(text: str = "") -> QuerySet[Customer]:
    """All, or those whose id is the text or whose name or e-mail holds it."""
    if not text:
        return Customer.objects.all()
    return Customer.objects.filter(
        Q(external_id__istartswith=text) | Q(name__icontains=text) | Q(email__icontains=text)
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
