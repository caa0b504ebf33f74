"""A review that a customer asked for, an erasure, a key of the audit trail."""

from fraud_detection.models import Assessment, ErasureRequest
from fraud_detection.services.reviews import request_review
from logs.services import record
from users.models import Customer


def make(user) -> None:
    request_review(
        assessment_id=Assessment.objects.first().pk, reason="It was me", actor_kind="user", actor=user.email
    )
    ErasureRequest.objects.create(customer=Customer.objects.first(), reason="asked", asked_by=user.email)
    record(
        "customer.renamed", actor_kind="user", actor="ana", subject_kind="customer", subject="1",
        after={"name": "Ana"}, about=1,
    )  # fmt: skip
