"""Entity indexes that hold what windows read, built beside the old ones while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("transactions", "0002_statuschange"),
        ("users", "0001_initial"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='transaction',
            index=models.Index(condition=models.Q(('receiver_key__isnull', False)), fields=['receiver_key', 'occurred_at', 'id'], include=('amount_minor', 'type', 'sender_key', 'superseded_by'), name='transactions_of_receiver'),
        ),
        AddIndexConcurrently(
            model_name='transaction',
            index=models.Index(condition=models.Q(('card_key__isnull', False)), fields=['card_key', 'occurred_at', 'id'], include=('amount_minor', 'type', 'receiver_key', 'superseded_by'), name='transactions_of_card'),
        ),
        AddIndexConcurrently(
            model_name='transaction',
            index=models.Index(condition=models.Q(('device_key__isnull', False)), fields=['device_key', 'occurred_at', 'id'], include=('amount_minor', 'type', 'sender_key', 'card_key', 'superseded_by'), name='transactions_of_device'),
        ),
        AddIndexConcurrently(
            model_name='transaction',
            index=models.Index(condition=models.Q(('ip_key__isnull', False)), fields=['ip_key', 'occurred_at', 'id'], include=('amount_minor', 'type', 'sender_key', 'card_key', 'superseded_by'), name='transactions_of_ip'),
        ),
        AddIndexConcurrently(
            model_name='transaction',
            index=models.Index(condition=models.Q(('merchant_key__isnull', False)), fields=['merchant_key', 'occurred_at', 'id'], include=('amount_minor', 'type', 'sender_key', 'card_key', 'superseded_by'), name='transactions_of_merchant'),
        ),
        RemoveIndexConcurrently(
            model_name='transaction',
            name='transactions_receiver',
        ),
        RemoveIndexConcurrently(
            model_name='transaction',
            name='transactions_card',
        ),
        RemoveIndexConcurrently(
            model_name='transaction',
            name='transactions_device',
        ),
        RemoveIndexConcurrently(
            model_name='transaction',
            name='transactions_ip',
        ),
        RemoveIndexConcurrently(
            model_name='transaction',
            name='transactions_merchant',
        ),
    ]
