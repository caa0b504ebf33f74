"""Indexes of alerts and of the outbox, built while the tables are in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("alerts", "0005_notification_topics")]
    operations = [
        AddIndexConcurrently(
            model_name='outboxmessage',
            index=models.Index(condition=models.Q(('relayed_at__isnull', True)), fields=['id'], name='alerts_outbox_unrelayed'),
        ),
        AddIndexConcurrently(
            model_name='alert',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['-priority_key', '-id'], name='alerts_open_by_priority'),
        ),
        AddIndexConcurrently(
            model_name='alert',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['queue', '-priority_key', '-id'], name='alerts_open_by_queue'),
        ),
        AddIndexConcurrently(
            model_name='alert',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['due_at'], name='alerts_open_due'),
        ),
        AddIndexConcurrently(
            model_name='alert',
            index=models.Index(condition=models.Q(('status', 'open'), ('snoozed_hits__gt', 0)), fields=['snoozed_until'], name='alerts_snoozed'),
        ),
        AddIndexConcurrently(
            model_name='alert',
            index=models.Index(condition=models.Q(('status', 'resolved')), fields=['resolved_at'], name='alerts_resolved_at'),
        ),
    ]
