"""Reading alerts for queues and pages."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from alerts.models import Alert, AlertStatus, Severity


def alert_list() -> QuerySet[Alert]:
    """Every alert with the people it names, newest first."""
    return Alert.objects.select_related("customer", "assignee", "resolved_by").order_by("-id")


def queue() -> QuerySet[Alert]:
    """Open alerts, gravest first: by severity, then risk, then age."""
    ranks = [When(severity=severity, then=Value(severity.rank)) for severity in Severity]
    return (
        alert_list()
        .filter(status=AlertStatus.OPEN)
        .annotate(severity_rank=Case(*ranks, output_field=IntegerField()))
        .order_by("-severity_rank", "-risk_score", "id")
    )
