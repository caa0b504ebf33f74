"""Rules that were there before they had stages: what is in force is active, other versions are retired."""

from django.db import migrations


def give_standings(apps, schema_editor):
    standing = apps.get_model("fraud_detection", "RuleStanding")
    in_force = set()
    for state in apps.get_model("fraud_detection", "EngineState").objects.select_related("rule_set"):
        in_force |= set(state.rule_set.rule_versions.values_list("pk", flat=True))
    versions = apps.get_model("fraud_detection", "RuleVersion").objects.filter(standing__isnull=True)
    standing.objects.bulk_create(
        standing(
            version=version,
            stage="active" if version.pk in in_force else "retired",
            writers=[version.author] if version.author else [],
            changed_at=version.created_at,
            changed_by=version.author,
        )
        for version in versions
    )


class Migration(migrations.Migration):
    dependencies = [("fraud_detection", "0008_rule_watch")]
    operations = [migrations.RunPython(give_standings, migrations.RunPython.noop)]
