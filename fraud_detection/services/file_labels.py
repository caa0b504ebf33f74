"""Labels that files bring along: what an event was is known seven days after it happened."""

from datetime import datetime, timedelta

from django.db.models import F

from transactions.models import Label, LabelSource, Transaction, Verdict

LABEL_DELAY = timedelta(days=7)


def label_decided(verdicts: dict[int, bool], known_by: datetime | None = None) -> None:
    """Label the events of these assessments, once each, as known seven days after they happened.

    With `known_by`, only events whose label was known by then.
    """
    events = Transaction.objects.filter(assessments__in=verdicts, labels__isnull=True)
    if known_by is not None:
        events = events.filter(occurred_at__lte=known_by - LABEL_DELAY)
    Label.objects.bulk_create(
        Label(
            transaction=event,
            verdict=Verdict.FRAUD if verdicts[event.assessment_id] else Verdict.LEGITIMATE,
            source=LabelSource.IMPORT,
            known_at=event.occurred_at + LABEL_DELAY,
            fraud_delta=int(verdicts[event.assessment_id]),
            receiver_key=event.receiver_key,
            device_key=event.device_key,
            ip_key=event.ip_key,
            merchant_key=event.merchant_key,
        )
        for event in events.annotate(assessment_id=F("assessments__id"))
    )
