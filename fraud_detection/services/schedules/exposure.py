"""Which decisions a schedule scores again."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from alerts.models import AlertStatus, CaseStatus
from fraud_detection.models import Assessment, Decision, RuleHit, ScheduleKind, ScoringSchedule
from transactions.models import Label

CHUNK = 200
LINKS = ("transaction", "application", "claim", "market_event", "customer", "client")


def next_assessments(schedule: ScoringSchedule, at: datetime, after: int) -> list[Assessment]:
    """The next decisions by id that the schedule scores again, of those made before `at`."""
    found = Assessment.objects.filter(pk__gt=after, decided_at__lte=at, transaction__superseded_by=None)
    if schedule.kind == ScheduleKind.OPEN_EXPOSURE:
        found = _open(found)
    else:
        found = _reviews(found, at - timedelta(days=schedule.days))
    return list(found.select_related(*LINKS).prefetch_related("hits").order_by("pk")[:CHUNK])


def _open(found: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """With an alert that is open, or that stands in a case which is."""
    open_case = Q(alert__cases__isnull=False) & ~Q(alert__cases__status=CaseStatus.CLOSED)
    hits = RuleHit.objects.filter(Q(alert__status=AlertStatus.OPEN) | open_case, assessment=OuterRef("pk"))
    return found.filter(Exists(hits))


def _reviews(found: QuerySet[Assessment], since: datetime) -> QuerySet[Assessment]:
    """Put to review since then, and nobody has said yet what they were."""
    said = Label.objects.filter(transaction=OuterRef("transaction"))
    return found.filter(~Exists(said), decision=Decision.REVIEW, decided_at__gte=since)
