from django.utils import timezone

from logs.models import ApiCall, AuditCheckpoint, PersonalRead, SystemEvent
from logs.services import record
from logs.services.chain.sealing import seal_events
from logs.services.personal import guarded


def make(user) -> None:
    now = timezone.now()
    ApiCall.objects.create(
        at=now, method="GET", route="alerts/", path="/api/v1/alerts/", status=200, latency_us=900,
        request_id="r" * 32, bytes_in=0, bytes_out=2,
    )  # fmt: skip
    SystemEvent.objects.create(kind="process.started", component="web", text="started")
    PersonalRead.objects.create(actor=user.email, subject_kind="customer", subject="1", at=now)
    guarded([{"note": "called"}], [1])
    record("test.done", actor_kind="user", actor=user.email, subject_kind="user", subject=str(user.pk))
    (seal, *_) = seal_events(patience=0)
    AuditCheckpoint.objects.create(
        seal=seal, last_id=seal.last_id, events=seal.events, before=now, made_at=now
    )
