"""Suspicious-activity reports. Nothing here touches the case, its history or its messages: those who may
not know of a report must not see that anything changed."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from alerts.models import Case, CaseReport, OutboxMessage, ReportState
from alerts.models.case_report import AUDIT_SUBJECT, due_date
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.holding import clean_text
from logs.services import record
from users.models import User
from users.roles import Ability

TOPIC = "report.due"
REMIND_BEFORE = timedelta(days=7)


def start_report(
    *,
    case_id: int,
    acting_user: User,
    determined_on: date,
    suspect_identified: bool,
    request_id: str = "",
) -> CaseReport:
    """Start the clock of a report. Raises CaseConflict while a draft exists, CaseRefused for a wrong date."""
    _check_day(determined_on)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        if draft := case.reports.filter(state=ReportState.DRAFT).first():
            raise CaseConflict(f"{case} has a draft already, {draft}, of {draft.created_by}")
        report = CaseReport.objects.create(
            case=case,
            determined_on=determined_on,
            suspect_identified=suspect_identified,
            due_on=due_date(determined_on, suspect_identified),
            created_by=acting_user.email,
            changed_by=acting_user.email,
        )
        _note(report, "report.started", acting_user, request_id, {"due_on": report.due_on.isoformat()})
    return report


def edit_report(
    *,
    report_id: int,
    acting_user: User,
    seen_version: int,
    text: str | None = None,
    determined_on: date | None = None,
    suspect_identified: bool | None = None,
    request_id: str = "",
) -> CaseReport:
    """Change a draft; what is None stays. Raises CaseConflict when it changed or is settled."""
    with transaction.atomic():
        report = _held(report_id, seen_version)
        if text is not None:
            report.text = clean_text("text", text, 50_000, required=False)
        if determined_on is not None:
            _check_day(determined_on)
            report.determined_on = determined_on
        if suspect_identified is not None:
            report.suspect_identified = suspect_identified
        report.due_on = due_date(report.determined_on, report.suspect_identified)
        fields = ("text", "determined_on", "suspect_identified", "due_on")
        return _save(report, fields, "report.edited", acting_user, request_id)


def file_report(
    *, report_id: int, acting_user: User, reference: str, seen_version: int, request_id: str = ""
) -> CaseReport:
    """Mark a report as filed under the reference that the authority gave."""
    reference = clean_text("reference", reference, 100)
    with transaction.atomic():
        report = _held(report_id, seen_version)
        report.state, report.reference = ReportState.FILED, reference
        report.settled_at = timezone.now()
        return _save(report, ("state", "reference", "settled_at"), "report.filed", acting_user, request_id)


def dismiss_report(
    *, report_id: int, acting_user: User, reason: str, seen_version: int, request_id: str = ""
) -> CaseReport:
    """Decide that no report is required, with the reason."""
    reason = clean_text("reason", reason, 4000)
    with transaction.atomic():
        report = _held(report_id, seen_version)
        report.state, report.reason, report.settled_at = ReportState.NOT_REQUIRED, reason, timezone.now()
        return _save(
            report, ("state", "reason", "settled_at"), "report.not_required", acting_user, request_id
        )


def remind_of_reports(today: date) -> int:
    """One message a day for each draft that is due within a week or overdue; returns how many.

    The message names those who may read reports: nobody else may be told.
    """
    readers = [user.pk for user in User.objects.filter(is_active=True) if user.can(Ability.READ_REPORTS)]
    with transaction.atomic():
        due = CaseReport.objects.filter(state=ReportState.DRAFT, due_on__lte=today + REMIND_BEFORE)
        fresh = due.exclude(reminded_on=today).select_for_update(skip_locked=True)
        reports = list(fresh.order_by("pk")) if readers else []
        OutboxMessage.objects.bulk_create(
            OutboxMessage(topic=TOPIC, payload=_reminder(report, readers)) for report in reports
        )
        CaseReport.objects.filter(pk__in=[report.pk for report in reports]).update(reminded_on=today)
    return len(reports)


def _reminder(report: CaseReport, readers: list[int]) -> dict:
    return {
        "report_id": report.pk,
        "case_id": report.case_id,
        "due_on": report.due_on.isoformat(),
        "user_ids": readers,
    }


def _check_day(day: date) -> None:
    if not date(2000, 1, 1) <= day <= timezone.localdate():
        raise CaseRefused("determined_on", "must be a day from 2000 until today")


def _held(report_id: int, seen_version: int) -> CaseReport:
    report = CaseReport.objects.select_for_update().get(pk=report_id)
    if report.version != seen_version or report.state != ReportState.DRAFT:
        when = timezone.localtime(report.changed_at).strftime("%H:%M:%S")
        state = report.get_state_display().lower()
        raise CaseConflict(f"{report.changed_by} changed the report at {when}; it is {state}")
    return report


def _save(
    report: CaseReport, fields: tuple[str, ...], action: str, user: User, request_id: str
) -> CaseReport:
    report.version += 1
    report.changed_by, report.changed_at = user.email, timezone.now()
    report.save(update_fields=(*fields, "version", "changed_by", "changed_at"))
    _note(report, action, user, request_id, {"state": report.state, "due_on": report.due_on.isoformat()})
    return report


def _note(report: CaseReport, action: str, user: User, request_id: str, after: dict) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind=AUDIT_SUBJECT,
        subject=str(report.pk),
        after={"case": report.case_id, **after},
        request_id=request_id,
    )
