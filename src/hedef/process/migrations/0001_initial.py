"""Table of the improvement log."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Improvement",
            fields=[
                ("entity", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ended_us", models.BigIntegerField(null=True)),
                ("last_batch", models.BigIntegerField()),
                ("last_ord", models.BigIntegerField()),
                ("last_effective_us", models.BigIntegerField()),
                ("created_us", models.BigIntegerField(null=True)),
                ("process", models.TextField(db_index=True, null=True)),
                ("idea", models.TextField(null=True)),
                ("evidence", models.TextField(null=True)),
                ("fingerprint", models.TextField(null=True)),
                ("version", models.BigIntegerField(null=True)),
                ("trial", models.TextField(null=True)),
                ("verdict", models.TextField(null=True)),
                ("decision", models.TextField(null=True)),
                ("owner", models.BigIntegerField(db_index=True, null=True)),
                ("review_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "improvement",
            },
        ),
    ]
