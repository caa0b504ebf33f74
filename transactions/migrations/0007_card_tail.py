"""An index of the last four digits of masked card numbers, built while the table is in use."""

import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("transactions", "0006_withdrawn_labels")]
    operations = [
        AddIndexConcurrently(
            model_name="transaction",
            index=models.Index(
                django.db.models.functions.text.Left(
                    django.db.models.functions.text.Right("card_token", 21), 4
                ),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("card_token__regex", "^[0-9]{6}[*]+[0-9]{4}:[a-p]{16}$")),
                name="transactions_card_tail",
            ),
        ),
    ]
