"""Claims by the claimant's address, for links between customers; built while the table is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("transactions", "0004_engine_events")]
    operations = [
        AddIndexConcurrently(
            model_name="insuranceclaim",
            index=models.Index(
                fields=["address", "occurred_at", "id"],
                condition=models.Q(("address__isnull", False)),
                name="transactions_claim_address",
            ),
        ),
    ]
