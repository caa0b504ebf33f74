"""Writing a customer's wish down, and putting it before the people who work alerts."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, Severity
from alerts.services.raising import Suspicion, raise_alerts
from fraud_detection.models import Assessment, ReviewRequest, ReviewState
from fraud_detection.services.reviews.errors import clean
from logs.services import record

FAMILY = RULE = "human_review"
LONGEST = 2_000


@transaction.atomic
def request_review(
    *, assessment_id: int, reason: str, actor_kind: str, actor: str, request_id: str = ""
) -> tuple[ReviewRequest, bool]:
    """The open request about a decision, made unless there is one; (request, whether it is new).

    Raises ReviewRefused for a reason that cannot be stored and Assessment.DoesNotExist.
    """
    reason, now = clean("reason", reason, LONGEST), timezone.now()
    held = Assessment.objects.select_for_update(of=("self",)).select_related("customer")
    assessment = held.get(pk=assessment_id)
    known = ReviewRequest.objects.filter(assessment=assessment, state=ReviewState.OPEN).first()
    if known is not None:
        return known, False
    made = ReviewRequest.objects.create(
        assessment=assessment,
        customer=assessment.customer,
        alert=_raised(assessment, now),
        reason=reason,
        asked_kind=actor_kind,
        asked_by=actor[:150],
        asked_at=now,
        due_at=now + timedelta(days=settings.REVIEW_DUE_DAYS),
    )
    record(
        "review.requested",
        actor_kind=actor_kind,
        actor=actor,
        subject_kind="review_request",
        subject=str(made.pk),
        after={"assessment": assessment.pk, "alert": made.alert_id, "due_at": made.due_at.isoformat()},
        request_id=request_id,
    )
    return made, True


def _raised(assessment: Assessment, now: datetime) -> Alert | None:
    """The customer's open alert about reviews: raising it tells endpoints and people as any other."""
    if assessment.customer is None:
        return None
    suspicion = Suspicion(
        engine=assessment.engine,
        family=FAMILY,
        subject_kind="customer",
        subject=assessment.customer.external_id,
        customer_id=assessment.customer_id,
        severity=Severity.MEDIUM,
        risk_score=assessment.risk_score,
        amount_minor=assessment.amount_minor,
        rule=RULE,
        reason=f"The customer asks that a person looks at decision {assessment.pk}.",
        hits=1,
    )
    return Alert.objects.get(pk=raise_alerts([suspicion], at=now)[0])
