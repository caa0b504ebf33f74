"""Pages of the audit trail: where a subject stands."""

from urllib.parse import quote

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()

BY_NUMBER = {
    "alert": "alert",
    "case": "case",
    "backtest": "backtest",
    "webhook": "webhook",
    "queue": "queue",
    "history": "history",
}
BY_NAME = {"list": "list"}


@register.simple_tag
def subject_address(kind: str, subject: str) -> str:
    """The page of a subject; empty when it has none."""
    try:
        if kind in BY_NUMBER and subject.isascii() and subject.isdigit() and len(subject) < 19:
            return reverse(f"dashboard:{BY_NUMBER[kind]}", args=(int(subject),))
        if kind in BY_NAME:
            return reverse(f"dashboard:{BY_NAME[kind]}", args=(subject,))
        if kind == "customer" and subject:
            return f"{reverse('dashboard:customers')}?q={quote(subject)}"
        if kind == "model":
            return reverse("dashboard:models")
        if kind == "rule":
            return reverse("dashboard:rules")
    except NoReverseMatch:
        return ""
    return ""
