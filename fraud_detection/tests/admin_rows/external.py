"""A prediction made elsewhere."""

from django.utils import timezone

from fraud_detection.models import ExternalPrediction
from users.models import ClientSystem


def make(user) -> None:
    ExternalPrediction.objects.create(
        client=ClientSystem.objects.first(),
        engine="payments",
        external_id="T-1",
        model_name="bureau-score",
        model_version="1",
        fraud_probability=0.5,
        occurred_at=timezone.now(),
        told_by=user.email,
        body_digest=b"0" * 16,
    )
