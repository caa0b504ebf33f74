"""Cases as other pages show them: how many are open, and those that an alert could join."""

from django import template
from django.db.models import QuerySet

from alerts.models import Alert, Case
from alerts.selectors.cases import case_of, open_cases_of, open_count

register = template.Library()


@register.simple_tag
def open_cases() -> int:
    return open_count()


@register.simple_tag
def case_holding(alert: Alert) -> Case | None:
    """The open case that an alert is in, else the newest one that it was in."""
    return case_of(alert)


@register.simple_tag
def cases_to_join(alert: Alert) -> QuerySet[Case]:
    """Open cases of the alert's customer, newest first."""
    return open_cases_of(alert.customer).order_by("-pk")[:20]
