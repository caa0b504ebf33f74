"""A person's word on a decision that a customer asked about."""

from django.db import transaction
from django.utils import timezone

from fraud_detection.models import Decision, ReviewRequest, ReviewState
from fraud_detection.services.reviews.errors import ReviewConflict, ReviewRefused, clean
from logs.services import record
from transactions.models import LabelSource, Verdict
from transactions.services import record_labels
from users.models import User

OUTCOMES = (ReviewState.UPHELD, ReviewState.OVERTURNED)
LONGEST = 4_000


@transaction.atomic
def resolve_review(
    *, review_id: int, outcome: str, note: str, acting_user: User, request_id: str = ""
) -> ReviewRequest:
    """Settle an open request; whoever overturns a stopped payment labels it legitimate by that.

    The decision itself is a record and stays. Raises ReviewRefused, ReviewConflict when it is settled
    already, ReviewRequest.DoesNotExist.
    """
    if outcome not in OUTCOMES:
        raise ReviewRefused("outcome", f"is not one of {', '.join(OUTCOMES)}")
    note, now = clean("note", note, LONGEST), timezone.now()
    held = ReviewRequest.objects.select_for_update(of=("self",)).select_related("resolved_by", "assessment")
    review = held.get(pk=review_id)
    if review.state != ReviewState.OPEN:
        when = timezone.localtime(review.resolved_at).strftime("%Y-%m-%d %H:%M")
        raise ReviewConflict(f"{review.resolved_by} settled it as {review.state} at {when}")
    review.state, review.note, review.resolved_by, review.resolved_at = outcome, note, acting_user, now
    review.save(update_fields=["state", "note", "resolved_by", "resolved_at"])
    if outcome == ReviewState.OVERTURNED:
        _label(review, acting_user)
    record(
        "review.resolved",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="review_request",
        subject=str(review.pk),
        before={"state": ReviewState.OPEN},
        after={"state": outcome, "assessment": review.assessment_id},
        request_id=request_id,
    )
    return review


def _label(review: ReviewRequest, acting_user: User) -> None:
    decided = review.assessment
    if decided.transaction_id is None or decided.decision == Decision.APPROVE:
        return
    record_labels(
        [decided.transaction_id],
        verdict=Verdict.LEGITIMATE,
        source=LabelSource.ANALYST,
        reason=f"review {review.pk} overturned the decision",
        known_at=review.resolved_at,
        recorded_by=acting_user.email,
    )
