"""Duties to keep that stand against erasing a customer, or against forgetting in time.

A suspicious-activity report is never named: whoever asks could tell the customer (tipping off). It counts
as records that the law says to keep.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from alerts.models import Case, CaseReport, CaseStatus
from alerts.models.case_report import ReportState
from fraud_detection.models import Assessment
from users.models import Customer

KEPT_BY_LAW = "records about this customer must be kept by law"


def holds_on(customer: Customer, now: datetime) -> list[str]:
    """Sentences that say why the customer cannot be erased now; none: nothing stands against it."""
    return [
        *_open_cases(customer),
        *([KEPT_BY_LAW] if reported(customer.pk, now) or _recent(customer, now) else []),
    ]


def reported(customer_id: int, now: datetime) -> bool:
    """Whether a report is being written about the customer, or one was filed that must still be kept."""
    return CaseReport.objects.filter(standing_reports(now), _of_customer(customer_id)).exists()


def standing_reports(now: datetime, prefix: str = "") -> Q:
    """Reports that hold what they are about."""
    kept = now - timedelta(days=settings.REPORT_KEEP_DAYS)
    filed = Q(**{f"{prefix}state": ReportState.FILED, f"{prefix}settled_at__gte": kept})
    return Q(**{f"{prefix}state": ReportState.DRAFT}) | filed


def _of_customer(customer_id: int) -> Q:
    return Q(case__customer=customer_id) | Q(case__alerts__customer=customer_id)


def _open_cases(customer: Customer) -> list[str]:
    mine = Q(customer=customer) | Q(alerts__customer=customer)
    open_ones = Case.objects.filter(mine).exclude(status=CaseStatus.CLOSED).distinct().order_by("pk")
    names = ", ".join(map(str, open_ones[:5]))
    return [f"an investigation is open ({names}); close it first"] if names else []


def _recent(customer: Customer, now: datetime) -> bool:
    """Whether the newest decision is younger than ERASURE_KEEP_DAYS."""
    if not settings.ERASURE_KEEP_DAYS:
        return False
    since = now - timedelta(days=settings.ERASURE_KEEP_DAYS)
    return Assessment.objects.filter(customer=customer, decided_at__gte=since).exists()
