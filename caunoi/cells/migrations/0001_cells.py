import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('procedures', '0002_import_trail'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plane',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=44, unique=True)),
                ('number', models.PositiveIntegerField(default=0)),
                ('document', models.BinaryField(default=bytes)),
                ('signature', models.CharField(blank=True, max_length=100)),
                ('answered', models.DateTimeField(null=True)),
                ('tried', models.DateTimeField(null=True)),
                ('trouble', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='PlaneEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(choices=[('procedures', 'Procedures'), ('areas', 'Areas'), ('holidays', 'Holidays')], max_length=10)),
                ('number', models.PositiveIntegerField()),
                ('issued', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('document', models.BinaryField()),
                ('signature', models.CharField(max_length=100)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('dropped', 'Dropped'), ('undone', 'Undone')], default='waiting', max_length=8)),
                ('raw', models.BinaryField(null=True)),
                ('trail', models.JSONField(null=True)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('incoming', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='procedures.import')),
                ('plane', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='cells.plane')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plane', 'subject', 'number'), name='edition_once')],
            },
        ),
    ]
