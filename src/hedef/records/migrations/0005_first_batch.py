from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0004_unfolded")]

    operations = [
        migrations.AddField("externalkey", "first_batch", models.BigIntegerField(null=True)),
    ]
