"""Acknowledgements of documents and notices to people."""

from typing import ClassVar

from django.db import migrations, models

_STANDING = (
    ("entity", models.BigIntegerField(primary_key=True, serialize=False)),
    ("ended_us", models.BigIntegerField(null=True)),
    ("last_batch", models.BigIntegerField()),
    ("last_ord", models.BigIntegerField()),
    ("last_effective_us", models.BigIntegerField()),
    ("created_us", models.BigIntegerField(null=True)),
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0006_own_fields")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                *_STANDING,
                ("person", models.BigIntegerField(db_index=True, null=True)),
                ("document", models.TextField(db_index=True, null=True)),
                ("digest", models.TextField(null=True)),
                ("answer", models.TextField(null=True)),
                ("sentence", models.TextField(null=True)),
            ],
            options={"db_table": "acknowledgement"},
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                *_STANDING,
                ("room", models.TextField(null=True)),
                ("code", models.TextField(null=True)),
                ("scope", models.TextField(null=True)),
                ("person", models.BigIntegerField(db_index=True, null=True)),
                ("text_en", models.TextField(null=True)),
                ("text_tr", models.TextField(null=True)),
                ("level", models.TextField(null=True)),
                ("period", models.TextField(null=True)),
                ("object", models.TextField(null=True)),
                ("value", models.TextField(null=True)),
                ("state", models.TextField(null=True)),
            ],
            options={"db_table": "notice"},
        ),
    ]
