"""Parts of other pages: adding somebody to a list, snoozing a rule, the snoozes of a rule."""

from typing import Any

from django import template
from django.utils import timezone

from fraud_detection.models import ALLOW, BLOCK, CustomList, Rule
from fraud_detection.services.snoozing.forms import snooze_form, snoozes_of

register = template.Library()


@register.inclusion_tag("dashboard/lists/_add.html", takes_context=True)
def add_to_list(context: dict[str, Any], kind: str, value: str) -> dict[str, Any]:
    """A small form that puts this entity on block, allow or a custom list of its kind."""
    custom = CustomList.objects.filter(kind=kind, removed_at=None).values_list("name", flat=True)
    return {**context.flatten(), "kind": kind, "value": value, "names": [BLOCK, ALLOW, *custom]}


@register.inclusion_tag("dashboard/rules/_snooze.html", takes_context=True)
def snooze_rule_form(
    context: dict[str, Any], engine: str, rule: str, subject_kind: str, subject: str
) -> dict[str, Any]:
    """The form that lets a rule keep quiet about this subject; nothing for what cannot be snoozed."""
    return {**context.flatten(), "snooze": snooze_form(engine, rule, subject_kind, subject)}


@register.inclusion_tag("dashboard/rules/_snoozes.html", takes_context=True)
def rule_snoozes(context: dict[str, Any], rule: Rule) -> dict[str, Any]:
    return {**context.flatten(), "snoozes": snoozes_of(rule), "now": timezone.now()}
