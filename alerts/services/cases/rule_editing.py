"""Changing the rules by which alerts join cases."""

from django.db import transaction

from alerts.models import CaseRule
from alerts.services.cases.errors import CaseConflict
from logs.services import record
from users.models import User

FIELDS = (
    "name",
    "enabled",
    "since",
    "engine",
    "min_severity",
    "rule_codes",
    "min_amount_minor",
    "min_alerts",
    "within_days",
)


def save_case_rule(*, rule: CaseRule, acting_user: User, request_id: str = "") -> CaseRule:
    """Store a new or edited rule; `rule.version` is the one that was seen. Raises CaseConflict when stale."""
    with transaction.atomic():
        stored = CaseRule.objects.select_for_update().filter(pk=rule.pk).first()
        if stored and stored.version != rule.version:
            raise CaseConflict(f"{stored.changed_by} changed the rule “{stored}” since you looked")
        before = _said(stored) if stored else None
        rule.version = stored.version + 1 if stored else 1
        rule.changed_by = acting_user.email
        rule.save()
        record(
            "case_rule.changed" if stored else "case_rule.made",
            actor_kind="user",
            actor=acting_user.email,
            subject_kind="case_rule",
            subject=str(rule.pk),
            before=before,
            after=_said(rule),
            request_id=request_id,
        )
    return rule


def _said(rule: CaseRule) -> dict:
    values = {name: getattr(rule, name) for name in FIELDS}
    return values | {"since": rule.since.isoformat()}
