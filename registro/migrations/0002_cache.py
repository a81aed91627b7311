"""The table of the database cache (rate limits), as `createcachetable` would make it: one command less."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registro", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE cache (
                cache_key varchar(255) NOT NULL PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX cache_expires ON cache (expires);
            """,
            "DROP TABLE cache;",
        )
    ]
