"""Table of target lines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("records", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TargetLine",
            fields=[
                ("entity", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ended_us", models.BigIntegerField(null=True)),
                ("last_batch", models.BigIntegerField()),
                ("last_ord", models.BigIntegerField()),
                ("last_effective_us", models.BigIntegerField()),
                ("created_us", models.BigIntegerField(null=True)),
                ("plan", models.TextField(db_index=True, null=True)),
                ("plan_version", models.BigIntegerField(null=True)),
                ("scope_kind", models.TextField(null=True)),
                ("team", models.BigIntegerField(null=True)),
                ("person", models.BigIntegerField(db_index=True, null=True)),
                ("metric", models.TextField(null=True)),
                ("period", models.TextField(null=True)),
                ("value", models.BigIntegerField(null=True)),
                ("unit", models.TextField(null=True)),
                ("currency", models.TextField(null=True)),
                ("origin", models.TextField(null=True)),
                ("parent", models.BigIntegerField(null=True)),
                ("floor", models.BigIntegerField(null=True)),
                ("stretch", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "target_line"},
        ),
    ]
