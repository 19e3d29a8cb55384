import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0004_secrets_apart'),
        ('files', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Forgery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('until', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='contact',
            name='verified',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='conversation',
            name='latest',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='conversation',
            name='loose',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='conversation',
            name='public',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='conversation',
            name='thread',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
        migrations.AddField(
            model_name='conversation',
            name='unread',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='outgoing',
            name='dropped',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='refers',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='attempts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='content_type',
            field=models.CharField(blank=True, db_default='', max_length=100),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='due',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='number',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='conversation',
            name='address',
            field=models.CharField(max_length=320),
        ),
        migrations.AlterField(
            model_name='outgoing',
            name='address',
            field=models.CharField(max_length=320),
        ),
        migrations.AddIndex(
            model_name='enclosure',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['due'], name='enclosure_waiting'),
        ),
        migrations.AddField(
            model_name='forgery',
            name='inbox',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='forgeries', to='conversations.inbox'),
        ),
        migrations.AddField(
            model_name='wording',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wordings', to='conversations.message'),
        ),
        migrations.AddConstraint(
            model_name='forgery',
            constraint=models.UniqueConstraint(fields=('inbox', 'hour'), name='forgeries_an_hour'),
        ),
    ]
