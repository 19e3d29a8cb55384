from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0009_built_in_inboxes'),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='browser',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='draft',
            name='returned',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
