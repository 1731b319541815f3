import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Definition",
            fields=[
                ("entity", models.BigIntegerField(primary_key=True, serialize=False)),
                ("doc_kind", models.CharField(max_length=100)),
                ("doc_id", models.CharField(max_length=200)),
                ("version", models.IntegerField()),
                ("effective_from", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                ("body", models.TextField()),
                ("hash", models.CharField(max_length=71)),
                ("state", models.CharField(max_length=10)),
                ("author", models.CharField(max_length=200)),
                ("approver", models.CharField(blank=True, max_length=200)),
                ("self_approved", models.BooleanField(default=False)),
                ("file", models.TextField(blank=True)),
                ("words", models.JSONField(default=dict)),
                ("last_batch", models.BigIntegerField()),
                ("last_ord", models.BigIntegerField()),
            ],
            options={
                "db_table": "definition",
                "ordering": ["doc_kind", "doc_id", "version"],
            },
        ),
        migrations.CreateModel(
            name="DefinitionState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("known_no", models.BigIntegerField()),
                ("ord", models.BigIntegerField()),
                ("state", models.CharField(max_length=10)),
                ("until", models.DateField(null=True)),
                ("approver", models.CharField(blank=True, max_length=200)),
                ("self_approved", models.BooleanField(default=False)),
                (
                    "definition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="definitions.definition",
                    ),
                ),
            ],
            options={
                "db_table": "definition_state",
                "ordering": ["known_no", "ord"],
            },
        ),
        migrations.AddConstraint(
            model_name="definition",
            constraint=models.UniqueConstraint(fields=("doc_kind", "doc_id", "version"), name="definition_version"),
        ),
    ]
