"""Opening cases by hand, and adding alerts to them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from alerts.models import Alert, Case, CaseAlert, Severity
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.holding import changed, check_worker, clean_text, held_case, noted, tell
from users.models import Customer, User

DUE_IN = {
    Severity.CRITICAL: timedelta(days=1),
    Severity.HIGH: timedelta(days=3),
    Severity.MEDIUM: timedelta(days=7),
    Severity.LOW: timedelta(days=14),
}
MOST_ALERTS = 1_000  # in one case, and in one request


def open_case(
    *,
    title: str,
    acting_user: User,
    customer: Customer | None = None,
    alert_ids: Sequence[int] = (),
    assignee: User | None = None,
    due_at: datetime | None = None,
    severity: str = "",
    request_id: str = "",
) -> Case:
    """A new case, about a customer or made of alerts; the alerts' customer counts when none is given.

    Raises CaseRefused for bad input and CaseConflict when an alert belongs to another open case.
    """
    title = clean_text("title", title, 200)
    check_worker("assignee", assignee)
    if severity and severity not in Severity.values:
        raise CaseRefused("severity", f"must be one of {', '.join(Severity.values)}")
    with transaction.atomic():
        alerts = _alerts(alert_ids)
        customer = customer or next((alert.customer for alert in alerts if alert.customer_id), None)
        if customer is None and not alerts:
            raise CaseRefused("customer", "name a customer, or at least one alert")
        if customer:
            lock_customers([customer.pk])
        level = max([severity or Severity.LOW, *(alert.severity for alert in alerts)], key=rank)
        now = timezone.now()
        case = Case.objects.create(
            title=title,
            customer=customer,
            severity=level,
            assignee=assignee,
            engines=sorted({alert.engine for alert in alerts}),
            opened_at=now,
            due_at=due_at or now + DUE_IN[Severity(level)],
            opened_by=acting_user.email,
            changed_by=acting_user.email,
            changed_at=now,
        )
        _join(case, alerts, acting_user.email)
        after = {"alerts": [alert.pk for alert in alerts], "severity": level, "assignee": case.assignee_id}
        noted(case, acting_user.email, "case.opened", after=after, request_id=request_id)
        tell("case.created", case, "case.opened", acting_user.email)
    return case


def add_alerts(
    *, case_id: int, alert_ids: Sequence[int], acting_user: User, seen_version: int, request_id: str = ""
) -> Case:
    """Add alerts to an open case; those already in it are passed over.

    Raises CaseConflict when the case changed or an alert belongs to another open case: then none is added.
    """
    if not alert_ids:
        raise CaseRefused("alerts", "name at least one alert")
    with transaction.atomic():
        case = held_case(case_id, seen_version)
        inside = set(case.memberships.values_list("alert_id", flat=True))
        alerts = [alert for alert in _alerts(alert_ids) if alert.pk not in inside]
        if not alerts:
            return case
        if len(inside) + len(alerts) > MOST_ALERTS:
            raise CaseRefused("alerts", f"a case holds at most {MOST_ALERTS:,} alerts")
        _join(case, alerts, acting_user.email)
        recount(case)
        return changed(
            case,
            ("severity", "engines"),
            actor=acting_user.email,
            said=f"added {names_of(alerts)}",
            action="case.alerts_added",
            after={"alerts": [alert.pk for alert in alerts]},
            request_id=request_id,
        )


def recount(case: Case) -> None:
    """Set severity and engines from the alerts that a case has now; without any they stay."""
    found = list(case.alerts.values_list("severity", "engine"))
    if found:
        case.severity = max((severity for severity, _ in found), key=rank)
        case.engines = sorted({engine for _, engine in found})


def rank(severity: str) -> int:
    return Severity(severity).rank


def names_of(alerts: Collection[Alert]) -> str:
    """A-1, A-2 and 3 more."""
    shown = ", ".join(f"A-{alert.pk}" for alert in list(alerts)[:3])
    return f"{shown} and {len(alerts) - 3} more" if len(alerts) > 3 else shown


def lock_customers(customer_ids: Collection[int]) -> None:
    """Whoever opens cases of these customers waits for the others until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('case-customer:' || id, 0)) from "
            "(select unnest(%s::bigint[]) as id order by 1) as customers",
            [sorted(customer_ids)],
        )


def _alerts(alert_ids: Sequence[int]) -> list[Alert]:
    wanted = sorted(set(alert_ids))
    if len(wanted) > MOST_ALERTS:
        raise CaseRefused("alerts", f"at most {MOST_ALERTS:,} alerts at once")
    found = list(Alert.objects.filter(pk__in=wanted).select_related("customer").order_by("pk"))
    if len(found) != len(wanted):
        missing = next(pk for pk in wanted if pk not in {alert.pk for alert in found})
        raise CaseRefused("alerts", f"there is no alert A-{missing}")
    return found


def _join(case: Case, alerts: Sequence[Alert], by: str) -> None:
    """Put alerts into a case. A unique constraint decides between two who do so at once."""
    if not alerts:
        return
    rows = [CaseAlert(case=case, alert=alert, added_by=by) for alert in alerts]
    CaseAlert.objects.bulk_create(rows, ignore_conflicts=True)
    inside = set(case.memberships.filter(alert__in=alerts).values_list("alert_id", flat=True))
    for alert in alerts:
        if alert.pk not in inside:
            other = CaseAlert.objects.filter(alert=alert, held=True).first()
            where = f"belongs to {other.case}" if other else "was taken by another case meanwhile"
            raise CaseConflict(f"A-{alert.pk} {where}, which is open; no alert was added")
