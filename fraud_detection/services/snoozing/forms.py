"""Snoozes of rules as pages show them: the form beside a hit, the list of a rule."""

from dataclasses import dataclass

from django.utils import timezone

from fraud_detection.models import Rule, RuleSnooze
from fraud_detection.services.snoozing.asking import is_firm

DAYS = (7, 30, 90, 365)
LATEST = 20


@dataclass(frozen=True)
class SnoozeForm:
    """What the form asks for one rule and subject; `standing` is the snooze that stands now.

    `possible` is false for a rule that must not be overridden, and for what no rule said (a model).
    """

    engine: str
    rule: str
    subject_kind: str
    subject: str
    standing: RuleSnooze | None
    possible: bool
    days: tuple[int, ...] = DAYS


def snooze_form(engine: str, rule: str, subject_kind: str, subject: str) -> SnoozeForm:
    """The context of the form."""
    about = {"engine": engine, "rule": rule, "subject_kind": subject_kind, "subject": subject}
    standing = RuleSnooze.objects.filter(**about, ended_at=None, until__gt=timezone.now()).first()
    known = Rule.objects.filter(engine=engine, code=rule).first()
    return SnoozeForm(**about, standing=standing, possible=known is not None and not is_firm(known))


def snoozes_of(rule: Rule) -> list[RuleSnooze]:
    """The newest of a rule, those that ended too."""
    found = RuleSnooze.objects.filter(engine=rule.engine, rule=rule.code)
    return list(found.order_by("-id")[:LATEST])
