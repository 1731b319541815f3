"""Answers to exit criteria stand on the deal like any field."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0007_said")]

    operations: ClassVar = [
        migrations.AddField(model_name="deal", name="exit_checks", field=models.TextField(null=True)),
        migrations.AddField(model_name="deal", name="exit_words", field=models.TextField(null=True)),
    ]
