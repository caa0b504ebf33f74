from django.utils import timezone

from fraud_detection.models import Assessment, RuleDraft, RuleStanding, RuleVersion, ShadowHit
from fraud_detection.services.rule_watch import watch_rules


def make(user) -> None:
    version = RuleVersion.objects.select_related("rule").first()
    RuleDraft.objects.create(
        rule=version.rule,
        based_on=version,
        definition=version.definition,
        author=user.email,
        saved_by=user.email,
    )
    RuleStanding.objects.get_or_create(version=version, defaults={"stage": "active"})
    ShadowHit.objects.create(
        assessment=Assessment.objects.first(),
        version=version,
        decided_at=timezone.now(),
        severity="high",
        confidence=0.6,
        weight=0.6,
        reason="A lot",
        also_active=False,
        would_decide="review",
        would_score=60,
        changes_decision=True,
    )
    watch_rules(timezone.now())
