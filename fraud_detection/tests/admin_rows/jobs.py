from django.utils import timezone

from fraud_detection.models import Assessment, BatchJob, JobChunk, Rescoring, ScheduleRun, ScoringSchedule
from users.services import client_system


def make(user) -> None:
    job = BatchJob.objects.create(
        engine="payments",
        filename="day.csv",
        source="upload",
        folder="0" * 40,
        client=client_system("files"),
        chunk_rows=10,
        created_by=user.email,
    )
    JobChunk.objects.create(job=job, number=0, assessments_before=0)
    schedule = ScoringSchedule.objects.create(
        name="each night", kind="open_exposure", cron="0 2 * * *", created_by=user.email
    )
    run = ScheduleRun.objects.create(schedule=schedule, due_at=timezone.now())
    Rescoring.objects.create(
        run=run,
        assessment=Assessment.objects.order_by("id").first(),
        scored_at=timezone.now(),
        before_score=1,
        before_decision="approve",
        risk_score=2,
        risk_level="low",
        decision="approve",
    )
