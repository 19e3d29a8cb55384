from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('sla', '0004_due')]

    operations = [
        migrations.AddField(
            model_name='deadline', name='again', field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='deadline', name='promise', field=models.DateTimeField(blank=True, null=True),
        ),
    ]
