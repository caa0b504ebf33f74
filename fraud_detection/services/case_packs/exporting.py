"""Handing out evidence packs; each one is written down in the case's history first."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from alerts.models import Case
from alerts.models.case_report import AUDIT_SUBJECT
from alerts.selectors.cases import case_reports
from fraud_detection.services.case_packs.archive import archived
from fraud_detection.services.case_packs.contents import members
from fraud_detection.services.case_packs.document import document
from logs.services import record
from users.models import User
from users.roles import Ability

FORMATS = {"zip": "application/zip", "pdf": "application/pdf"}


def export_case(*, case: Case, acting_user: User, format: str, request_id: str = "") -> Iterator[bytes]:
    """The pack in parts; reports are in it only for people who may read them.

    `case` is one of `alerts.selectors.cases.case_list`.
    """
    if format not in FORMATS:
        raise ValueError(f"format: one of {', '.join(FORMATS)}")
    reports = acting_user.can(Ability.READ_REPORTS)
    at = timezone.now()
    _note(case, acting_user, format, reports, request_id)
    if format == "pdf":
        return iter([document(case, reports=reports, exported_by=acting_user.email, at=at)])
    return archived(members(case, reports=reports, exported_by=acting_user.email, at=at), _about(case, at))


def _about(case: Case, at: datetime) -> dict[str, str]:
    return {"case": str(case), "exported_at": at.isoformat()}


def _note(case: Case, user: User, format: str, reports: bool, request_id: str) -> None:
    """That a pack was taken out; that it holds reports stands with the reports."""
    told = {"actor_kind": "user", "actor": user.email, "request_id": request_id}
    record("case.exported", subject_kind="case", subject=str(case.pk), after={"format": format}, **told)
    for report in case_reports(case) if reports else ():
        after = {"case": case.pk, "format": format}
        record("report.exported", subject_kind=AUDIT_SUBJECT, subject=str(report.pk), after=after, **told)
