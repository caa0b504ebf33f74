"""Messages written before deliveries existed are not told to people and endpoints now."""

from django.db import migrations

TOLD = "update alerts_outboxmessage set relayed_at = statement_timestamp() where relayed_at is null"


class Migration(migrations.Migration):
    dependencies = [("alerts", "0003_alerts_working")]
    operations = [migrations.RunSQL(TOLD, migrations.RunSQL.noop)]
