"""What tests of a rule's life share: people, a short rule, and its way to being in force."""

from typing import Any

from fraud_detection.models import EngineState, Rule, RuleStanding, RuleVersion
from fraud_detection.services import rulebook, serving

CODE = "LARGE_TO_NEW"


def definition(**changes: Any) -> dict[str, Any]:
    """A rule that hits payments of 1,000 and more."""
    return {
        "code": CODE,
        "family": "test_family",
        "subject": "sender",
        "condition": "amount >= p.least",
        "severity": "high",
        "reason": "{amount} is a lot",
        "description": "A large payment.",
        "params": {"least": 1000.0},
    } | changes


def drafted(person: Any, **changes: Any) -> Rule:
    """A new rule with nothing but this draft."""
    return rulebook.new_rule("payments", definition(**changes), acting_user=person).rule


def pending(rule: Rule, person: Any) -> RuleVersion:
    """Its draft, submitted by this person."""
    seen = rule.draft.revision
    return rulebook.submit_draft(rule, seen=seen, acting_user=person).version


def active(rule: Rule, writer: Any, approver: Any, **how: Any) -> RuleVersion:
    """Its draft, written by one and approved by the other."""
    version = pending(rule, writer)
    approve(version, approver, **how)
    return version


def approve(version: RuleVersion, person: Any, **how: Any) -> RuleStanding:
    standing = RuleStanding.objects.get(version=version)
    approved = rulebook.approve(version, seen=standing.revision, acting_user=person, **how)
    serving.forget()
    return approved


def redrafted(rule: Rule, person: Any, **changes: Any) -> Rule:
    """The rule with a draft of another wording."""
    rule = Rule.objects.get(pk=rule.pk)
    seen = rule.draft.revision if hasattr(rule, "draft") else 0
    rulebook.save_draft(rule, definition(**changes), seen=seen, acting_user=person)
    serving.forget()
    return Rule.objects.get(pk=rule.pk)


def stage_of(version: RuleVersion) -> str:
    return RuleStanding.objects.get(version=version).stage


def revision_of(version: RuleVersion) -> int:
    return RuleStanding.objects.get(version=version).revision


def in_force(engine: str = "payments") -> tuple[set[str], set[str], dict[str, list[float]]]:
    """(deciding, watching, shares) of the rule under test: versions by name, shares by name."""
    rule_set = EngineState.objects.get(engine=engine).rule_set
    mine = {str(v.pk): str(v) for v in RuleVersion.objects.filter(rule__code=CODE)}
    deciding = {str(v) for v in rule_set.rule_versions.filter(rule__code=CODE)}
    watching = {str(v) for v in rule_set.shadow_versions.filter(rule__code=CODE)}
    return deciding, watching, {mine[key]: share for key, share in rule_set.shares.items()}
