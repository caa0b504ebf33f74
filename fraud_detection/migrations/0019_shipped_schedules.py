"""Two schedules to begin with; each can be changed, switched off or deleted."""

from django.db import migrations

SHIPPED = (
    ("Open exposure, each night", "open_exposure", "0 2 * * *"),
    ("Customers, each Monday", "customers", "0 3 * * 1"),
)


def make(apps, schema_editor):
    schedule = apps.get_model("fraud_detection", "ScoringSchedule")
    for name, kind, cron in SHIPPED:
        schedule.objects.get_or_create(name=name, defaults={"kind": kind, "cron": cron, "created_by": "system"})


class Migration(migrations.Migration):
    dependencies = [("fraud_detection", "0018_job_texts")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
