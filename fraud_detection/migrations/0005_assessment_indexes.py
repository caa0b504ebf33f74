"""Indexes of the new links of assessments, built beside the table's use: it may hold millions of rows."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def unique_link(column: str, name: str) -> migrations.SeparateDatabaseAndState:
    """A partial unique constraint, as Django would make it, without locking the table."""
    constraint = models.UniqueConstraint(
        fields=(column,), condition=models.Q((f"{column}__isnull", False)), name=name
    )
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AddConstraint(model_name="assessment", constraint=constraint)],
        database_operations=[
            migrations.RunSQL(
                f'create unique index concurrently "{name}" on fraud_detection_assessment ("{column}_id")'
                f' where "{column}_id" is not null',
                f'drop index concurrently if exists "{name}"',
            )
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("fraud_detection", "0004_models_and_engines")]

    operations = [
        AddIndexConcurrently(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("shadow_scores__isnull", False)),
                fields=["engine", "-id"],
                name="fraud_assessment_shadowed",
            ),
        ),
        unique_link("application", "fraud_one_assessment_per_application"),
        unique_link("claim", "fraud_one_assessment_per_claim"),
        unique_link("market_event", "fraud_one_assessment_per_market_event"),
    ]
