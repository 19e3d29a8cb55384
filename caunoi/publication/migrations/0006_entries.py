import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

import caunoi.directory.models

BEGIN = """
INSERT INTO publication_edition (id, swept) VALUES (1, 0) ON CONFLICT DO NOTHING
"""
# Small heap, words apart: the newest are walked, and found rows are counted, without reading the words.
NARROW = "ALTER TABLE publication_entry SET (toast_tuple_target = 128)"


def to(model):
    return models.ForeignKey(
        blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+',
        to=f'directory.{model}',
    )


def narrowed(name):
    others = [other for other in ('category', 'area', 'agency', 'done') if other != name]
    return models.Index(condition=Q(shown=True), fields=[name, '-publication'], include=others, name=f'entry_{name}')


class Migration(migrations.Migration):
    atomic = False  # indexes of a register of a million rows are made while it is read

    dependencies = [('directory', '0001_initial'), ('publication', '0005_waiting')]

    operations = [
        migrations.RenameModel('PublicWords', 'Entry'),
        migrations.AlterField(
            'entry', 'publication',
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='entry', serialize=False,
                to='publication.publication',
            ),
        ),
        migrations.AddField('entry', 'shown', models.BooleanField(db_default=False, default=False)),
        migrations.AddField('entry', 'done', models.BooleanField(db_default=False, default=False)),
        migrations.AddField('entry', 'category', to('category')),
        migrations.AddField('entry', 'area', to('area')),
        migrations.AddField('entry', 'agency', to('agency')),
        migrations.AddField('entry', 'latitude', models.FloatField(blank=True, null=True)),
        migrations.AddField('entry', 'longitude', models.FloatField(blank=True, null=True)),
        migrations.RunSQL(NARROW, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Square',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('block', models.BigIntegerField()),
                ('x', models.IntegerField()),
                ('y', models.IntegerField()),
                ('category', models.BigIntegerField(null=True)),
                ('area', models.BigIntegerField(null=True)),
                ('agency', models.BigIntegerField(null=True)),
                ('done', models.BooleanField()),
                ('count', models.IntegerField()),
                ('east', models.FloatField(default=0)),
                ('north', models.FloatField(default=0)),
                ('folded', models.BooleanField(db_default=False, default=False)),
            ],
            options={
                'indexes': [
                    models.Index(
                        fields=['level', 'block'], name='square_block',
                        include=['x', 'y', 'category', 'area', 'agency', 'done', 'count', 'east', 'north'],
                    ),
                    models.Index(condition=Q(folded=False), fields=['id'], name='square_fresh'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))],
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('swept', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
        AddIndexConcurrently('entry', models.Index(condition=Q(shown=True), fields=['-publication'], name='entry_newest')),
        AddIndexConcurrently(
            'entry', models.Index(condition=Q(shown=True, done=False), fields=['-publication'], name='entry_open')
        ),
        AddIndexConcurrently('entry', narrowed('category')),
        AddIndexConcurrently('entry', narrowed('area')),
        AddIndexConcurrently('entry', narrowed('agency')),
        AddIndexConcurrently(
            'entry',
            django.contrib.postgres.indexes.GistIndex(
                caunoi.directory.models.Point(), condition=Q(shown=True, latitude__isnull=False), name='entry_point'
            ),
        ),
    ]
