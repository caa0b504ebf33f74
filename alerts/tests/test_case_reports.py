"""Suspicious-activity reports: the clock, the states, and no trace of them where the case can be read."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from alerts.models import CaseReport, OutboxMessage
from alerts.selectors.cases import case_history
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.merging import merge_cases
from alerts.services.cases.opening import open_case
from alerts.services.cases.reporting import (
    dismiss_report,
    edit_report,
    file_report,
    remind_of_reports,
    start_report,
)
from logs.models import AuditEvent
from users.models import Customer

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture
def case(db, analyst):
    customer = Customer.objects.create(external_id="C-1")
    return open_case(title="Ring", acting_user=analyst, customer=customer)


@pytest.fixture
def report(case, admin):
    return start_report(case_id=case.pk, acting_user=admin, determined_on=DAY, suspect_identified=True)


def test_the_clock_runs_30_days_or_60_without_a_suspect(report, admin):
    assert (report.due_on, report.state) == (date(2026, 4, 1), "draft")
    changed = edit_report(report_id=report.pk, acting_user=admin, seen_version=1, suspect_identified=False)
    assert (changed.due_on, changed.version) == (date(2026, 5, 1), 2)


@pytest.mark.parametrize("day", [date(1999, 12, 31), timezone.localdate() + timedelta(days=2)])
def test_a_wrong_day_starts_no_clock(case, admin, day):
    with pytest.raises(CaseRefused):
        start_report(case_id=case.pk, acting_user=admin, determined_on=day, suspect_identified=True)
    assert not CaseReport.objects.exists()


def test_a_report_is_filed_once_under_a_reference(report, admin, person):
    with pytest.raises(CaseRefused):
        file_report(report_id=report.pk, acting_user=admin, reference=" ", seen_version=1)
    filed = file_report(report_id=report.pk, acting_user=admin, reference="FIU-7", seen_version=1)
    assert (filed.state, filed.reference, filed.settled_at is None) == ("filed", "FIU-7", False)
    with pytest.raises(CaseConflict, match="it is filed"):
        dismiss_report(report_id=report.pk, acting_user=person("admin"), reason="x", seen_version=2)


def test_one_draft_at_a_time(report, case, admin):
    with pytest.raises(CaseConflict, match="has a draft already"):
        start_report(case_id=case.pk, acting_user=admin, determined_on=DAY, suspect_identified=True)
    dismiss_report(report_id=report.pk, acting_user=admin, reason="salary", seen_version=1)
    start_report(case_id=case.pk, acting_user=admin, determined_on=DAY, suspect_identified=True)
    assert sorted(CaseReport.objects.values_list("state", flat=True)) == ["draft", "not_required"]


def test_the_case_shows_no_trace_of_it(case, admin, analyst):
    case.refresh_from_db()
    row = type(case).objects.values().get()
    told = list(OutboxMessage.objects.values_list("pk", flat=True))
    report = start_report(case_id=case.pk, acting_user=admin, determined_on=DAY, suspect_identified=True)
    edit_report(report_id=report.pk, acting_user=admin, seen_version=1, text="structuring")
    file_report(report_id=report.pk, acting_user=admin, reference="FIU-7", seen_version=2)
    assert type(case).objects.values().get() == row
    assert list(OutboxMessage.objects.values_list("pk", flat=True)) == told
    assert [step.action for step in case_history(case, reports=False)] == ["case.opened"]
    assert [step.action for step in case_history(case, reports=True)] == [
        *("report.filed", "report.edited", "report.started", "case.opened")
    ]
    assert not AuditEvent.objects.filter(subject_kind="case", action__startswith="report").exists()


def test_a_merge_takes_reports_along_without_counting_them(case, report, admin, analyst):
    target = open_case(title="Other", acting_user=analyst, customer=case.customer)
    merge_cases(case_id=case.pk, into_id=target.pk, acting_user=analyst, seen_version=1, into_seen_version=1)
    report.refresh_from_db()
    assert report.case == target
    after = AuditEvent.objects.get(action="case.merged").after
    assert after == {"into": target.pk, "alerts": 0, "comments": 0, "tasks": 0, "files": 0}


@pytest.mark.parametrize(
    ("today", "due"), [(date(2026, 3, 24), 0), (date(2026, 3, 25), 1), (date(2026, 4, 9), 1)]
)
def test_reminders_name_only_those_who_may_know(report, admin, auditor, analyst, today, due):
    assert remind_of_reports(today) == due
    assert remind_of_reports(today) == 0
    messages = OutboxMessage.objects.filter(topic="report.due").values_list("payload", flat=True)
    assert [sorted(payload["user_ids"]) for payload in messages] == [sorted([admin.pk, auditor.pk])] * due
    assert remind_of_reports(today + timedelta(days=1)) == (1 if today >= date(2026, 3, 24) else 0)
