from fraud_detection.models import RuleDraft, RuleStanding, RuleVersion


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
