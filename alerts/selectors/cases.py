"""Reading cases: lists, tabs, history. Nothing here tells of a report; `case_reports` is for who may know."""

from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from alerts.models import Alert, Case, CaseAlert, CaseReport, CaseStatus
from alerts.models.case_report import AUDIT_SUBJECT
from logs.models import AuditEvent
from logs.redacting import mask_cards
from users.models import Customer, User

TABS = ("open", "mine", "escalated", "waiting", "overdue", "closed")
TAB_NAMES = {
    "open": "All open",
    "mine": "Mine",
    "escalated": "Escalated",
    "waiting": "Waiting",
    "overdue": "Overdue",
    "closed": "Closed",
}


def case_list() -> QuerySet[Case]:
    """Every case with the people it names, newest first; `alert_count` and `amount_minor` of its alerts."""
    inside = CaseAlert.objects.filter(case=OuterRef("pk")).order_by().values("case")
    amount = inside.annotate(total=Sum("alert__amount_minor")).values("total")
    number = inside.annotate(n=Count("id")).values("n")
    return (
        Case.objects.select_related("customer", "assignee", "closed_by", "proposed_by", "merged_into")
        .annotate(
            alert_count=Coalesce(Subquery(number), 0),
            amount_minor=Coalesce(Subquery(amount), 0),
        )
        .order_by("-id")
    )


def tab_condition(tab: str, user: User, now: datetime) -> Q:
    unclosed = ~Q(status=CaseStatus.CLOSED)
    return {
        "open": unclosed,
        "mine": unclosed & Q(assignee=user),
        "escalated": Q(status=CaseStatus.ESCALATED),
        "waiting": Q(status=CaseStatus.WAITING),
        "overdue": unclosed & Q(due_at__lt=now),
        "closed": Q(status=CaseStatus.CLOSED),
        "all": Q(),
    }[tab]


def tab_counts(user: User, now: datetime) -> dict[str, int]:
    """How many cases each tab of open ones holds; closed ones are not counted."""
    tabs = [tab for tab in TABS if tab != "closed"]
    counted = {tab: Count("id", filter=tab_condition(tab, user, now)) for tab in tabs}
    return Case.objects.exclude(status=CaseStatus.CLOSED).aggregate(**counted)


def found_by_text(found: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Cases by number (K-12), title, or the customer's name or id."""
    number = text.upper().removeprefix("K-")
    text = mask_cards(text)
    wanted = Q(title__icontains=text) | Q(customer__name__icontains=text) | Q(customer__external_id=text)
    if number.isdecimal() and len(number) < 19:
        wanted |= Q(pk=int(number))
    return found.filter(wanted)


def open_count() -> int:
    return Case.objects.exclude(status=CaseStatus.CLOSED).count()


def open_cases_of(customer: Customer | None) -> QuerySet[Case]:
    """The customer's open cases, newest first; none for nobody."""
    return Case.objects.filter(customer=customer, customer__isnull=False).exclude(status=CaseStatus.CLOSED)


def case_of(alert: Alert) -> Case | None:
    """The open case that holds an alert, else the newest one that it was in."""
    membership = alert.memberships.select_related("case").order_by("-held", "-id").first()
    return membership.case if membership else None


def held_elsewhere(alerts: list[Alert]) -> dict[int, Case]:
    """By alert id, the open case that holds it."""
    rows = CaseAlert.objects.filter(alert__in=alerts, held=True).select_related("case")
    return {row.alert_id: row.case for row in rows}


def alerts_of(case: Case) -> QuerySet[CaseAlert]:
    """The alerts of a case, the riskiest first."""
    return case.memberships.select_related("alert", "alert__assignee", "alert__customer").order_by(
        "alert__status", "-alert__risk_score", "-alert_id"
    )


def case_reports(case: Case) -> QuerySet[CaseReport]:
    """Reports of a case, newest first: only for people with Ability.READ_REPORTS."""
    return case.reports.order_by("-id")


def case_history(case: Case, *, reports: bool) -> QuerySet[AuditEvent]:
    """Every deed done to a case and to those merged into it, newest first.

    `reports` adds what was done to its reports: only for people with Ability.READ_REPORTS.
    """
    numbers = [str(pk) for pk in (case.pk, *_merged_into(case))]
    wanted = Q(subject_kind="case", subject__in=numbers)
    if reports:
        ids = [str(pk) for pk in case.reports.values_list("pk", flat=True)]
        wanted |= Q(subject_kind=AUDIT_SUBJECT, subject__in=ids)
    return AuditEvent.objects.filter(wanted).order_by("-id")


def _merged_into(case: Case) -> list[int]:
    """Ids of the cases that ended in this one, directly or by way of another."""
    found: list[int] = []
    layer = [case.pk]
    while layer := list(Case.objects.filter(merged_into__in=layer).values_list("pk", flat=True)):
        found += layer
    return found


def mentionable(limit: int = 200) -> QuerySet[User]:
    """People who can be mentioned in a comment."""
    return User.objects.filter(is_active=True).order_by("name", "email")[:limit]
