from django.db import migrations


class Migration(migrations.Migration):
    """The blacklist of an earlier version kept whole refresh tokens; families keep ids only."""

    dependencies = [("users", "0003_people_keys_tokens")]

    operations = [
        migrations.RunSQL(
            """
            drop table if exists token_blacklist_blacklistedtoken, token_blacklist_outstandingtoken;
            delete from django_migrations where app = 'token_blacklist';
            """,
            migrations.RunSQL.noop,
        )
    ]
