"""Alerts that join cases by rule: the customer's open case, or a new one, under a lock of the customer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from alerts.models import Alert, AlertStatus, Case, CaseAlert, CaseRule, CaseStatus, OutboxMessage, Severity
from alerts.services.cases.holding import message
from alerts.services.cases.opening import DUE_IN, MOST_ALERTS, lock_customers, names_of, rank
from logs.services import record_each

CUSTOMERS = 200  # locked by one transaction
ACTOR = "rule"


def apply_case_rules(now: datetime) -> int:
    """Every open alert that a rule wants joins a case; returns how many did.

    May run beside itself: the second waits for the customer, then finds the alerts taken.
    """
    joined = 0
    for rule in CaseRule.objects.filter(enabled=True):
        while customers := _customers_with(rule, now):
            joined += _apply(rule, customers, now)
    _raise_severities()
    return joined


def candidates(rule: CaseRule, now: datetime) -> QuerySet[Alert]:
    """Open alerts of known customers, in no open case, that meet every condition of a rule."""
    grave = [severity for severity in Severity.values if rank(severity) >= rank(rule.min_severity)]
    found = Alert.objects.filter(
        status=AlertStatus.OPEN,
        customer__isnull=False,
        last_hit_at__gte=rule.since,
        severity__in=grave,
        amount_minor__gte=rule.min_amount_minor,
    ).exclude(Exists(CaseAlert.objects.filter(alert=OuterRef("pk"), held=True)))
    if rule.engine:
        found = found.filter(engine=rule.engine)
    if rule.rule_codes:
        found = found.filter(rule__in=rule.rule_codes)
    if rule.min_alerts > 1:
        found = found.annotate(lately=_alerts_lately(rule, now)).filter(lately__gte=rule.min_alerts)
    return found


def _alerts_lately(rule: CaseRule, now: datetime) -> Subquery:
    opened = Alert.objects.filter(
        customer=OuterRef("customer"), opened_at__gte=now - timedelta(days=rule.within_days)
    )
    counted = opened.order_by().annotate(n=Func(F("pk"), function="count")).values("n")
    return Subquery(counted, output_field=IntegerField())


def _customers_with(rule: CaseRule, now: datetime) -> list[int]:
    found = candidates(rule, now).order_by("customer_id").values_list("customer_id", flat=True)
    return list(found.distinct()[:CUSTOMERS])


@dataclass
class _Joining:
    """A case, new or open already, and the alerts that join it."""

    case: Case
    alerts: list[Alert]
    fresh: bool


@transaction.atomic
def _apply(rule: CaseRule, customers: Sequence[int], now: datetime) -> int:
    lock_customers(customers)
    waiting: dict[int, list[Alert]] = defaultdict(list)
    for alert in candidates(rule, now).filter(customer__in=customers).order_by("pk"):
        waiting[alert.customer_id].append(alert)
    room = _open_cases(list(waiting))
    plan = [
        joining for customer, alerts in waiting.items() for joining in _planned(room.get(customer), alerts)
    ]
    actor = f"case rule {rule.name}"
    _open_fresh(rule, [each for each in plan if each.fresh], actor, now)
    rows = [CaseAlert(case=each.case, alert=alert, added_by=actor) for each in plan for alert in each.alerts]
    CaseAlert.objects.bulk_create(rows, ignore_conflicts=True)
    return _finish(_inserted(plan), actor)


def _open_cases(customers: list[int]) -> dict[int, tuple[Case, int]]:
    """The newest open case of each customer, locked, and how many alerts it has room for."""
    unclosed = Case.objects.filter(customer__in=customers).exclude(status=CaseStatus.CLOSED)
    cases = list(unclosed.select_for_update().order_by("pk"))
    counts = CaseAlert.objects.filter(case__in=cases).order_by().values_list("case").annotate(Count("id"))
    inside = dict(counts)
    return {case.customer_id: (case, MOST_ALERTS - inside.get(case.pk, 0)) for case in cases}


def _planned(found: tuple[Case, int] | None, alerts: list[Alert]) -> list[_Joining]:
    """Alerts go into the open case while it has room, then into new ones."""
    plan = []
    if found and found[1] > 0:
        case, free = found
        plan.append(_Joining(case, alerts[:free], False))
        alerts = alerts[free:]
    for start in range(0, len(alerts), MOST_ALERTS):
        plan.append(_Joining(Case(), alerts[start : start + MOST_ALERTS], True))
    return plan


def _open_fresh(rule: CaseRule, plan: list[_Joining], actor: str, now: datetime) -> None:
    for each in plan:
        level = max((alert.severity for alert in each.alerts), key=rank)
        each.case = Case(
            title=f"{rule.name}: {each.alerts[0].reason}"[:200],
            customer_id=each.alerts[0].customer_id,
            severity=level,
            engines=sorted({alert.engine for alert in each.alerts}),
            due_at=now + DUE_IN[Severity(level)],
            opened_at=now,
            opened_by=actor,
            changed_by=actor,
            changed_at=now,
        )
    Case.objects.bulk_create(each.case for each in plan)


def _inserted(plan: list[_Joining]) -> list[_Joining]:
    """What the constraint let through: a person may have put an alert into another case meanwhile."""
    rows = CaseAlert.objects.filter(case__in=[each.case for each in plan])
    inside = set(rows.values_list("case_id", "alert_id"))
    for each in plan:
        each.alerts = [alert for alert in each.alerts if (each.case.pk, alert.pk) in inside]
    empty = [each.case.pk for each in plan if each.fresh and not each.alerts]
    Case.objects.filter(pk__in=empty).delete()
    return [each for each in plan if each.alerts]


def _finish(plan: list[_Joining], actor: str) -> int:
    grown = [each for each in plan if not each.fresh]
    for each in grown:
        case = each.case
        case.severity = max([case.severity, *(alert.severity for alert in each.alerts)], key=rank)
        case.engines = sorted({*case.engines, *(alert.engine for alert in each.alerts)})
        case.version += 1
        case.change, case.changed_by = f"added {names_of(each.alerts)}", actor
        case.changed_at = timezone.now()
    fields = ("severity", "engines", "version", "change", "changed_by", "changed_at")
    Case.objects.bulk_update([each.case for each in grown], fields)
    for fresh, action, topic in (
        (True, "case.opened", "case.created"),
        (False, "case.alerts_added", "case.updated"),
    ):
        those = [each for each in plan if each.fresh == fresh]
        deeds = [(each.case.pk, {"alerts": [alert.pk for alert in each.alerts]}) for each in those]
        record_each(action, actor_kind=ACTOR, actor=actor, subject_kind="case", deeds=deeds)
        OutboxMessage.objects.bulk_create(message(topic, each.case, action, actor) for each in those)
    return sum(len(each.alerts) for each in plan)


def _raise_severities() -> None:
    """An alert that grew graver since it joined makes its case graver; nobody's view becomes stale by it."""
    for severity in Severity.values[1:]:
        below = [other for other in Severity.values if rank(other) < rank(severity)]
        holding = CaseAlert.objects.filter(case=OuterRef("pk"), held=True, alert__severity=severity)
        graver = Case.objects.filter(Exists(holding), severity__in=below)
        with transaction.atomic():
            ids = list(
                graver.exclude(status=CaseStatus.CLOSED)
                .select_for_update(skip_locked=True)
                .values_list("pk", flat=True)
            )
            Case.objects.filter(pk__in=ids).update(severity=severity)
