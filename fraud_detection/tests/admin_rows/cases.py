"""A case with everything in it, and a case rule."""

from django.utils import timezone

from alerts.models import Alert, CaseFile, CaseRule
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.narrating import write_narrative
from alerts.services.cases.opening import open_case
from alerts.services.cases.reporting import start_report
from alerts.services.cases.tasking import add_task


def make(user) -> None:
    alert = Alert.objects.filter(memberships__isnull=True).order_by("pk").first()
    case = open_case(title="Ring", acting_user=user, alert_ids=[alert.pk])
    add_task(case_id=case.pk, acting_user=user, title="call")
    comment_on_case(case_id=case.pk, acting_user=user, text="called")
    write_narrative(case_id=case.pk, acting_user=user, fields={"who": "Claire"}, seen_number=0)
    start_report(
        case_id=case.pk, acting_user=user, determined_on=timezone.localdate(), suspect_identified=True
    )
    CaseFile.objects.create(
        case=case, name="a.pdf", content_type="application/pdf", size=1, sha256="0" * 64, stored="0" * 40
    )
    CaseRule.objects.create(name="grave")
