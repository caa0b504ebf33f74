"""Searching the audit trail by request and by time; built while the table is in use."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("logs", "0005_chain_triggers")]
    operations = [
        AddIndexConcurrently(
            model_name='auditevent',
            index=models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='logs_audit_request'),
        ),
        AddIndexConcurrently(
            model_name='auditevent',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='logs_audit_at'),
        ),
    ]
